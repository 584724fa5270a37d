// What a connector needs from the outside world, as interfaces: the kit gives the real ones, tests their own.
import type { Message } from './messages.ts';

/** A source of time. `now` gives milliseconds since the epoch; `sleep` waits that many and rejects when `signal` aborts. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What every command of a connector is given. */
export interface Context<Config> {
  /** The validated configuration, defaults filled in. */
  readonly config: Config;
  readonly clock: Clock;
  /** Aborted when the run is asked to stop. */
  readonly signal: AbortSignal;
  /** Writes a message at once, past every queue; resolves when the pipe has taken it. For LOG, CONTROL and statuses. */
  say(message: Message): Promise<void>;
}
