// Rows of the mirror as plain values, for assertions.
import type { Engine } from './engine.ts';

/** Decimals, dates and instants as text, integers as numbers where they are safe. */
export type MirroredRow = Readonly<Record<string, string | number | boolean | null>>;

const plainTypes = [
  'BOOLEAN',
  'INTEGER',
  'SMALLINT',
  'TINYINT',
  'BIGINT',
  'UINTEGER',
  'UBIGINT',
  'DOUBLE',
  'FLOAT',
];

export async function mirroredRows(engine: Engine, table: string): Promise<MirroredRow[]> {
  const { names, types } = await engine.run(`SELECT * FROM ${table} LIMIT 0`);
  const list = names.map((name, at) => {
    const column = `"${name.replaceAll('"', '""')}"`;
    return plainTypes.includes(types[at] ?? '') ? column : `CAST(${column} AS VARCHAR)`;
  });
  const { rows } = await engine.run(`SELECT ${list.join(', ')} FROM ${table} ORDER BY ALL`);
  return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, plain(row[at] ?? null)])));
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
