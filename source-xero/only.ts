// Reads exactly the records that were asked for, in the fewest calls: what a webhook or a replay needs.
import type { RecordReference } from '@airbyte/cdk-typescript-shim';
import { budgetMonths } from './budgets.ts';
import {
  endpointOf,
  isDeleted,
  keyOf,
  type Reading,
  type RecordData,
  recordsOf,
  type Step,
  tombstone,
} from './reading.ts';
import type { Stream } from './streams.ts';
import type { Row } from './values.ts';

/** So many GUIDs fit into an address; Xero documents no maximum of its own. */
export const IDS_PER_CALL = 40;

export type Found = Step | { readonly unknown: RecordReference };

/**
 * The records of one endpoint and organisation. A record goes to the stream it belongs to, even when the reference
 * names the other stream of the endpoint: webhooks do not tell sales invoices from bills. What Xero does not know any
 * more is a tombstone where records can vanish, and otherwise reported as `unknown`.
 */
export async function* readOnly(
  reading: Reading,
  references: readonly RecordReference[],
): AsyncGenerator<Found> {
  const [first] = reading.selected;
  if (!first) return;
  const wanted = new Map(references.map((reference) => [reference.id.toLowerCase(), reference]));
  const rows = await fetchRows(first.stream, { reading, ids: [...wanted.values()].map(({ id }) => id) });
  for (const row of rows)
    for (const { stream } of reading.selected)
      for (const data of recordsOf(stream, row, reading.tenant)) {
        const id = keyOf(stream, data).toLowerCase();
        // A whole list, or a category with all its options, holds more than was asked for.
        if (!wanted.has(id)) continue;
        yield { stream, data: liveOrDeleted(stream, { data, reading }) };
        wanted.delete(id);
      }
  for (const reference of wanted.values()) yield* missing(reference, { reading, rows });
}

function liveOrDeleted(
  stream: Stream,
  { data, reading }: { data: RecordData; reading: Reading },
): RecordData {
  if (!isDeleted(stream, data)) return data;
  const { tenant, clock } = reading;
  return tombstone(stream, {
    tenant,
    id: keyOf(stream, data),
    at: clock.now(),
    updated: data.UpdatedDateUTC,
  });
}

function* missing(
  reference: RecordReference,
  { reading: { selected, tenant, clock }, rows }: { reading: Reading; rows: readonly Row[] },
): Generator<Found> {
  const stream = selected.map((one) => one.stream).find(({ name }) => name === reference.stream);
  const exists =
    stream && rows.some((row) => String(row[stream.key]).toLowerCase() === reference.id.toLowerCase());
  if (exists) return;
  if (!stream || stream.how.by === 'modified' || stream.how.by === 'journals') yield { unknown: reference };
  else yield { stream, data: tombstone(stream, { tenant, id: reference.id, at: clock.now() }) };
}

/** The rows that hold these records; for small tables the whole list. */
async function fetchRows(
  stream: Stream,
  { reading, ids }: { reading: Reading; ids: readonly string[] },
): Promise<readonly Row[]> {
  const { api, tenant } = reading;
  const { query, ...endpoint } = endpointOf(reading);
  if (stream.single === 'list') return (await api.list({ ...endpoint, tenant, query })).rows;
  const rows: Row[] = [];
  if (stream.single === 'ids')
    for (let start = 0; start < ids.length; start += IDS_PER_CALL) {
      const IDs = ids.slice(start, start + IDS_PER_CALL).join(',');
      rows.push(
        ...(await api.list({ ...endpoint, tenant, query: { ...query, IDs, page: 1, pageSize: 100 } })).rows,
      );
    }
  if (stream.single === 'path')
    for (const id of ids) {
      const row = await api.one({ ...endpoint, tenant, query: queryOfOne(stream, reading), id });
      if (row) rows.push(row);
    }
  return rows;
}

function queryOfOne({ how, query }: Stream, { clock }: Reading): Record<string, string> {
  if (how.by === 'budgets') return budgetMonths(clock.now());
  return query?.unitdp ? { unitdp: query.unitdp } : {};
}
