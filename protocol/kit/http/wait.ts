// Waiting that ends at once, with its reason, when the caller gives up.
import type { Clock } from '../../ports.ts';

/** A wait about to begin, for progress and STREAM_STATUS: `until` in milliseconds since the epoch. */
export interface Wait {
  readonly until: number;
  readonly reason: string;
  /** The lane that waits; the empty string for requests without one. */
  readonly lane: string;
}

export type OnWait = (wait: Wait) => void;

/** Default for the longest wait that is slept through, in milliseconds; what takes longer belongs to a later run. */
export const LONGEST_WAIT = 120_000;

/** The first of `promises`; rejects with the reason of the first signal that aborts. The promises themselves go on. */
export async function firstOf<T>(
  promises: readonly Promise<T>[],
  signals: readonly (AbortSignal | undefined)[],
): Promise<T> {
  const given = signals.filter((signal) => signal !== undefined);
  // A promise nobody awaits any more must not end the process when it fails.
  for (const promise of promises) promise.catch(() => undefined);
  for (const signal of given) signal.throwIfAborted();
  let forget = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const listeners = given.map((signal) => {
      const listener = (): void => reject(signal.reason);
      signal.addEventListener('abort', listener, { once: true });
      return () => signal.removeEventListener('abort', listener);
    });
    forget = () => {
      for (const remove of listeners) remove();
    };
  });
  try {
    return await Promise.race([...promises, aborted]);
  } finally {
    forget();
  }
}

/**
 * Sleeps on the clock, or until `wake` resolves; rejects with the reason of the first signal that aborts. Whatever
 * ends it, no timer stays behind.
 */
export async function pause(
  clock: Clock,
  milliseconds: number,
  {
    signals,
    wake,
  }: { readonly signals: readonly (AbortSignal | undefined)[]; readonly wake?: Promise<void> },
): Promise<void> {
  const timer = new AbortController();
  const slept = clock.sleep(milliseconds, timer.signal);
  try {
    await firstOf(wake === undefined ? [slept] : [slept, wake], signals);
  } finally {
    timer.abort();
  }
}
