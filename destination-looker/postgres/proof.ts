// Proof of delivery: what a table holds now, counted, and its keys as one number that any order of rows gives.
import { type CurrentTable, findColumn } from './layout.ts';
import { literal, qualified, quoted } from './text.ts';

/** 60 bits of each key's MD5, summed: equal sets of keys give equal sums, whatever the order. */
function keySum(keys: readonly string[], alive: string): string {
  if (keys.length === 0) return 'NULL';
  const whole = keys.map((key) => `CAST(${quoted(key)} AS text)`).join(`, ${literal('/')}, `);
  const hash = `CAST(CAST('x' || substr(md5(concat(${whole})), 1, 15) AS bit(60)) AS bigint)`;
  return `CAST(sum(${hash})${alive} AS text)`;
}

/** One row: `table_name`, `rows`, `living` (not marked deleted), `keys` (checksum of the living rows' keys). */
export function proofOf(schema: string, table: CurrentTable, keys: readonly string[]): string {
  const deleted = findColumn(table, '_deleted_at');
  const alive = deleted ? ` FILTER (WHERE ${quoted('_deleted_at')} IS NULL)` : '';
  return `SELECT ${literal(table.name)} AS table_name, count(*) AS rows, count(*)${alive} AS living, ${keySum(keys, alive)} AS keys FROM ${qualified(schema, table.name)}`;
}
