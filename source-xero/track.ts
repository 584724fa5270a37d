// How far one stream of one organisation has come: its cursor, and what lies delivered in the overlap behind it.

import { isObject, isoInstant } from '@airbyte/cdk-typescript-shim';
import type { Selected, State } from './reading.ts';
import type { Config } from './spec.ts';
import type { Stream } from './streams.ts';
import { windowStart } from './sweep.ts';
import { instantOf } from './values.ts';

const DAY = 86_400_000;
/** More rows than this in one overlap are delivered again instead of remembered. */
const MOST_SEEN = 1_000;

/** A first read in slices that is not done: rows below `from` were read, as they were at `since`. */
export interface Backfill {
  readonly since: number;
  readonly from: string;
}

export interface Track {
  readonly stream: Selected['stream'];
  readonly refresh: boolean;
  /** Nothing was read yet, or everything is to be read again. */
  readonly scratch: boolean;
  /** Where to ask from; undefined: from the beginning. */
  readonly floor: number | undefined;
  readonly backfill: Backfill | undefined;
  /** Whether this version of the row is new to the stream; remembers it. */
  takes(id: string, updated: number): boolean;
  /** Forgets what cannot come again once everything up to `cursor` was read. */
  forget(cursor: number | undefined): void;
  /** The state that says: everything up to `cursor` was delivered. */
  upTo(cursor: number | undefined): State;
  /** The state in the middle of a first read in slices. */
  within(backfill: Backfill): State;
}

export function openTrack({ stream, refresh, state }: Selected, config: Config, now: number): Track {
  const old = instantOf(state.cursor);
  const scratch = refresh || old === undefined || isRereadDue({ stream, refresh, state }, config, now);
  const previous = scratch ? undefined : old;
  const floor = previous === undefined ? instantOf(config.start_date) : windowStart(previous);
  const delivered = new Map<string, number>(scratch ? [] : seenIn(state));
  // The day of the last full reading belongs to its beginning: a reading that was interrupted goes on by its cursor.
  const whole = scratch ? isoInstant(now) : state.whole_at;
  const known = rereadDays(stream, config) > 0 && whole ? { whole_at: whole } : {};
  return {
    stream,
    refresh,
    scratch,
    floor,
    backfill: refresh ? undefined : backfillIn(state),
    takes(id, updated) {
      if (delivered.get(id) === updated) return false;
      if (floor !== undefined && Number.isFinite(updated) && updated < floor) return false;
      delivered.set(id, updated);
      return true;
    },
    forget(cursor) {
      if (cursor === undefined) return;
      for (const [id, updated] of delivered) if (updated < windowStart(cursor)) delivered.delete(id);
    },
    upTo(cursor) {
      const reached = Math.max(previous ?? Number.NEGATIVE_INFINITY, cursor ?? Number.NEGATIVE_INFINITY);
      if (!Number.isFinite(reached)) return known;
      const seen = [...delivered].filter(([, updated]) => updated >= windowStart(reached));
      return {
        cursor: isoInstant(reached),
        ...(seen.length > 0 && seen.length <= MOST_SEEN
          ? { seen: Object.fromEntries(seen.map(([id, updated]) => [id, isoInstant(updated)])) }
          : {}),
        ...known,
      };
    },
    within: ({ since, from }) => ({ backfill: { since: isoInstant(since), from }, ...known }),
  };
}

/** Some fields change without moving UpdatedDateUTC (balances of contacts), so all rows are read again now and then. */
function isRereadDue({ stream, state }: Selected, config: Config, now: number): boolean {
  const days = rereadDays(stream, config);
  const last = instantOf(state.whole_at);
  return days > 0 && (last === undefined || now - last >= days * DAY);
}

const rereadDays = ({ how }: Stream, config: Config): number =>
  how.by === 'modified' && how.reread ? config[how.reread] : 0;

function seenIn({ seen }: State): readonly (readonly [string, number])[] {
  if (!isObject(seen)) return [];
  return Object.entries(seen).flatMap(([id, at]) => {
    const updated = instantOf(at);
    return updated === undefined ? [] : [[id, updated] as const];
  });
}

function backfillIn({ backfill }: State): Backfill | undefined {
  if (!isObject(backfill) || typeof backfill.from !== 'string') return undefined;
  const since = instantOf(backfill.since);
  return since === undefined ? undefined : { since, from: backfill.from };
}
