// What sources tell of their limits: kept for the page and the metrics, at most every few seconds.

import type { LogEntry } from '../run/transfer.ts';
import type { Overview, Quota } from '../store/contract.ts';

/** What a source logs of a limit, or undefined. */
export function quotaIn({
  event,
  tenant,
  limit,
  left,
}: LogEntry): Pick<Quota, 'tenant' | 'limit' | 'left'> | undefined {
  if (event !== 'quota' || typeof limit !== 'string' || typeof left !== 'number' || !Number.isFinite(left))
    return undefined;
  return { tenant: typeof tenant === 'string' ? tenant : '', limit, left };
}

const pause = 5_000;

/** The newest word of each limit of one run. */
export class Quotas {
  readonly #keep: Overview['keepQuota'];
  readonly #waiting = new Map<string, Quota>();
  #flushed = 0;

  constructor(overview: Pick<Overview, 'keepQuota'>) {
    this.#keep = (quota) => overview.keepQuota(quota);
  }

  /** True when it is time to flush. */
  note(quota: Quota): boolean {
    this.#waiting.set(JSON.stringify([quota.tenant, quota.limit]), quota);
    return quota.at - this.#flushed >= pause;
  }

  async flush(now: number): Promise<void> {
    this.#flushed = now;
    const quotas = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const quota of quotas) await this.#keep(quota);
  }
}
