// Column types: what PostgreSQL calls ours, which types hold which, and how a value gets into another type.
import type { ColumnType } from '@ledgerpipe/staging';
import { literal } from './text.ts';

/** A type as format_type() spells it: `numeric(18,4)`, `timestamp with time zone`. */
export type SqlType = string;

const types: Readonly<Record<ColumnType['kind'], SqlType>> = {
  text: 'text',
  integer: 'bigint',
  double: 'double precision',
  boolean: 'boolean',
  date: 'date',
  time: 'time without time zone',
  json: 'jsonb',
  instant: 'timestamp with time zone',
  datetime: 'timestamp without time zone',
  // Without digits it holds every decimal as it is, and never has to be rewritten to grow.
  decimal: 'numeric',
};

export const sqlType = ({ kind }: ColumnType): SqlType => types[kind];

const nameOf = (type: SqlType): string => type.replace(/\(.*?\)/, '').trim();

/** Digits before and after the point a type holds; undefined for types that are not exact numbers. */
function digits(type: SqlType): { whole: number; scale: number } | undefined {
  const whole = { smallint: 4, integer: 9, bigint: 18 }[type];
  if (whole !== undefined) return { whole, scale: 0 };
  if (nameOf(type) !== 'numeric') return undefined;
  const [, precision, scale] = /\((\d+)(?:,(-?\d+))?\)/.exec(type) ?? [];
  if (precision === undefined) return { whole: 131_072, scale: 16_383 };
  return { whole: Number(precision) - Number(scale ?? 0), scale: Number(scale ?? 0) };
}

const texts: ReadonlySet<string> = new Set(['text', 'character varying', 'character']);

/**
 * How a staged value of type `wanted` gets into a column of type `current`: `plain` as it is, `exact` by a cast that
 * loses nothing, `checked` by a cast where the value allows it and NULL otherwise, `never`.
 */
export type Conversion = 'plain' | 'exact' | 'checked' | 'never';

export function conversion(wanted: SqlType, current: SqlType): Conversion {
  if (wanted === current) return 'plain';
  if (['text', 'character varying', 'jsonb', 'json'].includes(current)) return 'exact';
  if (texts.has(nameOf(current))) return 'checked';
  if (/^(date|timestamp)/.test(current)) return momentConversion(wanted);
  const to = digits(current);
  // Only a numeric without digits holds every number of ours.
  if (to && digits(wanted)) return current === 'numeric' ? 'exact' : 'checked';
  if (to) return ['text', 'double precision'].includes(wanted) ? 'checked' : 'never';
  if (current === 'boolean') return wanted === 'text' ? 'checked' : 'never';
  const double = current === 'double precision' || current === 'real';
  return double && (digits(wanted) || wanted === 'text') ? 'checked' : 'never';
}

const momentConversion = (wanted: SqlType): Conversion =>
  wanted === 'date' ? 'exact' : wanted.startsWith('timestamp') ? 'checked' : 'never';

/** The type that holds all of both, when only a rewrite of the table makes one of the other. */
export function widened(current: SqlType, wanted: SqlType): SqlType | undefined {
  if (digits(current) && digits(wanted) && current !== 'numeric') return 'numeric';
  if (current === 'date' && wanted.startsWith('timestamp')) return wanted;
  if (current.startsWith('character') && current !== 'character varying') return 'text';
  return undefined;
}

const number = '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$';

/** What staging's texts of these types look like within PostgreSQL's calendar (it has no year 0, and staging's are ISO). */
const shapes: Readonly<Record<SqlType, string>> = {
  bigint: '^-?[0-9]{1,19}$',
  numeric: number,
  'double precision': '^(-?inf|nan|-?[0-9.]+([eE][+-]?[0-9]{1,3})?)$',
  boolean: '^(true|false)$',
  date: '^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  'time without time zone': '^[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?$',
  'timestamp with time zone': '^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z$',
  'timestamp without time zone': '^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}$',
};

/** An escaped NUL in JSON, after an even number of backslashes: jsonb takes none. */
const escapedNul = '(^|[^\\\\])((\\\\\\\\)*)\\\\u0000';

/** `value`, staged as text, as the type it was declared with: NULL where PostgreSQL's type has no such value. */
export function parsed(value: string, wanted: SqlType): string {
  if (wanted === 'text') return value;
  if (wanted === 'jsonb') {
    // Twice, for two in a row share the character between them.
    const once = `regexp_replace(${value}, ${literal(escapedNul)}, ${literal('\\1\\2')}, 'g')`;
    return `CAST(regexp_replace(${once}, ${literal(escapedNul)}, ${literal('\\1\\2')}, 'g') AS jsonb)`;
  }
  return `CASE WHEN ${value} ~ ${literal(shapes[wanted] ?? '^$')} THEN CAST(${value} AS ${wanted}) END`;
}

/** The expression that puts `value`, an expression of type `wanted`, into a column of type `current`. */
export function converted(value: string, wanted: SqlType, current: SqlType): string {
  switch (conversion(wanted, current)) {
    case 'plain':
      return value;
    case 'exact':
      return current === 'jsonb' || current === 'json'
        ? asJson(value, current)
        : `CAST(${value} AS ${current})`;
    case 'checked':
      return checked(value, wanted, current);
    case 'never':
      return `CAST(NULL AS ${current})`;
  }
}

const asJson = (value: string, type: SqlType): string => `CAST(to_jsonb(${value}) AS ${type})`;

function checked(value: string, wanted: SqlType, current: SqlType): string {
  if (texts.has(nameOf(current))) {
    const length = /\((\d+)\)/.exec(current)?.[1] ?? '1';
    return `CASE WHEN length(CAST(${value} AS text)) <= ${length} THEN CAST(CAST(${value} AS text) AS ${current}) END`;
  }
  if (current === 'boolean')
    return `CASE lower(${value}) WHEN 'true' THEN true WHEN 'false' THEN false ELSE NULL END`;
  if (/^(date|timestamp)/.test(current))
    return `CASE WHEN CAST(CAST(${value} AS ${current}) AS ${wanted}) = ${value} THEN CAST(${value} AS ${current}) END`;
  const exact = `CAST(CASE WHEN CAST(${value} AS text) ~ ${literal(number)} THEN CAST(${value} AS text) END AS numeric)`;
  const to = digits(current);
  if (!to) return `CAST(${exact} AS ${current})`;
  const fits = `abs(${exact}) < ${`1${'0'.repeat(to.whole)}`} AND round(${exact}, ${to.scale}) = ${exact}`;
  return current === 'numeric' ? exact : `CASE WHEN ${fits} THEN CAST(${exact} AS ${current}) END`;
}

/** Whether every value of `wanted` keeps its meaning in `current`. */
export const fits = (wanted: SqlType, current: SqlType): boolean =>
  ['plain', 'exact'].includes(conversion(wanted, current));
