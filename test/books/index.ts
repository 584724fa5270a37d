// Generated books: make them, edit them, and know what they add up to.
export type { Books, Change, TableName, Tables } from './books.ts';
export { idOf, tick } from './books.ts';
export * from './change.ts';
export { type EditCounts, type EditOptions, editBooks } from './edit.ts';
export { eraseDocument } from './erase.ts';
export { type GenerateOptions, generateBooks } from './generate.ts';
export { endManualJournal } from './manual-journals.ts';
export type * from './model.ts';
export {
  type BookTotals,
  bookTotals,
  type LineTotals,
  type OpenTotals,
  type StreamRows,
  trialBalance,
} from './totals.ts';
