// From what was read to the value of a column: exact, or NULL. Nothing is rounded.
import { numeral } from './numerals.ts';
import type { ColumnType } from './tables.ts';

/**
 * How a value comes out of the JSON reader: as DOUBLE (fast; tells when it may not be exact) or as VARCHAR. Numerals
 * of more than 15 significant digits never come as DOUBLE: see digits.ts.
 */
export type Reading = 'double' | 'text' | 'json';

type DecimalType = Extract<ColumnType, { kind: 'decimal' }>;

/** The reading that a column of this type can have at best. */
export function fastReading(type: ColumnType): Reading {
  if (type.kind === 'json') return 'json';
  return isNumber(type) ? 'double' : 'text';
}

/** Numbers of 64 bits: beyond them a double says nothing exact. */
function isNumber(type: ColumnType): boolean {
  return type.kind === 'integer' || (type.kind === 'decimal' && type.precision <= 18);
}

/** DuckDB's type for a column. */
export function storedType(type: ColumnType): string {
  switch (type.kind) {
    case 'text':
    case 'json':
      return 'VARCHAR';
    case 'integer':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'time':
      return 'TIME';
    case 'instant':
      return 'TIMESTAMPTZ';
    case 'datetime':
      return 'TIMESTAMP';
    case 'decimal':
      return `DECIMAL(${type.precision}, ${type.scale})`;
  }
}

/**
 * The first step from what was read to a column's value, where there are two: a value of the stored type, which may
 * not be exact. It is computed once, and then checked.
 */
export function parse(type: ColumnType, read: string, reading: Reading): string | undefined {
  const numbers = reading === 'double' && (type.kind === 'integer' || type.kind === 'decimal');
  const moments = type.kind === 'date' || type.kind === 'instant' || type.kind === 'datetime';
  return numbers || moments ? `TRY_CAST(${read} AS ${storedType(type)})` : undefined;
}

/** The value of a column, NULL when what was read is none. `parsed` names the result of the first step. */
export function cast(type: ColumnType, { read, parsed }: { read: string; parsed: string }, reading: Reading) {
  switch (type.kind) {
    case 'text':
      return read;
    case 'json':
      return `nullif(CAST(${read} AS VARCHAR), 'null')`;
    case 'integer':
      if (reading !== 'double') return wholeFromText(read);
      return same(
        parsed,
        `abs(${read}) <= ${Number.MAX_SAFE_INTEGER} AND CAST(${parsed} AS DOUBLE) = ${read}`,
      );
    case 'decimal':
      if (reading !== 'double') return decimalFromText(type, read);
      // Up to 15 significant digits a decimal numeral and its double tell each other exactly: the decimal of the
      // double is the numeral's when it gives that double again and has no more digits than that.
      return same(parsed, `abs(${read}) < 1e${15 - type.scale} AND CAST(${parsed} AS DOUBLE) = ${read}`);
    case 'double':
      return `TRY_CAST(${read} AS DOUBLE)`;
    case 'boolean':
      return `CASE ${read} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    case 'time': {
      const written = `regexp_full_match(${read}, '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?')`;
      return `CASE WHEN ${written} AND ${read} < '24' THEN TRY_CAST(${read} AS TIME) END`;
    }
    case 'date':
      return same(parsed, `(strlen(${read}) = 10 OR ${isMidnight(read)}) AND ${withinYears('DATE', parsed)}`);
    case 'instant':
      return same(parsed, `strlen(${read}) >= 10 AND ${withinYears('TIMESTAMPTZ', parsed)}`);
    case 'datetime':
      return same(parsed, `strlen(${read}) >= 10 AND ${withinYears('TIMESTAMP', parsed)}`);
  }
}

const same = (value: string, condition: string): string => `CASE WHEN ${condition} THEN ${value} END`;

/** A moment from ISO 8601 text; without a zone it counts as UTC. Digits beyond microseconds are cut off. */
export function instantFrom(read: string): string {
  const parsed = `TRY_CAST(${read} AS TIMESTAMPTZ)`;
  return cast({ kind: 'instant' }, { read, parsed }, 'text');
}

/** The products hold the years 1 to 9999 (Databricks, and Parquet readers at large). */
const withinYears = (type: 'DATE' | 'TIMESTAMP' | 'TIMESTAMPTZ', value: string): string =>
  `${value} >= ${type} '0001-01-01' AND ${value} < ${type} '10000-01-01'`;

/** A date-time is a date at midnight only: any other time of day would be lost. */
const isMidnight = (read: string): string =>
  `(strlen(${read}) > 10 AND CAST(TRY_CAST(${read} AS TIMESTAMP) AS TIME) = TIME '00:00:00')`;

function wholeFromText(read: string): string {
  const text = numeral(read);
  return `CASE WHEN numeral_scale(${text}) = 0 THEN TRY_CAST(TRY_CAST(${text} AS DECIMAL(38, 0)) AS BIGINT) END`;
}

function decimalFromText(type: DecimalType, read: string): string {
  const text = numeral(read);
  return `CASE WHEN numeral_scale(${text}) <= ${type.scale} THEN TRY_CAST(${text} AS ${storedType(type)}) END`;
}

/**
 * Text of a value for the row's hash: the same for equal values, whatever the width of the column, and empty or a
 * separator for NULL. `value` is an expression of the column's stored type, `declared` the type before any widening.
 */
export function hashText(type: ColumnType, value: string, declared: ColumnType): string {
  switch (type.kind) {
    case 'text':
    case 'json':
      return `coalesce(${value}, chr(30))`;
    case 'instant':
    case 'datetime':
      return `CAST(epoch_us(${value}) AS VARCHAR)`;
    case 'decimal':
      return decimalText(type, value, declared);
    default:
      return `CAST(${value} AS VARCHAR)`;
  }
}

function decimalText(type: DecimalType, value: string, declared: ColumnType): string {
  const text = `CAST(${value} AS VARCHAR)`;
  if (declared.kind !== 'decimal' || storedType(type) === storedType(declared)) return text;
  const narrow = `TRY_CAST(${value} AS ${storedType(declared)})`;
  return `CASE WHEN ${narrow} = ${value} THEN CAST(${narrow} AS VARCHAR) ELSE rtrim(${text}, '0') END`;
}
