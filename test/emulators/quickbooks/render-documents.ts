// Invoices, credit memos, bills and vendor credits as QuickBooks shows them.
import type { Credit, Document, Line } from '../../books/index.ts';
import { toBase } from '../../books/money.ts';
import type { Company } from './company.ts';
import { TERM_DAYS } from './extras.ts';
import {
  accountRef,
  addressOf,
  contactRef,
  currencyRef,
  decimal,
  departmentRef,
  exchangeRate,
  recordOf,
} from './references.ts';
import { GLOBAL_TAX, purchaseLines, salesLines, taxDetail } from './render-lines.ts';
import type { Row } from './shelf.ts';
import { day } from './times.ts';
import { paymentEntity } from './views.ts';

type Fields = Record<string, unknown>;

/** Document numbers hold 21 characters. */
const docNumber = (text: string): string => text.slice(0, 21);

/** The reference a customer gave travels in a custom field. */
export function customFields(reference: string): Fields[] {
  return reference === ''
    ? []
    : [{ DefinitionId: '1', Name: 'Reference', Type: 'StringType', StringValue: reference.slice(0, 31) }];
}

export function termRef(company: Company, termsDays: number): Fields | undefined {
  const at = TERM_DAYS.indexOf(termsDays);
  if (at < 0) return undefined;
  const value = String(at + 1);
  return company.switches.refNames === 'live' ? { value, name: `Net ${termsDays}` } : { value };
}

const ALLOCATED_AS = { salesCredit: 'Payment', purchaseCredit: 'BillPaymentCheck' } as const;

/** Payments and set-offs of a document, as LinkedTxn. */
function linked(company: Company, document: Document): Fields[] {
  const payments = document.payments.map((payment) => {
    const entity = paymentEntity(payment);
    return { TxnId: company.idOf(entity, payment), TxnType: linkType(entity, payment.account.bankNumber) };
  });
  const allocations = document.allocations.map((allocation) => {
    const { credit } = allocation;
    if (credit.kind === 'customerPrepayment' || credit.kind === 'customerOverpayment')
      return { TxnId: company.idOf('Payment', credit), TxnType: 'Payment' };
    const sales = credit.kind === 'salesCredit';
    const TxnId = company.idOf(sales ? 'Payment' : 'BillPayment', allocation);
    return { TxnId, TxnType: ALLOCATED_AS[sales ? 'salesCredit' : 'purchaseCredit'] };
  });
  return [...payments, ...allocations].filter(({ TxnId }) => TxnId !== undefined);
}

export const isCard = (bankNumber: string | undefined): boolean => bankNumber?.startsWith('4111') ?? false;

export function linkType(entity: string, bankNumber: string | undefined): string {
  if (entity !== 'BillPayment') return entity === 'Purchase' ? 'Expense' : entity;
  return isCard(bankNumber) ? 'BillPaymentCreditCard' : 'BillPaymentCheck';
}

/** Amounts a document shares with its home currency; HomeBalance adds up to the control account. */
function amounts(company: Company, document: Document): Fields {
  const voided = document.status === 'voided';
  return {
    CurrencyRef: currencyRef(company, document.currency),
    ExchangeRate: exchangeRate(document.rate),
    TotalAmt: voided ? 0 : decimal(document.total),
    HomeTotalAmt: voided ? 0 : decimal(toBase(document.total, document.rate)),
    Balance: voided ? 0 : decimal(document.open),
    HomeBalance: voided ? 0 : decimal(document.openBase),
  };
}

/** What every sales form starts with. `bundled` forms wrap some lines. */
function salesForm(company: Company, document: Document, row: Row): Fields {
  const { contact } = document;
  const voided = document.status === 'voided';
  const bundled = company.switches.bundles && document.kind === 'invoice' && row.number % 29 === 5;
  return {
    CustomField: customFields(document.reference),
    DocNumber: docNumber(document.number),
    TxnDate: day(document.date),
    DepartmentRef: departmentRef(company, document.lines),
    ...amounts(company, document),
    ...(voided ? { PrivateNote: 'Voided' } : {}),
    LinkedTxn: linked(company, document),
    Line: salesLines(company, document, { voided, bundled }),
    TxnTaxDetail: taxDetail(company, document, voided),
    CustomerRef: contactRef(company, contact, 'customer'),
    BillAddr: addressOf(contact),
    FreeFormAddress: false,
    GlobalTaxCalculation: GLOBAL_TAX[document.amounts],
    ApplyTaxAfterDiscount: false,
    PrintStatus: 'NotSet',
    EmailStatus: document.sent ? 'EmailSent' : 'NotSet',
    ...(contact.email === '' ? {} : { BillEmail: { Address: contact.email } }),
  };
}

export function invoice(company: Company, document: Document, row: Row): Fields {
  const fields = salesForm(company, document, row);
  fields.DueDate = day(document.dueDate);
  fields.SalesTermRef = termRef(company, document.contact.termsDays);
  fields.AllowOnlinePayment = false;
  fields.AllowOnlineCreditCardPayment = false;
  fields.AllowOnlineACHPayment = false;
  fields.Deposit = 0;
  if (document.repeating)
    fields.RecurDataRef = { value: company.idOf('RecurringTransaction', document.repeating) };
  return recordOf(row, fields);
}

export function creditMemo(company: Company, document: Document, row: Row): Fields {
  const fields = salesForm(company, document, row);
  fields.RemainingCredit = fields.Balance;
  return recordOf(row, fields);
}

function purchaseForm(company: Company, document: Document, charged: ReadonlyMap<Line, Fields>): Fields {
  return {
    DocNumber: docNumber(document.number),
    TxnDate: day(document.date),
    DepartmentRef: departmentRef(company, document.lines),
    ...amounts(company, document),
    ...(document.reference === '' ? {} : { PrivateNote: document.reference }),
    LinkedTxn: linked(company, document),
    Line: purchaseLines(company, document, { charged }),
    TxnTaxDetail: taxDetail(company, document),
    VendorRef: contactRef(company, document.contact, 'vendor'),
    APAccountRef: accountRef(company, company.books.system.payable),
    GlobalTaxCalculation: GLOBAL_TAX[document.amounts],
  };
}

export function bill(
  company: Company,
  document: Document,
  { row, charged }: { row: Row; charged: ReadonlyMap<Line, Fields> },
): Fields {
  const fields = purchaseForm(company, document, charged);
  fields.DueDate = day(document.dueDate);
  fields.SalesTermRef = termRef(company, document.contact.termsDays);
  fields.VendorAddr = addressOf(document.contact);
  return recordOf(row, fields);
}

export function vendorCredit(
  company: Company,
  document: Document,
  { row, charged }: { row: Row; charged: ReadonlyMap<Line, Fields> },
): Fields {
  return recordOf(row, purchaseForm(company, document, charged));
}

/** Where a credit is kept: the record that a set-off links to. */
export function creditLink(company: Company, credit: Credit): Fields {
  switch (credit.kind) {
    case 'salesCredit':
      return { TxnId: company.idOf('CreditMemo', credit), TxnType: 'CreditMemo' };
    case 'purchaseCredit':
      return { TxnId: company.idOf('VendorCredit', credit), TxnType: 'VendorCredit' };
    case 'customerPrepayment':
    case 'customerOverpayment':
      return { TxnId: company.idOf('Payment', credit), TxnType: 'Payment' };
    default:
      return { TxnId: company.idOf('Purchase', credit), TxnType: 'Expense' };
  }
}
