// Column types: what Databricks calls ours, which types a column may grow into, and how a value gets into another type.
import type { ColumnType } from '@ledgerpipe/staging';

/** A type as Unity Catalog or a statement spells it, taken apart. */
export interface SqlType {
  /** Upper case, with arguments: `DECIMAL(18,4)`, `STRING`. */
  readonly text: string;
  /** Upper case, without arguments; synonyms folded: `INTEGER` and `INT` are `INT`. */
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

const plainTypes = {
  text: 'STRING',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  instant: 'TIMESTAMP',
  datetime: 'TIMESTAMP_NTZ',
  // Delta has no time of day; JSON text reads everywhere, VARIANT is a preview.
  time: 'STRING',
  json: 'STRING',
} as const;

export const sqlType = (type: ColumnType): SqlType =>
  readType(type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : plainTypes[type.kind]);

const synonyms: Readonly<Record<string, string>> = {
  LONG: 'BIGINT',
  INTEGER: 'INT',
  SHORT: 'SMALLINT',
  BYTE: 'TINYINT',
  REAL: 'FLOAT',
  DEC: 'DECIMAL',
  NUMERIC: 'DECIMAL',
  TIMESTAMP_LTZ: 'TIMESTAMP',
  CHARACTER: 'CHAR',
};

/** Reads a type in any case; of nested types only the outer name matters. */
export function readType(text: string): SqlType {
  const upper = text.trim().toUpperCase();
  const [, word = upper, first, second] =
    /^([A-Z_]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?/.exec(upper) ?? [];
  const name = synonyms[word] ?? word;
  // A bare DECIMAL is DECIMAL(10,0) ("DECIMAL type").
  const precision = first === undefined ? (name === 'DECIMAL' ? 10 : 0) : Number(first);
  const scale = second === undefined ? 0 : Number(second);
  const scalar =
    name === 'DECIMAL' ? `DECIMAL(${precision},${scale})` : first ? `${name}(${precision})` : name;
  return { text: upper.includes('<') ? upper : scalar, name, precision, scale };
}

const integerDigits: Readonly<Record<string, number>> = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 };
const largestPrecision = 38;

const decimal = (precision: number, scale: number): SqlType => readType(`DECIMAL(${precision},${scale})`);

/** The numbers a type holds as (digits before the point, digits after it); undefined for other types. */
function digits(type: SqlType): { whole: number; scale: number } | undefined {
  if (type.name === 'DECIMAL') return { whole: type.precision - type.scale, scale: type.scale };
  const whole = integerDigits[type.name];
  return whole === undefined ? undefined : { whole, scale: 0 };
}

/**
 * The type that `current` may be altered to so that it holds `wanted` as well, or undefined. Rules: "Type widening",
 * delta.enableTypeWidening (DBR 15.4): integers grow among themselves, into decimals and DOUBLE, decimals grow
 * without losing digits on either side, FLOAT into DOUBLE, DATE into TIMESTAMP_NTZ.
 */
export function widened(current: SqlType, wanted: SqlType): SqlType | undefined {
  const from = digits(current);
  const to = digits(wanted);
  if (from && to) return widenedNumber(current, wanted, { from, to });
  const pair = `${current.name} ${wanted.name}`;
  // BIGINT is not on the list: a double does not hold all of it.
  if (
    ['TINYINT DOUBLE', 'SMALLINT DOUBLE', 'INT DOUBLE', 'FLOAT DOUBLE', 'DATE TIMESTAMP_NTZ'].includes(pair)
  )
    return wanted;
  return undefined;
}

function widenedNumber(
  current: SqlType,
  wanted: SqlType,
  { from, to }: { from: { whole: number; scale: number }; to: { whole: number; scale: number } },
): SqlType | undefined {
  if (current.name !== 'DECIMAL' && wanted.name !== 'DECIMAL')
    return to.whole > from.whole ? wanted : undefined;
  // The page asks for DECIMAL(10,0) from the smaller integers and DECIMAL(20,0) from BIGINT, at the least.
  const least = current.name === 'DECIMAL' ? from.whole : current.name === 'BIGINT' ? 20 : 10;
  const scale = Math.max(from.scale, to.scale);
  const whole = Math.max(least, to.whole);
  if (whole + scale > largestPrecision) return undefined;
  const grown = decimal(whole + scale, scale);
  return grown.text === current.text ? undefined : grown;
}

/**
 * How a staged value of `wanted` gets into a column of `current`:
 * `plain` as it is; `exact` by a cast that loses nothing; `text` by parsing, NULL where it does not parse;
 * `checked` by a cast whose result must equal the value, NULL otherwise; `bounded` when short enough; `never`.
 */
export type Conversion = 'plain' | 'exact' | 'text' | 'checked' | 'bounded' | 'never';

const textTypes: ReadonlySet<string> = new Set(['STRING', 'VARCHAR', 'CHAR']);
const numbers: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INT',
  'BIGINT',
  'DECIMAL',
  'FLOAT',
  'DOUBLE',
]);
const moments: ReadonlySet<string> = new Set(['DATE', 'TIMESTAMP', 'TIMESTAMP_NTZ']);

export function conversion(wanted: SqlType, current: SqlType): Conversion {
  if (wanted.text === current.text) return 'plain';
  if (current.name === 'STRING') return 'exact';
  if (textTypes.has(current.name)) return 'bounded';
  const scalar = numbers.has(current.name) || moments.has(current.name) || current.name === 'BOOLEAN';
  if (wanted.name === 'STRING') return scalar ? 'text' : 'never';
  const from = digits(wanted);
  const to = digits(current);
  if (from && to) return to.whole >= from.whole && to.scale >= from.scale ? 'exact' : 'checked';
  if (wanted.name === 'DATE' && current.name.startsWith('TIMESTAMP')) return 'exact';
  const akin = [numbers, moments].some((family) => family.has(wanted.name) && family.has(current.name));
  return akin ? 'checked' : 'never';
}

/** The expression that puts `value`, an expression of type `wanted`, into a column of type `current`. */
export function converted(value: string, wanted: SqlType, current: SqlType): string {
  const cast = `try_cast(${value} AS ${current.text})`;
  switch (conversion(wanted, current)) {
    case 'plain':
      return value;
    case 'exact':
      return `CAST(${value} AS ${current.text})`;
    case 'text':
      return cast;
    case 'checked':
      return `CASE WHEN try_cast(${cast} AS ${wanted.text}) = ${value} THEN ${cast} END`;
    case 'bounded': {
      const text = wanted.name === 'STRING' ? value : `CAST(${value} AS STRING)`;
      return `CASE WHEN length(${text}) <= ${current.precision} THEN ${text} END`;
    }
    case 'never':
      return `CAST(NULL AS ${current.text})`;
  }
}

/** Whether every value of `wanted` keeps its meaning in `current`. */
export const fits = (wanted: SqlType, current: SqlType): boolean =>
  ['plain', 'exact'].includes(conversion(wanted, current));
