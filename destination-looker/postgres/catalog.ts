// What is in a schema: one row per table, its columns and unique indexes as JSON, read in pages by name.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { CurrentColumn, CurrentTable } from './layout.ts';
import { literal } from './text.ts';

/** Rows of one page: SQL Runner shows no more than 5,000, and there is no offset that survives a change. */
export const pageRows = 5_000;

/** A page of the relations named after `after` in byte order. */
export function listTables(schema: string, after = ''): string {
  const columns = `SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) ORDER BY a.attnum) FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;
  const index = `SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k(number, place) JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number`;
  const unique = `SELECT json_agg((${index})) FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`;
  return [
    `SELECT c.relname AS name, CAST(c.relkind AS text) AS kind, pg_table_size(c.oid) AS bytes, (${columns}) AS columns, (${unique}) AS indexes`,
    'FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace',
    `WHERE n.nspname = ${literal(schema)} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname > ${literal(after)}`,
    `ORDER BY c.relname LIMIT ${pageRows}`,
  ].join(' ');
}

/** A row of that page. JSON comes parsed from one driver and as text from another. */
export function readTable(row: Readonly<Record<string, unknown>>): CurrentTable {
  const columns = listOf(row.columns).flatMap((entry): readonly CurrentColumn[] => {
    const [name, type, required] = listOf(entry);
    return typeof name === 'string' && typeof type === 'string'
      ? [{ name, type, nullable: required !== true }]
      : [];
  });
  const unique = listOf(row.indexes).map((index) => listOf(index).map(String));
  return { name: String(row.name), kind: String(row.kind), bytes: Number(row.bytes), columns, unique };
}

function listOf(value: unknown): readonly unknown[] {
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (Array.isArray(parsed)) return parsed;
  // A driver's wrapper around json: {"type":"json","value":"[...]"}.
  return isObject(parsed) && typeof parsed.value === 'string' ? listOf(parsed.value) : [];
}

/** Every relation of a schema, however many, by `run`, which gives the rows of one statement. */
export async function readTables(
  schema: string,
  run: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>,
): Promise<ReadonlyMap<string, CurrentTable>> {
  const found = new Map<string, CurrentTable>();
  let after = '';
  for (;;) {
    const rows = await run(listTables(schema, after));
    for (const row of rows) found.set(String(row.name), readTable(row));
    after = String(rows.at(-1)?.name ?? '');
    if (rows.length < pageRows) return found;
  }
}
