// Postings: how every record becomes ledger entries that sum to zero, in cents of the base currency.
import { type Books, log, nextNumber } from './books.ts';
import type {
  Account,
  BankCredit,
  BankTransfer,
  Document,
  Journal,
  JournalLine,
  JournalSource,
  Payment,
  PlainBankTransaction,
  Settleable,
  Side,
} from './model.ts';
import { netOf, toBase } from './money.ts';

/** Whether a record's control account balance is a debit (+1) or a credit (-1). */
const SIGN: Readonly<Record<Settleable['kind'], 1 | -1>> = {
  invoice: 1,
  salesCredit: -1,
  customerPrepayment: -1,
  customerOverpayment: -1,
  bill: -1,
  purchaseCredit: 1,
  supplierPrepayment: 1,
  supplierOverpayment: 1,
};

const PAYABLE: ReadonlySet<string> = new Set([
  'bill',
  'purchaseCredit',
  'supplierPrepayment',
  'supplierOverpayment',
]);

export function signOf(record: Pick<Settleable, 'kind'>): 1 | -1 {
  return SIGN[record.kind];
}

export function sideOf(record: Pick<Settleable, 'kind'>): Side {
  return PAYABLE.has(record.kind) ? 'payable' : 'receivable';
}

/** Files one entry; its lines must sum to zero. Returns it so that the record can be reversed later. */
export function post(
  books: Books,
  source: JournalSource,
  entry: { date: number; at: number; lines: readonly JournalLine[] },
): Journal {
  let sum = 0;
  for (const line of entry.lines) sum += line.net;
  if (sum !== 0)
    throw new Error(`Cannot post "${source.kind}" ${source.record.id}: out of balance by ${sum} cents`);
  const journal: Journal = {
    number: numberAfterGap(books),
    date: entry.date,
    createdAt: entry.at,
    source,
    lines: entry.lines,
  };
  books.journals.push(journal);
  log(books, 'journals', journal, { how: 'added', at: entry.at });
  return journal;
}

/** Numbers ascend with gaps, as they do in real ledgers where other entries were abandoned. */
export function numberAfterGap(books: Books): number {
  let number = nextNumber(books, 'journalNumber');
  while (number % 11 === 3 || number % 97 === 5) number = nextNumber(books, 'journalNumber');
  return number;
}

/** Files the mirror image of an entry: how an append-only ledger undoes it. */
export function reverse(books: Books, journal: Journal, at: number): void {
  const lines = journal.lines.map((line) => ({ ...line, net: -line.net, tax: -line.tax }));
  post(books, journal.source, { date: journal.date, at, lines });
}

/** Moves what a record has open, in the contact's balance too. Contacts do not notice: their balances change silently. */
export function moveOpen(record: Settleable, amount: number, base: number): void {
  record.open += amount;
  record.openBase += base;
  record.contact.open[sideOf(record)] += signOf(record) * base;
}

/** Posts an approved document: control account against its lines and the tax account. */
export function postDocument(books: Books, document: Document, at: number): void {
  const sign = signOf(document);
  const base = toBase(document.total, document.rate);
  const lines: JournalLine[] = [plain(books.system[sideOf(document)], sign * base)];
  let left = base;
  for (const line of document.lines) {
    const net = toBase(netOf(line, document.amounts), document.rate);
    left -= net;
    lines.push({
      account: line.account,
      net: -sign * net,
      tax: -sign * toBase(line.tax, document.rate),
      from: line,
    });
  }
  if (document.tax !== 0) {
    const tax = toBase(document.tax, document.rate);
    left -= tax;
    lines.push(plain(books.system.tax, -sign * tax));
  }
  // Converting line by line can miss the converted total by some cents.
  if (left !== 0) lines.push(plain(books.system.rounding, -sign * left));
  document.open = 0;
  moveOpen(document, document.total, base);
  document.posting = post(
    books,
    { kind: document.kind, record: document },
    { date: document.date, at, lines },
  );
}

/** Posts a payment: bank against control, the difference of exchange rates to gains and losses. */
export function postPayment(books: Books, payment: Payment, at: number): void {
  const { target } = payment;
  const sign = signOf(target);
  const bank = toBase(payment.amount, payment.rate);
  const lines = [
    plain(payment.account, sign * bank),
    plain(books.system[sideOf(target)], -sign * payment.controlBase),
  ];
  if (bank !== payment.controlBase)
    lines.push(plain(books.system.exchange, sign * (payment.controlBase - bank)));
  payment.posting = post(books, { kind: 'payment', record: payment }, { date: payment.date, at, lines });
}

/** Posts money received or spent without a document: bank against its lines and the tax account. */
export function postBankTransaction(books: Books, transaction: PlainBankTransaction, at: number): void {
  const sign = transaction.kind === 'receipt' ? 1 : -1;
  const total = toBase(transaction.total, transaction.rate);
  const lines: JournalLine[] = [plain(transaction.account, sign * total)];
  let left = total;
  for (const line of transaction.lines) {
    const net = toBase(netOf(line, transaction.amounts), transaction.rate);
    left -= net;
    lines.push({
      account: line.account,
      net: -sign * net,
      tax: -sign * toBase(line.tax, transaction.rate),
      from: line,
    });
  }
  if (transaction.tax !== 0) {
    const tax = toBase(transaction.tax, transaction.rate);
    left -= tax;
    lines.push(plain(books.system.tax, -sign * tax));
  }
  if (left !== 0) lines.push(plain(books.system.rounding, -sign * left));
  transaction.posting = post(
    books,
    { kind: transaction.kind, record: transaction },
    { date: transaction.date, at, lines },
  );
}

/** Posts a prepayment or overpayment: bank against the control account, where it waits to be allocated. */
export function postBankCredit(books: Books, credit: BankCredit, at: number): void {
  const sign = signOf(credit);
  const base = toBase(credit.total, credit.rate);
  moveOpen(credit, credit.total, base);
  const lines: JournalLine[] = [
    plain(credit.account, -sign * base),
    { account: books.system[sideOf(credit)], net: sign * base, tax: 0, from: credit.lines[0] },
  ];
  credit.posting = post(books, { kind: credit.kind, record: credit }, { date: credit.date, at, lines });
}

export function postTransfer(books: Books, transfer: BankTransfer, at: number): void {
  transfer.posting = post(
    books,
    { kind: 'transferOut', record: transfer },
    {
      date: transfer.date,
      at,
      lines: [plain(transfer.to, transfer.amount), plain(transfer.from, -transfer.amount)],
    },
  );
}

/** A line without tax of its own. */
export function plain(account: Account, net: number): JournalLine {
  return { account, net, tax: 0, from: undefined };
}
