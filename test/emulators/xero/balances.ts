// Ledger balances for reports: sums per account over a stretch of days.
import type { Account, Books, Journal, JournalLine } from '../../books/index.ts';

export interface BalanceOptions {
  /** First and last day, ms at 00:00 UTC, both included. */
  readonly from?: number;
  readonly to: number;
  /** Only lines tracked with every one of these options. */
  readonly options?: readonly string[];
  /** Only entries that pass; all unless given. */
  readonly only?: (journal: Journal) => boolean;
}

export type Balances = ReadonlyMap<Account, number>;

/** Cents per account, debit positive. Half a second for a million lines. */
export function balancesOf(
  books: Books,
  { from = Number.NEGATIVE_INFINITY, to, options = [], only }: BalanceOptions,
): Balances {
  const sums = new Map<Account, number>();
  for (const account of books.accounts) sums.set(account, 0);
  for (const journal of books.journals) {
    if (journal.date < from || journal.date > to || (only && !only(journal))) continue;
    for (const line of journal.lines)
      if (options.length === 0 || isTracked(line, options))
        sums.set(line.account, (sums.get(line.account) ?? 0) + line.net);
  }
  return sums;
}

function isTracked({ from }: JournalLine, options: readonly string[]): boolean {
  return options.every((id) => from?.tracking.some((one) => one.id === id) ?? false);
}

/** The first day of the financial year that `day` lies in. */
export function yearStart(books: Books, day: number): number {
  const { yearEnd } = books.company;
  const year = new Date(day).getUTCFullYear();
  const start = (of: number): number => Date.UTC(of, yearEnd.month - 1, yearEnd.day) + 86_400_000;
  return start(year) <= day ? start(year) : start(year - 1);
}

/** What was earned less what was spent up to `to`, credit positive. */
export function profit(books: Books, options: BalanceOptions): number {
  let sum = 0;
  for (const [account, cents] of balancesOf(books, options))
    if (account.class === 'revenue' || account.class === 'expense') sum -= cents;
  return sum;
}
