// States: the three forms in which a caller hands them back, and the newest state of each stream.
import { streamKey } from './declaration.ts';
import { configError } from './errors.ts';
import { isObject } from './schema.ts';

/** The newest `stream_state` of each stream, by stream key. */
export type States = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * Reads a state file: a JSON array of states, JSON lines of STATE messages (later ones win), one state object, or
 * the legacy object `{stream: state}`. Unreadable state is a config error, never a silent fresh start.
 */
export function readStates(text: string, file: string): States {
  const states = new Map<string, Readonly<Record<string, unknown>>>();
  for (const entry of entries(text.trim(), file)) fold(states, entry, file);
  return states;
}

function entries(text: string, file: string): readonly unknown[] {
  if (text === '') return [];
  try {
    const whole: unknown = JSON.parse(text);
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line, index) => {
        try {
          return JSON.parse(line) as unknown;
        } catch {
          throw unreadable(file, `line ${index + 1} is not JSON`);
        }
      });
  }
}

/** What a destination prints beside its states: a file of its whole output is a state file. */
const passedOver: ReadonlySet<unknown> = new Set(['LOG', 'TRACE']);

function fold(states: Map<string, Readonly<Record<string, unknown>>>, entry: unknown, file: string): void {
  if (!isObject(entry))
    throw unreadable(file, `found ${JSON.stringify(entry)?.slice(0, 40)} where a state belongs`);
  if (passedOver.has(entry.type)) return;
  if (entry.type === 'STATE') fold(states, entry.state, file);
  else if (entry.type === 'STREAM' || isObject(entry.stream)) foldStream(states, entry.stream, file);
  else if (entry.type === 'GLOBAL' || isObject(entry.global)) {
    const streams = isObject(entry.global) ? entry.global.stream_states : undefined;
    if (!Array.isArray(streams)) throw unreadable(file, 'a GLOBAL state has no "stream_states"');
    for (const stream of streams) foldStream(states, stream, file);
  } else if (typeof entry.type === 'string' && entry.type !== 'LEGACY')
    throw unreadable(file, `found a message of type "${entry.type}" where a STATE belongs`);
  else foldLegacy(states, entry, file);
}

function foldLegacy(
  states: Map<string, Readonly<Record<string, unknown>>>,
  entry: Record<string, unknown>,
  file: string,
): void {
  const legacy = isObject(entry.data) ? entry.data : entry;
  for (const [stream, state] of Object.entries(legacy)) {
    if (stream === 'type') continue;
    if (!isObject(state)) throw unreadable(file, `the state of stream "${stream}" is not an object`);
    states.set(stream, state);
  }
}

function foldStream(
  states: Map<string, Readonly<Record<string, unknown>>>,
  entry: unknown,
  file: string,
): void {
  const descriptor = isObject(entry) ? entry.stream_descriptor : undefined;
  if (!isObject(entry) || !isObject(descriptor) || typeof descriptor.name !== 'string')
    throw unreadable(file, 'a STREAM state names no stream');
  const state = entry.stream_state ?? {};
  if (!isObject(state)) throw unreadable(file, `the state of stream "${descriptor.name}" is not an object`);
  const namespace = typeof descriptor.namespace === 'string' ? descriptor.namespace : undefined;
  states.set(streamKey(descriptor.name, namespace), state);
}

const unreadable = (file: string, why: string) =>
  configError(
    `Cannot read state "${file}": ${why}, pass the STATE lines of the last run or leave --state out to start afresh`,
  );
