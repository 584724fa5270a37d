// The hourly and daily caps of a Cloud site; Server has none (tableau.md 6).
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure } from './errors.ts';
import type { Site } from './model.ts';
import type { Switches } from './switches.ts';

export type Metered = 'refresh' | 'publish' | 'jobs';

export interface Cap {
  readonly api: string;
  readonly max: number;
  /** Ms over which calls are counted. */
  readonly window: number;
}

const hour = 3_600_000;

const caps: Readonly<Record<Metered, Cap>> = {
  refresh: { api: 'api.rest.refresh_extracts', max: 60, window: hour },
  publish: { api: 'api.rest.publish_content', max: 600, window: hour },
  jobs: { api: 'api.rest.query_jobs', max: 20_000, window: 24 * hour },
};

export class Quotas {
  readonly #used = new Map<string, number[]>();
  readonly #clock: Clock;
  readonly #caps: Readonly<Record<Metered, Cap>>;
  readonly #options: { readonly on: boolean; readonly switches: Switches };

  constructor(
    clock: Clock,
    options: { on: boolean; switches: Switches; most: Partial<Record<Metered, number>> },
  ) {
    this.#clock = clock;
    this.#options = options;
    const { most } = options;
    this.#caps = {
      refresh: { ...caps.refresh, max: most.refresh ?? caps.refresh.max },
      publish: { ...caps.publish, max: most.publish ?? caps.publish.max },
      jobs: { ...caps.jobs, max: most.jobs ?? caps.jobs.max },
    };
  }

  /** Counts one call of the site; beyond the cap it is refused with the minutes to wait. */
  take(site: Site, metered: Metered): void {
    if (!this.#options.on) return;
    const { api, max, window } = this.#caps[metered];
    const now = this.#clock.now();
    const key = `${site.id} ${metered}`;
    const recent = (this.#used.get(key) ?? []).filter((at) => at > now - window);
    this.#used.set(key, recent);
    const [oldest = now] = recent.slice(-max);
    if (recent.length >= max) {
      const seconds = Math.ceil((oldest + window - now) / 1_000);
      const minutes = Math.max(1, Math.ceil(seconds / 60));
      throw new ApiFailure(
        429000,
        `Too many requests for '${api}'. Please retry after ${minutes} minutes`,
        this.#options.switches.retryAfterHeader ? { 'retry-after': String(seconds) } : {},
      );
    }
    recent.push(now);
  }

  used(site: Site, metered: Metered): number {
    return this.#used.get(`${site.id} ${metered}`)?.length ?? 0;
  }
}
