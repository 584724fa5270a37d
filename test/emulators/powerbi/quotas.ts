// The quotas of one dataset: rows per hour, requests per minute, per hour on large tables, and in flight (powerbi.md 3).
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { odataError, plainError, type Refusal } from './answers.ts';
import type { Switches } from './switches.ts';

const minute = 60_000;
const hour = 3_600_000;

export const limits = {
  rowsPerHour: 1_000_000,
  /** Where the dataset's owner has a free licence. */
  rowsPerHourFree: 10_000,
  requestsPerMinute: 120,
  requestsPerHourOnLargeTables: 120,
  /** Rows from which a table is large. */
  largeTable: 250_000,
  pending: 5,
};

/** An amount used in a span of time, counted either over the last span or in windows that begin with first use. */
class Window {
  readonly #span: number;
  readonly #fixed: boolean;
  #uses: { at: number; amount: number }[] = [];
  #opened = Number.NEGATIVE_INFINITY;

  constructor(span: number, fixed: boolean) {
    this.#span = span;
    this.#fixed = fixed;
  }

  /** Milliseconds until `amount` more fits under `limit`: 0 when it does now. */
  wait(amount: number, { limit, now }: { limit: number; now: number }): number {
    const from = this.#fixed ? this.#current(now) : now - this.#span;
    this.#uses = this.#uses.filter(({ at }) => (this.#fixed ? at >= from : at > from));
    let used = this.#uses.reduce((sum, one) => sum + one.amount, 0);
    if (used + amount <= limit) return 0;
    if (this.#fixed) return this.#opened + this.#span - now;
    for (const one of this.#uses) {
      used -= one.amount;
      if (used + amount <= limit) return one.at + this.#span - now;
    }
    return this.#span;
  }

  use(amount: number, now: number): void {
    if (this.#fixed) this.#current(now);
    this.#uses.push({ at: now, amount });
  }

  #current(now: number): number {
    if (now >= this.#opened + this.#span) this.#opened = now;
    return this.#opened;
  }
}

export class Quotas {
  readonly #switches: Switches;
  readonly #clock: Clock;
  readonly #rows: Window;
  readonly #requests: Window;
  readonly #large: Window;
  #pending = 0;

  constructor(clock: Clock, switches: Switches) {
    const fixed = switches.quotaWindow === 'fixed';
    this.#clock = clock;
    this.#switches = switches;
    this.#rows = new Window(hour, fixed);
    this.#requests = new Window(minute, fixed);
    this.#large = new Window(hour, fixed);
  }

  /** Counts a request on a table of `size` rows, or refuses it. `done` must be called once it is answered. */
  enter(size: number): { done: () => void } {
    const now = this.#clock.now();
    const large = size >= limits.largeTable;
    if (this.#switches.pendingLimit && this.#pending >= limits.pending)
      throw this.#tooMany(1000, `${limits.pending} requests are pending for this dataset`);
    const wait = this.#requests.wait(1, { limit: limits.requestsPerMinute, now });
    if (wait > 0) throw this.#tooMany(wait, 'the requests per minute of this dataset');
    const limit = limits.requestsPerHourOnLargeTables;
    const longWait = large ? this.#large.wait(1, { limit, now }) : 0;
    if (longWait > 0) throw this.#tooMany(longWait, 'the requests per hour of a dataset with large tables');
    this.#requests.use(1, now);
    if (large || this.#switches.largeTableQuota === 'whole dataset') this.#large.use(1, now);
    this.#pending += 1;
    return {
      done: () => {
        this.#pending -= 1;
      },
    };
  }

  /** Refuses rows beyond the hour's; `take` counts them once they are stored. */
  rows(count: number): { take: () => void } {
    const limit = this.#switches.ownerLicence === 'free' ? limits.rowsPerHourFree : limits.rowsPerHour;
    const wait = this.#rows.wait(count, { limit, now: this.#clock.now() });
    if (wait > 0)
      throw odataError(429, 'TooManyRequests', {
        message: `The dataset exceeded its limit of ${limit} rows per hour.${this.#hint(wait)}`,
        headers: this.#retryAfter(wait),
      });
    return { take: () => this.#rows.use(count, this.#clock.now()) };
  }

  #tooMany(wait: number, what: string): Refusal {
    const message = `You have exceeded ${what} in the current time frame.${this.#hint(wait)}`;
    const headers = this.#retryAfter(wait);
    return this.#switches.throttleEnvelope === 'C'
      ? plainError(429, message, headers)
      : odataError(429, 'TooManyRequests', { message, headers });
  }

  #hint = (wait: number): string => ` Retry in ${Math.ceil(wait / 1000)} seconds.`;

  #retryAfter = (wait: number): Record<string, string> =>
    this.#switches.retryAfter ? { 'retry-after': String(Math.ceil(wait / 1000)) } : {};
}
