// Limits: requests per second and minute, batches, reports, calls in flight, and the metered reads of a month.
import { throttled } from './errors.ts';
import type { QuickbooksSwitches } from './switches.ts';

export type CallKind = 'query' | 'batch' | 'cdc' | 'report' | 'read' | 'write';

export interface QuickbooksLimits {
  /** Requests per second, realm and app. */
  readonly second: number;
  /** Requests per minute and realm. */
  readonly minute: number;
  /** Requests in flight, realm and app: the older wording of the limit per second. */
  readonly concurrent: number;
  /** Batches per minute, realm and app. */
  readonly batchMinute: number;
  /** Batches per minute and realm, over all apps. */
  readonly realmBatchMinute: number;
  /** Reports per minute: told by third parties only. */
  readonly reportMinute: number;
  /** Items of a batch. */
  readonly batchItems: number;
  /** Rows of a query's page. */
  readonly page: number;
  /** Objects of a change capture. */
  readonly cdcObjects: number;
  /** How far change capture looks back, days. */
  readonly cdcDays: number;
  /** Cells of a report. */
  readonly reportCells: number;
  /** Metered reads of a month over all companies: 500,000 on the free tier, which then blocks. */
  readonly monthlyReads: number;
  /** How long every API call takes at least, ms of the clock. */
  readonly latency: number;
}

/** developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles; the month: App Partner Program, Builder tier. */
export const DEFAULT_LIMITS: QuickbooksLimits = {
  second: 10,
  minute: 500,
  concurrent: 10,
  batchMinute: 40,
  realmBatchMinute: 120,
  reportMinute: 200,
  batchItems: 30,
  page: 1000,
  cdcObjects: 1000,
  cdcDays: 30,
  reportCells: 400_000,
  monthlyReads: 500_000,
  latency: 0,
};

/** No limit on the number of calls; sizes stay limited. */
export const UNLIMITED: QuickbooksLimits = {
  ...DEFAULT_LIMITS,
  second: 1e12,
  minute: 1e12,
  concurrent: 1e12,
  batchMinute: 1e12,
  realmBatchMinute: 1e12,
  reportMinute: 1e12,
  monthlyReads: 1e12,
};

/** What is used up, for tests to look at. */
export interface QuotaFacts {
  readonly secondLeft: number;
  readonly minuteLeft: number;
  readonly batchMinuteLeft: number;
  readonly reportMinuteLeft: number;
  readonly inFlight: number;
  /** Metered reads of the month of the clock (UTC), over all companies. */
  readonly monthlyReads: number;
  readonly month: string;
}

/** A count that starts again with every window of fixed length. */
class Window {
  #used = 0;
  #number = -1;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  used(now: number): number {
    const number = Math.floor(now / this.#length);
    if (number !== this.#number) {
      this.#number = number;
      this.#used = 0;
    }
    return this.#used;
  }

  spend(now: number, count = 1): void {
    this.#used = this.used(now) + count;
  }
}

class RealmUse {
  readonly second = new Window(1000);
  readonly minute = new Window(60_000);
  readonly batch = new Window(60_000);
  readonly report = new Window(60_000);
  inFlight = 0;
}

export class Quota {
  readonly #limits: QuickbooksLimits;
  readonly #switches: QuickbooksSwitches;
  readonly #realms = new Map<string, RealmUse>();
  readonly #reads = new Map<string, number>();

  constructor(limits: QuickbooksLimits, switches: QuickbooksSwitches) {
    this.#limits = limits;
    this.#switches = switches;
  }

  /** Counts a call, or refuses it. A month that is used up looks like any throttle. */
  enter(realmId: string, kind: CallKind, now: number): void {
    const use = this.#realm(realmId);
    const { second, minute, concurrent, batchMinute, realmBatchMinute, reportMinute, monthlyReads } =
      this.#limits;
    const full =
      use.inFlight >= concurrent ||
      use.second.used(now) >= second ||
      use.minute.used(now) >= minute ||
      (kind === 'batch' && use.batch.used(now) >= Math.min(batchMinute, realmBatchMinute)) ||
      (kind === 'report' && use.report.used(now) >= reportMinute) ||
      this.reads(now) >= monthlyReads;
    if (full) throw throttled(this.#switches.throttleStatus);
    use.inFlight += 1;
    use.second.spend(now);
    use.minute.spend(now);
    if (kind === 'batch') use.batch.spend(now);
    if (kind === 'report') use.report.spend(now);
  }

  leave(realmId: string): void {
    this.#realm(realmId).inFlight -= 1;
  }

  /** Counts successful reads of the month. */
  meter(now: number, reads: number): void {
    this.#reads.set(monthOf(now), this.reads(now) + reads);
  }

  reads(now: number): number {
    return this.#reads.get(monthOf(now)) ?? 0;
  }

  facts(realmId: string, now: number): QuotaFacts {
    const use = this.#realm(realmId);
    const left = (limit: number, window: Window): number => Math.max(0, limit - window.used(now));
    return {
      secondLeft: left(this.#limits.second, use.second),
      minuteLeft: left(this.#limits.minute, use.minute),
      batchMinuteLeft: left(this.#limits.batchMinute, use.batch),
      reportMinuteLeft: left(this.#limits.reportMinute, use.report),
      inFlight: use.inFlight,
      monthlyReads: this.reads(now),
      month: monthOf(now),
    };
  }

  /** Uses up calls without making them. */
  spend(
    realmId: string,
    now: number,
    { second = 0, minute = 0, batch = 0, report = 0, month = 0 }: Spending,
  ): void {
    const use = this.#realm(realmId);
    use.second.spend(now, second);
    use.minute.spend(now, minute);
    use.batch.spend(now, batch);
    use.report.spend(now, report);
    this.meter(now, month);
  }

  #realm(realmId: string): RealmUse {
    const use = this.#realms.get(realmId) ?? new RealmUse();
    this.#realms.set(realmId, use);
    return use;
  }
}

/** How much of each limit to use up. */
export interface Spending {
  readonly second?: number;
  readonly minute?: number;
  readonly batch?: number;
  readonly report?: number;
  readonly month?: number;
}

const monthOf = (now: number): string => new Date(now).toISOString().slice(0, 7);
