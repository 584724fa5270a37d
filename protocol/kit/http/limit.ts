// Keeps requests under the vendor's quotas, lane by lane, without provoking a refusal.
import { transientError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import { concurrencyGate } from './concurrency.ts';
import type { Answered, Blocked, Gate } from './gate.ts';
import { holdGate } from './hold.ts';
import type { HttpRequest, Layer } from './http.ts';
import { Answers, Lane } from './lane.ts';
import { LostAnswer } from './lost-answer.ts';
import { purposeOf } from './purpose.ts';
import { firstOf, LONGEST_WAIT, type OnWait, pause } from './wait.ts';
import { type WindowRow, windowGate } from './window.ts';

export type { WindowRow } from './window.ts';

export interface ConcurrentRow {
  readonly kind: 'concurrent';
  readonly max: number;
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

/**
 * Requests of one lane leave in the order they came; each counts when it is really sent, so place this inside `retry`.
 * A 429 with Retry-After holds back the whole lane.
 */
export function limit(options: LimitOptions): Layer {
  const { rows, longestWait = LONGEST_WAIT } = options;
  const shared = rows.filter(({ scope }) => scope === 'all').map(gateOf);
  const own = rows.filter(({ scope }) => scope !== 'all');
  const lanes = new Map<string, Lane>();
  const answers = new Answers();
  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name) ?? new Lane(name, [...shared, ...own.map(gateOf), holdGate(longestWait)]);
    lanes.set(name, lane);
    return lane;
  };
  return (next) =>
    async function limited(request) {
      const lane = laneOf(request.lane ?? '');
      const { clock } = options;
      const answered = await lane.turn(request, () => admit(lane, request, { ...options, answers }));
      try {
        const response = await next(request);
        answered(response, clock.now(), true);
        return response;
      } catch (error) {
        answered(undefined, clock.now(), !(error instanceof LostAnswer) || error.arrived);
        throw error;
      } finally {
        answers.announce();
      }
    };
}

function gateOf(row: LimitRow): Gate {
  return row.kind === 'window' ? windowGate(row) : concurrencyGate(row.max);
}

/** Waits until every gate is open, then passes them all at once. */
async function admit(
  lane: Lane,
  request: HttpRequest,
  { clock, signal, onWait, answers }: LimitOptions & { readonly answers: Answers },
): Promise<Answered> {
  const signals = [request.signal, signal];
  for (let told = 0; ; ) {
    const now = clock.now();
    const blocked = tightest(lane.gates, now);
    if (blocked === undefined) {
      const all = lane.gates.map((gate) => gate.sent());
      return (...answer) => {
        for (const answered of all) answered(...answer);
      };
    }
    const { until, reason } = blocked;
    if (blocked.ends) throw spent(request, blocked);
    if (until === undefined) {
      await firstOf([answers.next()], signals);
      continue;
    }
    if (until !== told) onWait?.({ until, reason, lane: lane.name });
    told = until;
    await pause(clock, until - now, { signals, wake: answers.next() });
  }
}

/** The limit to wait for: one that ends the request, else one that an answer opens, else the last to open. */
function tightest(gates: readonly Gate[], now: number): Blocked | undefined {
  const blocked = gates.flatMap((gate) => gate.blocked(now) ?? []);
  const rank = ({ ends, until }: Blocked): number =>
    ends ? Number.POSITIVE_INFINITY : (until ?? Number.MAX_VALUE);
  return blocked.toSorted((a, b) => rank(b) - rank(a))[0];
}

function spent(request: HttpRequest, { reason, until }: Blocked): Error {
  const of = request.lane === undefined ? '' : ` for "${request.lane}"`;
  const reset = until === undefined ? '' : ` until ${new Date(until).toISOString()} at the latest`;
  return transientError(`Cannot ${purposeOf(request)}${of}: ${reason}${reset}, run again after that`);
}
