// The monthly call quotas of Google Cloud core: calls by activity, in calendar months of the clock.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure } from './answers.ts';

/** `x-looker-activity-type` of the official document: query calls, administrative calls, and those that are free. */
export type Activity = 'db_query' | 'non_query' | 'none';

export type Edition = 'standard' | 'enterprise' | 'embed';

export interface QuotaCounts {
  readonly db_query: number;
  readonly non_query: number;
  readonly none: number;
}

/** https://cloud.google.com/looker/docs/looker-core-edition-types */
export const editions: Readonly<Record<Edition, Readonly<Record<'db_query' | 'non_query', number>>>> = {
  standard: { db_query: 1_000, non_query: 1_000 },
  enterprise: { db_query: 100_000, non_query: 10_000 },
  embed: { db_query: 500_000, non_query: 100_000 },
};

export class Quota {
  readonly #clock: Clock;
  readonly #limits: Readonly<Record<'db_query' | 'non_query', number>>;
  readonly #enforced: boolean;
  readonly #retryAfter: boolean;
  #month = '';
  #counts = { db_query: 0, non_query: 0, none: 0 };

  constructor(
    clock: Clock,
    options: {
      limits: Readonly<Record<'db_query' | 'non_query', number>>;
      quotaEnforced: boolean;
      retryAfter: boolean;
    },
  ) {
    this.#clock = clock;
    this.#limits = options.limits;
    this.#enforced = options.quotaEnforced;
    this.#retryAfter = options.retryAfter;
  }

  /** Counts a call, or refuses it; a refused call costs nothing. */
  take(activity: Activity): void {
    this.#turn();
    if (activity !== 'none' && this.#enforced && this.#counts[activity] >= this.#limits[activity]) {
      const headers: Record<string, string> = this.#retryAfter ? { 'retry-after': this.#secondsLeft() } : {};
      throw new ApiFailure(429, 'API quota exceeded.', { headers });
    }
    this.#counts[activity] += 1;
  }

  /** Calls of the current month. */
  counts(): QuotaCounts {
    this.#turn();
    return { ...this.#counts };
  }

  #turn(): void {
    const month = new Date(this.#clock.now()).toISOString().slice(0, 7);
    if (month === this.#month) return;
    this.#month = month;
    this.#counts = { db_query: 0, non_query: 0, none: 0 };
  }

  #secondsLeft(): string {
    const now = new Date(this.#clock.now());
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
    return String(Math.ceil((end - now.getTime()) / 1000));
  }
}
