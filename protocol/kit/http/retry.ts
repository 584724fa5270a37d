// Sends again what failed for the moment, when that is safe, after the time the server asks for.
import type { Clock } from '../../ports.ts';
import type { HttpRequest, HttpResponse, Layer } from './http.ts';
import type { OnWait } from './wait.ts';

export interface RetryOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1), for the jitter. Default Math.random. */
  readonly random?: () => number;
  /** Attempts in all. Default 5. */
  readonly attempts?: number;
  /** Default 408, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /** The longest wait, in milliseconds; a Retry-After beyond it ends the request. Default 120,000. */
  readonly longestWait?: number;
  readonly onWait?: OnWait;
  /** Milliseconds to wait after this answer, where the vendor says it elsewhere than in Retry-After. */
  readonly waitFor?: (response: HttpResponse) => number | undefined;
  /** The vendor's own rule: true sends again, false does not, undefined leaves it to the defaults. */
  readonly retries?: (request: HttpRequest, outcome: HttpResponse | Error) => boolean | undefined;
}

export function retry(options: RetryOptions): Layer {
  throw new Error(`in progress ${options.attempts}`);
}
