// Money spent: checks, expenses and card charges, refunds to customers and deposits with vendors.
import type { BankCredit, Document, Payment, PlainBankTransaction } from '../../books/index.ts';
import type { Company } from './company.ts';
import {
  accountRef,
  contactRef,
  currencyRef,
  decimal,
  departmentRef,
  exchangeRate,
  type Ref,
  recordOf,
} from './references.ts';
import { creditLink, isCard } from './render-documents.ts';
import { GLOBAL_TAX, purchaseLines, taxDetail } from './render-lines.ts';
import type { Row } from './shelf.ts';
import { day } from './times.ts';

type Fields = Record<string, unknown>;

/** One entry of the dumps of Java's bindings. */
export const nameValue = (Name: string, Value: string): Fields => ({
  name: '{http://schema.intuit.com/finance/v3}NameValue',
  declaredType: 'com.intuit.schema.finance.v3.NameValue',
  scope: 'javax.xml.bind.JAXBElement$GlobalScope',
  value: { Name, Value },
  nil: false,
  globalScope: true,
  typeSubstituted: false,
});

interface Money {
  readonly currency: string;
  readonly rate: number;
  readonly date: number;
}

/** Day, currency and rate of a transaction. */
export const moneyHead = (company: Company, { currency, rate, date }: Money): Fields => ({
  TxnDate: day(date),
  CurrencyRef: currencyRef(company, currency),
  ExchangeRate: exchangeRate(rate),
});

/** A reference that says what it refers to. */
export const entityRef = (ref: Ref | undefined, type: 'Vendor' | 'Customer'): Fields | undefined =>
  ref && { ...ref, type };

/** Money spent; a refund to a customer, or a deposit with a vendor, goes to the control account. */
export function purchase(
  company: Company,
  source: PlainBankTransaction | BankCredit | Payment,
  row: Row,
): Fields {
  const card = isCard(source.account.bankNumber);
  const head = {
    AccountRef: accountRef(company, source.account),
    PaymentType: card ? 'CreditCard' : 'Check',
    Credit: false,
    PurchaseEx: { any: [nameValue('TxnType', card ? '11' : '3')] },
    ...(source.reference === '' ? {} : { DocNumber: source.reference.slice(0, 21) }),
  };
  if ('target' in source) {
    const { target } = source;
    const note = { TotalAmt: decimal(source.amount), PrivateNote: 'Refund' };
    return recordOf(row, {
      ...head,
      ...moneyHead(company, { currency: target.currency, rate: source.rate, date: source.date }),
      EntityRef: entityRef(contactRef(company, target.contact, 'customer'), 'Customer'),
      ...note,
      Line: [
        controlLine(company, {
          account: company.books.system.receivable,
          cents: source.amount,
          description: 'Refund',
        }),
      ],
      LinkedTxn: [creditLink(company, target as Document)],
    });
  }
  const money = moneyHead(company, source);
  if (source.kind === 'supplierPrepayment' || source.kind === 'supplierOverpayment') {
    const voided = source.status === 'voided';
    const cents = voided ? 0 : source.total;
    return recordOf(row, {
      ...head,
      ...money,
      EntityRef: entityRef(contactRef(company, source.contact, 'vendor'), 'Vendor'),
      TotalAmt: decimal(cents),
      ...(voided ? { PrivateNote: 'Voided' } : {}),
      Line: [
        controlLine(company, {
          account: company.books.system.payable,
          cents,
          description: source.lines[0]?.description ?? '',
        }),
      ],
      LinkedTxn: [],
    });
  }
  return recordOf(row, {
    ...head,
    ...money,
    EntityRef: source.contact && entityRef(contactRef(company, source.contact, 'vendor'), 'Vendor'),
    DepartmentRef: departmentRef(company, source.lines),
    TotalAmt: decimal(source.total),
    GlobalTaxCalculation: GLOBAL_TAX[source.amounts],
    TxnTaxDetail: taxDetail(company, source),
    Line: purchaseLines(company, source),
    LinkedTxn: [],
  });
}

function controlLine(
  company: Company,
  { account, cents, description }: { account: Payment['account']; cents: number; description: string },
): Fields {
  return {
    Id: '1',
    Description: description,
    Amount: decimal(cents),
    DetailType: 'AccountBasedExpenseLineDetail',
    AccountBasedExpenseLineDetail: {
      AccountRef: accountRef(company, account),
      BillableStatus: 'NotBillable',
    },
    CustomExtensions: [],
  };
}
