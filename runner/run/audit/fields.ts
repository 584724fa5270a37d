// Which fields of a stream say what the audit trail must know: whose record it is, its key, number and time of change.
import { type ConfiguredStream, isObject } from '@airbyte/cdk-typescript-shim';

/** A field by its path in the record. */
export type FieldPath = readonly string[];

export interface StreamFields {
  /** Organisation or company; absent: the stream has neither. */
  readonly tenant?: FieldPath;
  /** Parts of the key, without the tenant; empty: the record's hash stands for it. */
  readonly key: readonly FieldPath[];
  /** The number people may know a record by, the likeliest first; others count where it has none. */
  readonly document: readonly FieldPath[];
  /** The record's own time of change, the likeliest first. */
  readonly time: readonly FieldPath[];
}

const tenants = ['TenantID', 'RealmID'];

/** What ledgers call the number on a document, then what stands for it where there is none. */
const documents = [
  ...['InvoiceNumber', 'CreditNoteNumber', 'PurchaseOrderNumber', 'QuoteNumber', 'JournalNumber'],
  ...['DocNumber', 'PaymentRefNum', 'AccountNumber', 'AcctNum', 'Code', 'Sku', 'Reference'],
];

const times: readonly FieldPath[] = [['UpdatedDateUTC'], ['MetaData', 'LastUpdatedTime'], ['CreatedDateUTC']];

/** Set on records that are no longer there. */
const deletedAt: FieldPath = ['_ab_cdc_deleted_at'];

export function fieldsOf({ stream, primary_key, cursor_field }: ConfiguredStream): StreamFields {
  const keys = primary_key?.length ? primary_key : (stream.source_defined_primary_key ?? []);
  const tenant = keys.find(([name = '', ...rest]) => rest.length === 0 && tenants.includes(name));
  const own = keys.filter((path) => path !== tenant);
  const offered = isObject(stream.json_schema.properties) ? stream.json_schema.properties : {};
  const isThere = ([name = '']: FieldPath): boolean => name in offered;
  const cursor = cursor_field?.length ? cursor_field : stream.default_cursor_field;
  const change = cursor && isInstant(offered, cursor) ? [cursor] : [];
  const known = times.filter((path) => isThere(path) && path[0] !== change[0]?.[0]);
  return {
    ...(tenant ? { tenant } : {}),
    key: own.length > 0 ? own : keys,
    document: documents
      .map((name) => [name])
      .filter((path) => isThere(path) && !own.some(([name]) => name === path[0]))
      .slice(0, 2),
    time: [...[...change, ...known].slice(0, 1), deletedAt],
  };
}

/** Some cursors are numbers: they say which of two versions is newer, but not when. */
function isInstant(properties: Readonly<Record<string, unknown>>, [name = '', ...rest]: FieldPath): boolean {
  const property = properties[name];
  if (!isObject(property)) return false;
  if (rest.length > 0) return isObject(property.properties) && isInstant(property.properties, rest);
  return typeof property.format === 'string' && property.format.startsWith('date');
}
