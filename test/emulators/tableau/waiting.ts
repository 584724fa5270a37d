// Waiting on a clock that a test may push forward while somebody sleeps, and doing one thing after another.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';

/** Sleeps are cut into slices of this many ms of emulator time, so that a push is noticed soon. */
const slice = 100;

/** Resolves when the clock reaches `deadline` (ms since the epoch), or when `signal` aborts. */
export async function sleepUntil(clock: Clock, deadline: number, signal: AbortSignal): Promise<void> {
  for (let left = deadline - clock.now(); left > 0 && !signal.aborted; left = deadline - clock.now())
    await clock.sleep(Math.min(left, slice), signal).catch(() => undefined);
}

/** Runs one piece of work at a time, in the order of asking. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

export function openLane(): Lane {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
