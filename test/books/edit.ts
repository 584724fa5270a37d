// Many random edits at once, as a working week would make them.
import { type Books, tick } from './books.ts';
import {
  addContact,
  addInvoice,
  addTrackingOption,
  approveInvoice,
  archiveContact,
  changeLines,
  changeSilently,
  deleteBankTransaction,
  deleteInvoice,
  deletePayment,
  payInvoice,
  removeItem,
  renameContact,
  voidInvoice,
} from './change.ts';
import type { Document } from './model.ts';
import { type Random, seededRandom } from './random.ts';

export interface EditOptions {
  readonly seed: number;
  /** How many edits to make. */
  readonly edits: number;
  /** When the first one happens, ms since the epoch; the others follow within milliseconds. */
  readonly at: number;
}

type Edit = (books: Books, random: Random, at: number) => boolean;

/** What was done, with how often: an edit that found nothing to work on gives way to a new invoice. */
export type EditCounts = Record<string, number>;

const EDITS: readonly (readonly [name: string, weight: number, edit: Edit])[] = [
  [
    'invoice added',
    24,
    (books, random, at) => !!addInvoice(books, { at, kind: random.chance(0.65) ? 'invoice' : 'bill' }),
  ],
  ['lines changed', 20, on(unsettled, (books, document, at) => changeLines(books, document, { at }))],
  ['payment made', 24, on(payable, (books, document, at) => payInvoice(books, document, { at }))],
  ['voided', 6, on(voidable, (books, document, at) => voidInvoice(books, document, { at }))],
  ['deleted', 5, on(draft, (books, document, at) => deleteInvoice(books, document, { at }))],
  ['approved', 4, on(draft, (books, document, at) => approveInvoice(books, document, { at }))],
  ['payment deleted', 3, undoOnePayment],
  ['contact renamed', 5, renameOne],
  ['contact added', 2, (books, _, at) => !!addContact(books, { at })],
  ['contact archived', 2, archiveOne],
  ['item removed', 1, removeOne],
  ['tracking option added', 1, addOption],
  ['bank transaction deleted', 2, deleteCash],
  ['changed silently', 1, on(payable, (books, document) => changeSilently(books, document, { sent: true }))],
];

/** Edits the books in place; the same seed on the same books makes the same edits. */
export function editBooks(books: Books, { seed, edits, at }: EditOptions): EditCounts {
  const random = seededRandom(seed);
  const total = EDITS.reduce((sum, [, weight]) => sum + weight, 0);
  const counts: EditCounts = {};
  for (let made = 0; made < edits; made += 1) {
    const { name, edit } = drawEdit(random.whole(0, total - 1));
    const instant = tick(books, at);
    const done = edit(books, random, instant) ? name : 'invoice added';
    if (done !== name) addInvoice(books, { at: instant });
    counts[done] = (counts[done] ?? 0) + 1;
  }
  return counts;
}

/** The edit on which a dice roll below the sum of all weights falls. */
function drawEdit(dice: number): { name: string; edit: Edit } {
  let left = dice;
  for (const [name, weight, edit] of EDITS) {
    if (left < weight) return { name, edit };
    left -= weight;
  }
  throw new Error(`Cannot draw an edit: ${dice} is beyond all weights`);
}

function unsettled(document: Document): boolean {
  return (
    ['draft', 'submitted', 'authorised'].includes(document.status) &&
    document.payments.length + document.allocations.length === 0
  );
}

function payable(document: Document): boolean {
  return document.status === 'authorised' && document.open > 0;
}

function voidable(document: Document): boolean {
  return document.status === 'authorised' && unsettled(document);
}

function draft(document: Document): boolean {
  return document.status === 'draft' || document.status === 'submitted';
}

/** An edit of a document that fits; looks at a few hundred from a random place on, so that it stays cheap in large books. */
function on(
  fits: (document: Document) => boolean,
  edit: (books: Books, document: Document, at: number) => void,
): Edit {
  return (books, random, at) => {
    const rows = random.chance(0.6) ? books.invoices : books.bills;
    const start = random.whole(0, Math.max(0, rows.length - 1));
    for (let step = 0; step < Math.min(400, rows.length); step += 1) {
      const document = rows[(start + step) % rows.length];
      if (!document || !fits(document)) continue;
      edit(books, document, at);
      return true;
    }
    return false;
  };
}

function undoOnePayment(books: Books, random: Random, at: number): boolean {
  if (books.payments.length === 0) return false;
  const payment = random.pick(books.payments);
  if (payment.status === 'deleted' || payment.batch) return false;
  deletePayment(books, payment, { at });
  return true;
}

function renameOne(books: Books, random: Random, at: number): boolean {
  const contact = random.pick(books.contacts);
  renameContact(books, contact, {
    at,
    name: `${contact.name.slice(0, 60)} (renamed ${random.whole(1, 999)})`,
  });
  return true;
}

function archiveOne(books: Books, random: Random, at: number): boolean {
  const contact = random.pick(books.contacts);
  if (contact.status === 'archived') return false;
  archiveContact(books, contact, { at });
  return true;
}

function removeOne(books: Books, random: Random): boolean {
  if (books.items.length < 3) return false;
  removeItem(books, random.pick(books.items));
  return true;
}

function addOption(books: Books, random: Random): boolean {
  const category = random.pick(books.trackingCategories.filter((one) => one.status === 'active'));
  addTrackingOption(books, category, { name: `Option ${category.options.length} "${random.whole(0, 99)}"` });
  return true;
}

function deleteCash(books: Books, random: Random, at: number): boolean {
  if (books.bankTransactions.length === 0) return false;
  const transaction = random.pick(books.bankTransactions);
  if (
    transaction.status !== 'authorised' ||
    (transaction.kind !== 'receipt' && transaction.kind !== 'spending')
  )
    return false;
  deleteBankTransaction(books, transaction, { at });
  return true;
}
