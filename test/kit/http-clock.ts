// A clock that only moves when everything waits: long waits cost a test nothing and are exact.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';

interface Sleeper {
  readonly until: number;
  readonly order: number;
  readonly wake: () => void;
}

export interface SteppedClock extends Clock {
  /** What was slept, in milliseconds, in order. */
  readonly slept: number[];
  /** Runs `work`, moving time to the next sleeper whenever nothing else is left to do. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function steppedClock(start = 1_000_000): SteppedClock {
  let now = start;
  let order = 0;
  let sleepers: Sleeper[] = [];
  const slept: number[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      slept.push(milliseconds);
      const leave = (): void => {
        sleepers = sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      order += 1;
      const wake = (): void => {
        leave();
        resolve();
      };
      const sleeper: Sleeper = { until: now + Math.max(0, milliseconds), order, wake };
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      sleepers.push(sleeper);
    });

  async function run<T>(work: () => Promise<T>): Promise<T> {
    let over = false;
    const working = work().finally(() => {
      over = true;
    });
    working.catch(() => undefined);
    for (let idle = 0; !over; ) {
      await settle();
      const next = sleepers.toSorted((a, b) => a.until - b.until || a.order - b.order)[0];
      idle = next === undefined ? idle + 1 : 0;
      if (idle > 1000) throw new Error('everything waits and nothing sleeps');
      if (next === undefined) continue;
      now = Math.max(now, next.until);
      next.wake();
    }
    return await working;
  }

  return { now: () => now, sleep, slept, run };
}
