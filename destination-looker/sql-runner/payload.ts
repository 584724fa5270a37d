// Rows as one text that no parser on the way can read anything into: JSON in base64, in pieces that fit a statement.
import type { StagedTable } from '@ledgerpipe/staging';
import type { Layout } from '../postgres/layout.ts';

/** Rows in arrays, in the order of the layout's columns; NULL is null. */
export type Rows = readonly (readonly unknown[])[];

/** All rows of a table, with values that PostgreSQL's types have. */
export async function rowsOf(table: StagedTable, { columns }: Layout): Promise<Rows> {
  const rows: unknown[][] = [];
  for await (const batch of table.batches(1_000))
    for (const row of batch)
      rows.push(columns.map(({ staged, column }) => possible(row[staged], column.type.kind)));
  return rows;
}

const year = /^(?!0000)\d{4}-/;

/** `\u0000` after an even number of backslashes: jsonb takes none. */
const escapedNul = /(?<!\\)((?:\\\\)*)\\u0000/g;

function possible(value: unknown, kind: string): unknown {
  if (value === undefined || value === null) return null;
  // JSON has no infinity; as text it is one for PostgreSQL.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return value;
  // PostgreSQL's calendar has no year 0, and wants BC said after the date.
  if (['date', 'instant', 'datetime'].includes(kind) && !year.test(value)) return null;
  const text = value.replaceAll('\0', '').toWellFormed();
  return kind === 'json' ? text.replace(escapedNul, '$1') : text;
}

/** `{"0":[[...]],"1":[[...]]}`: the rows of each table by its number in the segment. */
export const encoded = (tables: ReadonlyMap<number, Rows>): string =>
  Buffer.from(JSON.stringify(Object.fromEntries(tables))).toString('base64');

/** Characters of a piece: a statement's limit less what stands around it; whole groups of base64. */
export const pieceCharacters = 64_000;

export function pieces(text: string): readonly string[] {
  const count = Math.max(1, Math.ceil(text.length / pieceCharacters));
  return Array.from({ length: count }, (_, index) =>
    text.slice(index * pieceCharacters, (index + 1) * pieceCharacters),
  );
}
