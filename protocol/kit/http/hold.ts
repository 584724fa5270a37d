// A gate that closes for as long as a 429 asks: the other requests of the lane would only be refused as well.
import type { Gate } from './gate.ts';
import { retryAfter } from './retry-after.ts';

export function holdGate(longestWait: number): Gate {
  let until = 0;
  return {
    blocked(now) {
      if (now >= until) return undefined;
      return { until, ends: until - now > longestWait, reason: 'the server asked to wait' };
    },
    sent: () => (response, now) => {
      if (response?.status === 429) until = Math.max(until, now + (retryAfter(response, now) ?? 0));
    },
  };
}
