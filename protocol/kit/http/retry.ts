// Sends again what failed for the moment, when that is safe, after the time the server asks for.
import { transientError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { HttpRequest, HttpResponse, Layer } from './http.ts';
import { LostAnswer } from './lost-answer.ts';
import { purposeOf } from './purpose.ts';
import { retryAfter } from './retry-after.ts';
import { LONGEST_WAIT, type OnWait, pause } from './wait.ts';

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
  /** Ends every wait, beside each request's own signal. */
  readonly signal?: AbortSignal;
  readonly onWait?: OnWait;
  /** Milliseconds to wait after this answer, where the vendor says it elsewhere than in Retry-After. */
  readonly waitFor?: (response: HttpResponse) => number | undefined;
  /**
   * The vendor's own rule: true sends again, false does not, undefined leaves it to the defaults. True also repeats
   * a POST: say it only where the answer proves that nothing was done.
   */
  readonly retries?: (request: HttpRequest, outcome: HttpResponse | Error) => boolean | undefined;
}

/** Backoff without a word from the server: full jitter over 1, 2, 4, ... s, at most 30 s. */
const FIRST_BACKOFF = 1_000;
const LONGEST_BACKOFF = 30_000;

/**
 * Repeats lost answers and the listed statuses. What may have been carried out is repeated only when the request is
 * `repeatable`; a 429, and a 503 with Retry-After, say that it was not.
 */
export function retry(options: RetryOptions): Layer {
  const { attempts = 5, clock, onWait } = options;
  return (next) =>
    async function retried(request) {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await next(request).catch(asError);
        request.signal?.throwIfAborted();
        const milliseconds = nextWait(options, { request, outcome, attempt });
        if (milliseconds === undefined || attempt >= attempts) {
          if (outcome instanceof Error) throw outcome;
          return outcome;
        }
        onWait?.({ until: clock.now() + milliseconds, reason: reasonOf(outcome), lane: request.lane ?? '' });
        await pause(clock, milliseconds, { signals: [request.signal, options.signal] });
      }
    };
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  throw thrown;
}

interface Attempt {
  readonly request: HttpRequest;
  readonly outcome: HttpResponse | Error;
  readonly attempt: number;
}

/** Milliseconds until the next attempt; undefined: the outcome is final. Throws when the server asks for too long a wait. */
function nextWait(options: RetryOptions, { request, outcome, attempt }: Attempt): number | undefined {
  const { clock, random = Math.random, longestWait = LONGEST_WAIT } = options;
  if (!(options.retries?.(request, outcome) ?? safeToRepeat(options, request, outcome))) return undefined;
  const asked =
    outcome instanceof Error ? undefined : (options.waitFor?.(outcome) ?? retryAfter(outcome, clock.now()));
  if (asked === undefined)
    return random() * Math.min(LONGEST_BACKOFF, longestWait, FIRST_BACKOFF * 2 ** (attempt - 1));
  if (asked <= longestWait) return asked;
  throw tooLong(request, outcome, clock.now() + asked);
}

function safeToRepeat(
  { statuses = [408, 429, 500, 502, 503, 504] }: RetryOptions,
  request: HttpRequest,
  outcome: HttpResponse | Error,
): boolean {
  const repeatable = request.repeatable ?? !['POST', 'PATCH'].includes(request.method);
  if (outcome instanceof Error) return outcome instanceof LostAnswer && (repeatable || !outcome.arrived);
  if (!statuses.includes(outcome.status)) return false;
  const refused =
    outcome.status === 429 || (outcome.status === 503 && outcome.headers['retry-after'] !== undefined);
  return repeatable || refused;
}

function tooLong(request: HttpRequest, outcome: HttpResponse | Error, until: number): Error {
  const { reset, status } = { reset: new Date(until).toISOString(), status: statusOf(outcome) };
  return transientError(
    `Cannot ${purposeOf(request)}: the server answered ${status ?? 'nothing'} and asks to wait until ${reset}, run again after that`,
    status === undefined ? {} : { status },
  );
}

const statusOf = (outcome: HttpResponse | Error): number | undefined =>
  outcome instanceof Error ? undefined : outcome.status;

function reasonOf(outcome: HttpResponse | Error): string {
  return outcome instanceof Error ? outcome.message : `the server answered ${outcome.status}`;
}
