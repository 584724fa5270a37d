// Waiting for the next arrival no longer than until the segment is due.
import type { Clock } from '@airbyte/cdk-typescript-shim';

/**
 * One alarm at a time, on the run's clock. Set once for a segment of many arrivals: a timer for each of them would
 * cost more than taking it.
 */
export class Alarm {
  readonly #clock: Clock;
  #timer: AbortController | undefined;
  #rung = false;
  #ring: () => void = () => undefined;

  constructor(clock: Clock, stopped: AbortSignal) {
    this.#clock = clock;
    stopped.addEventListener('abort', () => this.#sound(), { once: true });
  }

  /** Rings after so many milliseconds. */
  set(milliseconds: number): void {
    this.clear();
    const timer = new AbortController();
    this.#timer = timer;
    const late = (): void => {
      if (!timer.signal.aborted) this.#sound();
    };
    this.#clock.sleep(milliseconds, timer.signal).then(late, () => undefined);
  }

  /** Forgets the time, and that it rang. */
  clear(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    this.#rung = false;
  }

  /** What `next` gives, or 'rung' when the alarm comes first. */
  async first<T>(next: Promise<T>): Promise<T | 'rung'> {
    if (this.#rung) return 'rung';
    return await new Promise((resolve, reject) => {
      this.#ring = () => resolve('rung');
      next.then(resolve, reject);
    });
  }

  #sound(): void {
    this.#rung = true;
    this.#ring();
  }
}
