// The books as one value: every record of the company, counters for new ids, and the log of changes.
import type {
  Account,
  BankCredit,
  BankTransaction,
  BankTransfer,
  BatchPayment,
  Budget,
  Company,
  Contact,
  ContactGroup,
  Document,
  ExpenseClaim,
  Item,
  Journal,
  LinkedTransaction,
  ManualJournal,
  Payment,
  PurchaseOrder,
  Quote,
  Receipt,
  RepeatingInvoice,
  SystemRole,
  TaxRate,
  Theme,
  TrackingCategory,
  User,
} from './model.ts';
import { guid, hashText } from './random.ts';

/** Every table of the books, by name. */
export interface Tables {
  accounts: Account[];
  taxRates: TaxRate[];
  currencies: { readonly code: string; readonly name: string }[];
  trackingCategories: TrackingCategory[];
  items: Item[];
  contacts: Contact[];
  contactGroups: ContactGroup[];
  themes: Theme[];
  users: User[];
  invoices: Document[];
  bills: Document[];
  salesCredits: Document[];
  purchaseCredits: Document[];
  payments: Payment[];
  batchPayments: BatchPayment[];
  bankTransactions: BankTransaction[];
  /** The same objects as in `bankTransactions`. */
  prepayments: BankCredit[];
  /** The same objects as in `bankTransactions`. */
  overpayments: BankCredit[];
  bankTransfers: BankTransfer[];
  manualJournals: ManualJournal[];
  quotes: Quote[];
  purchaseOrders: PurchaseOrder[];
  repeatingInvoices: RepeatingInvoice[];
  linkedTransactions: LinkedTransaction[];
  budgets: Budget[];
  receipts: Receipt[];
  expenseClaims: ExpenseClaim[];
  journals: Journal[];
}

export type TableName = keyof Tables;

/** One entry of the change log; readers keep their own position in it. */
export interface Change {
  readonly table: TableName;
  readonly record: object;
  /** silent: the record differs but its `updatedAt` does not say so. */
  readonly how: 'added' | 'changed' | 'removed' | 'silent';
  /** When, ms since the epoch. */
  readonly at: number;
}

export interface Books extends Tables {
  readonly seed: number;
  readonly company: Company;
  /** The last instant any record was touched; edits move strictly past it. */
  lastTouched: number;
  /** Changes since the books were generated, oldest first. */
  readonly changes: Change[];
  readonly counters: Map<string, number>;
  readonly system: Record<SystemRole, Account>;
}

const families = new Map<string, number>();

/** The GUID of the `number`-th record of a family such as "invoice", stable for these books. */
export function idOf(books: { readonly seed: number }, family: string, number: number): string {
  let hash = families.get(family);
  if (hash === undefined) {
    hash = hashText(family);
    families.set(family, hash);
  }
  return guid(books.seed, hash, number);
}

/** The next number of a counter, from 1. */
export function nextNumber(books: Books, counter: string): number {
  const number = (books.counters.get(counter) ?? 0) + 1;
  books.counters.set(counter, number);
  return number;
}

export function newId(books: Books, family: string): string {
  return idOf(books, family, nextNumber(books, family));
}

/** An instant at or after `at` that no earlier touch has used, so that `updatedAt` only ever grows. */
export function tick(books: Books, at: number): number {
  books.lastTouched = Math.max(books.lastTouched + 1, at);
  return books.lastTouched;
}

/** Logs a change for whoever follows the books. */
export function log(books: Books, table: TableName, record: object, entry: Pick<Change, 'how' | 'at'>): void {
  books.changes.push({ table, record, ...entry });
}

/** Adds a record to a table and logs it. */
export function file<T extends TableName>(books: Books, table: T, record: Tables[T][number]): void {
  (books[table] as object[]).push(record);
  const at =
    'updatedAt' in record ? record.updatedAt : 'createdAt' in record ? record.createdAt : books.lastTouched;
  log(books, table, record, { how: 'added', at });
}

/** Marks a record as changed at `at`. */
export function touch(books: Books, table: TableName, record: { updatedAt: number }, at: number): void {
  record.updatedAt = Math.max(record.updatedAt, at);
  log(books, table, record, { how: 'changed', at });
}

/** Takes a record out of its table without a trace, as products do with unused reference data. */
export function remove<T extends TableName>(books: Books, table: T, record: Tables[T][number]): void {
  const rows = books[table] as object[];
  const at = rows.indexOf(record);
  if (at < 0) throw new Error(`Cannot remove a record from "${table}": it is not there`);
  rows.splice(at, 1);
  log(books, table, record, { how: 'removed', at: books.lastTouched });
}

const TABLE_OF_KIND = {
  invoice: 'invoices',
  bill: 'bills',
  salesCredit: 'salesCredits',
  purchaseCredit: 'purchaseCredits',
  customerPrepayment: 'prepayments',
  supplierPrepayment: 'prepayments',
  customerOverpayment: 'overpayments',
  supplierOverpayment: 'overpayments',
} as const;

export function tableOf(record: { readonly kind: keyof typeof TABLE_OF_KIND }) {
  return TABLE_OF_KIND[record.kind];
}
