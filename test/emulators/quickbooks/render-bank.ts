// Money in and out: payments, bill payments, purchases, deposits, sales receipts and transfers.
import type {
  Allocation,
  BankCredit,
  BankTransfer,
  Document,
  Payment,
  PlainBankTransaction,
} from '../../books/index.ts';
import { netOf, toBase } from '../../books/money.ts';
import type { Company } from './company.ts';
import { METHODS } from './extras.ts';
import {
  accountRef,
  contactRef,
  decimal,
  departmentRef,
  dimension,
  type Ref,
  recordOf,
  taxCodeRef,
} from './references.ts';
import { creditLink, customFields, isCard } from './render-documents.ts';
import { GLOBAL_TAX, salesLines, taxDetail } from './render-lines.ts';
import { entityRef, moneyHead, nameValue } from './render-purchases.ts';
import type { Row } from './shelf.ts';

type Fields = Record<string, unknown>;
export type PaymentSource = Payment | BankCredit | Allocation;

function method(company: Company, bankNumber: string | undefined): Ref {
  const at = isCard(bankNumber) ? 3 : 2;
  const value = String(at + 1);
  return company.switches.refNames === 'live' ? { value, name: METHODS[at] ?? '' } : { value };
}

/** Lines of payments have neither an id nor a DetailType, but a dump of Java's bindings. */
function paidLine(
  company: Company,
  { document, entity, cents }: { document: Document; entity: string; cents: number },
): Fields {
  const TxnId = company.idOf(entity, document);
  return {
    Amount: decimal(cents),
    LinkedTxn: [{ TxnId, TxnType: entity }],
    LineEx: {
      any: [
        nameValue('txnId', TxnId ?? ''),
        nameValue('txnOpenBalance', (document.total / 100).toFixed(2)),
        nameValue('txnReferenceNumber', document.number),
      ],
    },
  };
}

const setOffLines = (
  company: Company,
  { document, credit, amount }: Allocation,
  entity: string,
): Fields[] => [
  paidLine(company, { document, entity, cents: amount }),
  { Amount: decimal(amount), LinkedTxn: [creditLink(company, credit)] },
];

/** A customer's payment of an invoice, a deposit not yet used up, or the set-off of a credit memo. */
export function payment(company: Company, source: PaymentSource, row: Row): Fields {
  const receivable = accountRef(company, company.books.system.receivable);
  const shared = { ProcessPayment: false, ARAccountRef: receivable };
  if ('document' in source) {
    const { document } = source;
    return recordOf(row, {
      ...shared,
      ...moneyHead(company, { ...document, date: source.date }),
      CustomerRef: contactRef(company, document.contact, 'customer'),
      TotalAmt: 0,
      UnappliedAmt: 0,
      PrivateNote: 'Created by QB Online to link credits to charges.',
      Line: setOffLines(company, source, 'Invoice'),
    });
  }
  const deposited = {
    DepositToAccountRef: accountRef(company, source.account),
    PaymentMethodRef: method(company, source.account.bankNumber),
    ...(source.reference === '' ? {} : { PaymentRefNum: source.reference.slice(0, 21) }),
  };
  if ('target' in source)
    return recordOf(row, {
      ...shared,
      ...deposited,
      ...moneyHead(company, { currency: source.target.currency, rate: source.rate, date: source.date }),
      CustomerRef: contactRef(company, source.target.contact, 'customer'),
      TotalAmt: decimal(source.amount),
      UnappliedAmt: 0,
      Line: [
        paidLine(company, { document: source.target as Document, entity: 'Invoice', cents: source.amount }),
      ],
    });
  const voided = source.status === 'voided';
  return recordOf(row, {
    ...shared,
    ...deposited,
    ...moneyHead(company, source),
    CustomerRef: contactRef(company, source.contact, 'customer'),
    TotalAmt: voided ? 0 : decimal(source.total),
    UnappliedAmt: voided ? 0 : decimal(source.open),
    ...(voided ? { PrivateNote: 'Voided' } : {}),
    Line: source.allocations.map(({ document, amount }) =>
      paidLine(company, { document, entity: 'Invoice', cents: amount }),
    ),
  });
}

/** A payment of a bill, or the set-off of a vendor's credit. */
export function billPayment(company: Company, source: Payment | Allocation, row: Row): Fields {
  const payable = accountRef(company, company.books.system.payable);
  if ('document' in source)
    return recordOf(row, {
      ...moneyHead(company, { ...source.document, date: source.date }),
      VendorRef: contactRef(company, source.document.contact, 'vendor'),
      PayType: 'Check',
      CheckPayment: { PrintStatus: 'NotSet' },
      APAccountRef: payable,
      TotalAmt: 0,
      Line: setOffLines(company, source, 'Bill'),
    });
  const account = accountRef(company, source.account);
  const card = isCard(source.account.bankNumber);
  return recordOf(row, {
    ...moneyHead(company, { currency: source.target.currency, rate: source.rate, date: source.date }),
    VendorRef: contactRef(company, source.target.contact, 'vendor'),
    PayType: card ? 'CreditCard' : 'Check',
    ...(card
      ? { CreditCardPayment: { CCAccountRef: account } }
      : { CheckPayment: { BankAccountRef: account, PrintStatus: 'NotSet' } }),
    APAccountRef: payable,
    ...(source.reference === '' ? {} : { PrivateNote: source.reference }),
    TotalAmt: decimal(source.amount),
    Line: [paidLine(company, { document: source.target as Document, entity: 'Bill', cents: source.amount })],
  });
}

/** Money received without a sale, or a vendor's refund; the latter's line links to its credit and has no id. */
export function deposit(company: Company, source: PlainBankTransaction | Payment, row: Row): Fields {
  const DepositToAccountRef = accountRef(company, source.account);
  if ('target' in source) {
    const { target, amount } = source;
    return recordOf(row, {
      DepositToAccountRef,
      ...moneyHead(company, { currency: target.currency, rate: source.rate, date: source.date }),
      TotalAmt: decimal(amount),
      HomeTotalAmt: decimal(toBase(amount, source.rate)),
      PrivateNote: 'Refund',
      Line: [
        {
          Amount: decimal(amount),
          LinkedTxn: [{ ...creditLink(company, target as Document), TxnLineId: '0' }],
          DepositLineDetail: {
            Entity: entityRef(contactRef(company, target.contact, 'vendor'), 'Vendor'),
            AccountRef: accountRef(company, company.books.system.payable),
          },
        },
      ],
    });
  }
  const customer = source.contact && entityRef(contactRef(company, source.contact, 'customer'), 'Customer');
  return recordOf(row, {
    DepositToAccountRef,
    ...moneyHead(company, source),
    ...(source.reference === '' ? {} : { PrivateNote: source.reference }),
    DepartmentRef: departmentRef(company, source.lines),
    TotalAmt: decimal(source.total),
    HomeTotalAmt: decimal(toBase(source.total, source.rate)),
    GlobalTaxCalculation: GLOBAL_TAX[source.amounts],
    TxnTaxDetail: taxDetail(company, source),
    Line: source.lines.map((line, at) => ({
      Id: String(at + 1),
      LineNum: at + 1,
      Description: line.description,
      Amount: decimal(netOf(line, source.amounts)),
      DetailType: 'DepositLineDetail',
      DepositLineDetail: {
        Entity: customer,
        AccountRef: accountRef(company, line.account),
        ClassRef: dimension(company, line.tracking, 'Class'),
        TaxCodeRef: taxCodeRef(company, line.taxRate),
        PaymentMethodRef: method(company, source.account.bankNumber),
      },
      CustomExtensions: [],
    })),
  });
}

/** A sale paid on the spot. */
export function salesReceipt(company: Company, source: PlainBankTransaction, row: Row): Fields {
  return recordOf(row, {
    CustomField: customFields(source.reference),
    DocNumber: `SR-${row.id}`,
    ...moneyHead(company, source),
    CustomerRef: source.contact && contactRef(company, source.contact, 'customer'),
    DepartmentRef: departmentRef(company, source.lines),
    DepositToAccountRef: accountRef(company, source.account),
    PaymentMethodRef: method(company, source.account.bankNumber),
    ...(source.reference === '' ? {} : { PaymentRefNum: source.reference.slice(0, 21) }),
    Line: salesLines(company, source, {}),
    TxnTaxDetail: taxDetail(company, source),
    GlobalTaxCalculation: GLOBAL_TAX[source.amounts],
    ApplyTaxAfterDiscount: false,
    TotalAmt: decimal(source.total),
    HomeTotalAmt: decimal(toBase(source.total, source.rate)),
    Balance: 0,
    LinkedTxn: [],
  });
}

export function transfer(company: Company, source: BankTransfer, row: Row): Fields {
  const { baseCurrency } = company.books.company;
  return recordOf(row, {
    ...moneyHead(company, { currency: baseCurrency, rate: 1_000_000, date: source.date }),
    FromAccountRef: accountRef(company, source.from),
    ToAccountRef: accountRef(company, source.to),
    Amount: decimal(source.amount),
    ClassRef: dimension(company, source.tracking, 'Class'),
    ...(source.reference === '' ? {} : { PrivateNote: source.reference }),
  });
}
