// The words that QuickBooks' record schemas are written in, beside those of every ledger.
import { fields, type JsonSchema } from '@airbyte/cdk-typescript-shim';

export const {
  amount,
  code,
  day,
  flag,
  id,
  instant,
  label,
  list,
  note,
  object,
  percent,
  quantity,
  rate,
  reference: keyOf,
  rows,
  status,
  text,
  unitPrice,
  url,
  whole,
} = fields;

export type Properties = fields.Properties;

/** A reference as QuickBooks writes them: the key of a record of that stream, and its name at the time. */
export const ref = (stream: string, description?: string): JsonSchema =>
  object({ value: keyOf(stream), name: label() }, description);

/** A reference to something that is no stream, or to one of several. */
export const looseRef = (description?: string): JsonSchema =>
  object({ value: id(), name: label(), type: text() }, description);

/** The currency of a record; its value is the ISO code. */
export const currencyRef = (): JsonSchema =>
  object({ value: fields.value('string', { 'x-role': 'currency' }), name: text() });

const metaData = (): JsonSchema =>
  object({
    CreateTime: instant(),
    LastUpdatedTime: instant('As QuickBooks writes it, in US Pacific time'),
    LastModifiedByRef: looseRef(),
  });

/** A whole record: the company and the time of change beside what QuickBooks sends. */
export const record = (properties: Properties): JsonSchema =>
  fields.record(
    {
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
    ['RealmID', 'Id'],
  );
