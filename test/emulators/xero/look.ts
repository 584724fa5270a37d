// How records are to be drawn for one request, and the words Xero uses for what the books hold.
import type {
  Account,
  AccountType,
  BankTransaction,
  Books,
  Contact,
  ContactGroup,
  DocumentKind,
} from '../../books/index.ts';
import type { DateLook } from './dates.ts';

/** Full rows come from paged lists and by-id reads; brief ones from unpaged lists; summary ones from summaryOnly. */
export type Detail = 'full' | 'brief' | 'summary';

export interface Look extends DateLook {
  readonly detail: Detail;
  /** One record by id: some nested objects are fuller then. */
  readonly single: boolean;
  readonly unitPlaces: 2 | 4;
  readonly books: Books;
  /** Groups of each contact. */
  readonly groups: ReadonlyMap<Contact, readonly ContactGroup[]>;
  /** Are archived options of tracking categories drawn too? */
  readonly archived: boolean;
  /** Start and end of a budget's months, from the query. */
  readonly months: { readonly from: number; readonly to: number } | undefined;
}

export const DOCUMENT_TYPE: Readonly<Record<DocumentKind, string>> = {
  invoice: 'ACCREC',
  bill: 'ACCPAY',
  salesCredit: 'ACCRECCREDIT',
  purchaseCredit: 'ACCPAYCREDIT',
};

export const BANK_TYPE: Readonly<Record<BankTransaction['kind'], string>> = {
  receipt: 'RECEIVE',
  spending: 'SPEND',
  transferIn: 'RECEIVE-TRANSFER',
  transferOut: 'SPEND-TRANSFER',
  customerPrepayment: 'RECEIVE-PREPAYMENT',
  supplierPrepayment: 'SPEND-PREPAYMENT',
  customerOverpayment: 'RECEIVE-OVERPAYMENT',
  supplierOverpayment: 'SPEND-OVERPAYMENT',
};

export const ACCOUNT_TYPE: Readonly<Record<AccountType, string>> = {
  bank: 'BANK',
  current: 'CURRENT',
  inventory: 'INVENTORY',
  fixed: 'FIXED',
  currentLiability: 'CURRLIAB',
  termLiability: 'TERMLIAB',
  equity: 'EQUITY',
  revenue: 'REVENUE',
  otherIncome: 'OTHERINCOME',
  directCosts: 'DIRECTCOSTS',
  expense: 'EXPENSE',
  depreciation: 'DEPRECIATN',
};

export const SYSTEM_ACCOUNT: Readonly<Record<NonNullable<Account['system']>, string>> = {
  receivable: 'DEBTORS',
  payable: 'CREDITORS',
  tax: 'GST',
  exchange: 'REALISEDCURRENCYGAIN',
  rounding: 'ROUNDING',
  retained: 'RETAINEDEARNINGS',
  claims: 'UNPAIDEXPCLM',
};

export const AMOUNTS_ARE = { exclusive: 'Exclusive', inclusive: 'Inclusive', untaxed: 'NoTax' } as const;

/** The groups each contact belongs to. */
export function groupsOf(books: Books): ReadonlyMap<Contact, readonly ContactGroup[]> {
  const groups = new Map<Contact, ContactGroup[]>();
  for (const group of books.contactGroups)
    for (const contact of group.contacts) groups.set(contact, [...(groups.get(contact) ?? []), group]);
  return groups;
}
