// How far one stream of one company has come: its cursor, the ids it holds, and what lies delivered in the overlap.
import { configError, instantOf, isObject, isoInstant } from '@airbyte/cdk-typescript-shim';
import { IdSet } from './ids.ts';
import { idOf, type Selected, type State } from './reading.ts';
import type { Config } from './spec.ts';
import type { Stream } from './streams.ts';
import {
  type RecordData,
  type Row,
  recordOf,
  supersedes,
  tombstone,
  updatedAt,
  type Version,
  versionOf,
} from './values.ts';

/**
 * So much is asked for again behind the cursor: nobody says whether changedSince is inclusive, records know seconds only,
 * and what is saved now may show its time of change some moments later.
 */
export const OVERLAP = 60_000;
/** More rows than this in one overlap are delivered again instead of remembered. */
const MOST_SEEN = 1_000;

/** A first read that is not done: rows changed before `from` were read; the reading began at `since`. */
export interface Backfill {
  readonly since: number;
  readonly from: number;
}

export interface Track {
  readonly stream: Stream;
  readonly refresh: boolean;
  /** Nothing was read yet, or everything is to be read again. */
  readonly scratch: boolean;
  /** Where to ask from; undefined: from the beginning. */
  readonly floor: number | undefined;
  /** The earliest change that belongs to the stream at all. */
  readonly start: number | undefined;
  readonly backfill: Backfill | undefined;
  /** Of all records that exist, as far as is known. */
  readonly ids: IdSet;
  /** The record, when this image of it is new to the stream; remembers it. */
  take(row: Row): RecordData | undefined;
  /** The tombstone, when the record was there; nothing newer of it is taken any more. */
  bury(id: string, at: number): RecordData | undefined;
  /** All rows that changed before a moment were delivered; their versions are forgotten, but those since `keep`. */
  passed(before: number, keep: number): void;
  /** The state that says: everything up to `cursor` was delivered. */
  upTo(cursor: number): State;
  /** The state in the middle of a first read. */
  within(backfill: Backfill): State;
}

export function openTrack(
  { stream, refresh, state }: Selected,
  { config, realm }: { config: Config; realm: string },
): Track {
  const cursor = refresh ? undefined : instantOf(state.cursor);
  const backfill = refresh ? undefined : backfillIn(state);
  const start = instantOf(config.start_date);
  const floor = cursor === undefined ? start : cursor - OVERLAP;
  const fresh = cursor === undefined && backfill === undefined;
  const ids = fresh ? new IdSet() : idsIn(state, stream);
  const delivered = new Map<string, Version>(fresh ? [] : seenIn(state));
  const buried = new Set<string>();
  /** Images older than this of records that are held were delivered. */
  let known = fresh ? Number.NEGATIVE_INFINITY : (backfill?.from ?? floor ?? Number.NEGATIVE_INFINITY);
  const seen = (from: number): State => {
    const recent = [...delivered].filter(([, { updated }]) => updated >= from);
    if (recent.length === 0 || recent.length > MOST_SEEN) return {};
    return { seen: Object.fromEntries(recent.map(([id, version]) => [id, versionText(version)])) };
  };
  return {
    stream,
    refresh,
    scratch: cursor === undefined,
    floor,
    start,
    backfill,
    ids,
    take(row) {
      const id = idOf(stream, row);
      if (buried.has(id)) return undefined;
      const before = delivered.get(id);
      const updated = updatedAt(row) ?? Number.NEGATIVE_INFINITY;
      if (!before && updated < known && ids.has(id)) return undefined;
      const version = versionOf(row);
      if (!supersedes(version, before)) return undefined;
      delivered.set(id, version);
      ids.add(id);
      return recordOf(row, { realm, id });
    },
    bury(id, at) {
      buried.add(id);
      delivered.delete(id);
      return ids.delete(id) ? tombstone(id, { realm, at }) : undefined;
    },
    passed(before, keep) {
      known = Math.max(known, before);
      const forgotten = Math.min(before, keep - OVERLAP);
      for (const [id, { updated }] of delivered) if (updated < forgotten) delivered.delete(id);
    },
    upTo: (reached) => ({ cursor: isoInstant(reached), ids: ids.toText(), ...seen(reached - OVERLAP) }),
    within: ({ since, from }) => ({
      backfill: { since: isoInstant(since), from: isoInstant(from) },
      ids: ids.toText(),
      ...seen(from),
    }),
  };
}

function backfillIn({ backfill }: State): Backfill | undefined {
  if (!isObject(backfill)) return undefined;
  const since = instantOf(backfill.since);
  const from = instantOf(backfill.from);
  return since === undefined || from === undefined ? undefined : { since, from };
}

function idsIn({ ids }: State, { name }: Stream): IdSet {
  try {
    return IdSet.from(String(ids));
  } catch (cause) {
    throw configError(
      `Cannot go on from the state of stream "${name}": its "ids" cannot be read, pass a state of this source or none to start afresh`,
      { cause, stream: name },
    );
  }
}

const versionText = ({ token, updated, hash }: Version): string =>
  `${token} ${Number.isFinite(updated) ? isoInstant(updated) : '-'} ${hash}`;

function seenIn({ seen }: State): readonly (readonly [string, Version])[] {
  if (!isObject(seen)) return [];
  return Object.entries(seen).map(([id, text]) => {
    const [token = '', at = '', hash = ''] = String(text).split(' ');
    return [id, { token: Number(token), updated: instantOf(at) ?? Number.NEGATIVE_INFINITY, hash }] as const;
  });
}
