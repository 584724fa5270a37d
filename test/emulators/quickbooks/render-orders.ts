// Records beside bank and control accounts: journal entries, estimates, orders, templates, charges, attachments.
import type {
  ExpenseClaim,
  LinkedTransaction,
  ManualJournal,
  PurchaseOrder,
  Quote,
  RepeatingInvoice,
} from '../../books/index.ts';
import { toBase } from '../../books/money.ts';
import type { Company } from './company.ts';
import {
  accountRef,
  addressOf,
  contactRef,
  currencyRef,
  decimal,
  departmentRef,
  dimension,
  exchangeRate,
  recordOf,
  taxCodeRef,
} from './references.ts';
import { customFields, termRef } from './render-documents.ts';
import { GLOBAL_TAX, purchaseLines, salesLines, taxDetail } from './render-lines.ts';
import type { Row } from './shelf.ts';
import { day } from './times.ts';
import type { Attachment } from './views.ts';

type Fields = Record<string, unknown>;

interface Entry {
  readonly cents: number;
  readonly detail: Fields;
  readonly description: string;
}

const entryLine = ({ cents, detail, description }: Entry, at: number): Fields => ({
  Id: String(at),
  Description: description,
  Amount: decimal(Math.abs(cents)),
  DetailType: 'JournalEntryLineDetail',
  JournalEntryLineDetail: { PostingType: cents < 0 ? 'Credit' : 'Debit', ...detail },
  CustomExtensions: [],
});

/** Manual journals, and approved expense claims: what they cost against what is owed to the user. Lines are numbered from 0. */
export function journalEntry(company: Company, source: ManualJournal | ExpenseClaim, row: Row): Fields {
  const claim = 'receipts' in source;
  const entries = claim ? claimEntries(company, source) : manualEntries(company, source);
  return recordOf(row, {
    Adjustment: false,
    DocNumber: claim ? `EXP-${row.id}` : row.id,
    TxnDate: day(source.date),
    CurrencyRef: currencyRef(company, company.books.company.baseCurrency),
    ExchangeRate: 1,
    PrivateNote: claim ? 'Expense claim' : source.narration.slice(0, 4000),
    // Recorded answers show 0 whatever the lines add up to.
    TotalAmt: 0,
    Line: entries.map(entryLine),
    TxnTaxDetail: {},
  });
}

function manualEntries(company: Company, { lines }: ManualJournal): Entry[] {
  return lines.map(({ amount, account, description, tracking }) => ({
    cents: amount,
    description,
    detail: {
      AccountRef: accountRef(company, account),
      ClassRef: dimension(company, tracking, 'Class'),
      DepartmentRef: dimension(company, tracking, 'Department'),
    },
  }));
}

function claimEntries(company: Company, { receipts, total }: ExpenseClaim): Entry[] {
  const { system } = company.books;
  const lines = receipts.flatMap((receipt) => receipt.lines);
  const tax = receipts.reduce((sum, one) => sum + one.tax, 0);
  return [
    ...lines.map((line) => ({
      cents: line.amount - line.tax,
      description: line.description,
      detail: {
        AccountRef: accountRef(company, line.account),
        ClassRef: dimension(company, line.tracking, 'Class'),
        DepartmentRef: dimension(company, line.tracking, 'Department'),
        TaxCodeRef: taxCodeRef(company, line.taxRate),
        TaxAmount: decimal(line.tax),
      },
    })),
    ...(tax === 0
      ? []
      : [{ cents: tax, description: 'Tax', detail: { AccountRef: accountRef(company, system.tax) } }]),
    {
      cents: -total,
      description: 'Owed to the user',
      detail: { AccountRef: accountRef(company, system.claims) },
    },
  ];
}

const ESTIMATE_STATUS = {
  draft: 'Pending',
  sent: 'Pending',
  declined: 'Rejected',
  accepted: 'Accepted',
  invoiced: 'Closed',
  deleted: 'Closed',
} as const;

/** Amounts and tax of an order, in its own and the home currency. */
function orderForm(company: Company, order: Quote | PurchaseOrder | RepeatingInvoice): Fields {
  return {
    TxnDate: day(order.date),
    CurrencyRef: currencyRef(company, order.currency),
    ExchangeRate: exchangeRate(order.rate),
    TotalAmt: decimal(order.total),
    HomeTotalAmt: decimal(toBase(order.total, order.rate)),
    DepartmentRef: departmentRef(company, order.lines),
    TxnTaxDetail: taxDetail(company, order),
    GlobalTaxCalculation: GLOBAL_TAX[order.amounts],
    LinkedTxn: [],
  };
}

export function estimate(company: Company, quote: Quote, row: Row): Fields {
  return recordOf(row, {
    CustomField: customFields(quote.reference),
    DocNumber: quote.number,
    ...orderForm(company, quote),
    Line: salesLines(company, quote, {}),
    CustomerRef: contactRef(company, quote.contact, 'customer'),
    CustomerMemo: { value: quote.summary },
    PrivateNote: quote.terms,
    BillAddr: addressOf(quote.contact),
    ExpirationDate: day(quote.expiry),
    TxnStatus: ESTIMATE_STATUS[quote.status],
    EmailStatus: quote.status === 'draft' ? 'NotSet' : 'EmailSent',
    ApplyTaxAfterDiscount: false,
  });
}

export function purchaseOrder(company: Company, order: PurchaseOrder, row: Row): Fields {
  return recordOf(row, {
    DocNumber: order.number,
    ...orderForm(company, order),
    Line: purchaseLines(company, order),
    VendorRef: contactRef(company, order.contact, 'vendor'),
    APAccountRef: accountRef(company, company.books.system.payable),
    VendorAddr: addressOf(order.contact),
    ShipAddr: Object.fromEntries(
      order.deliverTo
        .split('\n')
        .slice(0, 5)
        .map((line, at) => [`Line${at + 1}`, line]),
    ),
    ...(order.instructions === '' ? {} : { Memo: order.instructions }),
    ...(order.reference === '' ? {} : { PrivateNote: order.reference }),
    DueDate: day(order.delivery),
    POStatus: order.status === 'billed' ? 'Closed' : 'Open',
    EmailStatus: order.status === 'authorised' ? 'EmailSent' : 'NotSet',
  });
}

/** A template: the transaction it makes, wrapped, with its schedule inside. */
export function recurring(company: Company, source: RepeatingInvoice, row: Row): Fields {
  const sales = source.side === 'receivable';
  const body = recordOf(row, {
    ...orderForm(company, { ...source, date: source.next }),
    ...(sales
      ? {
          CustomField: customFields(source.reference),
          Line: salesLines(company, source, {}),
          CustomerRef: contactRef(company, source.contact, 'customer'),
        }
      : {
          Line: purchaseLines(company, source),
          VendorRef: contactRef(company, source.contact, 'vendor'),
          APAccountRef: accountRef(company, company.books.system.payable),
        }),
    SalesTermRef: termRef(company, source.contact.termsDays),
    Balance: 0,
    RecurringInfo: {
      Name: `Template ${row.id}`,
      RecurType: source.status === 'authorised' ? 'Automated' : 'UnScheduled',
      Active: source.status === 'authorised',
      ScheduleInfo: {
        IntervalType: source.every.unit === 'month' ? 'Monthly' : 'Weekly',
        NumInterval: source.every.period,
        StartDate: day(source.start),
        NextDate: day(source.next),
        ...(source.end === undefined ? {} : { EndDate: day(source.end) }),
      },
    },
  });
  return { [sales ? 'Invoice' : 'Bill']: body };
}

/** A cost to be charged on to a customer. */
export function reimburseCharge(company: Company, link: LinkedTransaction, row: Row): Fields {
  const { source, sourceLine, target } = link;
  const links = [
    {
      TxnId: company.idOf('Bill', source),
      TxnType: 'Bill',
      TxnLineId: String(source.lines.indexOf(sourceLine) + 1),
    },
    ...(target ? [{ TxnId: company.idOf('Invoice', target), TxnType: 'Invoice' }] : []),
  ];
  return recordOf(row, {
    TxnDate: day(source.date),
    CustomerRef: contactRef(company, link.contact, 'customer'),
    CurrencyRef: currencyRef(company, source.currency),
    Amount: decimal(sourceLine.amount),
    HasBeenInvoiced: target !== undefined,
    LinkedTxn: links.filter(({ TxnId }) => TxnId !== undefined),
    Line: [
      {
        Id: '1',
        Description: sourceLine.description,
        Amount: decimal(sourceLine.amount),
        DetailType: 'ReimburseLineDetail',
        ReimburseLineDetail: { ItemAccountRef: accountRef(company, sourceLine.account) },
      },
    ],
  });
}

/** A file of a document; the address of its bytes lives for minutes, so it is not shown. */
export function attachable(company: Company, { document }: Attachment, row: Row): Fields {
  const type = document.kind === 'invoice' ? 'Invoice' : 'Bill';
  return recordOf(row, {
    FileName: `${document.number}.pdf`,
    FileAccessUri: `/v3/company/${company.realmId}/download/${row.id}`,
    Size: 20_480 + row.number,
    ContentType: 'application/pdf',
    Category: 'Document',
    Note: '',
    AttachableRef: [{ EntityRef: { type, value: company.idOf(type, document) ?? '' }, IncludeOnSend: false }],
  });
}
