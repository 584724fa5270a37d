// Background jobs: queued, run for real, finished with a code, and forgotten after a while (tableau.md 4).
import { setMaxListeners } from 'node:events';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type DataSource, newId, type Site, type User, type Workbook } from './model.ts';
import { type Lane, openLane, sleepUntil } from './waiting.ts';

export type JobKind = 'publish' | 'update' | 'refresh';

/** 0 success, 1 error, 2 cancelled, 3 completed by Tableau Bridge. */
export type FinishCode = 0 | 1 | 2 | 3;

export interface Outcome {
  readonly finishCode: FinishCode;
  /** Absent: the job ends without a word, as some failures do. */
  readonly notes?: string;
  /** Tableau's number, for a status note of type errorCode. */
  readonly errorCode?: number;
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly site: Site;
  readonly user: User;
  readonly content: DataSource | Workbook | undefined;
  readonly requestId: string | undefined;
  readonly createdAt: number;
  startedAt: number | undefined;
  completedAt: number | undefined;
  outcome: Outcome | undefined;
}

/** Ms of emulator time. */
export interface Pace {
  /** From submitting to starting. */
  readonly queue: number;
  /** At least so long from starting to the end. */
  readonly run: number;
  /** Completed jobs are purged after this. */
  readonly keep: number;
}

const usualPace: Pace = { queue: 100, run: 200, keep: 3_600_000 };

export interface JobRequest {
  readonly kind: JobKind;
  readonly site: Site;
  readonly user: User;
  readonly content?: DataSource | Workbook;
  readonly requestId?: string;
  /** Jobs that share a lane run one after another. */
  readonly lane?: Lane;
  work(job: Job): Promise<Outcome>;
}

export class Jobs {
  /** Every job ever submitted, purged or not, for assertions. */
  readonly log: Job[] = [];
  readonly #purged = new Set<Job>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  #pace: Pace;
  #failures: { kind: JobKind | undefined; outcome: Outcome }[] = [];

  constructor(clock: Clock, pace: Partial<Pace> = {}) {
    this.#clock = clock;
    this.#pace = { ...usualPace, ...pace };
    // Every waiting job listens.
    setMaxListeners(0, this.#stop.signal);
  }

  setPace(pace: Partial<Pace>): void {
    this.#pace = { ...this.#pace, ...pace };
  }

  /** The next job (of that kind) ends like this without doing its work. */
  failNext(outcome: Outcome, kind?: JobKind): void {
    this.#failures.push({ kind, outcome });
  }

  submit(request: JobRequest): Job {
    const { kind, site, user, content, requestId } = request;
    const job: Job = {
      id: newId(),
      kind,
      site,
      user,
      content,
      requestId,
      createdAt: this.#clock.now(),
      startedAt: undefined,
      completedAt: undefined,
      outcome: undefined,
    };
    this.log.push(job);
    const run = this.#run(job, request).finally(() => this.#running.delete(run));
    this.#running.add(run);
    return job;
  }

  async #run(job: Job, { lane = openLane(), work }: JobRequest): Promise<void> {
    const { queue, run } = this.#pace;
    await sleepUntil(this.#clock, job.createdAt + queue, this.#stop.signal);
    await lane(async () => {
      if (job.outcome || this.#stop.signal.aborted) return;
      job.startedAt = this.#clock.now();
      const scripted = this.#failure(job.kind);
      const outcome = scripted ?? (await work(job).catch(crashed));
      await sleepUntil(this.#clock, job.startedAt + run, this.#stop.signal);
      this.#finish(job, outcome);
    });
  }

  #failure(kind: JobKind): Outcome | undefined {
    const found = this.#failures.find((failure) => failure.kind === undefined || failure.kind === kind);
    this.#failures = this.#failures.filter((failure) => failure !== found);
    return found?.outcome;
  }

  #finish(job: Job, outcome: Outcome): void {
    if (job.outcome) return;
    job.outcome = outcome;
    job.completedAt = this.#clock.now();
  }

  /** The job as far as the server still knows it. */
  find(site: Site, id: string): Job | undefined {
    return this.known(site).find((job) => job.id === id);
  }

  known(site: Site): Job[] {
    const since = this.#clock.now() - this.#pace.keep;
    return this.log.filter(
      (job) => job.site === site && !this.#purged.has(job) && (job.completedAt ?? since + 1) > since,
    );
  }

  /** Forgets what is completed. */
  purge(): void {
    for (const job of this.log) if (job.outcome) this.#purged.add(job);
  }

  /** Ends a job that waits or runs as cancelled; what it has done by then stays done. */
  cancel(job: Job): void {
    this.#finish(job, { finishCode: 2, notes: 'The job was cancelled.' });
  }

  /** 0 to 100, by time: the last percent is the end itself. */
  progress({ startedAt, completedAt }: Job): number {
    if (completedAt !== undefined) return 100;
    if (startedAt === undefined) return 0;
    const share = (this.#clock.now() - startedAt) / Math.max(1, this.#pace.run);
    return Math.min(99, Math.max(0, Math.floor(share * 100)));
  }

  /** Waits until no job is left. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }
}

/** A defect of the emulator, shown where a test looks. */
const crashed = (error: unknown): Outcome => ({
  finishCode: 1,
  notes: `Emulator defect: ${error instanceof Error ? error.stack : String(error)}`,
});
