// Rows of the replica as lines of JSON, made by DuckDB: the quickest way to the text that Power BI is sent.
import type { DataType, ModelColumn } from '../model/types.ts';
import type { Shape } from '../store/shape.ts';
import { identifier, keyOf, literal, own, replicaOf } from '../store/sql.ts';
import type { Store } from '../store/store.ts';
import { longestText, type Queued, type Survey, spanOf, surveyOf } from './survey.ts';

/** Characters of a batch id; its place in a line holds the row's `$ord` until the batch is known. */
export const batchIdLength = 24;

/** Digits of the `$ord` at the end of that place; the first of them says nothing. */
export const ordDigits = 16;

/** Where the batch id begins in a line: it is the first member. */
export const batchIdOffset = '{"_batch_id":"'.length;

export interface Lines extends Queued {
  /** Sorts the rows: they lie in order unless the file was changed by others. */
  readonly sorted: boolean;
}

/** A part of a line: text as it is, or what an expression gives. */
type Piece = { readonly text: string } | { readonly sql: string };

/** A value as JSON. */
interface Value {
  readonly pieces: readonly Piece[];
  /** It is NULL exactly where one of these columns is; absent: nobody can tell beforehand. */
  readonly columns?: readonly string[];
}

/** Added to a `$ord`, so that each has as many digits: padding takes longer. */
const ordBase = 10 ** (ordDigits - 1);

/** Writes one line for each row that is to be sent; members that are NULL are left out, which reads as BLANK. */
export async function writeLines(store: Store, lines: Lines, path: string): Promise<void> {
  const shape = store.shape(lines.table.name);
  const survey = await surveyOf(store.database, lines, shape);
  await store.database.run(copyLines(lines, { shape, survey }, path));
}

function copyLines({ table, sorted, ...span }: Lines, { shape, survey }: Knowing, path: string): string {
  const members = table.columns
    .filter(({ origin }) => !(origin.kind === 'own' && origin.what === 'batch'))
    .flatMap((column) => memberOf(column.name, jsonOf(column, { shape, survey }), survey));
  const pieces: readonly Piece[] = [
    { text: `{"_batch_id":"${'0'.repeat(batchIdLength - ordDigits)}` },
    { sql: `CAST(${ordBase} + ${own.ord} AS VARCHAR)` },
    { text: '"' },
    ...members,
    { text: '}' },
  ];
  const order = sorted ? ` ORDER BY ${own.ord}` : '';
  // Quotes are forced and none: nobody looks whether a line needs some.
  return `COPY (SELECT concat(${sqlOf(pieces).join(', ')}) FROM ${replicaOf(table.name)} WHERE ${spanOf(span)}${order}) TO ${literal(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', FORCE_QUOTE *, DELIMITER '\u0001')`;
}

/** A name with its value, which `concat` passes over as a whole where it is NULL. */
function memberOf(name: string, { pieces, columns }: Value, survey: Survey): readonly Piece[] {
  const member = [{ text: `,${JSON.stringify(name)}:` }, ...pieces];
  const found = columns?.map((column) => survey.filled.get(column));
  if (found?.includes('none')) return [];
  if (found?.every((filled) => filled === 'all')) return member;
  return [{ sql: sqlOf(member).join(' || ') }];
}

/** One call with all pieces takes half the time of as many operators: each of those makes a text of its own. */
function sqlOf(pieces: readonly Piece[]): readonly string[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const before = merged.at(-1);
    if (before && 'text' in before && 'text' in piece)
      merged[merged.length - 1] = { text: before.text + piece.text };
    else merged.push(piece);
  }
  return merged.map((piece) => ('text' in piece ? literal(piece.text) : piece.sql));
}

interface Knowing {
  readonly shape: Shape;
  readonly survey: Survey;
}

const quoted = (sql: string): readonly Piece[] => [{ text: '"' }, { sql }, { text: '"' }];

/** The value of a column as JSON text. */
function jsonOf({ origin, dataType }: ModelColumn, { shape, survey }: Knowing): Value {
  switch (origin.kind) {
    case 'stored':
      return textOf(origin.column, { type: shape.get(origin.column) ?? 'VARCHAR', dataType, survey });
    case 'reference':
      return { pieces: quoted(keyOf(origin.columns.map(identifier))), columns: origin.columns };
    case 'base': {
      const [amount, rate] = [identifier(origin.amount), identifier(origin.rate)];
      const sign = origin.by === 'divide' ? '/' : '*';
      const exchanged = `TRY_CAST(round(CAST(${amount} AS DOUBLE) ${sign} CAST(nullif(${rate}, 0) AS DOUBLE), 4) AS DECIMAL(18,4))`;
      // Text in both branches: a decimal that holds the values of both has 128 bits, which takes five times as long.
      const same = decimal(amount, shape.get(origin.amount) ?? 'VARCHAR');
      return {
        pieces: [
          {
            sql: `CASE WHEN coalesce(${rate}, 1) = 1 THEN CAST(${same} AS VARCHAR) ELSE CAST(${exchanged} AS VARCHAR) END`,
          },
        ],
      };
    }
    case 'own':
      return ownValue(origin.what);
  }
}

function ownValue(what: 'batch' | 'key' | 'version' | 'deleted'): Value {
  if (what === 'key') return { pieces: quoted(own.key) };
  const sql = `CAST(${what === 'version' ? own.ord : own.gone} AS VARCHAR)`;
  return { pieces: [{ sql }], columns: [] };
}

function textOf(
  column: string,
  { type, dataType, survey }: { readonly type: string; readonly dataType: DataType; readonly survey: Survey },
): Value {
  const value = identifier(column);
  const columns = [column];
  switch (dataType) {
    case 'String': {
      const text = type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`;
      const fitting = survey.long.has(column) ? shortened(text) : text;
      return { pieces: [{ sql: `CAST(to_json(${fitting}) AS VARCHAR)` }], columns };
    }
    case 'Int64': {
      // The least and the greatest number of 64 bits are not allowed.
      const whole = type === 'BIGINT' ? value : `TRY_CAST(${value} AS BIGINT)`;
      const sql = `CASE WHEN ${whole} > -9223372036854775808 AND ${whole} < 9223372036854775807 THEN CAST(${whole} AS VARCHAR) END`;
      return { pieces: [{ sql }] };
    }
    case 'Double': {
      // Every decimal is a finite double.
      if (/^DECIMAL\(/.test(type))
        return { pieces: [{ sql: `CAST(CAST(${value} AS DOUBLE) AS VARCHAR)` }], columns };
      const double = type === 'DOUBLE' ? value : `TRY_CAST(${value} AS DOUBLE)`;
      return { pieces: [{ sql: `CASE WHEN isfinite(${double}) THEN CAST(${double} AS VARCHAR) END` }] };
    }
    case 'Decimal': {
      const sql = decimal(value, type);
      return { pieces: [{ sql: `CAST(${sql} AS VARCHAR)` }], ...(sql === value ? { columns } : {}) };
    }
    case 'Boolean':
      return type === 'BOOLEAN'
        ? { pieces: [{ sql: `CAST(${value} AS VARCHAR)` }], columns }
        : { pieces: [{ sql: `CAST(TRY_CAST(${value} AS BOOLEAN) AS VARCHAR)` }] };
    case 'Datetime':
      return moment(column, type);
  }
}

/** 28 digits, four of them after the point. */
function decimal(value: string, type: string): string {
  const [, precision, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? [];
  const fits = precision !== undefined && Number(scale) <= 4 && Number(precision) - Number(scale) <= 24;
  return fits ? value : `TRY_CAST(${value} AS DECIMAL(28,4))`;
}

/** Text of at most 4,000 UTF-16 units; what lies beyond the basic plane counts twice. */
export function shortened(value: string): string {
  const head = `left(${value}, ${longestText})`;
  const astral = `length(regexp_replace(${head}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g'))`;
  return `CASE WHEN strlen(${value}) <= ${longestText} THEN ${value} ELSE left(${value}, ${longestText} - ${astral}) END`;
}

/** ISO 8601 in UTC, to the millisecond; days as midnight. */
function moment(column: string, type: string): Value {
  const value = identifier(column);
  if (type === 'DATE')
    return {
      pieces: [{ text: '"' }, { sql: `CAST(${value} AS VARCHAR)` }, { text: 'T00:00:00Z"' }],
      columns: [column],
    };
  const known = type.startsWith('TIMESTAMP');
  const local =
    type === 'TIMESTAMP' ? value : known ? `${value} AT TIME ZONE 'UTC'` : `TRY_CAST(${value} AS TIMESTAMP)`;
  const sql = `replace(CAST(date_trunc('millisecond', ${local}) AS VARCHAR), ' ', 'T')`;
  return {
    pieces: [{ text: '"' }, { sql }, { text: 'Z"' }],
    ...(known ? { columns: [column] } : {}),
  };
}
