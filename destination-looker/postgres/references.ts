// Fact keys without a dimension row: counted, and filled with inferred members where that is asked for.
import { type CurrentTable, findColumn } from './layout.ts';
import { column, literal, qualified, quoted, quotedList } from './text.ts';
import { converted } from './types.ts';

/** A fact table's columns that hold the key of a row of a dimension table; both tables are there. */
export interface Dangling {
  readonly fact: { readonly table: CurrentTable; readonly columns: readonly string[] };
  readonly dimension: { readonly table: CurrentTable; readonly keys: readonly string[] };
}

/** One row per reference: its number and how many keys have no dimension row. */
export const countDangling = (schema: string, references: readonly Dangling[]): string =>
  references
    .map(
      (reference, index) =>
        `SELECT ${index} AS reference, count(*) AS keys FROM (${danglingKeys(schema, reference)}) AS k`,
    )
    .join(' UNION ALL ');

export interface InferredMember {
  readonly job: string;
  /** Generation of the dimension's rows, so that a refresh under way keeps the member. */
  readonly generation: number;
}

/**
 * Inserts one member per missing key of one dimension: its key, `(unknown KEY)` as its label. Its `_row_hash` differs
 * from every real one, so the real row replaces it when it arrives. Sent again it inserts nothing.
 */
export function insertInferred(
  schema: string,
  references: readonly Dangling[],
  member: InferredMember,
): string | undefined {
  const [first] = references;
  if (!first) return undefined;
  const { table } = first.dimension;
  const keys = references.map((reference) => danglingKeys(schema, reference)).join(' UNION ');
  const values = inferredValues(first.dimension, member);
  return `INSERT INTO ${qualified(schema, table.name)} (${quotedList([...values.keys()])}) SELECT ${[...values.values()].join(', ')} FROM (${keys}) AS s ON CONFLICT DO NOTHING`;
}

/** The distinct keys, in the dimension's names and types, that facts hold and the dimension does not. */
function danglingKeys(schema: string, { fact, dimension }: Dangling): string {
  const pairs = dimension.keys.map((key, index) => {
    const held = fact.columns[index] ?? '';
    const to = findColumn(dimension.table, key)?.type ?? 'text';
    const from = findColumn(fact.table, held)?.type ?? 'text';
    return { key, value: converted(column('f', held), from, to) };
  });
  const alive = findColumn(fact.table, '_deleted_at') ? [`${column('f', '_deleted_at')} IS NULL`] : [];
  const given = pairs.map(({ value }) => `${value} IS NOT NULL`);
  const known = pairs.map(({ key, value }) => `${column('d', key)} = ${value}`).join(' AND ');
  const missing = `NOT EXISTS (SELECT 1 FROM ${qualified(schema, dimension.table.name)} AS d WHERE ${known})`;
  return [
    `SELECT DISTINCT ${pairs.map(({ key, value }) => `${value} AS ${quoted(key)}`).join(', ')}`,
    `FROM ${qualified(schema, fact.table.name)} AS f WHERE ${[...given, ...alive, missing].join(' AND ')}`,
  ].join(' ');
}

function inferredValues(
  { table, keys }: Dangling['dimension'],
  { job, generation }: InferredMember,
): ReadonlyMap<string, string> {
  const last = keys.at(-1) ?? '';
  const values = new Map(keys.map((key) => [key, column('s', key)]));
  const put = (name: string | undefined, value: string): void => {
    if (name !== undefined && findColumn(table, name) && !values.has(name)) values.set(name, value);
  };
  put(
    labelOf(table, keys),
    `${literal('(unknown ')} || CAST(${column('s', last)} AS text) || ${literal(')')}`,
  );
  put('_row_hash', literal('inferred'));
  put('_airbyte_extracted_at', 'now()');
  put('_airbyte_generation_id', String(generation));
  put('_airbyte_meta', `CAST(${literal('{"changes":[]}')} AS jsonb)`);
  put('_job_id', literal(job));
  return values;
}

/** The column people read: a text column called name, then one that says name or label, then title or description. */
export function labelOf({ columns }: CurrentTable, keys: readonly string[]): string | undefined {
  const texts = columns
    .filter(({ name, type }) => type === 'text' && !keys.includes(name) && !name.startsWith('_'))
    .map(({ name }) => name);
  const wanted = [/^(display_?)?name$/i, /name|label/i, /title|description/i];
  return wanted.flatMap((pattern) => texts.find((name) => pattern.test(name)) ?? [])[0];
}
