// Counts the calls of a month, since reads cost money beyond a quota that all companies of an app share.
import { type Clock, isObject, transientError } from '@airbyte/cdk-typescript-shim';
import type { Layer } from '@airbyte/cdk-typescript-shim/kit';

/** Calls of a calendar month in UTC, as states carry it. */
export interface Reads {
  /** YYYY-MM */
  readonly month: string;
  readonly count: number;
}

export interface Meter {
  /** The count now. */
  readonly reads: () => Reads;
  /** Counts every attempt that is sent, and refuses the one that would exceed the budget. */
  readonly layer: Layer;
}

export interface MeterOptions {
  readonly clock: Clock;
  readonly budget: number | undefined;
  /** Of the last run, from its states. */
  readonly before: Reads | undefined;
  /** Told after each call of what the budget still allows. */
  readonly onLeft?: (left: number) => void;
  /** What one request counts. */
  readonly weigh: (body: unknown) => number;
}

/** Only successful production calls are metered, but a failed one may have been: every attempt counts here. */
export function openMeter({ clock, budget, before, onLeft, weigh }: MeterOptions): Meter {
  let reads = before;
  const current = (): Reads => {
    const month = new Date(clock.now()).toISOString().slice(0, 7);
    if (reads?.month !== month) reads = { month, count: 0 };
    return reads;
  };
  return {
    reads: current,
    layer: (next) =>
      async function metered(request) {
        const { month, count } = current();
        const cost = weigh(request.body);
        if (budget !== undefined && count + cost > budget) throw spent({ month, count }, budget);
        reads = { month, count: count + cost };
        if (budget !== undefined) onLeft?.(budget - reads.count);
        return await next(request);
      },
  };
}

function spent({ month, count }: Reads, budget: number): Error {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const reset = new Date(Date.UTC(year, number, 1)).toISOString();
  return transientError(
    `Cannot read on: ${count} of the ${budget} calls of "monthly_reads" are spent until ${reset}, run again after that or raise the setting`,
  );
}

/** The count that states carry: the highest of the latest month. */
export function readsIn(states: readonly unknown[]): Reads | undefined {
  let latest: Reads | undefined;
  for (const state of states) {
    const reads = isObject(state) && isObject(state.reads) ? state.reads : undefined;
    if (typeof reads?.month !== 'string' || typeof reads.count !== 'number') continue;
    const { month, count } = reads;
    const newer = !latest || month > latest.month || (month === latest.month && count > latest.count);
    if (newer) latest = { month, count };
  }
  return latest;
}
