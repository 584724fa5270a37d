// A gate that lets a fixed number of requests be under way at once.
import type { Gate } from './gate.ts';

/** Slots are held from sending until the body is read. */
export function concurrencyGate(max: number): Gate {
  let under = 0;
  return {
    blocked: () =>
      under < max ? undefined : { until: undefined, ends: false, reason: `${max} requests are under way` },
    sent() {
      under += 1;
      return () => {
        under -= 1;
      };
    },
  };
}
