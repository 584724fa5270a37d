// Draws any row: which function writes which entity.
import type { Line } from '../../books/index.ts';
import type { Company } from './company.ts';
import { Extra } from './extras.ts';
import { marked, recordOf } from './references.ts';
import * as bank from './render-bank.ts';
import * as singletons from './render-company.ts';
import * as documents from './render-documents.ts';
import { chargedLines } from './render-lines.ts';
import * as lists from './render-lists.ts';
import * as orders from './render-orders.ts';
import { purchase } from './render-purchases.ts';
import type { Row } from './shelf.ts';

type Fields = Record<string, unknown>;
type Draw = (company: Company, row: Row) => Fields;

interface Charged {
  readonly links: number;
  readonly lines: ReadonlyMap<Line, Fields>;
}

const charged = new WeakMap<Company, Charged>();

/** Lines charged on to customers, worked out again when links came or went. */
function chargedOf(company: Company): ReadonlyMap<Line, Fields> {
  const links = company.books.linkedTransactions.length;
  const held = charged.get(company);
  if (held?.links === links) return held.lines;
  const lines = chargedLines(company);
  charged.set(company, { links, lines });
  return lines;
}

/** A drawing function for rows whose records are of type R: the shelf of an entity holds nothing else. */
const by =
  <R>(draw: (company: Company, record: R, row: Row) => Fields): Draw =>
  (company, row) =>
    draw(company, row.record as R, row);

const DRAW: Readonly<Record<string, Draw>> = {
  Account: by(lists.account),
  Attachable: by(orders.attachable),
  Bill: (company, row) =>
    documents.bill(company, row.record as Parameters<typeof documents.bill>[1], {
      row,
      charged: chargedOf(company),
    }),
  BillPayment: by(bank.billPayment),
  Budget: by(lists.budget),
  Class: by(lists.dimensionRow),
  CompanyInfo: (company, row) => singletons.companyInfo(company, row),
  CreditMemo: by(documents.creditMemo),
  Customer: by(lists.customer),
  Department: by(lists.dimensionRow),
  Deposit: by(bank.deposit),
  Employee: by(lists.employee),
  Estimate: by(orders.estimate),
  Invoice: by(documents.invoice),
  Item: by(lists.item),
  JournalEntry: by(orders.journalEntry),
  Payment: by(bank.payment),
  Preferences: (company, row) => singletons.preferences(company, row),
  Purchase: by(purchase),
  PurchaseOrder: by(orders.purchaseOrder),
  RecurringTransaction: by(orders.recurring),
  ReimburseCharge: by(orders.reimburseCharge),
  SalesReceipt: by(bank.salesReceipt),
  TaxCode: by(lists.taxCode),
  TaxRate: by(lists.taxRate),
  Transfer: by(bank.transfer),
  Vendor: by(lists.vendor),
  VendorCredit: (company, row) =>
    documents.vendorCredit(company, row.record as Parameters<typeof documents.vendorCredit>[1], {
      row,
      charged: chargedOf(company),
    }),
};

/** A row as QuickBooks shows it; undefined members are left out when it is written. */
export function render(company: Company, entity: string, row: Row): Fields {
  const draw = DRAW[entity];
  if (
    draw &&
    !(row.record instanceof Extra && row.record !== company.companyInfo && row.record !== company.preferences)
  )
    return draw(company, row);
  return row.record instanceof Extra ? extra(row, row.record) : recordOf(row, {});
}

function extra(row: Row, { fields }: Extra): Fields {
  const shown: Fields = { ...fields };
  if ('Active' in fields) shown.Active = row.active;
  if (!row.active)
    for (const name of ['Name', 'DisplayName'])
      if (name in fields) shown[name] = marked(String(fields[name]), false);
  return recordOf(row, shown);
}
