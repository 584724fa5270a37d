// Making bank transactions, transfers, prepayments, overpayments and batch payments.
import { type Books, file, newId, nextNumber, touch } from './books.ts';
import type { Pools } from './documents.ts';
import { postBankCredit, postBankTransaction, postTransfer, sideOf, signOf } from './ledger.ts';
import type {
  Account,
  BankCredit,
  BankTransfer,
  BatchPayment,
  Contact,
  CreditKind,
  Line,
  Payment,
  PlainBankTransaction,
  TrackingOption,
} from './model.ts';
import { lineAmount, sumLines } from './money.ts';

const NONE: readonly never[] = [];

interface Moment {
  readonly date: number;
  readonly at: number;
}

/** Files money received or spent in a bank account of the base currency. */
export function addBankTransaction(
  books: Books,
  options: Moment & {
    kind: 'receipt' | 'spending';
    contact: Contact;
    account: Account;
    lines: readonly Line[];
    reference?: string;
    reconciled?: boolean;
  },
): PlainBankTransaction {
  const transaction: PlainBankTransaction = {
    ...bankRow(books, options),
    kind: options.kind,
    contact: options.contact,
    lines: options.lines,
    amounts: 'inclusive',
    ...sumLines(options.lines, 'inclusive'),
    status: 'authorised',
  };
  file(books, 'bankTransactions', transaction);
  postBankTransaction(books, transaction, options.at);
  return transaction;
}

function bankRow(
  books: Books,
  options: Moment & { account: Account; reference?: string; reconciled?: boolean },
) {
  return {
    id: newId(books, 'bankTransaction'),
    account: options.account,
    date: options.date,
    reference: options.reference ?? '',
    currency: books.company.baseCurrency,
    rate: 1_000_000,
    reconciled: options.reconciled ?? false,
    createdAt: options.at,
    updatedAt: options.at,
    posting: undefined,
  };
}

/** Files a prepayment or overpayment: one line on the control account, open until allocated or refunded. */
export function addBankCredit(
  books: Books,
  options: Moment & {
    kind: CreditKind;
    contact: Contact;
    account: Account;
    total: number;
    reference?: string;
    pools: Pools;
  },
): BankCredit {
  const { kind, contact, total } = options;
  const prepayment = kind === 'customerPrepayment' || kind === 'supplierPrepayment';
  const unitPrice = total * 100;
  const line: Line = {
    id: newId(books, 'line'),
    description: prepayment ? 'Deposit' : 'Paid twice',
    quantity: 10_000,
    unitPrice,
    discount: 0,
    amount: lineAmount(10_000, unitPrice, 0),
    tax: 0,
    account: books.system[sideOf({ kind })],
    item: undefined,
    taxRate: options.pools.untaxed,
    tracking: NONE,
  };
  const credit: BankCredit = {
    ...bankRow(books, options),
    kind,
    contact,
    lines: [line],
    amounts: 'untaxed',
    net: total,
    tax: 0,
    total,
    status: 'authorised',
    invoiceNumber: prepayment ? `PRE-${String(nextNumber(books, 'prepaymentNumber')).padStart(4, '0')}` : '',
    open: 0,
    openBase: 0,
    paid: 0,
    credited: 0,
    payments: NONE,
    allocations: NONE,
    paidOn: undefined,
  };
  file(books, 'bankTransactions', credit);
  file(books, prepayment ? 'prepayments' : 'overpayments', credit);
  postBankCredit(books, credit, options.at);
  return credit;
}

/** Files a transfer between two accounts of the base currency, with its two bank transactions. */
export function addTransfer(
  books: Books,
  options: Moment & {
    from: Account;
    to: Account;
    amount: number;
    reference?: string;
    tracking?: readonly TrackingOption[];
  },
): BankTransfer {
  const half = (kind: 'transferOut' | 'transferIn', account: Account): PlainBankTransaction => ({
    ...bankRow(books, { ...options, account }),
    kind,
    contact: undefined,
    lines: NONE,
    amounts: 'untaxed',
    net: options.amount,
    tax: 0,
    total: options.amount,
    status: 'authorised',
  });
  const transfer: BankTransfer = {
    id: newId(books, 'bankTransfer'),
    from: options.from,
    to: options.to,
    out: half('transferOut', options.from),
    in: half('transferIn', options.to),
    amount: options.amount,
    date: options.date,
    reference: options.reference ?? '',
    tracking: options.tracking ?? NONE,
    status: 'authorised',
    createdAt: options.at,
    posting: undefined,
  };
  file(books, 'bankTransactions', transfer.out);
  file(books, 'bankTransactions', transfer.in);
  file(books, 'bankTransfers', transfer);
  postTransfer(books, transfer, options.at);
  return transfer;
}

/** Joins payments of one day, account and side into a batch. */
export function addBatch(
  books: Books,
  payments: readonly Payment[],
  { at, reference }: { at: number; reference: string },
): BatchPayment {
  const [first] = payments;
  if (!first) throw new Error('Cannot make a batch of no payments');
  const batch: BatchPayment = {
    id: newId(books, 'batchPayment'),
    account: first.account,
    date: first.date,
    side: signOf(first.target) > 0 ? 'receivable' : 'payable',
    reference,
    payments,
    total: payments.reduce((sum, one) => sum + one.bankAmount, 0),
    reconciled: first.reconciled,
    status: 'authorised',
    updatedAt: at,
  };
  for (const payment of payments) {
    payment.batch = batch;
    touch(books, 'payments', payment, at);
  }
  file(books, 'batchPayments', batch);
  return batch;
}
