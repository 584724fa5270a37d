// Settling documents: payments, refunds, allocations of credits, and undoing them, with the postings each one makes.
import { type Books, file, newId, tableOf, touch } from './books.ts';
import { moveOpen, plain, post, postPayment, reverse, sideOf, signOf } from './ledger.ts';
import type { Account, Allocation, BankCredit, Credit, Document, Payment } from './model.ts';
import { toBase } from './money.ts';

export interface PaymentOptions {
  readonly account: Account;
  readonly date: number;
  readonly at: number;
  /** Cents of the target's currency; all that is open by default. */
  readonly amount?: number;
  /** Rate of the day; the document's own by default. */
  readonly rate?: number;
  readonly reference?: string;
  readonly reconciled?: boolean;
}

/** Pays a document, or refunds a credit. The target becomes `paid` when nothing stays open. */
export function pay(books: Books, target: Document | BankCredit, options: PaymentOptions): Payment {
  if (target.status !== 'authorised')
    throw new Error(`Cannot pay ${target.kind} ${target.id}: its status is "${target.status}"`);
  const amount = options.amount ?? target.open;
  if (amount <= 0 || amount > target.open)
    throw new Error(`Cannot pay ${amount} on ${target.kind} ${target.id}: ${target.open} is open`);
  const rate = options.rate ?? target.rate;
  const payment: Payment = {
    id: newId(books, 'payment'),
    target,
    account: options.account,
    date: options.date,
    amount,
    bankAmount: options.account.currency === target.currency ? amount : toBase(amount, rate),
    controlBase: amount === target.open ? target.openBase : toBase(amount, target.rate),
    rate,
    reference: options.reference ?? '',
    batch: undefined,
    reconciled: options.reconciled ?? false,
    status: 'authorised',
    createdAt: options.at,
    updatedAt: options.at,
    posting: undefined,
  };
  file(books, 'payments', payment);
  moveOpen(target, -amount, -payment.controlBase);
  target.paid += amount;
  target.payments = [...target.payments, payment];
  postPayment(books, payment, options.at);
  settled(books, target, { date: options.date, at: options.at });
  return payment;
}

/** Deletes a payment: its entry is reversed and the document is open again. */
export function deletePayment(books: Books, payment: Payment, options: { at: number }): void {
  if (payment.status === 'deleted')
    throw new Error(`Cannot delete payment ${payment.id}: it is deleted already`);
  const { target } = payment;
  payment.status = 'deleted';
  target.payments = target.payments.filter((one) => one !== payment);
  target.paid -= payment.amount;
  moveOpen(target, payment.amount, payment.controlBase);
  target.status = 'authorised';
  target.paidOn = undefined;
  if (payment.posting) reverse(books, payment.posting, options.at);
  payment.posting = undefined;
  touch(books, 'payments', payment, options.at);
  touch(books, tableOf(target), target, options.at);
}

/** Sets a credit off against a document of the same contact, currency and rate; both must be approved. */
export function allocate(
  books: Books,
  { credit, document }: { credit: Credit; document: Document },
  options: { amount: number; date: number; at: number },
): Allocation {
  const { amount, date, at } = options;
  if (amount <= 0 || amount > credit.open || amount > document.open)
    throw new Error(
      `Cannot allocate ${amount}: the credit has ${credit.open} left and the document ${document.open} open`,
    );
  const allocation: Allocation = {
    id: newId(books, 'allocation'),
    credit,
    document,
    amount,
    date,
    createdAt: at,
  };
  const base = amount === document.open ? document.openBase : toBase(amount, document.rate);
  moveOpen(document, -amount, -base);
  moveOpen(credit, -amount, -base);
  document.credited += amount;
  document.allocations = [...document.allocations, allocation];
  credit.allocations = [...credit.allocations, allocation];
  if (credit.open === 0 && credit.openBase !== 0) clearLeftover(books, credit, { date, at });
  settled(books, document, { date, at });
  settled(books, credit, { date, at });
  return allocation;
}

/** Conversion can leave a cent of base currency on a credit that is used up: it goes to rounding. */
function clearLeftover(books: Books, credit: Credit, { date, at }: { date: number; at: number }): void {
  const leftover = signOf(credit) * credit.openBase;
  moveOpen(credit, 0, -credit.openBase);
  const source =
    'lines' in credit && 'dueDate' in credit
      ? { kind: credit.kind, record: credit }
      : { kind: credit.kind, record: credit };
  post(books, source, {
    date,
    at,
    lines: [plain(books.system[sideOf(credit)], -leftover), plain(books.system.rounding, leftover)],
  });
}

function settled(
  books: Books,
  record: Document | BankCredit,
  { date, at }: { date: number; at: number },
): void {
  if (record.open === 0) {
    record.status = 'paid';
    record.paidOn = date;
  }
  touch(books, tableOf(record), record, at);
}
