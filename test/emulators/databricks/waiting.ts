// Waiting on a clock that a test may push forward while somebody sleeps.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';

/** Sleeps are cut into slices of this many ms of emulator time, so that a push is noticed soon. */
const slice = 100;

/** Resolves when the clock reaches `deadline` (ms since the epoch), or when `signal` aborts. */
export async function sleepUntil(clock: Clock, deadline: number, signal?: AbortSignal): Promise<void> {
  for (let left = deadline - clock.now(); left > 0 && !signal?.aborted; left = deadline - clock.now())
    await clock.sleep(Math.min(left, slice), signal).catch(() => undefined);
}

/** Waits for `event`, at most until `deadline`. */
export async function waitFor(clock: Clock, event: Promise<unknown>, deadline: number): Promise<void> {
  const stop = new AbortController();
  await Promise.race([event, sleepUntil(clock, deadline, stop.signal)]);
  stop.abort();
}
