// Waiting that ends at once, with its reason, when the caller gives up.
import type { Clock } from '../../ports.ts';

/** A wait about to begin, for progress and STREAM_STATUS: `until` in milliseconds since the epoch. */
export interface Wait {
  readonly until: number;
  readonly reason: string;
  /** The lane that waits; the empty string for requests without one. */
  readonly lane: string;
}
export type OnWait = (wait: Wait) => void;
