// The table of streams: which entity each shows, and how it is read.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import * as documents from './schemas/documents.ts';
import * as reference from './schemas/reference.ts';
import * as reports from './schemas/reports.ts';

/**
 * How a stream is read; one strategy file for each `by`.
 * - changes: the first time by the time of change, then by change data capture, which also tells of deletions.
 * - counted: always by the time of change; a count of rows shows when some were deleted.
 * - whole: all rows in every run, compared with the last time.
 * - report: rows of a report, month by month. `span` says how months are asked for: several side by side in one call
 *   (months), the balances of one day (day), or the entries of a range (entries). `columns` are its typed columns.
 */
export type How =
  | { readonly by: 'changes' }
  | { readonly by: 'counted' }
  | { readonly by: 'whole' }
  | {
      readonly by: 'report';
      readonly span: 'months' | 'day' | 'entries';
      readonly columns: readonly reports.ReportColumn[];
    };

export interface Stream {
  readonly name: string;
  /** As queries name it; reports: the name of the report. */
  readonly entity: string;
  readonly how: How;
  /** Lists hide what is inactive unless the statement asks for it. Not every list knows the field. */
  readonly inactive?: true;
  /** Fields that make the Id where QuickBooks sends none. */
  readonly keyFrom?: readonly string[];
  /** Rows come wrapped in an object named after their kind. */
  readonly wrapped?: true;
  /** Offered only where the setting `more_streams` names it: few companies have it, and the others would fail. */
  readonly rare?: true;
  readonly schema: JsonSchema;
}

const list = { how: { by: 'changes' }, inactive: true } as const;
const entry = { how: { by: 'changes' } } as const;
const whole = { how: { by: 'whole' } } as const;
const rare = { rare: true } as const;
const amountsOf = (span: 'months' | 'day', columns: readonly reports.ReportColumn[] = reports.total) =>
  ({ how: { by: 'report', span, columns }, schema: reports.summaryRow(columns) }) as const;
const entriesOf = (columns: readonly reports.ReportColumn[]) =>
  ({ how: { by: 'report', span: 'entries', columns }, schema: reports.entryRow(columns) }) as const;

// biome-ignore format: a table reads best with one row a line
export const streams = [
  // Small tables that change data capture leaves out, or of which nobody knows whether it does: whole, in one batch.
  { ...whole, name: 'company_info', entity: 'CompanyInfo', schema: reference.companyInfo },
  { ...whole, name: 'preferences', entity: 'Preferences', schema: reference.preferences },
  { ...whole, name: 'company_currencies', entity: 'CompanyCurrency', schema: reference.companyCurrency },
  { ...whole, name: 'exchange_rates', entity: 'ExchangeRate', keyFrom: ['SourceCurrencyCode', 'TargetCurrencyCode', 'AsOfDate'], schema: reference.exchangeRate },
  { ...whole, name: 'tax_agencies', entity: 'TaxAgency', schema: reference.taxAgency },
  { ...whole, name: 'tax_rates', entity: 'TaxRate', inactive: true, schema: reference.taxRate },
  { ...whole, name: 'tax_codes', entity: 'TaxCode', inactive: true, schema: reference.taxCode },
  { ...whole, name: 'customer_types', entity: 'CustomerType', schema: reference.customerType },

  // Lists: nothing is deleted, removed rows stay as inactive ones.
  { ...list, name: 'accounts', entity: 'Account', schema: reference.account },
  { ...list, name: 'classes', entity: 'Class', schema: reference.klass },
  { ...list, name: 'departments', entity: 'Department', schema: reference.department },
  { ...list, name: 'terms', entity: 'Term', schema: reference.term },
  { ...list, name: 'payment_methods', entity: 'PaymentMethod', schema: reference.paymentMethod },
  { ...list, name: 'customers', entity: 'Customer', schema: reference.customer },
  { ...list, name: 'vendors', entity: 'Vendor', schema: reference.vendor },
  { ...list, name: 'employees', entity: 'Employee', schema: reference.employee },
  { ...list, name: 'items', entity: 'Item', schema: reference.item },
  { ...list, name: 'budgets', entity: 'Budget', schema: reference.budget },

  // Transactions: deleted for good, which change data capture tells for 30 days.
  { ...entry, name: 'invoices', entity: 'Invoice', schema: documents.invoice },
  { ...entry, name: 'sales_receipts', entity: 'SalesReceipt', schema: documents.salesReceipt },
  { ...entry, name: 'credit_memos', entity: 'CreditMemo', schema: documents.creditMemo },
  { ...entry, name: 'refund_receipts', entity: 'RefundReceipt', schema: documents.refundReceipt },
  { ...entry, name: 'estimates', entity: 'Estimate', schema: documents.estimate },
  { ...entry, name: 'payments', entity: 'Payment', schema: documents.payment },
  { ...entry, name: 'bills', entity: 'Bill', schema: documents.bill },
  { ...entry, name: 'bill_payments', entity: 'BillPayment', schema: documents.billPayment },
  { ...entry, name: 'vendor_credits', entity: 'VendorCredit', schema: documents.vendorCredit },
  { ...entry, name: 'purchases', entity: 'Purchase', schema: documents.purchaseRecord },
  { ...entry, name: 'purchase_orders', entity: 'PurchaseOrder', schema: documents.purchaseOrder },
  { ...entry, name: 'journal_entries', entity: 'JournalEntry', schema: documents.journalEntry },
  { ...entry, name: 'deposits', entity: 'Deposit', schema: documents.deposit },
  { ...entry, name: 'transfers', entity: 'Transfer', schema: documents.transfer },
  { ...entry, name: 'attachables', entity: 'Attachable', schema: reference.attachable },

  // Change data capture leaves it out, and queries do not show deletions.
  { name: 'time_activities', entity: 'TimeActivity', how: { by: 'counted' }, schema: documents.timeActivity },

  // What only some countries, plans or companies have.
  { ...entry, ...rare, name: 'credit_card_payments', entity: 'CreditCardPayment', schema: documents.creditCardPayment },
  { ...entry, ...rare, name: 'reimburse_charges', entity: 'ReimburseCharge', schema: documents.reimburseCharge },
  { ...entry, ...rare, name: 'inventory_adjustments', entity: 'InventoryAdjustment', schema: reference.inventoryAdjustment },
  { ...entry, ...rare, name: 'tax_payments', entity: 'TaxPayment', schema: documents.taxPayment },
  { ...whole, ...rare, name: 'recurring_transactions', entity: 'RecurringTransaction', wrapped: true, schema: documents.recurringTransaction },
  { ...whole, ...rare, name: 'journal_codes', entity: 'JournalCode', schema: reference.journalCode },

  // Reports, on their own schedule.
  { ...amountsOf('months'), name: 'report_profit_and_loss', entity: 'ProfitAndLoss' },
  { ...amountsOf('months'), name: 'report_balance_sheet', entity: 'BalanceSheet' },
  { ...amountsOf('months'), name: 'report_cash_flow', entity: 'CashFlow' },
  { ...amountsOf('day', reports.debitCredit), name: 'report_trial_balance', entity: 'TrialBalance' },
  { ...amountsOf('day', reports.ageing), name: 'report_aged_receivables', entity: 'AgedReceivables' },
  { ...amountsOf('day', reports.ageing), name: 'report_aged_payables', entity: 'AgedPayables' },
  { ...entriesOf(reports.ledgerColumns), name: 'report_general_ledger', entity: 'GeneralLedger' },
  { ...entriesOf(reports.transactionColumns), name: 'report_transaction_list', entity: 'TransactionList' },
] as const satisfies readonly Stream[];

export type StreamName = (typeof streams)[number]['name'];

export const streamNamed = (name: string): Stream | undefined =>
  streams.find((stream) => stream.name === name);

/** The streams that a company has to ask for by name. */
export const rareStreams: readonly string[] = (streams as readonly Stream[])
  .filter((stream) => stream.rare)
  .map(({ name }) => name);

/** Reads and writes: QuickBooks has no scope for reading alone. What is called is held to reads in `calls.ts`. */
export const scope = 'com.intuit.quickbooks.accounting';
