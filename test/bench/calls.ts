// How many calls a job costs: ours counted on the emulators, the peers' by formula (their paging, as published).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox, type Sandbox } from '../sandbox/open.ts';
import { type Route, startSync, writePipeline } from '../sandbox/pipeline.ts';

export interface CallCounts {
  readonly invoices: number;
  /** Xero calls for the first read of the invoices alone, and of every stream. */
  readonly first: { readonly invoices: number; readonly all: number; readonly statements: number };
  /** The same when nothing has changed since. */
  readonly idle: { readonly invoices: number; readonly all: number; readonly statements: number };
}

/** One organisation with so many documents, synced twice by the bundled programs. */
export async function countCalls(documents: number): Promise<CallCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const sandbox = await openSandbox({ folder, documents, companies: 1, xeroLimits: UNLIMITED });
  try {
    const { xero } = sandbox;
    const counted = await syncTwice(sandbox, { folder, route: { from: 'xero', to: 'databricks' } }, () => {
      const calls = { invoices: xero.calls('Invoices'), all: xero.calls() };
      xero.requests.length = 0;
      return calls;
    });
    const [books] = sandbox.books;
    return { invoices: (books?.invoices.length ?? 0) + (books?.bills.length ?? 0), ...counted };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface QuickbooksCounts {
  /** Rows of the largest table, and of all of them. */
  readonly invoices: number;
  readonly rows: number;
  /** QuickBooks calls for the tables and for the reports. */
  readonly first: { readonly tables: number; readonly reports: number; readonly statements: number };
  readonly idle: { readonly tables: number; readonly reports: number; readonly statements: number };
}

/** The same of a QuickBooks company. */
export async function countQuickbooksCalls(documents: number): Promise<QuickbooksCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const products = ['quickbooks', 'databricks'] as const;
  const sandbox = await openSandbox({ folder, documents, companies: 1, products });
  try {
    const { quickbooks } = sandbox;
    const entities = [
      ...'Account Bill BillPayment Customer Deposit Estimate Invoice Item JournalEntry'.split(' '),
      ...'Payment Purchase PurchaseOrder SalesReceipt Transfer Vendor VendorCredit'.split(' '),
    ];
    const rows = entities.map((entity) => quickbooks.records(entity).length);
    const counted = await syncTwice(
      sandbox,
      { folder, route: { from: 'quickbooks', to: 'databricks' } },
      () => {
        const reports = quickbooks.calls('report');
        const calls = { tables: quickbooks.calls() - reports, reports };
        quickbooks.requests.length = 0;
        return calls;
      },
    );
    return {
      invoices: rows[entities.indexOf('Invoice')] ?? 0,
      rows: rows.reduce((sum, one) => sum + one, 0),
      ...counted,
    };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Job {
  readonly folder: string;
  readonly route: Route;
}

/** A first sync and one with nothing changed; `counted` gives the calls since it was last asked. */
async function syncTwice<Calls>(
  sandbox: Pick<Sandbox<'databricks'>, 'databricks'> & Parameters<typeof writePipeline>[0],
  { folder, route }: Job,
  counted: () => Calls,
): Promise<{ first: Calls & { statements: number }; idle: Calls & { statements: number } }> {
  const file = await writePipeline(sandbox, { folder, ...route });
  const { statements } = sandbox.databricks;
  const once = async () => {
    counted();
    const before = statements.length;
    const { code, output } = await startSync(file, { route }).ended;
    if (code !== 0) throw new Error(output);
    return { ...counted(), statements: statements.length - before };
  };
  return { first: await once(), idle: await once() };
}

/**
 * Calls to read n documents of one paged endpoint. tap-xero: 100 a page, and a short page ends it. Airbyte's
 * rewrite: 1,000 a page, and a short page ends it.
 */
export const peers = {
  'tap-xero': (n: number) => Math.floor(n / 100) + 1,
  'Airbyte source-xero': (n: number) => Math.floor(n / 1000) + 1,
  'source-xero': (n: number) => Math.max(1, Math.ceil(n / 1000)),
} as const;

/** Airbyte's reads go by slices of 30 days: so many for five years of history. */
const SLICES = 61;

/**
 * Calls to read n rows of one QuickBooks table for the first time, n spread evenly over five years. Airbyte 4.2.0: in every
 * slice pages of 200, and one more after a last page of 5 rows or more, as its paginator takes 5 for the page size.
 * tap-quickbooks 2.4.2: batches of one page of 1,000 of every stream, and an empty round. Estuary and hotglue: pages of 1,000 and
 * 100, a short page ends it. Ours: a page with the count, the other pages 29 to a call (each repeats the last row of
 * the one before), and the changes since.
 */
export const quickbooksPeers = {
  'Airbyte source-quickbooks': (n: number) => SLICES * slice(n / SLICES),
  'tap-quickbooks (Singer)': (n: number) => Math.ceil(n / 1000) + 1,
  'Estuary source-quickbooks': (n: number) => Math.floor(n / 1000) + 1,
  'tap-quickbooks (hotglue)': (n: number) => Math.floor(n / 100) + 1,
  'source-quickbooks': (n: number) => 2 + Math.ceil(Math.max(0, Math.floor((n - 1) / 999)) / 29),
} as const;

function slice(rows: number): number {
  const pages = Math.max(1, Math.ceil(rows / 200));
  return pages + (rows - (pages - 1) * 200 >= 5 ? 1 : 0);
}

/** Calls of a poll in which nothing has changed, 28 streams: facts of the same versions. */
export const quickbooksIdle: Readonly<Record<keyof typeof quickbooksPeers, number>> = {
  'Airbyte source-quickbooks': 28,
  // Two batches (rows at the boundary come again), one change data capture, one report.
  'tap-quickbooks (Singer)': 4,
  'Estuary source-quickbooks': 28,
  'tap-quickbooks (hotglue)': 28,
  'source-quickbooks': 2,
};
