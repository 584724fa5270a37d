// Dimensions that a load met without the rows its facts refer to: their streams are refreshed at once.

import { folded } from '../run/audit/receipts.ts';
import type { LogEntry } from '../run/transfer.ts';
import type { PipelineSettings } from '../settings/index.ts';
import type { Job, NewJob } from '../store/contract.ts';

/** So many keys of a fact table have no row in a dimension. */
export interface Sighting {
  readonly fact: string;
  readonly dimension: string;
  readonly keys: number;
}

/** What a destination logs of it, or undefined. */
export function sightingIn({ event, fact, dimension, keys }: LogEntry): Sighting | undefined {
  if (event !== 'keys without a row') return undefined;
  if (typeof fact !== 'string' || typeof dimension !== 'string' || typeof keys !== 'number') return undefined;
  return { fact, dimension, keys };
}

export interface Load {
  readonly job: Job;
  readonly pipeline: Pick<PipelineSettings, 'name'>;
  readonly sightings: readonly Sighting[];
  /** Streams that this very job has read: reading them again brings nothing. */
  readonly read: ReadonlySet<string>;
  /** Streams that the pipeline is known to move. */
  readonly streams: readonly string[];
  readonly now: number;
}

/** Keys that no refresh gives a row (of a deleted account, say) are looked for again once an hour. */
const patience = 3_600_000;

export class StaleDimensions {
  readonly #seen = new Map<string, { readonly keys: number; readonly at: number }>();

  /** The job that refreshes what the load lacked; undefined: nothing, or nothing that a refresh would bring. */
  refreshFor({ job, pipeline, sightings, read, streams, now }: Load): NewJob | undefined {
    const wanted = new Set<string>();
    for (const { fact, dimension, keys } of sightings) {
      const key = JSON.stringify([pipeline.name, fact, dimension]);
      const before = this.#seen.get(key);
      if (before && keys <= before.keys && now - before.at < patience) continue;
      const stream = streams.find((name) => folded(name) === folded(dimension));
      // The table may be called otherwise than its stream, or never have come: then all that facts refer to is read.
      const refreshed = stream ?? 'reference';
      if (stream ? read.has(stream) : readsReference(job)) continue;
      this.#seen.set(key, { keys, at: now });
      wanted.add(refreshed);
    }
    if (wanted.size === 0) return undefined;
    return { pipeline: pipeline.name, cause: 'schedule', streams: [...wanted].sort(), dueAt: now };
  }
}

const readsReference = ({ streams, records }: Job): boolean =>
  !records && (!streams || streams.includes('reference'));
