// Figures by organisation and name, as decimal text: the books' own, and those that a destination's tables add up to.
import type { Catalog } from '@airbyte/cdk-typescript-shim';

/** `TENANT NAME` to a decimal with two places. */
export type Figures = ReadonlyMap<string, string>;

/** A destination's tables, asked in the SQL that DuckDB, PostgreSQL and Hyper share. */
export interface Engine {
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The name of a table in a query, as staging names it: `invoices_LineItems`. */
  table(name: string): string;
  /** Tables of records that landed, as the destination names them. */
  names(): Promise<readonly string[]>;
  /** Columns that identify a row of the table `names()` gave, as the destination itself declares them; it may not. */
  keys(name: string): Promise<readonly string[]>;
  /** Whether a row is there still; an expression over the columns of `alias`. */
  living(alias?: string): string;
}

/** Gathers figures: every query gives rows of `tenant`, `figure` and `value`. */
export async function gather(engine: Engine, queries: readonly string[]): Promise<Map<string, string>> {
  const figures = new Map<string, string>();
  for (const sql of queries)
    for (const { tenant, figure, value } of await engine.query(sql))
      figures.set(`${tenant} ${figure}`, decimal(value));
  return figures;
}

/** The number of keys that more than one row has, for each table that has any; `keysOf`: where none are declared. */
export async function doubledKeys(
  engine: Engine,
  keysOf: (table: string) => readonly string[],
): Promise<Figures> {
  const figures = new Map<string, string>();
  for (const name of await engine.names()) {
    const declared = await engine.keys(name);
    const keys = declared.length > 0 ? declared : keysOf(name);
    if (keys.length === 0) throw new Error(`Table "${name}" declares no key`);
    const columns = keys.map((key) => `"${key}"`).join(', ');
    const [row] = await engine.query(
      `SELECT count(*) AS value FROM (SELECT ${columns} FROM ${engine.table(name)} GROUP BY ${columns} HAVING count(*) > 1) AS doubled`,
    );
    if (Number(row?.value) > 0) figures.set(`all doubled keys of ${name}`, decimal(row?.value));
  }
  return figures;
}

/** The key of each table of a catalog: a child table has its parent's, and the position. */
export const keysFrom =
  ({ streams }: Catalog) =>
  (table: string): readonly string[] => {
    const isOf = (stream: string): boolean => table.toLowerCase().startsWith(stream);
    const [owner] = streams
      .filter(({ name }) => isOf(name))
      .sort((one, other) => other.name.length - one.name.length);
    if (!owner) return [];
    const keys = (owner.source_defined_primary_key ?? []).flat();
    return table.length === owner.name.length ? keys : [...keys, '_position'];
  };

/** Living rows of every table that has any. */
export async function rowCounts(engine: Engine): Promise<readonly (readonly [string, number])[]> {
  const counts: (readonly [string, number])[] = [];
  for (const name of await engine.names()) {
    const [row] = await engine.query(
      `SELECT count(*) AS value FROM ${engine.table(name)} AS t WHERE ${engine.living('t')}`,
    );
    counts.push([name, Number(row?.value)]);
  }
  return counts;
}

/** What a sales invoice comes to in the destination, with two places; undefined: it is not there. */
export async function invoiceTotal(
  engine: Engine,
  { id, total }: { readonly id: string; readonly total: string },
  key: string,
): Promise<string | undefined> {
  const [row] = await engine.query(
    `SELECT d."${total}" AS value FROM ${engine.table('invoices')} AS d WHERE d."${id}" = '${key}' AND ${engine.living('d')}`,
  );
  return row ? decimal(row.value) : undefined;
}

/** Cents as text with two places. */
export const money = (cents: number): string => {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** A decimal of an engine with two places; more than two that are not zero stay and so differ. */
const decimal = (value: unknown): string => {
  const [whole = '0', places = ''] = String(value).split('.');
  const kept = places.replace(/0+$/, '').padEnd(2, '0');
  return `${whole}.${kept}`;
};
