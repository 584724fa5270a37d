// The rows of one table in one file of lines, written as Parquet: again where the values ask for wider columns.
import { stat } from 'node:fs/promises';
import type { Database } from './database.ts';
import type { Lessons } from './lessons.ts';
import { mostDigits } from './numerals.ts';
import type { RowPlan } from './plan.ts';
import { type BatchFacts, plainMeta, rowsOf, type TableRequest, textsOf } from './select.ts';
import { identifier, literal } from './sql.ts';
import type { Column } from './tables.ts';
import { type Digits, widenedType } from './widen.ts';

/** Rows of one table in one Parquet file, with the types they have there. */
export interface RowFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly columns: readonly Column[];
}

export interface Copied {
  readonly file: RowFile;
  /** Rows of the main table that have no key, or no record behind them. */
  readonly keyless: number;
  /** Rows with `_deleted_at`. */
  readonly tombstones: number;
}

export interface CopyOptions {
  readonly database: Database;
  readonly lessons: Lessons;
  readonly facts: BatchFacts;
  /** Bytes of a line, on average. */
  readonly lineBytes: number;
  readonly path: string;
}

export async function copyRows(request: TableRequest, options: CopyOptions): Promise<Copied> {
  const { database, lessons, facts, path } = options;
  for (;;) {
    const columns = lessons.columns(request.plan, request.main);
    const form = `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${groupRows(request.plan, options)}, DICTIONARY_SIZE_LIMIT 1000`;
    await database.run(`COPY (${rowsOf(request, facts)}) TO ${literal(path)} (${form})`);
    await database.release();
    const { changed, rows, ...seen } = await inspect(database, request.plan, path);
    if (changed > 0 && (await learn(request, options))) continue;
    return { ...seen, file: { path, rows, bytes: (await stat(path)).size, columns } };
  }
}

/** Parquet is written group by group: a group must fit in a part of the memory that the database may use. */
const groupBytes = 16 * 1024 * 1024;
const mostGroupRows = 122_880;

function groupRows({ columns, array }: RowPlan, { lineBytes }: CopyOptions): number {
  // An element is a part of its line: half of it is a cautious guess.
  const rowBytes = 24 * columns.length + (array.length === 0 ? lineBytes : lineBytes / 2);
  return Math.max(2048, Math.min(mostGroupRows, Math.floor(groupBytes / rowBytes)));
}

async function inspect(database: Database, plan: RowPlan, path: string) {
  const keys = plan.array.length === 0 ? plan.keys : [];
  const missing = [...keys, '_airbyte_meta'].map((name) => `${identifier(name)} IS NULL`).join(' OR ');
  const changed = `_airbyte_meta <> ${literal(plainMeta(plan))}`;
  const [row] = await database.rows(
    `SELECT count(*) AS rows, count(*) FILTER (${missing}) AS keyless, count(*) FILTER (${changed}) AS changed,
      count(_deleted_at) AS tombstones FROM read_parquet(${literal(path)})`,
  );
  const count = (name: string): number => Number(row?.[name] ?? 0);
  return {
    rows: count('rows'),
    keyless: count('keyless'),
    changed: count('changed'),
    tombstones: count('tombstones'),
  };
}

/** Looks at the values that found no place; true when their columns are now read or stored otherwise. */
async function learn(request: TableRequest, { database, lessons, path }: CopyOptions): Promise<boolean> {
  const { plan, main, file } = request;
  const fields = await database.rows(
    `SELECT DISTINCT unnest(json_extract_string(_airbyte_meta, '$.changes[*].field')) AS field
      FROM read_parquet(${literal(path)}) WHERE _airbyte_meta <> ${literal(plainMeta(plan))}`,
  );
  const named = new Set(fields.map(({ field }) => String(field)));
  const numbers = lessons
    .columns(plan, main)
    .filter(({ name, type, meta }) => !meta && named.has(name) && /decimal|integer/.test(type.kind));
  if (numbers.length === 0) return false;
  const digits = await measure(request, { database, columns: numbers });
  let changed = false;
  for (const [index, { name, type }] of numbers.entries()) {
    changed ||= !file.exact && !lessons.isText(plan, name);
    lessons.readAsText(plan, name);
    const needed = digits[index];
    const wider = needed === undefined ? type : widenedType(type, needed);
    if (JSON.stringify(wider) === JSON.stringify(type)) continue;
    lessons.widen(plan, name, wider);
    changed = true;
  }
  return changed;
}

/** The digits that the values of number columns have, leaving out what no decimal can hold. */
async function measure(
  request: TableRequest,
  { database, columns }: { database: Database; columns: readonly Column[] },
): Promise<readonly (Digits | undefined)[]> {
  const names = columns.map(({ name }) => name);
  const measures = columns.map(({ type }, index) => {
    const text = `trim(x${index})`;
    const [whole, scale] = [`numeral_whole(${text})`, `numeral_scale(${text})`];
    // A whole number widens only beyond 64 bits; a fraction has no place in its column at all.
    const tooLong = `TRY_CAST(TRY_CAST(${text} AS DECIMAL(${mostDigits}, 0)) AS BIGINT) IS NULL`;
    const counted =
      type.kind === 'integer'
        ? `${scale} = 0 AND ${whole} <= ${mostDigits} AND ${tooLong}`
        : `${whole} + ${scale} <= ${mostDigits}`;
    return `max(${whole}) FILTER (${counted}) AS w${index}, max(${scale}) FILTER (${counted}) AS s${index}`;
  });
  const [row] = await database.rows(`SELECT ${measures.join(', ')} FROM (${textsOf(request, names)})`);
  return columns.map((_, index) => {
    const [whole, scale] = [row?.[`w${index}`], row?.[`s${index}`]];
    if (typeof whole !== 'string' || typeof scale !== 'string') return undefined;
    return { whole: Number(whole), scale: Number(scale) };
  });
}
