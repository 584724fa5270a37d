// The sources that are judged: their streams, their books, and how many rows of each a judge must find.
import {
  type Stream as QuickbooksStream,
  streams as quickbooksStreams,
} from '../../source-quickbooks/streams.ts';
import { streams as xeroStreams } from '../../source-xero/streams.ts';
import { type Books, type BookTotals, bookTotals } from '../books/index.ts';
import type { QuickbooksEmulator } from '../emulators/quickbooks/index.ts';
import type { XeroEmulator } from '../emulators/xero/index.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import type { Counts } from './bench.ts';

export interface Emulators {
  readonly books: readonly Books[];
  readonly xero: XeroEmulator;
  readonly quickbooks: QuickbooksEmulator;
}

export interface Origin {
  /** Names of all streams of the configuration that judges get. */
  readonly streams: readonly string[];
  /** Those of reports, which are no rows of the books. */
  readonly reports: readonly string[];
  /** Settings that open every stream there is. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The stream of customers, its key, its name and what else comes with every record of it. */
  readonly customers: {
    readonly stream: string;
    readonly name: string;
    readonly automatic: readonly string[];
  };
  /** The number of a document's total, as it stands in a line. */
  readonly total: RegExp;
  /** Messages besides the answer that a check makes: the news of a refresh token that was used. */
  readonly news: Counts;
  /** Rows of the books now, for every stream but the reports. */
  rows(emulators: Emulators): Counts;
  /** Calls so far. */
  calls(emulators: Emulators): number;
}

const tables: readonly QuickbooksStream[] = (quickbooksStreams as readonly QuickbooksStream[]).filter(
  ({ rare }) => !rare,
);

export const origins: Readonly<Record<SourceName, Origin>> = {
  xero: {
    streams: xeroStreams.map(({ name }) => name),
    reports: xeroStreams.filter(({ how }) => how.by === 'report').map(({ name }) => name),
    config: { journals: true },
    customers: {
      stream: 'contacts',
      name: 'Name',
      automatic: ['ContactID', 'TenantID', 'UpdatedDateUTC'],
    },
    total: /"Total":[\d.]+/,
    news: { CONTROL: 1 },
    rows: ({ books }) => xeroRows(books),
    calls: ({ xero }) => xero.calls(),
  },
  quickbooks: {
    streams: tables.map(({ name }) => name),
    reports: tables.filter(({ how }) => how.by === 'report').map(({ name }) => name),
    // The balances compared are those of this month's trial balance: read in every run.
    config: { reports: { hours: 0 } },
    customers: {
      stream: 'customers',
      name: 'DisplayName',
      automatic: ['Id', 'LastUpdatedTime', 'RealmID'],
    },
    total: /"TotalAmt":[\d.]+/,
    // The refresh token changes once a day only.
    news: {},
    rows: ({ quickbooks }) =>
      Object.fromEntries(
        tables
          .filter(({ how }) => how.by !== 'report')
          .map(({ name, entity }) => [name, quickbooks.records(entity).length]),
      ),
    calls: ({ quickbooks }) => quickbooks.calls(),
  },
};

export const originNames = Object.keys(origins) as readonly SourceName[];

function xeroRows(books: readonly Books[]): Counts {
  const counts: Record<string, number> = {};
  for (const one of books) {
    const totals = bookTotals(one).streams;
    for (const { name, how } of xeroStreams)
      if (how.by !== 'report') counts[name] = (counts[name] ?? 0) + rowsOf(name, { books: one, totals });
  }
  return counts;
}

function rowsOf(
  stream: string,
  { books, totals }: { readonly books: Books; readonly totals: BookTotals['streams'] },
): number {
  switch (stream) {
    case 'organisations':
      return 1;
    case 'tracking_options':
      return totals.tracking_categories?.lines ?? 0;
    case 'repeating_invoices':
      // Xero lists no deleted ones unless it is asked for them.
      return books.repeatingInvoices.filter(({ status }) => status !== 'deleted').length;
    default:
      return totals[stream]?.rows ?? 0;
  }
}
