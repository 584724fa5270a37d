// Rows of reports: which columns each report has, by the vendor's column keys and titles, and their schemas.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import {
  amount,
  code,
  day,
  id,
  instant,
  keyOf,
  label,
  note,
  object,
  quantity,
  rate,
  record,
  text,
  unitPrice,
  whole,
} from './fields.ts';

/** A typed column of a report, found by its ColKey, else by one of its titles (the engines of 2026 differ in both). */
export interface ReportColumn {
  readonly name: string;
  readonly keys: readonly string[];
  readonly titles: readonly string[];
  readonly type: 'amount' | 'number' | 'text' | 'date' | 'instant' | 'flag';
  /** Where the id of the cell goes, if it has one. */
  readonly id?: string;
  readonly schema: JsonSchema;
}

const money = (name: string, keys: readonly string[], titles: readonly string[]): ReportColumn => ({
  ...{ name, keys, titles, type: 'amount', schema: amount('Home currency') },
});

/** Statements by month: one amount for each, or the total where months were not told apart. */
export const total: readonly ReportColumn[] = [money('Amount', ['total', 'subt_nat_amount'], ['total'])];

export const debitCredit: readonly ReportColumn[] = [
  money('Debit', ['debit', 'debt_amt', 'debt_home_amt'], ['debit']),
  money('Credit', ['credit', 'credit_amt', 'credit_home_amt'], ['credit']),
];

/** Buckets of 30 days, as `aging_period` is asked for. */
export const ageing: readonly ReportColumn[] = [
  money('Current', ['current'], ['current']),
  money('Days1To30', ['0'], ['1 - 30', '1-30']),
  money('Days31To60', ['1'], ['31 - 60', '31-60']),
  money('Days61To90', ['2'], ['61 - 90', '61-90']),
  money('Days91AndOver', ['3'], ['91 and over', '> 90', '91+']),
  money('Total', ['total'], ['total']),
];

const column = (
  name: string,
  key: string | readonly string[],
  titles: readonly string[],
  more: Pick<ReportColumn, 'type' | 'schema'> & { readonly id?: string },
): ReportColumn => ({ name, keys: typeof key === 'string' ? [key] : key, titles, ...more });

const textual = { type: 'text', schema: text() } as const;
const named = { type: 'text', schema: label() } as const;
const dated = { type: 'date', schema: day() } as const;

/** What both lists of entries show. */
const entries: readonly ReportColumn[] = [
  column('Date', 'tx_date', ['date', 'transaction date'], dated),
  column('TransactionType', 'txn_type', ['transaction type', 'type'], { ...textual, id: 'TransactionID' }),
  column('Number', 'doc_num', ['num', 'no.', 'number'], named),
  column('Name', 'name', ['name'], { ...named, id: 'NameID' }),
  column('Memo', 'memo', ['memo/description', 'memo', 'description'], { type: 'text', schema: note() }),
  column('SplitAccount', 'split_acc', ['split', 'split account', 'item split account'], textual),
  column('Class', 'klass_name', ['class'], named),
  column('Department', 'dept_name', ['location', 'department'], named),
  column('Currency', 'currency', ['currency'], textual),
  column('ExchangeRate', 'exch_rate', ['exchange rate'], { type: 'number', schema: rate() }),
  column('Created', 'create_date', ['create date', 'created'], { type: 'instant', schema: instant() }),
  column('LastModified', 'last_mod_date', ['last modified', 'last modified date'], {
    type: 'instant',
    schema: instant(),
  }),
];

export const ledgerColumns: readonly ReportColumn[] = [
  ...entries,
  column('Account', 'account_name', ['account', 'account name', 'distribution account'], {
    ...named,
    id: 'AccountID',
  }),
  column('AccountNumber', 'account_num', ['account #', 'account number'], { type: 'text', schema: code() }),
  column('Customer', 'cust_name', ['customer'], { ...named, id: 'CustomerID' }),
  column('Vendor', 'vend_name', ['vendor'], { ...named, id: 'VendorID' }),
  column('Item', 'item_name', ['product/service', 'item'], { ...named, id: 'ItemID' }),
  column('Quantity', 'quantity', ['qty', 'quantity'], { type: 'number', schema: quantity() }),
  column('Rate', 'rate', ['rate'], { type: 'number', schema: unitPrice() }),
  money('Debit', ['debt_amt', 'debt_home_amt'], ['debit']),
  money('Credit', ['credit_amt', 'credit_home_amt'], ['credit']),
  money('Amount', ['subt_nat_amount', 'subt_nat_home_amount'], ['amount']),
  money('Balance', ['rbal_nat_amount', 'rbal_nat_home_amount'], ['balance']),
  column('TaxCode', 'tax_code', ['tax code'], textual),
];

export const transactionColumns: readonly ReportColumn[] = [
  ...entries,
  column('Posting', 'is_no_post', ['posting'], textual),
  column('Account', 'account_name', ['account', 'account name'], { ...named, id: 'AccountID' }),
  column('DueDate', 'due_date', ['due date'], dated),
  money('Amount', ['subt_nat_amount', 'subt_nat_home_amount'], ['amount']),
];

const place = {
  ReportBasis: text('Cash or Accrual'),
  Period: code('Month, YYYY-MM'),
  FromDate: day('First day the row covers; null where the report shows balances of a day'),
  ToDate: day('Last day the row covers'),
  RowNumber: whole('Place among the rows of the month, from 1'),
  Section: label('Headings above the row, joined by " / "'),
  Currency: text('Home currency'),
};

const references: Readonly<Record<string, string>> = {
  AccountID: 'accounts',
  CustomerID: 'customers',
  VendorID: 'vendors',
  ItemID: 'items',
};

const columnsOf = (columns: readonly ReportColumn[]): Record<string, JsonSchema> =>
  Object.fromEntries(
    columns.flatMap(({ name, schema, id: cell }) => [
      [name, schema] as const,
      ...(cell ? [[cell, references[cell] ? keyOf(references[cell]) : id()] as const] : []),
    ]),
  );

/** A row of a statement: an account, a customer, or a sum of those above it. */
export const summaryRow = (columns: readonly ReportColumn[]): JsonSchema =>
  record({
    ...place,
    RowType: text('Data, or Summary for a sum that the rows above it contain'),
    Group: code("QuickBooks' own name of the section: Income, COGS, AR, ..."),
    Title: label('First cell of the row'),
    TitleID: id('Id of what the first cell names: an account, a customer or a vendor'),
    ...columnsOf(columns),
  });

/** An entry of a ledger or a list of transactions. */
export const entryRow = (columns: readonly ReportColumn[]): JsonSchema =>
  record({
    ...place,
    SectionID: id('Id of what the nearest heading names'),
    ...columnsOf(columns),
    Other: object({}, 'Cells of columns that have no field of their own, by key'),
  });
