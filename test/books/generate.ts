// Generates the books of a company over a stretch of time, in one pass and in order of the documents' dates.
import type { Books } from './books.ts';
import { addAdjustment, addCash, addDeposit, addMove } from './cash.ts';
import { makeAccounts, makeTaxRates, systemAccounts } from './chart.ts';
import { DAY } from './documents.ts';
import { finish } from './finish.ts';
import type { Company } from './model.ts';
import { addPurchaseOrder, addQuote } from './orders.ts';
import { guid, hashText, seededRandom } from './random.ts';
import { addReferenceData } from './reference.ts';
import { type Run, startRun } from './run.ts';
import { addCreditNote, addTrade } from './trade.ts';

export interface GenerateOptions {
  /** Any whole number; the same seed and sizes give the same books. */
  readonly seed: number;
  /** How many invoices, bills, credit notes, bank transactions, orders and so on to make in all; payments come on top. */
  readonly documents: number;
  readonly company?: Partial<Company>;
  /** First and last day, YYYY-MM-DD. Two years to the end of 2025 unless given. */
  readonly from?: string;
  readonly to?: string;
}

// What the documents are, in hundreds: every kind comes early, so that even small books hold some of everything.
const FIRST =
  'invoice bill salesCredit receipt purchaseCredit quote prepayment transfer manual order overpayment spending';
const REST: readonly (readonly [what: string, count: number])[] = [
  ['invoice', 50],
  ['bill', 25],
  ['salesCredit', 4],
  ['purchaseCredit', 2],
  ['spending', 5],
  ['receipt', 2],
];
const MIX: readonly string[] = [...FIRST.split(' '), ...spread(REST)];

/** Deals the kinds out evenly over the list, as a calendar would. */
function spread(rows: typeof REST): string[] {
  return rows
    .flatMap(([what, count]) =>
      Array.from({ length: count }, (_, at) => ({ what, place: (at + 0.5) / count })),
    )
    .sort((left, right) => left.place - right.place)
    .map(({ what }) => what);
}

/** Makes a whole set of books: double entry, deterministic, about a million documents a minute. */
export function generateBooks(options: GenerateOptions): Books {
  const from = Date.parse(`${options.from ?? '2024-01-01'}T00:00:00Z`);
  const end = Date.parse(`${options.to ?? '2025-12-31'}T00:00:00Z`) + DAY - 1;
  const random = seededRandom(options.seed ^ hashText('books'));
  const books = emptyBooks(options, from - 30 * DAY);
  const contacts = Math.min(6000, Math.max(24, Math.floor(options.documents / 30)));
  const items = Math.min(600, Math.max(14, Math.floor(options.documents / 300)));
  addReferenceData(books, random, { contacts, items, from: from - 20 * DAY });
  const run = startRun(books, random, { from, end });
  const span = end - from - DAY;
  for (let at = 0; at < options.documents; at += 1) {
    const instant = from + Math.floor((span * (at + 0.5)) / options.documents);
    addOne(run, MIX[at % MIX.length] ?? 'invoice', Math.min(end, instant + random.whole(0, 600_000)));
    books.changes.length = 0;
  }
  finish(run, { documents: options.documents });
  return books;
}

function emptyBooks(options: GenerateOptions, at: number): Books {
  const { seed } = options;
  const name = options.company?.name ?? `Kererū Trading "${seed}" Ltd`;
  const company: Company = {
    id: guid(seed, hashText('company'), 0),
    name,
    legalName: `${name} (2019)`,
    baseCurrency: 'NZD',
    country: 'NZ',
    taxNumber: '071-138-054',
    yearEnd: { day: 31, month: 3 },
    createdAt: at,
    ...options.company,
  };
  const taxRates = makeTaxRates();
  const accounts = makeAccounts(seed, taxRates, { at, base: company.baseCurrency });
  return {
    seed,
    company,
    lastTouched: at,
    changes: [],
    counters: new Map(),
    system: systemAccounts(accounts),
    accounts,
    taxRates,
    currencies: [],
    trackingCategories: [],
    items: [],
    contacts: [],
    contactGroups: [],
    themes: [],
    users: [],
    invoices: [],
    bills: [],
    salesCredits: [],
    purchaseCredits: [],
    payments: [],
    batchPayments: [],
    bankTransactions: [],
    prepayments: [],
    overpayments: [],
    bankTransfers: [],
    manualJournals: [],
    quotes: [],
    purchaseOrders: [],
    repeatingInvoices: [],
    linkedTransactions: [],
    budgets: [],
    receipts: [],
    expenseClaims: [],
    journals: [],
  };
}

function addOne(run: Run, what: string, instant: number): void {
  const { books, random, pools, customers, suppliers } = run;
  const date = Math.floor(instant / DAY) * DAY;
  switch (what) {
    case 'invoice':
    case 'bill':
      return void addTrade(run, what, { date, at: instant });
    case 'salesCredit':
    case 'purchaseCredit':
      return void addCreditNote(run, what, { date, at: instant });
    case 'receipt':
    case 'spending':
      return void addCash(run, what, { date, at: instant });
    case 'prepayment':
    case 'overpayment':
      return void addDeposit(run, what, { date, at: instant });
    case 'transfer':
      return void addMove(run, { date, at: instant });
    case 'manual':
      return void addAdjustment(run, { date, at: instant });
    case 'quote':
      return void addQuote(books, random, { contact: random.pick(customers), date, at: instant, pools });
    default:
      return void addPurchaseOrder(books, random, {
        contact: random.pick(suppliers),
        date,
        at: instant,
        pools,
      });
  }
}
