// The shape of a company's books, in words that belong to no product. Money: whole cents. Prices and quantities: 1/10000.
// Days and instants: milliseconds since the epoch (days at 00:00 UTC).
export type * from './model-bank.ts';
export type * from './model-documents.ts';
export type * from './model-ledger.ts';
export type * from './model-reference.ts';
