// The words that Xero's record schemas are written in, beside those of every ledger.
import { fields, type JsonSchema } from '@airbyte/cdk-typescript-shim';

export const {
  amount,
  code,
  day,
  decimal,
  flag,
  id: guid,
  instant,
  label,
  list,
  note,
  object,
  percent,
  quantity,
  rate,
  reference,
  rows,
  status,
  text,
  unitPrice,
  url,
  whole,
} = fields;

export const updated = (): JsonSchema => instant('Last change that Xero counts as one', 'updated');

export const currency = (description?: string): JsonSchema =>
  fields.value('string', {
    ...fields.told(description),
    'x-role': 'currency',
    'x-references': 'currencies',
  });

/** A whole record: the organisation and the record's own key beside what Xero sends. */
export const record = (key: string, properties: fields.Properties): JsonSchema =>
  fields.record(
    {
      TenantID: { type: 'string', description: 'The organisation: its OrganisationID' },
      ...properties,
      [key]: { ...properties[key], type: 'string' },
      _ab_cdc_deleted_at: instant('When the record was found deleted; null while it exists'),
    },
    ['TenantID', key],
  );
