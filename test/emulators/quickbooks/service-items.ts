// Every sales line of QuickBooks sells an item: lines without one sell a service named after their account.
import type { Account, Books } from '../../books/index.ts';

export class ServiceItem {
  readonly account: Account;
  constructor(account: Account) {
    this.account = account;
  }
}

/** One service per income account. */
export function serviceItems(books: Books): ReadonlyMap<Account, ServiceItem> {
  return new Map(
    books.accounts
      .filter((one) => one.class === 'revenue')
      .map((account) => [account, new ServiceItem(account)]),
  );
}
