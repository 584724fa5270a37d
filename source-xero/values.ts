// Xero's values as JSON values: dates as ISO 8601, texts that mean nothing as null, numbers without drift.
import {
  exactNumber,
  isObject,
  isoDay,
  isoInstant,
  instantOf as isoInstantOf,
  type JsonSchema,
  valueTypes,
} from '@airbyte/cdk-typescript-shim';

export type Row = Readonly<Record<string, unknown>>;

/** .NET writes this for a date that was never set: 0001-01-01. */
const NEVER = -62_135_596_800_000;
/** Years 0001 to 9999, the range of the destinations' date types. */
const [EARLIEST, LATEST] = [NEVER, 253_402_300_799_999];

/**
 * Milliseconds since the epoch of `/Date(1541176648927+0000)/` or of an ISO date; undefined for anything else.
 * The number is always UTC and the offset never shifts it; ISO texts without a zone are UTC too.
 */
export function instantOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const dotNet = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(value);
  if (dotNet) return Number(dotNet[1]);
  return isoInstantOf(value);
}

/**
 * A record as the streams have it. The schema decides which dates are days and which are instants, and turns numbers
 * and booleans that come as text (batches inside payments, budget amounts) into what they are; fields it does not know
 * pass through, with .NET dates decoded by their look. The text twins of dates (DateString) are dropped.
 */
export function decode(row: Row, schema: JsonSchema): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (isTwin(name, row)) continue;
    decoded[name] = decodeValue(value, schema.properties?.[name], name);
  }
  return decoded;
}

/** DateString says what Date says; UpdatedDateUTCString less, as it has no milliseconds. */
const isTwin = (name: string, row: Row): boolean =>
  /Date(UTC)?String$/.test(name) && name.slice(0, -'String'.length) in row;

function decodeValue(value: unknown, schema: JsonSchema | undefined, name: string): unknown {
  // Xero leaves out what is empty, or sends an empty text: both mean null.
  if (value === null || value === undefined || value === '') return null;
  if (Array.isArray(value)) {
    const items = schema?.items as JsonSchema | undefined;
    return value.map((element) => decodeValue(element, items, name));
  }
  if (isObject(value)) return decode(value, schema ?? {});
  if (typeof value !== 'string') return value;
  return schema ? decodeText(value, schema) : decodeUnknown(value, name);
}

function decodeText(text: string, schema: JsonSchema): unknown {
  if (schema.format === 'date' || schema.format === 'date-time') {
    const at = instantOf(text);
    if (at === undefined || at <= EARLIEST || at > LATEST) return null;
    return schema.format === 'date' ? isoDay(at) : isoInstant(at);
  }
  const [type] = valueTypes(schema);
  if ((type === 'number' || type === 'integer') && /^-?\d+(\.\d+)?$/.test(text)) return exactNumber(text);
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}

function decodeUnknown(text: string, name: string): unknown {
  if (!text.startsWith('/Date(')) return text;
  const at = instantOf(text);
  if (at === undefined || at <= EARLIEST || at > LATEST) return at === undefined ? text : null;
  return at % 86_400_000 === 0 && !name.endsWith('UTC') ? isoDay(at) : isoInstant(at);
}
