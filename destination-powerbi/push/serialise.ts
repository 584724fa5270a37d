// Rows of the replica as lines of JSON, made by DuckDB: the quickest way to the text that Power BI is sent.
import type { ModelTable } from '../model/layout.ts';
import type { DataType, ModelColumn } from '../model/types.ts';
import type { Shape } from '../store/shape.ts';
import { identifier, keyOf, literal, own, replicaOf } from '../store/sql.ts';

/** Characters of a batch id; its place in a line holds the row's `$ord` until the batch is known. */
export const batchIdLength = 24;

/** Where the batch id begins in a line: it is the first member. */
export const batchIdOffset = '{"_batch_id":"'.length;

/** Most UTF-16 units of a text ("Push datasets limitations"). */
export const longestText = 4_000;

export interface Lines {
  readonly table: ModelTable;
  readonly shape: Shape;
  /** Only rows after this `$ord`, and up to the other where there is one. */
  readonly after: number;
  readonly through?: number | undefined;
  /** Sorts the rows: they lie in order unless the file was changed by others. */
  readonly sorted: boolean;
}

/** One line for each row that is to be sent; members that are NULL are left out, which reads as BLANK. */
export function copyLines({ table, shape, after, through, sorted }: Lines, path: string): string {
  const members = table.columns
    .filter(({ origin }) => !(origin.kind === 'own' && origin.what === 'batch'))
    .map((column) => `${literal(`${JSON.stringify(column.name)}:`)} || ${jsonOf(column, shape)}`);
  const head = `${literal('{"_batch_id":"')} || lpad(CAST(${own.ord} AS VARCHAR), ${batchIdLength}, '0') || '"'`;
  const line =
    members.length === 0 ? `${head} || '}'` : `concat_ws(',', ${[head, ...members].join(', ')}) || '}'`;
  const end = through === undefined ? '' : ` AND ${own.ord} <= ${through}`;
  const order = sorted ? ` ORDER BY ${own.ord}` : '';
  return `COPY (SELECT ${line} FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${after}${end}${order}) TO ${literal(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\u0001')`;
}

/** The value of a column as JSON text; NULL for nothing. */
export function jsonOf({ origin, dataType }: ModelColumn, shape: Shape): string {
  switch (origin.kind) {
    case 'stored':
      return textOf(identifier(origin.column), { type: shape.get(origin.column) ?? 'VARCHAR', dataType });
    case 'reference':
      return `'"' || ${keyOf(origin.columns.map(identifier))} || '"'`;
    case 'base': {
      const [amount, rate] = [identifier(origin.amount), identifier(origin.rate)];
      const sign = origin.by === 'divide' ? '/' : '*';
      const exchanged = `TRY_CAST(round(CAST(${amount} AS DOUBLE) ${sign} CAST(nullif(${rate}, 0) AS DOUBLE), 4) AS DECIMAL(18,4))`;
      // Text in both branches: a decimal that holds the values of both has 128 bits, which takes five times as long.
      const same = decimal(amount, shape.get(origin.amount) ?? 'VARCHAR');
      return `CASE WHEN coalesce(${rate}, 1) = 1 THEN CAST(${same} AS VARCHAR) ELSE CAST(${exchanged} AS VARCHAR) END`;
    }
    case 'own':
      return ownValue(origin.what);
  }
}

function ownValue(what: 'batch' | 'key' | 'version' | 'deleted'): string {
  if (what === 'key') return `'"' || ${own.key} || '"'`;
  if (what === 'version') return `CAST(${own.ord} AS VARCHAR)`;
  return `CAST(${own.gone} AS VARCHAR)`;
}

function textOf(
  value: string,
  { type, dataType }: { readonly type: string; readonly dataType: DataType },
): string {
  switch (dataType) {
    case 'String':
      return `CAST(to_json(${shortened(type === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`)}) AS VARCHAR)`;
    case 'Int64': {
      // The least and the greatest number of 64 bits are not allowed.
      const whole = type === 'BIGINT' ? value : `TRY_CAST(${value} AS BIGINT)`;
      return `CASE WHEN ${whole} > -9223372036854775808 AND ${whole} < 9223372036854775807 THEN CAST(${whole} AS VARCHAR) END`;
    }
    case 'Double': {
      const double = type === 'DOUBLE' ? value : `TRY_CAST(${value} AS DOUBLE)`;
      return `CASE WHEN isfinite(${double}) THEN CAST(${double} AS VARCHAR) END`;
    }
    case 'Decimal':
      return `CAST(${decimal(value, type)} AS VARCHAR)`;
    case 'Boolean':
      return `CAST(${type === 'BOOLEAN' ? value : `TRY_CAST(${value} AS BOOLEAN)`} AS VARCHAR)`;
    case 'Datetime':
      return moment(value, type);
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
function moment(value: string, type: string): string {
  if (type === 'DATE') return `'"' || CAST(${value} AS VARCHAR) || 'T00:00:00Z"'`;
  const local =
    type === 'TIMESTAMP'
      ? value
      : type.startsWith('TIMESTAMP')
        ? `${value} AT TIME ZONE 'UTC'`
        : `TRY_CAST(${value} AS TIMESTAMP)`;
  return `'"' || replace(CAST(date_trunc('millisecond', ${local}) AS VARCHAR), ' ', 'T') || 'Z"'`;
}
