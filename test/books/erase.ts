// Deleting documents for good, as products without a deleted status do: no row is left, only reversed entries.
import { type Books, remove, tableOf, tick } from './books.ts';
import { moveOpen, reverse } from './ledger.ts';
import type { Document } from './model.ts';

/** Takes a document that nothing has been paid or allocated to out of the books; its entry is reversed. */
export function eraseDocument(books: Books, document: Document, options: { at: number }): void {
  if (document.payments.length > 0 || document.allocations.length > 0)
    throw new Error(`Cannot erase ${document.kind} ${document.id}: payments or allocations settle it`);
  const at = tick(books, options.at);
  if (document.status === 'authorised') moveOpen(document, -document.open, -document.openBase);
  if (document.posting) reverse(books, document.posting, at);
  document.posting = undefined;
  document.status = 'deleted';
  remove(books, tableOf(document), document);
}
