// What `where` and `order` may name on each endpoint, with types: a field without a row here is an error, as on the wire.
import type {
  Account,
  BankCredit,
  BankTransaction,
  BankTransfer,
  BatchPayment,
  Contact,
  Document,
  ExpenseClaim,
  Item,
  ManualJournal,
  Payment,
  PurchaseOrder,
  Quote,
  Receipt,
  RepeatingInvoice,
  TaxRate,
  TrackingCategory,
  User,
} from '../../books/index.ts';
import { ACCOUNT_TYPE, BANK_TYPE, DOCUMENT_TYPE } from './look.ts';
import { paymentType, transferInstant } from './render-bank.ts';

export type FieldType = 'text' | 'guid' | 'number' | 'date' | 'flag';
export type FieldValue = string | number | boolean | undefined;

export interface Field<R> {
  readonly type: FieldType;
  /** Money as a decimal number, dates in ms, everything else as it is. */
  of(record: R): FieldValue;
}

export type Fields<R> = Readonly<Record<string, Field<R>>>;

const text = <R>(of: (record: R) => FieldValue): Field<R> => ({ type: 'text', of });
const id = <R>(of: (record: R) => FieldValue): Field<R> => ({ type: 'guid', of });
const day = <R>(of: (record: R) => FieldValue): Field<R> => ({ type: 'date', of });
const flag = <R>(of: (record: R) => FieldValue): Field<R> => ({ type: 'flag', of });
const cents = <R>(of: (record: R) => number): Field<R> => ({
  type: 'number',
  of: (record) => of(record) / 100,
});
const status = <R extends { readonly status: string }>(): Field<R> => text((one) => one.status.toUpperCase());
const updated = <R extends { readonly updatedAt: number }>(): Field<R> => day((one) => one.updatedAt);

const ofContact = <R extends { readonly contact: Contact | undefined }>(): Fields<R> => ({
  'Contact.ContactID': id((one) => one.contact?.id),
  'Contact.Name': text((one) => one.contact?.name),
  'Contact.ContactNumber': text((one) => one.contact?.number),
});

const ofTotals = <
  R extends { readonly net: number; readonly tax: number; readonly total: number },
>(): Fields<R> => ({
  SubTotal: cents((one) => one.net),
  TotalTax: cents((one) => one.tax),
  Total: cents((one) => one.total),
});

export const INVOICE: Fields<Document> = {
  InvoiceID: id((one) => one.id),
  InvoiceNumber: text((one) => one.number),
  Type: text((one) => DOCUMENT_TYPE[one.kind]),
  Status: status(),
  Date: day((one) => one.date),
  DueDate: day((one) => one.dueDate),
  FullyPaidOnDate: day((one) => one.paidOn),
  Reference: text((one) => one.reference),
  CurrencyCode: text((one) => one.currency),
  AmountDue: cents((one) => one.open),
  AmountPaid: cents((one) => one.paid),
  AmountCredited: cents((one) => one.credited),
  SentToContact: flag((one) => one.sent),
  HasAttachments: flag((one) => one.attachments),
  UpdatedDateUTC: updated(),
  ...ofTotals(),
  ...ofContact(),
};

export const CREDIT_NOTE: Fields<Document> = {
  CreditNoteID: id((one) => one.id),
  CreditNoteNumber: text((one) => one.number),
  Type: text((one) => DOCUMENT_TYPE[one.kind]),
  Status: status(),
  Date: day((one) => one.date),
  DueDate: day((one) => one.dueDate),
  Reference: text((one) => one.reference),
  CurrencyCode: text((one) => one.currency),
  RemainingCredit: cents((one) => one.open),
  UpdatedDateUTC: updated(),
  ...ofTotals(),
  ...ofContact(),
};

const paidInvoice = ({ target }: Payment): Document | undefined =>
  'dueDate' in target && (target.kind === 'invoice' || target.kind === 'bill') ? target : undefined;

export const PAYMENT: Fields<Payment> = {
  PaymentID: id((one) => one.id),
  PaymentType: text(paymentType),
  Status: status(),
  Date: day((one) => one.date),
  Reference: text((one) => one.reference),
  Amount: cents((one) => one.amount),
  IsReconciled: flag((one) => one.reconciled),
  'Invoice.InvoiceID': id((one) => paidInvoice(one)?.id),
  'Invoice.InvoiceNumber': text((one) => paidInvoice(one)?.number),
  'Account.AccountID': id((one) => one.account.id),
  UpdatedDateUTC: updated(),
};

export const BANK_TRANSACTION: Fields<BankTransaction> = {
  BankTransactionID: id((one) => one.id),
  Type: text((one) => BANK_TYPE[one.kind]),
  Status: text((one) => (one.status === 'paid' ? 'AUTHORISED' : one.status.toUpperCase())),
  Date: day((one) => one.date),
  Reference: text((one) => one.reference),
  IsReconciled: flag((one) => one.reconciled),
  'BankAccount.AccountID': id((one) => one.account.id),
  'BankAccount.Code': text((one) => one.account.code),
  UpdatedDateUTC: updated(),
  ...ofTotals(),
  ...ofContact(),
};

const bankCredit = (name: string): Fields<BankCredit> => ({
  [`${name}ID`]: id((one: BankCredit) => one.id),
  Type: text((one) => BANK_TYPE[one.kind]),
  Status: status(),
  Date: day((one) => one.date),
  Reference: text((one) => one.reference),
  RemainingCredit: cents((one) => one.open),
  UpdatedDateUTC: updated(),
  ...ofTotals(),
  ...ofContact(),
});

export const PREPAYMENT = bankCredit('Prepayment');
export const OVERPAYMENT = bankCredit('Overpayment');

export const MANUAL_JOURNAL: Fields<ManualJournal> = {
  ManualJournalID: id((one) => one.id),
  Narration: text((one) => one.narration),
  Status: status(),
  Date: day((one) => one.date),
  UpdatedDateUTC: updated(),
};

export const CONTACT: Fields<Contact> = {
  ContactID: id((one) => one.id),
  Name: text((one) => one.name),
  EmailAddress: text((one) => one.email),
  AccountNumber: text((one) => one.accountNumber),
  ContactNumber: text((one) => one.number),
  FirstName: text((one) => one.firstName),
  LastName: text((one) => one.lastName),
  ContactStatus: status(),
  IsCustomer: flag((one) => one.isCustomer),
  IsSupplier: flag((one) => one.isSupplier),
  UpdatedDateUTC: updated(),
};

export const QUOTE: Fields<Quote> = {
  QuoteID: id((one) => one.id),
  QuoteNumber: text((one) => one.number),
  Date: day((one) => one.date),
  ExpiryDate: day((one) => one.expiry),
  UpdatedDateUTC: updated(),
};

export const PURCHASE_ORDER: Fields<PurchaseOrder> = {
  PurchaseOrderID: id((one) => one.id),
  PurchaseOrderNumber: text((one) => one.number),
  Date: day((one) => one.date),
  UpdatedDateUTC: updated(),
};

export const BATCH_PAYMENT: Fields<BatchPayment> = {
  BatchPaymentID: id((one) => one.id),
  Status: status(),
  Date: day((one) => one.date),
  Reference: text((one) => one.reference),
  UpdatedDateUTC: updated(),
};

export const BANK_TRANSFER: Fields<BankTransfer> = {
  BankTransferID: id((one) => one.id),
  Status: status(),
  Date: day(transferInstant),
  Amount: cents((one) => one.amount),
  Reference: text((one) => one.reference),
  CreatedDateUTC: day((one) => one.createdAt),
};

export const ACCOUNT: Fields<Account> = {
  AccountID: id((one) => one.id),
  Code: text((one) => one.code),
  Name: text((one) => one.name),
  Type: text((one) => ACCOUNT_TYPE[one.type]),
  Class: text((one) => one.class.toUpperCase()),
  Status: status(),
  TaxType: text((one) => one.taxRate.code),
  EnablePaymentsToAccount: flag((one) => one.takesPayments),
  UpdatedDateUTC: updated(),
};

export const ITEM: Fields<Item> = {
  ItemID: id((one) => one.id),
  Code: text((one) => one.code),
  Name: text((one) => one.name),
  IsSold: flag((one) => one.salePrice !== undefined),
  IsPurchased: flag((one) => one.purchasePrice !== undefined),
  UpdatedDateUTC: updated(),
};

export const USER: Fields<User> = {
  UserID: id((one) => one.id),
  EmailAddress: text((one) => one.email),
  LastName: text((one) => one.lastName),
  IsSubscriber: flag((one) => one.subscriber),
  UpdatedDateUTC: updated(),
};

export const RECEIPT: Fields<Receipt> = {
  ReceiptID: id((one) => one.id),
  Status: status(),
  Date: day((one) => one.date),
  UpdatedDateUTC: updated(),
};
export const EXPENSE_CLAIM: Fields<ExpenseClaim> = {
  ExpenseClaimID: id((one) => one.id),
  Status: status(),
  UpdatedDateUTC: updated(),
};
export const REPEATING_INVOICE: Fields<RepeatingInvoice> = {
  RepeatingInvoiceID: id((one) => one.id),
  Status: status(),
  ...ofTotals(),
};
export const TAX_RATE: Fields<TaxRate> = {
  Name: text((one) => one.name),
  TaxType: text((one) => one.code),
  Status: status(),
};
export const TRACKING_CATEGORY: Fields<TrackingCategory> = {
  TrackingCategoryID: id((one) => one.id),
  Name: text((one) => one.name),
  Status: status(),
};
export const CONTACT_GROUP: Fields<{ readonly id: string; readonly name: string }> = {
  ContactGroupID: id((one) => one.id),
  Name: text((one) => one.name),
  Status: text(() => 'ACTIVE'),
};
export const CURRENCY: Fields<{ readonly code: string; readonly name: string }> = {
  Code: text((one) => one.code),
  Description: text((one) => one.name),
};
