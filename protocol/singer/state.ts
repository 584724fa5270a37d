// State as Singer keeps it: one value for the whole run, with a bookmark for each stream.

import { streamKey } from '../declaration.ts';
import { configError } from '../errors.ts';
import type { StateBody } from '../messages.ts';
import { isObject } from '../schema.ts';
import { readStates, type States } from '../state.ts';
import type { SingerStateValue } from './messages.ts';

export type Bookmarks = SingerStateValue['bookmarks'];

/** What the last run of a tap left behind. */
export interface SingerStart {
  /** By `tap_stream_id`; those of streams that are not selected this time are kept and given back. */
  readonly bookmarks: Bookmarks;
  readonly versions: Readonly<Record<string, number>>;
}

export const freshStart: SingerStart = { bookmarks: {}, versions: {} };

/**
 * Reads a state file: the value of the last STATE, the message around it, lines of either (the last one counts), or
 * the STATE lines of an Airbyte run. Anything else is a config error, never a silent fresh start.
 */
export function readSingerState(text: string, file: string): SingerStart {
  const entry = lastEntry(text.trim(), file);
  if (entry === undefined) return freshStart;
  const value = isObject(entry) && entry.type === 'STATE' && isObject(entry.value) ? entry.value : entry;
  if (!isObject(value) || !('bookmarks' in value)) return fromAirbyte(text, { value, file });
  const { bookmarks, versions } = value;
  if (!isObject(bookmarks)) throw unreadable(file, '"bookmarks" is not an object');
  for (const [stream, bookmark] of Object.entries(bookmarks))
    if (bookmark !== null && !isObject(bookmark))
      throw unreadable(file, `the bookmark of stream "${stream}" is not an object`);
  const kept = Object.entries(bookmarks).filter(([, bookmark]) => bookmark !== null);
  const numbers = Object.entries(isObject(versions) ? versions : {}).filter(([, found]) =>
    Number.isSafeInteger(found),
  );
  return {
    bookmarks: Object.fromEntries(kept) as Bookmarks,
    versions: Object.fromEntries(numbers) as SingerStart['versions'],
  };
}

function lastEntry(text: string, file: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const last = text.split('\n').at(-1) ?? '';
    try {
      return JSON.parse(last) as unknown;
    } catch {
      throw unreadable(file, 'it is not JSON');
    }
  }
}

/** A value with nothing in it is a fresh start; otherwise `readStates` knows every form that Airbyte's callers use. */
function fromAirbyte(text: string, { value, file }: { value: unknown; file: string }): SingerStart {
  if (isObject(value) && Object.keys(value).every((key) => key === 'currently_syncing')) return freshStart;
  return { bookmarks: Object.fromEntries(readStates(text, file)), versions: {} };
}

/** The bookmarks as a source wants them; `idOf` gives the `tap_stream_id` of each selected stream key. */
export function bookmarkedStates(bookmarks: Bookmarks, idOf: ReadonlyMap<string, string>): States {
  const found = [...idOf].flatMap(([key, id]) => {
    const state = bookmarks[id] ?? bookmarks[key];
    return state === undefined ? [] : [[key, state] as const];
  });
  return new Map(found);
}

/** The states in a STATE message of a source, by stream key. */
export function streamStates(state: StateBody): readonly (readonly [string, Record<string, unknown>])[] {
  const streams = state.stream ? [state.stream] : (state.global?.stream_states ?? []);
  const named = streams.map(
    ({ stream_descriptor: { name, namespace }, stream_state }) =>
      [streamKey(name, namespace), stream_state ?? {}] as const,
  );
  const legacy = Object.entries(state.data ?? {}).flatMap(([name, found]) =>
    isObject(found) ? [[name, found] as const] : [],
  );
  return [...named, ...legacy];
}

const unreadable = (file: string, why: string) =>
  configError(
    `Cannot read state "${file}": ${why}, pass the value of the last STATE or leave --state out to start afresh`,
  );
