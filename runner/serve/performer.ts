// One claimed job and what goes with it: its progress, its log lines, its numbers, and what its end brings about.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import { type JobPorts, type Performed, performJob } from '../run/perform.ts';
import type { End } from '../run/tally.ts';
import type { LogEntry } from '../run/transfer.ts';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { Job, Store } from '../store/contract.ts';
import type { FailureHook } from './failure-hook.ts';
import type { LiveRuns } from './live.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Quotas, quotaIn } from './quotas.ts';
import { type Sighting, type StaleDimensions, sightingIn } from './stale.ts';

export interface PerformerPorts {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  readonly leaseMilliseconds: number;
  /** Aborted to stop all runs in order. */
  readonly signal: AbortSignal;
  readonly live: LiveRuns;
  readonly metrics: Metrics;
  readonly hook: FailureHook;
  readonly stale: StaleDimensions;
}

/** Performs the job and sees to its end. Rejects when the store cannot be written: the lease then runs out. */
export async function perform(job: Job, pipeline: PipelineSettings, ports: PerformerPorts): Promise<void> {
  const { settings, store, clock, owner, leaseMilliseconds, signal, live } = ports;
  const about = { job: job.id, pipeline: job.pipeline, cause: job.cause, attempt: job.attempt };
  const began = clock.now();
  ports.log.info(about, 'job began');
  const hearing = new Hearing(job, ports);
  const progress = live.begin(job, began);
  const jobPorts: JobPorts = {
    ...{ settings, store, clock, signal, owner, leaseMilliseconds, progress },
    shared: store.kind === 'postgres',
    told: (end, entry) => hearing.told(end, entry),
  };
  try {
    const performed = await performJob(job, pipeline, jobPorts);
    await hearing.end();
    tell(performed, { ...ports, about, seconds: (clock.now() - began) / 1000 });
    if (performed.kept) await refresh(performed, { ...ports, pipeline, sightings: hearing.sightings });
  } finally {
    progress.end();
  }
}

/** What both ends log in JSON. */
class Hearing {
  readonly sightings: Sighting[] = [];
  readonly #job: Job;
  readonly #ports: PerformerPorts;
  readonly #quotas: Quotas;

  constructor(job: Job, ports: PerformerPorts) {
    this.#job = job;
    this.#ports = ports;
    this.#quotas = new Quotas(ports.store.overview);
  }

  told(end: End, entry: LogEntry): void {
    const sighting = end === 'destination' ? sightingIn(entry) : undefined;
    if (sighting) this.sightings.push(sighting);
    const quota = end === 'source' ? quotaIn(entry) : undefined;
    const at = this.#ports.clock.now();
    if (quota && this.#quotas.note({ ...quota, pipeline: this.#job.pipeline, at })) void this.end();
  }

  /** Numbers for the page are no reason to fail a job. */
  async end(): Promise<void> {
    const { clock, log } = this.#ports;
    try {
      await this.#quotas.flush(clock.now());
    } catch (thrown) {
      log.warn({ job: this.#job.id, reason: asConnectorError(thrown).message }, 'quotas were not kept');
    }
  }
}

interface Telling extends PerformerPorts {
  readonly about: Readonly<Record<string, unknown>>;
  readonly seconds: number;
}

function tell({ job, outcome, kept }: Performed, { log, metrics, hook, about, seconds }: Telling): void {
  const { state, read, committed, failure, dueAt } = outcome;
  if (!kept) {
    log.warn(about, 'job may be the work of another runner by now');
    return;
  }
  metrics.ended(job, outcome, seconds);
  const facts = { ...about, state, read, committed, seconds: Math.round(seconds * 1000) / 1000 };
  const failed = state === 'failed' || state === 'parked';
  if (failed) hook.tell(job, outcome);
  if (!failure) log.info(facts, 'job ended');
  else {
    const again = dueAt === undefined ? {} : { again_at: new Date(dueAt).toISOString() };
    const level = failed ? 'error' : 'warn';
    log[level]({ ...facts, kind: failure.kind, reason: failure.message, ...again }, 'job ended');
  }
}

interface Refreshing extends PerformerPorts {
  readonly pipeline: PipelineSettings;
  readonly sightings: readonly Sighting[];
}

async function refresh(
  { job, tally }: Performed,
  { store, stale, clock, log, pipeline, sightings }: Refreshing,
): Promise<void> {
  if (sightings.length === 0) return;
  const read = new Set(job.records ? [] : tally.streams.keys());
  const known = await store.overview.freshness([pipeline.name]);
  const streams = [...new Set([...known.map(({ stream }) => stream), ...(pipeline.streams ?? [])])];
  const wanted = stale.refreshFor({ job, pipeline, sightings, read, streams, now: clock.now() });
  if (!wanted) return;
  const { id } = await store.jobs.add(wanted);
  log.info({ job: id, pipeline: pipeline.name, streams: wanted.streams }, 'refresh of dimensions planned');
}
