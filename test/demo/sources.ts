// What the demo needs to know of each source: what to expect of its books, and how to ask a destination for it.
import { catalogOf as quickbooksCatalog } from '../../source-quickbooks/index.ts';
import { catalogOf as xeroCatalog } from '../../source-xero/index.ts';
import type { Books } from '../books/index.ts';
import type { QuickbooksEmulator } from '../emulators/quickbooks/index.ts';
import type { XeroEmulator } from '../emulators/xero/index.ts';
import type { SourceName } from '../sandbox/pipeline.ts';
import { type Engine, type Figures, keysFrom } from './figures.ts';
import { quickbooksBooks, quickbooksFigures } from './quickbooks-figures.ts';
import { xeroBooks, xeroFigures } from './xero-figures.ts';

export interface DemoSource {
  readonly title: string;
  /** Companies in the demo: a consent of QuickBooks opens one. */
  readonly companies: number;
  /** Settings of the demo that are not the sandbox's. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The figures of a destination's tables. */
  readonly figures: (engine: Engine) => Promise<Figures>;
  /** Columns that identify a row of a table. */
  readonly keys: (table: string) => readonly string[];
  /** Columns of the table "invoices". */
  readonly invoice: InvoiceColumns;
}

export interface InvoiceColumns {
  readonly id: string;
  readonly total: string;
}

export const demoSources: Readonly<Record<SourceName, DemoSource>> = {
  xero: {
    title: 'Xero',
    companies: 2,
    config: {},
    figures: xeroFigures,
    keys: keysFrom(xeroCatalog({ journals: false })),
    invoice: { id: 'InvoiceID', total: 'Total' },
  },
  quickbooks: {
    title: 'QuickBooks',
    companies: 1,
    // The balances compared are those of this month's trial balance: read in every run.
    config: { reports: { hours: 0 } },
    figures: quickbooksFigures,
    keys: keysFrom(quickbooksCatalog({ more_streams: [] })),
    invoice: { id: 'Id', total: 'TotalAmt' },
  },
};

/** A source that runs in the sandbox. */
export interface RunningSource {
  readonly from: SourceName;
  /** Calls of the API so far. */
  calls(): number;
  /** The books' figures as they are now. */
  expected(): Figures;
  /** The books of each organisation, by the id that records carry. */
  readonly books: ReadonlyMap<string, Books>;
  /** Names of the organisations, by the id that records carry. */
  readonly organisations: ReadonlyMap<string, string>;
}

export function runningSource(sandbox: {
  readonly books: readonly Books[];
  readonly xero?: XeroEmulator;
  readonly quickbooks?: QuickbooksEmulator;
}): RunningSource {
  const { books, xero, quickbooks } = sandbox;
  if (quickbooks)
    return {
      from: 'quickbooks',
      books: new Map(quickbooks.companies.map(({ realmId, books: own }) => [realmId, own])),
      calls: () => quickbooks.calls(),
      expected: () =>
        new Map(quickbooks.companies.flatMap((one) => [...quickbooksBooks(one.books, one.realmId)])),
      organisations: new Map(quickbooks.companies.map(({ realmId, name }) => [realmId, name])),
    };
  return {
    from: 'xero',
    books: new Map(books.map((one) => [one.company.id, one])),
    calls: () => xero?.calls() ?? 0,
    expected: () => new Map(books.flatMap((one) => [...xeroBooks(one)])),
    organisations: new Map(books.map(({ company }) => [company.id, company.name])),
  };
}
