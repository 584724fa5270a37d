// The machine's own clock.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../ports.ts';

export type { Clock } from '../ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal ? { signal } : {}),
};
