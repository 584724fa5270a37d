// Fact keys without a dimension row: counted, and filled with inferred members where that is asked for.
import { type CurrentTable, findColumn } from './layout.ts';
import { column, literal, quoted, quotedList, same } from './text.ts';
import type { SqlType } from './types.ts';

/** A fact table's columns that hold the key of a row of a dimension table; both tables are there. */
export interface Dangling {
  readonly fact: {
    readonly target: string;
    readonly table: CurrentTable;
    readonly columns: readonly string[];
  };
  readonly dimension: {
    readonly target: string;
    readonly table: CurrentTable;
    readonly keys: readonly string[];
  };
}

/** One row per reference, in order: its number and how many keys have no dimension row. */
export function countDangling(references: readonly Dangling[]): string {
  return references
    .map(
      (reference, index) =>
        `SELECT ${index} AS ${quoted('reference')}, count(*) AS ${quoted('keys')} FROM (${danglingKeys(reference)}) AS k`,
    )
    .join('\nUNION ALL\n');
}

export interface InferredMember {
  readonly job: string;
  /** Generation of the dimension's rows, so that a refresh under way keeps the member. */
  readonly generation: number;
}

/**
 * Inserts one member per missing key of one dimension: its key, `(unknown KEY)` as its label. Its `_row_hash` differs
 * from every real one, so the real row replaces it when it arrives. Sent again it inserts nothing.
 */
export function insertInferred(references: readonly Dangling[], member: InferredMember): string | undefined {
  const [first] = references;
  if (!first) return undefined;
  const { dimension } = first;
  const source = references.map(danglingKeys).join('\n  UNION\n  ');
  const values = inferredValues(dimension, member);
  const on = dimension.keys.map((key) => same(column('t', key), column('s', key))).join(' AND ');
  return [
    `MERGE INTO ${dimension.target} AS t`,
    `USING (${source}) AS s`,
    `ON ${on}`,
    `WHEN NOT MATCHED THEN INSERT (${quotedList([...values.keys()])}) VALUES (${[...values.values()].join(', ')})`,
  ].join('\n');
}

/** The distinct keys, in the dimension's names and types, that facts hold and the dimension does not. */
function danglingKeys({ fact, dimension }: Dangling): string {
  const pairs = dimension.keys.map((key, index) => {
    const held = fact.columns[index] ?? '';
    return { key, held, type: typeOf(dimension.table, key), from: typeOf(fact.table, held) };
  });
  const cast = ({ held, type, from }: (typeof pairs)[number]): string =>
    type.text === from.text ? column('f', held) : `try_cast(${column('f', held)} AS ${type.text})`;
  const alive = findColumn(fact.table, '_deleted_at') ? [`${column('f', '_deleted_at')} IS NULL`] : [];
  const known = pairs.map((pair) => same(cast(pair), column('d', pair.key)));
  const given = pairs.map((pair) => `${cast(pair)} IS NOT NULL`);
  return [
    `SELECT DISTINCT ${pairs.map((pair) => `${cast(pair)} AS ${quoted(pair.key)}`).join(', ')} FROM ${fact.target} AS f`,
    `LEFT ANTI JOIN ${dimension.target} AS d ON ${known.join(' AND ')}`,
    `WHERE ${[...given, ...alive].join(' AND ')}`,
  ].join(' ');
}

function inferredValues(
  { table, keys }: Dangling['dimension'],
  { job, generation }: InferredMember,
): ReadonlyMap<string, string> {
  const last = keys.at(-1) ?? '';
  const values = new Map(keys.map((key) => [key, column('s', key)]));
  const put = (name: string | undefined, value: string): void => {
    const found = name === undefined ? undefined : findColumn(table, name);
    if (found && !values.has(found.name)) values.set(found.name, value);
  };
  put(labelOf(table, keys), `concat('(unknown ', CAST(${column('s', last)} AS STRING), ')')`);
  put('_row_hash', literal('inferred'));
  put('_airbyte_extracted_at', 'current_timestamp()');
  put('_airbyte_generation_id', String(generation));
  put('_airbyte_meta', literal('{"changes":[]}'));
  put('_job_id', literal(job));
  return values;
}

/** The column people read: a text column called name, then one that says name or label, then title or description. */
export function labelOf({ columns }: CurrentTable, keys: readonly string[]): string | undefined {
  const texts = columns
    .filter(({ name, type }) => type.name === 'STRING' && !keys.includes(name) && !name.startsWith('_'))
    .map(({ name }) => name);
  const wanted = [/^(display_?)?name$/i, /name|label/i, /title|description/i];
  return wanted.flatMap((pattern) => texts.find((name) => pattern.test(name)) ?? [])[0];
}

const text: SqlType = { text: 'STRING', name: 'STRING', precision: 0, scale: 0 };

const typeOf = (table: CurrentTable, name: string): SqlType => findColumn(table, name)?.type ?? text;
