// Keeps requests under the vendor's quotas, lane by lane, without provoking a refusal.
import type { Clock } from '../../ports.ts';
import type { Layer } from './http.ts';
import type { OnWait } from './wait.ts';

export interface ConcurrentRow {
  readonly kind: 'concurrent';
  readonly max: number;
  readonly scope?: 'lane' | 'all';
}

/** A quota of `max` requests per fixed window of `milliseconds`, whose start only the server knows. */
export interface WindowRow {
  readonly kind: 'window';
  /** What the quota is called in messages: `minute`, `day`. */
  readonly name: string;
  readonly milliseconds: number;
  readonly max: number;
  /** The response header that says how many requests are left in the window. */
  readonly remainingHeader?: string;
  /** Requests left unused for other programs. Default 0. */
  readonly reserve?: number;
  /** `wait` until the window ends, or `end` the run with a transient error that names the reset. */
  readonly whenSpent: 'wait' | 'end';
  /** Counted per lane (default) or over all lanes. */
  readonly scope?: 'lane' | 'all';
}
export type LimitRow = ConcurrentRow | WindowRow;

export interface LimitOptions {
  readonly clock: Clock;
  readonly rows: readonly LimitRow[];
  /** Ends every wait, beside each request's own signal. */
  readonly signal?: AbortSignal;
  readonly onWait?: OnWait;
  /** A Retry-After longer than this is not slept through, in milliseconds. Default 120,000. */
  readonly longestWait?: number;
}

export function limit(options: LimitOptions): Layer {
  throw new Error(`in progress ${options.rows}`);
}
