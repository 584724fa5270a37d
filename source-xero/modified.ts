// Reads what was changed since a cursor: documents, contacts and payments.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { isHighVolume, type Reply } from './api.ts';
import {
  endpointOf,
  isDeleted,
  keyOf,
  narrowed,
  type Reading,
  recordsOf,
  type Step,
  tombstone,
} from './reading.ts';
import { type Range, slices } from './slices.ts';
import { type ListPage, type Page, sweep, type Timed } from './sweep.ts';
import { openTrack, type Track } from './track.ts';
import { instantOf, type Row } from './values.ts';

/** Quotes answer with pages of this length where they do not honour pageSize. */
const DEFAULT_PAGE = 100;

/**
 * Lower bound: the cursor, floored to the second, less a second; rows of that window which were delivered before are
 * known by id and time. Upper bound: the moment of the last page; what changed during the reading is asked for again
 * the next time. A state means: everything changed up to its cursor was delivered.
 */
export async function* readModified(reading: Reading): AsyncGenerator<Step> {
  const now = reading.clock.now();
  const tracks = reading.selected.map((selected) => openTrack(selected, reading.config, now));
  const scratch = tracks.some((track) => track.scratch);
  const floors = tracks.map(({ floor }) => floor);
  const since = floors.includes(undefined) ? undefined : Math.min(...floors.map((floor) => floor ?? 0));
  const list = lister(reading);
  const latest = yield* readDeleted(reading, tracks);
  try {
    for await (const swept of sweep(list({}), since)) {
      if ('rows' in swept) yield* deliver(swept.rows, tracks, reading);
      else yield* settle(tracks, lower(swept.proven, latest), swept.done);
    }
  } catch (thrown) {
    const { how } = tracks[0]?.stream ?? {};
    const axis = how?.by === 'modified' ? how.slice : undefined;
    if (!axis || !isHighVolume(asConnectorError(thrown))) throw thrown;
    yield* readSliced({ reading, tracks, axis, since, scratch, latest });
  }
}

type Lister = (more: Readonly<Record<string, string>>) => ListPage;

function lister({ api, tenant, selected, config }: Reading): Lister {
  const endpoint = endpointOf({ selected, config });
  const [{ stream } = {}] = selected;
  // An endpoint that feeds two streams is swept once for both; for one alone the other's rows are left out.
  const part = selected.length === 1 ? stream?.part : undefined;
  const own = part && 'is' in part ? { where: `${part.field}=="${part.is}"` } : {};
  const pages = stream?.how.by === 'modified' ? stream.how.pages : 'one';
  return (more) =>
    async ({ since, page, size = config.page_size }) => {
      const paging = pages === 'one' ? {} : { page, pageSize: size };
      const query = { ...narrowed(narrowed(endpoint.query, own), more), ...paging };
      const reply = await api.list({ ...endpoint, tenant, query, since });
      return {
        rows: reply.rows.map((row) => timed(row, stream?.key ?? '')),
        at: reply.at,
        ...(reply.count === undefined ? {} : { count: reply.count }),
        last: isLast(reply, { pages, page, size }),
      } satisfies Page;
    };
}

const timed = (row: Row, key: string): Timed => ({
  row,
  id: String(row[key]),
  updated: instantOf(row.UpdatedDateUTC) ?? Number.NEGATIVE_INFINITY,
});

function isLast(
  { rows, pages: counted }: Reply,
  { pages, page, size }: { pages: 'counted' | 'uncounted' | 'one'; page: number; size: number },
): boolean {
  if (pages === 'one') return true;
  if (counted !== undefined) return page >= counted;
  return rows.length !== size && rows.length !== DEFAULT_PAGE;
}

/**
 * Where lists may hide deleted documents: asks for these alone, before anything else, so that no state passes them by.
 * Returns the moment up to which deletions are known; undefined: not limited.
 */
async function* readDeleted(
  reading: Reading,
  tracks: readonly Track[],
): AsyncGenerator<Step, number | undefined> {
  const known = tracks.filter(({ scratch }) => !scratch);
  const conditions = known[0]?.stream.deleted;
  if (reading.config.deleted_documents !== 'queried' || !conditions) return undefined;
  const since = Math.min(...known.map(({ floor }) => floor ?? 0));
  let latest: number | undefined;
  const list = lister(reading)(conditions);
  const dated: ListPage = async (request) => {
    const page = await list(request);
    latest ??= page.at - 2_000;
    return page;
  };
  for await (const swept of sweep(dated, since))
    if ('rows' in swept) yield* deliver(swept.rows, known, reading);
  return latest;
}

function* deliver(
  rows: readonly Timed[],
  tracks: readonly Track[],
  { tenant, clock }: Reading,
): Generator<Step> {
  for (const { row, id, updated } of rows)
    for (const track of tracks)
      for (const data of recordsOf(track.stream, row, tenant)) {
        if (!track.takes(id, updated)) continue;
        const { stream } = track;
        if (!isDeleted(stream, data)) yield { stream, data };
        else if (!track.refresh) {
          const at = clock.now();
          yield {
            stream,
            data: tombstone(stream, { tenant, id: keyOf(stream, data), at, updated: data.UpdatedDateUTC }),
          };
        }
      }
}

function* settle(tracks: readonly Track[], cursor: number | undefined, done: boolean): Generator<Step> {
  for (const track of tracks) {
    if (!done && cursor === undefined) continue;
    yield { stream: track.stream, state: track.upTo(cursor) };
    track.forget(cursor);
  }
}

const lower = (cursor: number | undefined, limit: number | undefined): number | undefined =>
  cursor === undefined || limit === undefined ? cursor : Math.min(cursor, limit);

/**
 * A reading cut into ranges, each swept by itself. The order of change times is lost between ranges, so the cursor
 * only arrives at the end, at the moment the reading began. A first read can resume at the first range not read.
 */
async function* readSliced({
  reading,
  tracks,
  axis,
  since,
  scratch,
  latest,
}: {
  reading: Reading;
  tracks: readonly Track[];
  axis: 'Date' | 'DateFrom' | 'Name';
  since: number | undefined;
  scratch: boolean;
  latest: number | undefined;
}): AsyncGenerator<Step> {
  const resumed = scratch ? backfillOf(tracks) : undefined;
  let began = resumed?.since;
  let newest: number | undefined;
  const list = lister(reading);
  const read = async function* ({ conditions }: Range): AsyncGenerator<Step> {
    const dated: ListPage = async (request) => {
      const page = await list(conditions)(request);
      began ??= page.at - 2_000;
      return page;
    };
    for await (const swept of sweep(dated, since)) {
      if ('rows' in swept) yield* deliver(swept.rows, tracks, reading);
      else if (swept.done)
        newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, swept.proven ?? Number.NEGATIVE_INFINITY);
    }
  };
  for await (const part of slices(read, { axis, from: resumed?.from, now: reading.clock.now() })) {
    if ('step' in part) yield part.step;
    else {
      for (const track of tracks) {
        track.forget(lower(newest, began));
        if (scratch && !track.refresh && track.scratch && began !== undefined)
          yield { stream: track.stream, state: track.within({ since: began, from: part.from }) };
      }
    }
  }
  yield* settle(tracks, lower(lower(newest ?? began, began), latest), true);
}

/** Where a first read in slices goes on: the earliest place of its streams, or nowhere when one has not begun. */
function backfillOf(tracks: readonly Track[]): { since: number; from: string } | undefined {
  const backfills = tracks.filter(({ scratch }) => scratch).map(({ backfill }) => backfill);
  if (backfills.includes(undefined)) return undefined;
  return backfills.reduce(
    (early, one) => (one && early && one.from < early.from ? one : early),
    backfills[0],
  );
}
