// A clock that runs faster than the world: emulators and connectors of one test share it.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';

export interface FastClock extends Clock {
  /** Moves time forward at once, without waiting. */
  advance(milliseconds: number): void;
}

/** A clock starting at `start` (ms since the epoch) that runs `rate` times as fast as real time. */
export function fastClock({
  start = Date.now(),
  rate = 1,
}: {
  start?: number;
  rate?: number;
} = {}): FastClock {
  const began = performance.now();
  let skipped = 0;
  return {
    now: () => Math.floor(start + skipped + (performance.now() - began) * rate),
    sleep: (milliseconds, signal) => delay(milliseconds / rate, undefined, signal ? { signal } : {}),
    advance: (milliseconds) => {
      skipped += milliseconds;
    },
  };
}
