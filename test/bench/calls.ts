// How many calls a job costs: ours counted on the emulator, the peers' by formula (their paging, as published).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox } from '../sandbox/open.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';

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
    const file = await writePipeline(sandbox, { folder });
    const counted = async () => {
      sandbox.xero.requests.length = 0;
      const before = sandbox.databricks.statements.length;
      const { code, output } = await startSync(file).ended;
      if (code !== 0) throw new Error(output);
      return {
        invoices: sandbox.xero.calls('Invoices'),
        all: sandbox.xero.calls(),
        statements: sandbox.databricks.statements.length - before,
      };
    };
    const [books] = sandbox.books;
    const invoices = (books?.invoices.length ?? 0) + (books?.bills.length ?? 0);
    return { invoices, first: await counted(), idle: await counted() };
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
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
