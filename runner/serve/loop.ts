// The ticker: what is to be done is looked for twice a second, at once when somebody rings; a failing part stops no other.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import { Alarm } from './alarm.ts';
import type { Log } from './log.ts';

/** Something to be done each time; it decides itself whether it is its time. */
export interface Part {
  readonly name: string;
  run(now: number): Promise<void>;
}

export interface LoopPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds until the next tick, when nobody rings. */
  pause(now: number): number;
}

/** Runs its parts one after another until it is stopped. */
export class Loop {
  readonly #parts: readonly Part[];
  readonly #ports: LoopPorts;
  readonly #alarm: Alarm;
  readonly #failing = new Map<string, string>();
  #stopped = false;
  #lastTick: number;

  constructor(parts: readonly Part[], ports: LoopPorts) {
    this.#parts = parts;
    this.#ports = ports;
    this.#alarm = new Alarm(ports.clock);
    this.#lastTick = ports.clock.now();
  }

  /** When it last came round, milliseconds since the epoch. */
  get lastTick(): number {
    return this.#lastTick;
  }

  /** Ticks at once. */
  readonly wake = (): void => this.#alarm.ring();

  /** No further tick begins. */
  stop(): void {
    this.#stopped = true;
    this.#alarm.ring();
  }

  /** Resolves when it has been stopped and its last tick is over; never rejects. */
  async run(): Promise<void> {
    const { clock, pause } = this.#ports;
    while (!this.#stopped) {
      for (const part of this.#parts) if (!this.#stopped) await this.#runPart(part);
      this.#lastTick = clock.now();
      if (!this.#stopped) await this.#alarm.wait(pause(this.#lastTick));
    }
  }

  /** Tells of a failure once, and once more when it is over. */
  async #runPart({ name, run }: Part): Promise<void> {
    const { clock, log } = this.#ports;
    try {
      await run(clock.now());
      if (this.#failing.delete(name)) log.info({ part: name }, 'works again');
    } catch (thrown) {
      const { kind, message } = asConnectorError(thrown);
      if (this.#failing.get(name) !== message) log.error({ part: name, kind, reason: message }, 'failed');
      this.#failing.set(name, message);
    }
  }
}
