// The words that record schemas are written in: one function for each kind of value QuickBooks sends.
import type { JsonSchema, Role } from '@airbyte/cdk-typescript-shim';

export type Properties = Readonly<Record<string, JsonSchema>>;

const value = (type: 'string' | 'number' | 'integer' | 'boolean', keywords: JsonSchema = {}): JsonSchema => ({
  type: ['null', type],
  ...keywords,
});

const told = (description: string | undefined): JsonSchema => (description ? { description } : {});

const withRole =
  (type: 'string' | 'number', role: Role) =>
  (description?: string): JsonSchema =>
    value(type, { ...told(description), 'x-role': role });

export const text = (description?: string): JsonSchema => value('string', told(description));
export const flag = (description?: string): JsonSchema => value('boolean', told(description));
export const whole = (description?: string): JsonSchema => value('integer', told(description));

export const label = withRole('string', 'label');
export const code = withRole('string', 'code');
export const status = withRole('string', 'status');
export const url = withRole('string', 'url');
export const note = withRole('string', 'note');
/** Money, in the currency of the document unless said otherwise. */
export const amount = withRole('number', 'amount');
/** Price of one unit, up to seven places. */
export const unitPrice = withRole('number', 'unit_price');
export const quantity = withRole('number', 'quantity');
/** Currency rate, six places and more. */
export const rate = withRole('number', 'rate');
export const percent = withRole('number', 'percent');

/** A calendar day, as typed in QuickBooks: no time zone applies to it. */
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

/** A list that is kept as it is: too rarely filled, or of no fixed shape. */
export const list = (description?: string): JsonSchema => ({ type: ['null', 'array'], ...told(description) });

/** A reference as QuickBooks writes them: the key of a record of that stream, and its name at the time. */
export const ref = (stream: string, description?: string): JsonSchema =>
  object({ value: value('string', { 'x-references': stream }), name: label() }, description);

/** A reference to something that is no stream, or to one of several. */
export const looseRef = (description?: string): JsonSchema =>
  object({ value: id(), name: label(), type: text() }, description);

/** The currency of a record; its value is the ISO code. */
export const currencyRef = (): JsonSchema =>
  object({ value: value('string', { 'x-role': 'currency' }), name: text() });

export const keyOf = (stream: string, description?: string): JsonSchema =>
  value('string', { ...told(description), 'x-references': stream });

const metaData = (): JsonSchema =>
  object({
    CreateTime: instant(),
    LastUpdatedTime: instant('As QuickBooks writes it, in US Pacific time'),
    LastModifiedByRef: looseRef(),
  });

/** A whole record: the company and the time of change beside what QuickBooks sends. */
export const record = (properties: Properties): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: true,
  required: ['RealmID', 'Id'],
  properties: {
    RealmID: { type: 'string', description: 'The company' },
    Id: { type: 'string', description: 'Unique among the records of this stream in the company' },
    SyncToken: text('Version: one more with every change'),
    LastUpdatedTime: instant('MetaData.LastUpdatedTime in UTC', 'updated'),
    MetaData: metaData(),
    domain: text(),
    sparse: flag(),
    ...properties,
    _ab_cdc_deleted_at: instant('When the record was deleted, or found so; null while it exists'),
  },
});
