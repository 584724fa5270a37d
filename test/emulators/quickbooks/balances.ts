// What every account holds, kept up to date as entries are filed.
import type { Account, Books, Journal } from '../../books/index.ts';

export class Balances {
  readonly #net = new Map<Account, number>();

  constructor(books: Books) {
    for (const journal of books.journals) this.add(journal);
  }

  add(journal: Journal): void {
    for (const { account, net } of journal.lines) this.#net.set(account, this.of(account) + net);
  }

  /** Cents of the base currency, debit positive. */
  of(account: Account): number {
    return this.#net.get(account) ?? 0;
  }
}
