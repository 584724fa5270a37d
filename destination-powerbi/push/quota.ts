// The quotas of a dataset, obeyed by count: rows per hour, requests per minute, and per hour for large tables.
import { transientError } from '@airbyte/cdk-typescript-shim';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Post, Store } from '../store/store.ts';

const minute = 60_000;
const hour = 60 * minute;

/** "Push datasets limitations". */
export const quotas = {
  rowsPerHour: 1_000_000,
  requestsPerMinute: 120,
  /** Per hour, for a table of `largeTable` rows or more. */
  requestsPerHourToLarge: 120,
  largeTable: 250_000,
} as const;

/** Clocks differ, and an answer takes a moment: a window is taken for so much longer, in milliseconds. */
const margin = 2_000;

/** Waits that last are told again after this long. */
const heartbeat = 5 * minute;

export interface QuotaOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly store: Pick<Store, 'recentPosts' | 'notePost'>;
  /** Least milliseconds between two requests. */
  readonly interval: number;
  /** The longest wait in milliseconds. */
  readonly longest: number;
  readonly announce: (message: string) => Promise<void>;
}

/**
 * Counts over any sixty minutes and any sixty seconds, over runs too: that satisfies fixed windows of any phase as well.
 */
export class Quota {
  readonly #options: QuotaOptions;
  #posts: Post[] = [];
  #last = 0;

  private constructor(options: QuotaOptions) {
    this.#options = options;
  }

  static async open(options: QuotaOptions): Promise<Quota> {
    const quota = new Quota(options);
    quota.#posts = [...(await options.store.recentPosts(options.clock.now() - hour - margin))];
    return quota;
  }

  /** Waits until `rows` may be sent to a table that holds `held`; throws a transient error when that takes too long. */
  async admit(rows: number, held: number): Promise<void> {
    const { clock, longest } = this.#options;
    const began = clock.now();
    for (;;) {
      const now = clock.now();
      this.#posts = this.#posts.filter(({ at }) => at > now - hour - margin);
      const { until, reason } = this.#tightest(rows, held);
      if (until <= now) return;
      // The pause between two requests is no quota.
      if (reason !== '' && until - began > longest)
        throw transientError(
          `Cannot add ${rows} rows: ${reason} until ${new Date(until).toISOString()}, run again after that, or raise "max_wait_minutes"`,
        );
      await this.#wait(until, reason);
    }
  }

  /** A request was sent: it counts from its answer on, so that no window ends too early. */
  sent(rows: number): void {
    const post = { at: this.#options.clock.now(), rows };
    this.#posts.push(post);
    this.#last = post.at;
    this.#options.store.notePost(post);
  }

  #tightest(rows: number, held: number): { readonly until: number; readonly reason: string } {
    const { interval } = this.#options;
    const waits = [
      { until: this.#last === 0 ? 0 : this.#last + interval, reason: '' },
      { until: this.#freeRows(rows), reason: `the quota of ${quotas.rowsPerHour} rows an hour is spent` },
      {
        until: this.#freeRequest(quotas.requestsPerMinute, minute),
        reason: `the quota of ${quotas.requestsPerMinute} requests a minute is spent`,
      },
      ...(held >= quotas.largeTable
        ? [
            {
              until: this.#freeRequest(quotas.requestsPerHourToLarge, hour),
              reason: `the quota of ${quotas.requestsPerHourToLarge} requests an hour to a large table is spent`,
            },
          ]
        : []),
    ];
    return waits.reduce((one, other) => (other.until > one.until ? other : one));
  }

  /** When so many rows will be free: once enough of the oldest have left the hour. */
  #freeRows(rows: number): number {
    let used = this.#posts.reduce((sum, post) => sum + post.rows, 0);
    for (const post of this.#posts) {
      if (used + rows <= quotas.rowsPerHour) return 0;
      used -= post.rows;
      if (used + rows <= quotas.rowsPerHour) return post.at + hour + margin;
    }
    return 0;
  }

  #freeRequest(most: number, window: number): number {
    const first = this.#posts.at(-most);
    return first === undefined ? 0 : first.at + window + margin;
  }

  async #wait(until: number, reason: string): Promise<void> {
    const { clock, signal, announce } = this.#options;
    for (let now = clock.now(); now < until; now = clock.now()) {
      if (reason !== '') await announce(`Waits until ${new Date(until).toISOString()}: ${reason}`);
      await clock.sleep(Math.min(until - now, heartbeat), signal);
    }
  }
}
