// One run of generation: what it draws from, and the documents still open for later credits and batches.
import type { Books } from './books.ts';
import { DAY, type Pools, poolsOf } from './documents.ts';
import { addManualJournal, moveLines } from './manual-journals.ts';
import type { Contact, Document, RepeatingInvoice } from './model.ts';
import { addBudgets, addRepeatingInvoice } from './orders.ts';
import type { Random } from './random.ts';

export interface Run {
  readonly books: Books;
  readonly random: Random;
  readonly pools: Pools;
  readonly customers: readonly Contact[];
  readonly suppliers: readonly Contact[];
  readonly end: number;
  /** Open documents a later credit may be set off against. */
  readonly open: { invoice: Document[]; bill: Document[] };
  /** Bills waiting to be paid together. */
  readonly batch: Document[];
  readonly repeating: RepeatingInvoice[];
}

/** When something happens: the day on the document, and the instant it was typed in. */
export interface Moment {
  readonly date: number;
  readonly at: number;
}

/** Opening balances, templates, and who buys and sells. */
export function startRun(books: Books, random: Random, { from, end }: { from: number; end: number }): Run {
  const pools = poolsOf(books);
  const customers = books.contacts.filter((_, at) => at % 3 !== 2);
  const suppliers = books.contacts.filter((_, at) => at % 3 !== 1);
  const equity = books.accounts.find((one) => one.type === 'equity' && !one.system);
  const [bank] = pools.banks;
  if (!equity || !bank) throw new Error('Cannot open books without a bank and an equity account');
  const lines = moveLines(50_000_000, {
    to: bank,
    from: equity,
    description: 'Opening balance',
    tracking: [],
  });
  addManualJournal(books, { narration: 'Opening balances', date: from, at: from, status: 'posted', lines });
  const repeating = Array.from({ length: 6 }, (_, at) => {
    const side = at % 3 === 2 ? 'payable' : 'receivable';
    const contact = random.pick(side === 'receivable' ? customers : suppliers);
    return addRepeatingInvoice(books, random, { side, contact, date: from + at * DAY, at: from + at, pools });
  });
  addBudgets(books, random, { from, at: from + 5000 });
  return {
    books,
    random,
    pools,
    customers,
    suppliers,
    end,
    open: { invoice: [], bill: [] },
    batch: [],
    repeating,
  };
}

/** Remembers an open document, forgetting another where there are many. */
export function keepOpen(run: Run, document: Document): void {
  const pool = run.open[document.kind === 'invoice' ? 'invoice' : 'bill'];
  if (pool.length < 400) pool.push(document);
  else pool[run.random.whole(0, 399)] = document;
}

/** Takes a random open document out of the memory. */
export function takeOpen(run: Run, kind: 'invoice' | 'bill'): Document | undefined {
  const pool = run.open[kind];
  if (pool.length === 0) return undefined;
  const at = run.random.whole(0, pool.length - 1);
  const document = pool[at];
  const last = pool.pop();
  if (last && at < pool.length) pool[at] = last;
  return document;
}

// Generation is not in order of events, so it must not go through the clock that only moves forward.
export function settleTime(books: Books, at: number): number {
  books.lastTouched = at - 1;
  return at;
}
