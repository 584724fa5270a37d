// The words that record schemas are written in: one function for each kind of value that ledgers hold.
import type { JsonSchema, Role } from './schema.ts';

export type Properties = Readonly<Record<string, JsonSchema>>;

export const value = (
  type: 'string' | 'number' | 'integer' | 'boolean',
  keywords: JsonSchema = {},
): JsonSchema => ({ type: ['null', type], ...keywords });

/** The keyword of a description, where there is one. */
export const told = (description: string | undefined): JsonSchema => (description ? { description } : {});

const withRole =
  (type: 'string' | 'number', role: Role) =>
  (description?: string): JsonSchema =>
    value(type, { ...told(description), 'x-role': role });

export const text = (description?: string): JsonSchema => value('string', told(description));
export const flag = (description?: string): JsonSchema => value('boolean', told(description));
export const whole = (description?: string): JsonSchema => value('integer', told(description));
export const decimal = (description?: string): JsonSchema => value('number', told(description));

export const label = withRole('string', 'label');
export const code = withRole('string', 'code');
export const status = withRole('string', 'status');
export const url = withRole('string', 'url');
export const note = withRole('string', 'note');
/** Money, in the currency of the document unless said otherwise. */
export const amount = withRole('number', 'amount');
/** Price of one unit, with more places than money. */
export const unitPrice = withRole('number', 'unit_price');
export const quantity = withRole('number', 'quantity');
/** Currency rate, six places and more. */
export const rate = withRole('number', 'rate');
export const percent = withRole('number', 'percent');

/** A calendar day, as a person typed it: no time zone applies to it. */
export const day = (description?: string, role: Role = 'date'): JsonSchema =>
  value('string', { format: 'date', ...told(description), 'x-role': role });

export const instant = (description?: string, role?: Role): JsonSchema =>
  value('string', {
    format: 'date-time',
    airbyte_type: 'timestamp_with_timezone',
    ...told(description),
    ...(role ? { 'x-role': role } : {}),
  });

/** An id that is no key of a stream of ours, or of one of several. */
export const id = (description?: string): JsonSchema => value('string', told(description));

/** The key of a record of that stream. */
export const reference = (stream: string, description?: string): JsonSchema =>
  value('string', { ...told(description), 'x-references': stream });

export const object = (properties: Properties, description?: string): JsonSchema => ({
  type: ['null', 'object'],
  ...told(description),
  additionalProperties: true,
  properties,
});

/** Objects that destinations make a table of their own from. */
export const rows = (properties: Properties, description?: string): JsonSchema => ({
  type: ['null', 'array'],
  ...told(description),
  items: { type: 'object', additionalProperties: true, properties },
});

/** A list that is kept as it is: too rarely filled, of no fixed shape, or told better by another stream. */
export const list = (description?: string): JsonSchema => ({ type: ['null', 'array'], ...told(description) });

/** A whole record with its key; what the vendor adds without notice passes through. */
export const record = (properties: Properties, key: readonly string[]): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: true,
  required: [...key],
  properties,
});
