// Rate limits: fixed windows per app and tenant, calls in flight, and the app's own minute.

import { hashText } from '../../books/random.ts';
import type { Answer } from '../emulator.ts';
import { Refusal } from './errors.ts';
import type { XeroSwitches } from './switches.ts';

export interface XeroLimits {
  /** Calls per minute, app and tenant. */
  readonly minute: number;
  /** Calls per day, app and tenant: 1,000 on the Starter tier, 5,000 above. */
  readonly day: number;
  /** Calls in flight, app and tenant. */
  readonly concurrent: number;
  /** Calls per minute of the app over all tenants. */
  readonly appMinute: number;
  /** Documents a guarded list may scan. */
  readonly highVolume: number;
  /** Longest request target in characters. */
  readonly urlLength: number;
  /** How long every API call takes at least, ms of the clock: makes calls overlap in tests of `concurrent`. */
  readonly latency: number;
}

/** developer.xero.com/documentation/guides/oauth2/limits; the URL's length is not documented. */
export const DEFAULT_LIMITS: XeroLimits = {
  minute: 60,
  day: 5000,
  concurrent: 5,
  appMinute: 10_000,
  highVolume: 100_000,
  urlLength: 4096,
  latency: 0,
};

/** No limit on calls: for benches. The guard and the URL length stay. */
export const UNLIMITED: XeroLimits = {
  ...DEFAULT_LIMITS,
  minute: 1e12,
  day: 1e12,
  concurrent: 1e12,
  appMinute: 1e12,
};

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A count that starts again whenever its window, of fixed length and place, is over. */
class Window {
  #used = 0;
  #number = -1;
  readonly #length: number;
  readonly #offset: number;

  constructor(length: number, offset: number) {
    this.#length = length;
    this.#offset = offset % length;
  }

  used(now: number): number {
    const number = Math.floor((now - this.#offset) / this.#length);
    if (number !== this.#number) {
      this.#number = number;
      this.#used = 0;
    }
    return this.#used;
  }

  spend(now: number): void {
    this.#used = this.used(now) + 1;
  }

  /** Seconds until it starts again, rounded up. */
  left(now: number): number {
    const into = (((now - this.#offset) % this.#length) + this.#length) % this.#length;
    return Math.ceil((this.#length - into) / 1000);
  }
}

interface Tenant {
  readonly minute: Window;
  readonly day: Window;
  inFlight: number;
}

/** What is left, as the headers of every answer say. */
export interface QuotaFacts {
  readonly minuteLeft: number;
  readonly dayLeft: number;
  readonly appMinuteLeft: number;
  readonly inFlight: number;
}

export class Quota {
  readonly #limits: XeroLimits;
  readonly #switches: XeroSwitches;
  readonly #tenants = new Map<string, Tenant>();
  readonly #app = new Window(MINUTE, 7321);

  constructor(limits: XeroLimits, switches: XeroSwitches) {
    this.#limits = limits;
    this.#switches = switches;
  }

  /** Counts a call, or refuses it with the 429 of the tightest limit. `free` lifts minute and day (Rapid Sync). */
  enter(tenantId: string, now: number, { free }: { free: boolean }): void {
    const tenant = this.#tenant(tenantId);
    if (tenant.inFlight >= this.#limits.concurrent)
      throw this.#refuse('concurrent', undefined, this.headers(tenantId, now));
    if (this.#app.used(now) >= this.#limits.appMinute)
      throw this.#refuse(this.#switches.appLimitProblem, this.#app.left(now), this.headers(tenantId, now));
    if (!free && tenant.day.used(now) >= this.#limits.day)
      throw this.#refuse('day', tenant.day.left(now), this.headers(tenantId, now));
    if (!free && tenant.minute.used(now) >= this.#limits.minute)
      throw this.#refuse('minute', tenant.minute.left(now), this.headers(tenantId, now));
    tenant.inFlight += 1;
    this.#app.spend(now);
    if (free) return;
    tenant.minute.spend(now);
    tenant.day.spend(now);
  }

  leave(tenantId: string): void {
    this.#tenant(tenantId).inFlight -= 1;
  }

  /** A call without a tenant, such as /connections: only the app's minute counts. */
  enterApp(now: number): Record<string, string> {
    if (this.#app.used(now) >= this.#limits.appMinute)
      throw this.#refuse(this.#switches.appLimitProblem, this.#app.left(now), {});
    this.#app.spend(now);
    return { 'x-appminlimit-remaining': String(this.#limits.appMinute - this.#app.used(now)) };
  }

  headers(tenantId: string, now: number): Record<string, string> {
    const facts = this.facts(tenantId, now);
    return {
      'x-minlimit-remaining': String(facts.minuteLeft),
      'x-daylimit-remaining': String(facts.dayLeft),
      'x-appminlimit-remaining': String(facts.appMinuteLeft),
    };
  }

  facts(tenantId: string, now: number): QuotaFacts {
    const tenant = this.#tenant(tenantId);
    return {
      minuteLeft: Math.max(0, this.#limits.minute - tenant.minute.used(now)),
      dayLeft: Math.max(0, this.#limits.day - tenant.day.used(now)),
      appMinuteLeft: Math.max(0, this.#limits.appMinute - this.#app.used(now)),
      inFlight: tenant.inFlight,
    };
  }

  /** Uses up calls without making them, so that tests reach a limit at once. */
  spend(
    tenantId: string,
    now: number,
    { minute = 0, day = 0, app = 0 }: { minute?: number; day?: number; app?: number },
  ): void {
    const tenant = this.#tenant(tenantId);
    for (let at = 0; at < minute; at += 1) tenant.minute.spend(now);
    for (let at = 0; at < day; at += 1) tenant.day.spend(now);
    for (let at = 0; at < app; at += 1) this.#app.spend(now);
  }

  #tenant(id: string): Tenant {
    let tenant = this.#tenants.get(id);
    if (!tenant) {
      const place = hashText(id);
      tenant = { minute: new Window(MINUTE, place % MINUTE), day: new Window(DAY, place % DAY), inFlight: 0 };
      this.#tenants.set(id, tenant);
    }
    return tenant;
  }

  /** The concurrent one carries no Retry-After: a short pause is enough. */
  #refuse(problem: string, retryAfter: number | undefined, headers: Record<string, string>): Refusal {
    const name =
      this.#switches.rateLimitProblems === 'capitalised'
        ? `${problem.charAt(0).toUpperCase()}${problem.slice(1)}`
        : problem;
    const answer: Answer = {
      status: 429,
      headers: {
        ...headers,
        'x-rate-limit-problem': name,
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      },
    };
    return new Refusal(answer);
  }
}
