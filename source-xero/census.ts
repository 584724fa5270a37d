// Reads small tables whole and compares them with the last time: what changed is delivered, what vanished is deleted.

import { isObject, isoInstant } from '@airbyte/cdk-typescript-shim';
import { contentHash } from '@airbyte/cdk-typescript-shim/kit';
import type { Reply } from './api.ts';
import {
  endpointOf,
  isDeleted,
  keyOf,
  type Reading,
  type RecordData,
  recordsOf,
  type Selected,
  type State,
  type Step,
  tombstone,
} from './reading.ts';
import { windowStart } from './sweep.ts';
import { instantOf, type Row } from './values.ts';

const HOUR = 3_600_000;
/** The version of a record that is listed as deleted. */
const DELETED = 'deleted';

/** The last known version of each record of a stream, by id: a short hash of its content. */
type Versions = Map<string, string>;

/**
 * Whole tables, again after `snapshot_hours`. A state means: the records of `rows` were delivered, in these versions, and
 * the table was whole at `read_at`. A row that changes during the reading is either in the reply or differs the next time.
 */
export async function* readSnapshot(reading: Reading): AsyncGenerator<Step> {
  if (!isDue(reading)) yield* unchanged(reading);
  else yield* readWhole(reading);
}

/**
 * The same, with If-Modified-Since between whole readings. Lower bound: the newest change seen, floored to the second,
 * less a second. Rows that came before are known by their content, so nothing comes twice.
 */
export async function* readCensus(reading: Reading): AsyncGenerator<Step> {
  const cursors = reading.selected.map(({ state }) => instantOf(state.cursor));
  if (isDue(reading) || cursors.includes(undefined)) {
    yield* readWhole(reading);
    return;
  }
  const since = windowStart(Math.min(...cursors.map((cursor) => cursor ?? 0)));
  const { rows } = await reading.api.list({ ...endpointOf(reading), tenant: reading.tenant, since });
  for (const selected of reading.selected) {
    const versions = versionsIn(selected.state);
    yield* compare(rows, { selected, reading, versions });
    yield {
      stream: selected.stream,
      state: { ...selected.state, ...cursorState(selected, rows), rows: Object.fromEntries(versions) },
    };
  }
}

/** Streams of one endpoint are read together, so one that is due makes them all due. */
export function isDue({ selected, config, clock }: Pick<Reading, 'selected' | 'config' | 'clock'>): boolean {
  return selected.some(({ refresh, state }) => {
    const last = instantOf(state.read_at);
    return refresh || last === undefined || clock.now() - last >= config.snapshot_hours * HOUR;
  });
}

export function* unchanged({ selected }: Pick<Reading, 'selected'>): Generator<Step> {
  for (const { stream, state } of selected) yield { stream, state };
}

async function* readWhole(reading: Reading): AsyncGenerator<Step> {
  const rows = await wholeTable(reading);
  const now = reading.clock.now();
  for (const selected of reading.selected) {
    const versions = selected.refresh ? new Map<string, string>() : versionsIn(selected.state);
    const found = new Set<string>();
    yield* compare(rows, { selected, reading, versions, found });
    yield* vanished(versions, { selected, reading, found });
    const state = {
      read_at: isoInstant(now),
      ...cursorState(selected, rows),
      rows: Object.fromEntries(versions),
    };
    yield { stream: selected.stream, state };
  }
}

/** All rows; a table in pages is read twice when it moved in the meantime, as a row may have slipped between pages. */
async function wholeTable(reading: Reading): Promise<readonly Row[]> {
  const [{ stream, state } = {}] = reading.selected;
  const size = stream?.how.by === 'snapshot' ? stream.how.pages : undefined;
  if (!stream || !size) return (await page(reading)).rows;
  const first = await allPages(reading, size);
  const known = Object.keys(versionsIn(state ?? {}));
  const ids = new Set(first.rows.map((row) => String(row[stream.key])));
  const moved = first.rows.some((row) => (instantOf(row.UpdatedDateUTC) ?? 0) >= first.at - 2_000);
  if (!moved && known.every((id) => ids.has(id))) return first.rows;
  return [...first.rows, ...(await allPages(reading, size)).rows];
}

async function allPages(reading: Reading, size: number): Promise<{ rows: readonly Row[]; at: number }> {
  const rows: Row[] = [];
  let at: number | undefined;
  for (let number = 1; ; number += 1) {
    const reply = await page(reading, { page: number });
    at ??= reply.at;
    rows.push(...reply.rows);
    if (reply.rows.length < size) return { rows, at };
  }
}

function page(reading: Reading, more: Readonly<Record<string, number>> = {}): Promise<Reply> {
  const { query, ...endpoint } = endpointOf(reading);
  return reading.api.list({ ...endpoint, tenant: reading.tenant, query: { ...query, ...more } });
}

interface Comparison {
  readonly selected: Selected;
  readonly reading: Pick<Reading, 'tenant' | 'clock'>;
  /** Updated as rows are delivered. */
  readonly versions: Versions;
  /** Filled with the ids that exist. */
  readonly found?: Set<string>;
}

/** Delivers the rows whose content is not the known one. */
export function* compare(
  rows: readonly Row[],
  { selected: { stream, refresh }, reading, versions, found }: Comparison,
): Generator<Step> {
  for (const row of rows)
    for (const data of recordsOf(stream, row, reading.tenant)) {
      const id = keyOf(stream, data);
      found?.add(id);
      if (isDeleted(stream, data)) {
        if (!refresh) yield* gone({ stream, data, id, versions, reading });
        continue;
      }
      const version = contentHash(data);
      if (versions.get(id) === version) continue;
      versions.set(id, version);
      yield { stream, data };
    }
}

/** A record that is listed as deleted. Without a time of change it matters only to those who were told of the record. */
function* gone({
  stream,
  data,
  id,
  versions,
  reading: { tenant, clock },
}: Pick<Comparison, 'versions' | 'reading'> & {
  readonly stream: Selected['stream'];
  readonly data: RecordData;
  readonly id: string;
}): Generator<Step> {
  const known = versions.get(id);
  // Kept as a version, so that it is not deleted once more when it leaves the list altogether.
  versions.set(id, DELETED);
  const updated = data.UpdatedDateUTC;
  if (known === DELETED || (known === undefined && !updated)) return;
  yield { stream, data: tombstone(stream, { tenant, id, at: clock.now(), updated }) };
}

/** Tombstones for the known records that exist no more. */
export function* vanished(
  versions: Versions,
  {
    selected: { stream },
    reading: { tenant, clock },
    found,
  }: Pick<Comparison, 'selected' | 'reading'> & { readonly found: ReadonlySet<string> },
): Generator<Step> {
  for (const [id, version] of versions) {
    if (found.has(id)) continue;
    versions.delete(id);
    if (version !== DELETED) yield { stream, data: tombstone(stream, { tenant, id, at: clock.now() }) };
  }
}

export const versionsIn = ({ rows }: State): Versions =>
  new Map(isObject(rows) ? Object.entries(rows).map(([id, version]) => [id, String(version)]) : []);

function cursorState({ stream, state }: Selected, rows: readonly Row[]): State {
  const { cursor } = stream;
  if (!cursor) return {};
  const newest = rows.reduce(
    (latest, row) => Math.max(latest, instantOf(row[cursor]) ?? latest),
    instantOf(state.cursor) ?? Number.NEGATIVE_INFINITY,
  );
  return Number.isFinite(newest) ? { cursor: isoInstant(newest) } : {};
}
