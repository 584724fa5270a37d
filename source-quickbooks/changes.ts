// Change data capture: everything that changed or was deleted in the last 30 days, in one call.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { type Api, isTooMuch } from './api.ts';
import type { Step } from './reading.ts';
import type { Track } from './track.ts';
import { type Row, supersedes, updatedAt, versionOf } from './values.ts';

/** Objects of one answer; whether of a call or of an entity is not said, and nothing says that some were left out. */
const CAP = 1_000;
const DAY = 86_400_000;
/** Thirty days, less an hour for clocks that differ: older changes are refused, or left out in silence. */
const REACH = 30 * DAY - 3_600_000;

/** Whether changes since that moment can still be had. */
export const isInReach = (since: number, now: number): boolean => now - since < REACH;

export interface Captured {
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** Entities whose changes are not all there. */
  readonly cut: ReadonlySet<string>;
  /** The server's clock: changes up to it are there. */
  readonly at: number;
}

/**
 * Lower bound: `since`, with an overlap of the caller's, as it may be exclusive. An answer of exactly 1,000 objects may be
 * cut by call, so its entities are asked for in smaller groups; one with 1,000 of a single entity is cut for certain.
 * A refusal (too old, an entity that is not captured here) leaves every entity cut, with the reason in `refusal`.
 */
export async function capture(
  api: Api,
  entities: readonly string[],
  since: number,
): Promise<Captured & { readonly refusal?: string }> {
  try {
    return await captureAll(api, entities, since);
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.status !== 400) throw error;
    return { rows: new Map(), cut: new Set(entities), at: since, refusal: error.message };
  }
}

async function captureAll(api: Api, entities: readonly string[], since: number): Promise<Captured> {
  const answer = await api.changes(entities, since).catch(tooMuch);
  if (answer === undefined && entities.length === 1)
    return { rows: new Map(), cut: new Set(entities), at: since };
  const { rows, at } = answer ?? { rows: new Map<string, readonly Row[]>(), at: Number.POSITIVE_INFINITY };
  const sizes = entities.map((entity) => rows.get(entity)?.length ?? 0);
  const full = entities.filter((_, index) => (sizes[index] ?? 0) >= CAP);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // More than a call could hold: the cap is one of entities.
  if (answer && (total !== CAP || entities.length === 1)) return { rows, cut: new Set(full), at };
  const rest = entities.filter((entity) => !full.includes(entity));
  const half = Math.ceil(rest.length / 2);
  const groups = full.length > 0 ? [rest] : [rest.slice(0, half), rest.slice(half)];
  const parts: Captured[] = [];
  for (const group of groups) if (group.length > 0) parts.push(await captureAll(api, group, since));
  return {
    rows: new Map([...rows, ...parts.flatMap((part) => [...part.rows])]),
    cut: new Set([...full, ...parts.flatMap((part) => [...part.cut])]),
    at: Math.min(at, ...parts.map((part) => part.at)),
  };
}

/** Undefined where the service finds the answer too large, or the gateway cannot wait for it. */
function tooMuch(thrown: unknown): undefined {
  if (isTooMuch(asConnectorError(thrown))) return undefined;
  throw thrown;
}

/** The changes of one stream, each record once in its newest image; returns how many records were deleted. */
export function* applyChanges(track: Track, { rows, at }: Captured): Generator<Step, number> {
  const { stream } = track;
  const newest = new Map<string, Row>();
  let buried = 0;
  for (const row of rows.get(stream.entity) ?? []) {
    const id = String(row.Id);
    // Ids are never used again, so a deletion is the last word on a record, wherever it stands.
    if (row.status === 'Deleted') {
      const data = track.bury(id, updatedAt(row) ?? at);
      if (data) yield { stream, data };
      if (data) buried += 1;
      continue;
    }
    const other = newest.get(id);
    if (!other || supersedes(versionOf(row), versionOf(other))) newest.set(id, row);
  }
  for (const row of newest.values()) {
    const data = track.take(row);
    if (data) yield { stream, data };
  }
  return buried;
}
