// The table of streams: where each lives in the API, what its key is, and how it is read.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import * as documents from './schemas/documents.ts';
import * as ledger from './schemas/ledger.ts';
import * as money from './schemas/money.ts';
import * as reference from './schemas/reference.ts';

/**
 * How a stream is read; one strategy file for each `by`.
 * - modified: If-Modified-Since from a cursor. Pages are `counted` (the reply tells pageCount), `uncounted` (a short page
 *   is the last), or there is `one` reply for all. `slice` is what a first read is cut by when Xero refuses to scan more
 *   than 100,000 documents.
 * - census: one reply for all, with If-Modified-Since between full readings that find what vanished.
 * - snapshot: one reply for all (or `pages` of so many rows) without If-Modified-Since; read on its own slower schedule.
 * - budgets: a list, then each budget that changed by its id.
 * - journals: by offset, where the offset is a journal number.
 * - report: one call for each month; `columns` name the amounts of a row.
 */
export type How =
  | {
      readonly by: 'modified';
      readonly pages: 'counted' | 'uncounted' | 'one';
      readonly slice?: 'Date' | 'DateFrom' | 'Name';
      /** The setting that says after how many days everything is read again, for changes that move no timestamp. */
      readonly reread?: 'contacts_reread_days';
    }
  | { readonly by: 'census' }
  | { readonly by: 'snapshot'; readonly pages?: number }
  | { readonly by: 'budgets' }
  | { readonly by: 'journals' }
  | { readonly by: 'report'; readonly span: 'month' | 'day'; readonly columns: readonly string[] };

/** Which part of a reply is this stream's, where an endpoint feeds two. */
export type Part =
  | { readonly field: 'Type'; readonly is: string }
  | { readonly each: string; readonly named: Readonly<Record<string, string>> };

export interface Stream {
  readonly name: string;
  /** Below /api.xro/2.0; also the name of the list in the reply, unless `list` says otherwise. */
  readonly path: string;
  readonly list?: string;
  /** The last part of the primary key, after TenantID. */
  readonly key: string;
  /** The field that says which of two versions is newer. */
  readonly cursor?: string;
  readonly how: How;
  readonly part?: Part;
  /** Sent with every list request. */
  readonly query?: Readonly<Record<string, string>>;
  /** The parameter that makes lists show archived records too. */
  readonly archived?: string;
  /** How lists are asked for nothing but deleted documents; absent where documents are not deleted by Status. */
  readonly deleted?: Readonly<Record<string, string>>;
  /** How one record is read again: many ids in a call, the id in the path, from the whole list, or not at all. */
  readonly single: 'ids' | 'path' | 'list' | 'none';
  /** The granular scope it needs. */
  readonly scope: string;
  readonly schema: JsonSchema;
}

const counted = { by: 'modified', pages: 'counted' } as const;
const byDate = { ...counted, slice: 'Date' } as const;
/** Unit prices with four places instead of two. */
const fine = { unitdp: '4' };
/** The default order is documented as this one for the six largest endpoints only. */
const ordered = { order: 'UpdatedDateUTC ASC' };
const deletedByWhere = { where: 'Status=="DELETED"' };
const deletedByStatus = { Status: 'DELETED' };
const trackingParent = { TrackingCategoryID: 'TrackingCategoryID', Name: 'TrackingCategoryName' };

const settings = { scope: 'accounting.settings.read' } as const;
const invoicing = { cursor: 'UpdatedDateUTC', scope: 'accounting.invoices.read' } as const;
const paying = { cursor: 'UpdatedDateUTC', scope: 'accounting.payments.read' } as const;
const banking = { scope: 'accounting.banktransactions.read', single: 'path' } as const;

const invoiceList = {
  ...invoicing,
  path: 'Invoices',
  key: 'InvoiceID',
  how: byDate,
  single: 'ids',
  query: fine,
  archived: 'includeArchived',
  deleted: deletedByWhere,
} as const;
const creditNoteList = {
  ...invoicing,
  path: 'CreditNotes',
  key: 'CreditNoteID',
  how: byDate,
  single: 'path',
  query: fine,
  deleted: deletedByWhere,
} as const;
const trackingList = {
  ...settings,
  path: 'TrackingCategories',
  how: { by: 'snapshot' },
  archived: 'includeArchived',
} as const;
const report = { key: 'RowID', single: 'none' } as const;

// biome-ignore format: a table reads best with one row a line
export const streams = [
  // Small tables in one reply, without If-Modified-Since.
  { ...settings, name: 'organisations', path: 'Organisation', list: 'Organisations', key: 'OrganisationID', how: { by: 'snapshot' }, single: 'list', schema: reference.organisation },
  { ...settings, name: 'currencies', path: 'Currencies', key: 'Code', how: { by: 'snapshot' }, single: 'list', schema: reference.currencyRecord },
  { ...settings, name: 'tax_rates', path: 'TaxRates', key: 'TaxType', how: { by: 'snapshot' }, single: 'list', schema: reference.taxRate },
  { ...settings, name: 'branding_themes', path: 'BrandingThemes', key: 'BrandingThemeID', how: { by: 'snapshot' }, single: 'path', schema: reference.brandingTheme },
  { ...trackingList, name: 'tracking_categories', key: 'TrackingCategoryID', single: 'path', schema: reference.trackingCategory },
  { ...trackingList, name: 'tracking_options', key: 'TrackingOptionID', part: { each: 'Options', named: trackingParent }, single: 'list', schema: reference.trackingOption },
  { name: 'contact_groups', path: 'ContactGroups', key: 'ContactGroupID', how: { by: 'snapshot' }, deleted: deletedByWhere, single: 'path', scope: 'accounting.contacts.read', schema: reference.contactGroup },
  { name: 'repeating_invoices', path: 'RepeatingInvoices', key: 'RepeatingInvoiceID', how: { by: 'snapshot' }, deleted: deletedByWhere, single: 'path', scope: 'accounting.invoices.read', schema: documents.repeatingInvoice },
  { ...invoicing, name: 'linked_transactions', path: 'LinkedTransactions', key: 'LinkedTransactionID', how: { by: 'snapshot', pages: 100 }, single: 'path', schema: documents.linkedTransaction },
  { name: 'budgets', path: 'Budgets', key: 'BudgetID', cursor: 'UpdatedDateUTC', how: { by: 'budgets' }, single: 'path', scope: 'accounting.budgets.read', schema: ledger.budget },

  // One reply with If-Modified-Since; rows vanish without a trace, so the whole list is compared now and then.
  { ...settings, name: 'accounts', path: 'Accounts', key: 'AccountID', cursor: 'UpdatedDateUTC', how: { by: 'census' }, deleted: deletedByWhere, single: 'path', schema: ledger.account },
  { ...settings, name: 'items', path: 'Items', key: 'ItemID', cursor: 'UpdatedDateUTC', how: { by: 'census' }, query: fine, single: 'path', schema: reference.item },
  { ...settings, name: 'users', path: 'Users', key: 'UserID', cursor: 'UpdatedDateUTC', how: { by: 'census' }, single: 'path', schema: reference.user },
  { ...banking, name: 'bank_transfers', path: 'BankTransfers', key: 'BankTransferID', cursor: 'CreatedDateUTC', how: { by: 'census' }, query: { includeDeleted: 'true' }, deleted: deletedByWhere, schema: money.bankTransfer },

  // Pages of up to 1,000 with If-Modified-Since.
  { name: 'contacts', path: 'Contacts', key: 'ContactID', cursor: 'UpdatedDateUTC', how: { ...counted, slice: 'Name', reread: 'contacts_reread_days' }, archived: 'includeArchived', single: 'ids', scope: 'accounting.contacts.read', schema: reference.contact },
  { ...invoiceList, name: 'invoices', part: { field: 'Type', is: 'ACCREC' }, schema: documents.invoice },
  { ...invoiceList, name: 'bills', part: { field: 'Type', is: 'ACCPAY' }, schema: documents.bill },
  { ...creditNoteList, name: 'sales_credit_notes', part: { field: 'Type', is: 'ACCRECCREDIT' }, schema: documents.salesCreditNote },
  { ...creditNoteList, name: 'purchase_credit_notes', part: { field: 'Type', is: 'ACCPAYCREDIT' }, schema: documents.purchaseCreditNote },
  { ...paying, name: 'prepayments', path: 'Prepayments', key: 'PrepaymentID', how: counted, query: { ...fine, ...ordered }, single: 'path', schema: money.prepayment },
  { ...paying, name: 'overpayments', path: 'Overpayments', key: 'OverpaymentID', how: counted, query: { ...fine, ...ordered }, single: 'path', schema: money.overpayment },
  { ...paying, name: 'payments', path: 'Payments', key: 'PaymentID', how: byDate, deleted: deletedByWhere, single: 'path', schema: money.payment },
  { ...banking, name: 'bank_transactions', path: 'BankTransactions', key: 'BankTransactionID', cursor: 'UpdatedDateUTC', how: byDate, query: fine, deleted: deletedByWhere, schema: money.bankTransaction },
  // With `order` ManualJournals answers with every record instead of a page (tap-xero leaves it out for that reason).
  { name: 'manual_journals', path: 'ManualJournals', key: 'ManualJournalID', cursor: 'UpdatedDateUTC', how: byDate, deleted: deletedByWhere, single: 'path', scope: 'accounting.manualjournals.read', schema: ledger.manualJournal },
  { ...invoicing, name: 'purchase_orders', path: 'PurchaseOrders', key: 'PurchaseOrderID', how: { ...counted, slice: 'DateFrom' }, query: ordered, deleted: deletedByStatus, single: 'path', schema: documents.purchaseOrder },
  { ...invoicing, name: 'quotes', path: 'Quotes', key: 'QuoteID', how: { by: 'modified', pages: 'uncounted' }, query: ordered, deleted: deletedByStatus, single: 'path', schema: documents.quote },
  { ...paying, name: 'batch_payments', path: 'BatchPayments', key: 'BatchPaymentID', how: { by: 'modified', pages: 'one' }, deleted: deletedByWhere, single: 'path', schema: money.batchPayment },

  // The ledger itself, 100 journals a call. Only for apps of the Advanced tier: see the setting `journals`.
  { name: 'journals', path: 'Journals', key: 'JournalID', cursor: 'JournalNumber', how: { by: 'journals' }, single: 'path', scope: 'accounting.journals.read', schema: ledger.journal },

  // One call for each month.
  { ...report, name: 'report_profit_and_loss', path: 'Reports/ProfitAndLoss', how: { by: 'report', span: 'month', columns: ['Amount'] }, scope: 'accounting.reports.profitandloss.read', schema: ledger.reportRow(['Amount']) },
  { ...report, name: 'report_balance_sheet', path: 'Reports/BalanceSheet', how: { by: 'report', span: 'day', columns: ['Amount'] }, scope: 'accounting.reports.balancesheet.read', schema: ledger.reportRow(['Amount']) },
  { ...report, name: 'report_trial_balance', path: 'Reports/TrialBalance', how: { by: 'report', span: 'day', columns: ['Debit', 'Credit', 'YTDDebit', 'YTDCredit'] }, scope: 'accounting.reports.trialbalance.read', schema: ledger.reportRow(['Debit', 'Credit', 'YTDDebit', 'YTDCredit']) },
  { ...report, name: 'report_bank_summary', path: 'Reports/BankSummary', how: { by: 'report', span: 'month', columns: ['OpeningBalance', 'CashReceived', 'CashSpent', 'ClosingBalance'] }, scope: 'accounting.reports.banksummary.read', schema: ledger.reportRow(['OpeningBalance', 'CashReceived', 'CashSpent', 'ClosingBalance']) },
] as const satisfies readonly Stream[];

export type StreamName = (typeof streams)[number]['name'];

export const streamNamed = (name: string): Stream | undefined =>
  streams.find((stream) => stream.name === name);

/** What a login asks for by default: a read scope for every stream, but the one that Xero sells apart. */
export const scopes: readonly string[] = [
  ...new Set(streams.filter(({ how }) => how.by !== 'journals').map(({ scope }) => scope)),
];
