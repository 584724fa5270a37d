// What every strategy is given and gives: one endpoint of one organisation in, records and states out.
import { type Clock, type ConfiguredStream, isObject, isoInstant } from '@airbyte/cdk-typescript-shim';
import type { Api, Tenant } from './api.ts';
import type { Config } from './spec.ts';
import type { Stream } from './streams.ts';
import { decode, instantOf, type Row } from './values.ts';

export type State = Readonly<Record<string, unknown>>;
export type RecordData = Record<string, unknown>;

/** A stream to read, with what its last state says of this organisation. */
export interface Selected {
  readonly stream: Stream;
  /** All rows, whatever the state says (full_refresh); no tombstones. */
  readonly refresh: boolean;
  readonly state: State;
}

/** One endpoint of one organisation: the streams it feeds share its requests, and its failure. */
export interface Reading {
  readonly api: Api;
  readonly tenant: Tenant;
  readonly selected: readonly Selected[];
  readonly config: Config;
  readonly clock: Clock;
}

/** What a strategy yields: a record, or the state that covers all records of its stream so far. */
export type Step =
  | { readonly stream: Stream; readonly data: RecordData }
  | { readonly stream: Stream; readonly state: State };

export const refreshes = (configured: Pick<ConfiguredStream, 'sync_mode'>): boolean =>
  configured.sync_mode === 'full_refresh';

/** The path and the query that every request of an endpoint has in common. */
export function endpointOf({ selected, config }: Pick<Reading, 'selected' | 'config'>): {
  readonly path: string;
  readonly list?: string;
  readonly query: Record<string, string | number>;
} {
  const [first] = selected;
  if (!first) throw new TypeError('An endpoint is read for at least one stream');
  const { path, list, query, archived } = first.stream;
  return {
    path,
    ...(list ? { list } : {}),
    query: { ...query, ...(archived && config.include_archived ? { [archived]: 'true' } : {}) },
  };
}

/** A query with more conditions: `where` texts are joined by AND. */
export function narrowed(
  query: Readonly<Record<string, string | number>>,
  more: Readonly<Record<string, string>>,
): Record<string, string | number> {
  const where = [query.where, more.where].filter((condition) => condition !== undefined).join(' AND ');
  return { ...query, ...more, ...(where ? { where } : {}) };
}

/** The records that a row of a reply holds for a stream, decoded; none where it belongs to another stream. */
export function recordsOf(stream: Stream, row: Row, { id }: Pick<Tenant, 'id'>): readonly RecordData[] {
  const { part } = stream;
  if (part && 'is' in part && row[part.field] !== part.is) return [];
  const rows = part && 'each' in part ? nested(row, part) : [row];
  return rows.map((one) => ({ TenantID: id, ...decode(one, stream.schema) }));
}

function nested(
  row: Row,
  { each, named }: { readonly each: string; readonly named: Readonly<Record<string, string>> },
): readonly Row[] {
  const parent = Object.fromEntries(Object.entries(named).map(([field, name]) => [name, row[field]]));
  const elements = row[each];
  return Array.isArray(elements)
    ? elements.filter(isObject).map((element) => ({ ...parent, ...element }))
    : [];
}

export const keyOf = (stream: Stream, data: RecordData): string => String(data[stream.key]);

/** Whether Xero keeps the row only to say that the record is gone. Voided documents stay: they keep their number. */
export const isDeleted = (stream: Stream, data: RecordData): boolean =>
  stream.deleted !== undefined && data.Status === 'DELETED';

/** All that is left of a record: its key, its cursor, and when it was deleted. */
export function tombstone(
  { key, cursor }: Stream,
  { tenant, id, at, updated }: { tenant: Tenant; id: string; at: number; updated?: unknown },
): RecordData {
  return {
    TenantID: tenant.id,
    [key]: id,
    ...(cursor === 'UpdatedDateUTC' && updated ? { [cursor]: updated } : {}),
    _ab_cdc_deleted_at: isoInstant(instantOf(updated) ?? at),
  };
}
