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

/** The value of `read` (an expression) in a column of this type, NULL when it is none. */
export function cast(type: ColumnType, read: string, reading: Reading): string {
  switch (type.kind) {
    case 'text':
      return read;
    case 'json':
      return `nullif(CAST(${read} AS VARCHAR), 'null')`;
    case 'integer':
      return reading === 'double' ? wholeFromDouble(read) : wholeFromText(read);
    case 'decimal':
      return reading === 'double' ? decimalFromDouble(type, read) : decimalFromText(type, read);
    case 'double':
      return `TRY_CAST(${read} AS DOUBLE)`;
    case 'boolean':
      return `CASE ${read} WHEN 'true' THEN true WHEN 'false' THEN false END`;
    case 'date':
      return dateFrom(read);
    case 'time':
      return `CASE WHEN regexp_full_match(${read}, '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?Z?') AND ${read} < '24' THEN TRY_CAST(${read} AS TIME) END`;
    case 'instant':
      return instantFrom(read);
    case 'datetime':
      return within('TIMESTAMP', read);
  }
}

/** A moment from ISO 8601 text; without a zone it counts as UTC. Digits beyond microseconds are cut off. */
export const instantFrom = (read: string): string => within('TIMESTAMPTZ', read);

/** The products hold the years 1 to 9999 (Databricks, and Parquet readers at large). */
function within(type: 'TIMESTAMP' | 'TIMESTAMPTZ', read: string): string {
  const value = `TRY_CAST(${read} AS ${type})`;
  return `CASE WHEN strlen(${read}) >= 10 AND ${value} >= ${type} '0001-01-01 00:00:00' AND ${value} < ${type} '10000-01-01 00:00:00' THEN ${value} END`;
}

/** A date, or a date-time at midnight: any other time of day would be lost. */
function dateFrom(read: string): string {
  const moment = `TRY_CAST(${read} AS TIMESTAMP)`;
  const value = `CASE WHEN strlen(${read}) = 10 THEN TRY_CAST(${read} AS DATE) WHEN strlen(${read}) > 10 AND CAST(${moment} AS TIME) = TIME '00:00:00' THEN CAST(${moment} AS DATE) END`;
  return `CASE WHEN (${value}) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN (${value}) END`;
}

const wholeFromDouble = (read: string): string =>
  `CASE WHEN abs(${read}) <= ${Number.MAX_SAFE_INTEGER} AND trunc(${read}) = ${read} THEN TRY_CAST(${read} AS BIGINT) END`;

function wholeFromText(read: string): string {
  const text = numeral(read);
  return `CASE WHEN numeral_scale(${text}) = 0 THEN TRY_CAST(TRY_CAST(${text} AS DECIMAL(38, 0)) AS BIGINT) END`;
}

/**
 * Up to 15 significant digits a decimal numeral and its double tell each other exactly. The decimal of the double is
 * the numeral's when it gives that double again and has no more digits than that.
 */
function decimalFromDouble(type: DecimalType, read: string): string {
  const value = `TRY_CAST(${read} AS ${storedType(type)})`;
  return `CASE WHEN abs(${read}) < 1e${15 - type.scale} AND CAST(${value} AS DOUBLE) = ${read} THEN ${value} END`;
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
