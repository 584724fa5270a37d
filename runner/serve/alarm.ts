// A sleep that ends early when there is something to do.
import type { Clock } from '@airbyte/cdk-typescript-shim';

/** One sleeper, any number of callers. */
export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  #sleeping: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the sleep, or the next one if nobody sleeps. */
  ring(): void {
    this.#rung = true;
    this.#sleeping?.abort();
  }

  /** Resolves after so many milliseconds, or as soon as it is rung. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#rung) {
      this.#sleeping = new AbortController();
      await this.#clock.sleep(milliseconds, this.#sleeping.signal).catch(() => undefined);
      this.#sleeping = undefined;
    }
    this.#rung = false;
  }
}
