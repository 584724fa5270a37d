// Single edits of the books, each as a person would make it in the product. All move `updatedAt` strictly forward.
import { type Books, file, log, remove, tableOf, tick, touch } from './books.ts';
import { addDocument, type DocumentOptions, lineCount, makeLines, poolsOf, rateFor } from './documents.ts';
import { moveOpen, postDocument, reverse } from './ledger.ts';
import type {
  Account,
  BankCredit,
  BankTransaction,
  BankTransfer,
  Contact,
  ContactGroup,
  Document,
  DocumentKind,
  Item,
  Line,
  Payment,
  TrackingCategory,
  TrackingOption,
} from './model.ts';
import { sumLines } from './money.ts';
import { hashText, type Random, seededRandom } from './random.ts';
import { makeContact, makeOption } from './reference.ts';
import { pay, deletePayment as undoPayment } from './settle.ts';

/** When an edit happens, in ms since the epoch; the books move past their last touch if it is not later. */
export interface At {
  readonly at: number;
}

function today(at: number): number {
  return Math.floor(at / 86_400_000) * 86_400_000;
}

function randomFor(books: Books, purpose: string): Random {
  return seededRandom(books.seed ^ hashText(`${purpose}${books.lastTouched}`));
}

/** Files a new document (a sales invoice by default) for a contact, with random lines where none are given. */
export function addInvoice(
  books: Books,
  options: At & Partial<Omit<DocumentOptions, 'at'>> & { kind?: DocumentKind },
): Document {
  const at = tick(books, options.at);
  const random = randomFor(books, 'invoice');
  const kind = options.kind ?? 'invoice';
  const contact = options.contact ?? random.pick(books.contacts.filter((one) => one.status === 'active'));
  const amounts = options.amounts ?? 'exclusive';
  const currency = options.currency ?? books.company.baseCurrency;
  const side = kind === 'invoice' || kind === 'salesCredit' ? 'receivable' : 'payable';
  const lines =
    options.lines ??
    makeLines(books, random, { side, amounts, count: lineCount(random), pools: poolsOf(books) });
  const rate = options.rate ?? rateFor(books, random, currency);
  return addDocument(books, {
    ...options,
    kind,
    contact,
    amounts,
    currency,
    rate,
    lines,
    at,
    date: options.date ?? today(at),
  });
}

/** Pays a document in full, or `amount` cents of it, from the first bank account unless one is given. */
export function payInvoice(
  books: Books,
  document: Document | BankCredit,
  options: At & { amount?: number; account?: Account },
): Payment {
  const at = tick(books, options.at);
  const account = options.account ?? books.accounts.find((one) => one.type === 'bank');
  if (!account) throw new Error('Cannot pay without a bank account');
  const amount = options.amount ?? document.open;
  return pay(books, document, { account, amount, date: today(at), at });
}

export function deletePayment(books: Books, payment: Payment, options: At): void {
  undoPayment(books, payment, { at: tick(books, options.at) });
}

/** Voids an approved document that nothing has been paid or allocated to. */
export function voidInvoice(books: Books, document: Document | BankCredit, options: At): void {
  if (document.status !== 'authorised' || document.payments.length > 0 || document.allocations.length > 0)
    throw new Error(
      `Cannot void ${document.kind} ${document.id}: it is ${document.status} with ${document.payments.length} payments`,
    );
  const at = tick(books, options.at);
  moveOpen(document, -document.open, -document.openBase);
  document.status = 'voided';
  if (document.posting) reverse(books, document.posting, at);
  document.posting = undefined;
  touch(books, tableOf(document), document, at);
}

/** Deletes a draft or submitted document: it stays as a row whose status says so. */
export function deleteInvoice(books: Books, document: Document, options: At): void {
  if (document.status !== 'draft' && document.status !== 'submitted')
    throw new Error(
      `Cannot delete ${document.kind} ${document.id}: its status is "${document.status}", void it instead`,
    );
  document.status = 'deleted';
  document.open = 0;
  touch(books, tableOf(document), document, tick(books, options.at));
}

/** Approves a draft or submitted document. */
export function approveInvoice(books: Books, document: Document, options: At): void {
  if (document.status !== 'draft' && document.status !== 'submitted')
    throw new Error(`Cannot approve ${document.kind} ${document.id}: its status is "${document.status}"`);
  const at = tick(books, options.at);
  document.status = 'authorised';
  postDocument(books, document, at);
  touch(books, tableOf(document), document, at);
}

/** Replaces a document's lines, with `count` random ones unless given. Nothing may have been paid on it. */
export function changeLines(
  books: Books,
  document: Document,
  options: At & { lines?: readonly Line[]; count?: number },
): void {
  const open =
    document.status === 'draft' || document.status === 'submitted' || document.status === 'authorised';
  if (!open || document.payments.length > 0 || document.allocations.length > 0)
    throw new Error(
      `Cannot change the lines of ${document.kind} ${document.id}: it is ${document.status} or partly settled`,
    );
  const at = tick(books, options.at);
  const random = randomFor(books, 'lines');
  const { amounts } = document;
  const side = document.kind === 'invoice' || document.kind === 'salesCredit' ? 'receivable' : 'payable';
  const count = options.count ?? Math.max(1, document.lines.length + random.pick([-1, 1, 2]));
  document.lines = options.lines ?? makeLines(books, random, { side, amounts, count, pools: poolsOf(books) });
  if (document.posting) {
    moveOpen(document, -document.open, -document.openBase);
    reverse(books, document.posting, at);
  }
  Object.assign(document, sumLines(document.lines, amounts));
  document.open = document.total;
  if (document.posting) postDocument(books, document, at);
  touch(books, tableOf(document), document, at);
}

export function addContact(books: Books, options: At & { name?: string }): Contact {
  const at = tick(books, options.at);
  const made = makeContact(books, randomFor(books, 'contact'), { at: books.contacts.length, from: at });
  const contact: Contact = { ...made, name: options.name ?? made.name, createdAt: at, updatedAt: at };
  file(books, 'contacts', contact);
  return contact;
}

/** Documents show the new name at once but do not count as changed. */
export function renameContact(books: Books, contact: Contact, options: At & { name: string }): void {
  contact.name = options.name;
  touch(books, 'contacts', contact, tick(books, options.at));
}

export function archiveContact(books: Books, contact: Contact, options: At): void {
  contact.status = 'archived';
  touch(books, 'contacts', contact, tick(books, options.at));
}

/** Merges `contact` into another: it stays readable by id, archived, and names the one that took over. */
export function mergeContact(books: Books, contact: Contact, options: At & { into: Contact }): void {
  contact.mergedInto = options.into;
  archiveContact(books, contact, options);
}

/** Removes an item for good; lines that used it keep its code. */
export function removeItem(books: Books, item: Item): void {
  remove(books, 'items', item);
}

/** Removes a group for good. */
export function removeContactGroup(books: Books, group: ContactGroup): void {
  remove(books, 'contactGroups', group);
}

export function addTrackingOption(
  books: Books,
  category: TrackingCategory,
  { name }: { name: string },
): TrackingOption {
  const option = makeOption(books, category, { name, status: 'active' });
  category.options = [...category.options, option];
  log(books, 'trackingCategories', category, { how: 'changed', at: books.lastTouched });
  return option;
}

/** Removes an option for good, as is possible while no line uses it. */
export function removeTrackingOption(books: Books, option: TrackingOption): void {
  option.category.options = option.category.options.filter((one) => one !== option);
  log(books, 'trackingCategories', option.category, { how: 'changed', at: books.lastTouched });
}

/** Deletes money received or spent: its entry is reversed, its row stays. */
export function deleteBankTransaction(books: Books, transaction: BankTransaction, options: At): void {
  if (transaction.kind !== 'receipt' && transaction.kind !== 'spending')
    throw new Error(`Cannot delete a bank transaction of kind "${transaction.kind}" by itself`);
  const at = tick(books, options.at);
  transaction.status = 'deleted';
  if (transaction.posting) reverse(books, transaction.posting, at);
  transaction.posting = undefined;
  touch(books, 'bankTransactions', transaction, at);
}

/** Deletes a transfer with its two bank transactions. */
export function deleteTransfer(books: Books, transfer: BankTransfer, options: At): void {
  const at = tick(books, options.at);
  transfer.status = 'deleted';
  if (transfer.posting) reverse(books, transfer.posting, at);
  transfer.posting = undefined;
  for (const half of [transfer.out, transfer.in]) {
    half.status = 'deleted';
    touch(books, 'bankTransactions', half, at);
  }
  log(books, 'bankTransfers', transfer, { how: 'changed', at: at });
}

/** A change that no product reports: the due date of a part-paid document, or whether it was sent. `updatedAt` stays. */
export function changeSilently(
  books: Books,
  document: Document,
  change: { dueDate?: number; sent?: boolean },
): void {
  Object.assign(document, change);
  log(books, tableOf(document), document, { how: 'silent', at: books.lastTouched });
}

/** Gives an account another name. */
export function renameAccount(books: Books, account: Account, options: At & { name: string }): void {
  account.name = options.name;
  touch(books, 'accounts', account, tick(books, options.at));
}
