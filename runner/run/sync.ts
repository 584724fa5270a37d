// A sync that a person asked for: its job is added, or the one that a killed run left is taken up, and performed here.
import { hostname } from 'node:os';
import { transientError } from '@airbyte/cdk-typescript-shim';
import type { PipelineSettings } from '../settings/index.ts';
import type { Job, Store } from '../store/contract.ts';
import { busyWith } from './connections.ts';
import { type JobPorts, type Performed, performJob } from './perform.ts';

/** Jobs of a run that was killed can be taken up after so long; a run that works prolongs its lease in time. */
export const syncLease = 3_000;

/** Longer than a lease: by then a killed run's job is free, and whoever still holds it is at work. */
const patience = 5_000;
const pause = 200;

export type SyncPorts = Omit<JobPorts, 'owner' | 'leaseMilliseconds' | 'settings'> & {
  readonly settings: JobPorts['settings'] & {
    readonly pipelines: Readonly<Record<string, PipelineSettings>>;
  };
  /** Told of every job that was performed, the person's own last. */
  readonly performed: (performed: Performed) => void;
};

export const ownerName = (): string => `${hostname()}:${process.pid}`;

/** Performs the pipeline as a whole: see `performOwn`. */
export async function sync(pipeline: PipelineSettings, ports: SyncPorts): Promise<Job> {
  return await performOwn(pipeline, await ownJob(pipeline, ports), ports);
}

export interface OwnJob {
  readonly id: number;
  /** It is of our making: another runner may take it, which is as well. */
  readonly added: boolean;
}

/**
 * Performs a job, after others of its pipeline that were due before. Gives it as it ended, here or in another runner
 * that took it. Throws a transient error when another runner is at work for the pipeline.
 */
export async function performOwn(
  pipeline: PipelineSettings,
  { id, added }: OwnJob,
  ports: SyncPorts,
): Promise<Job> {
  const { store, clock } = ports;
  const until = clock.now() + patience;
  for (;;) {
    const performed = await performNext(pipeline, ports);
    const own = await jobOf(store, id);
    if (ports.signal.aborted || (performed ? performed.job.id === id : isOver(own))) return own;
    if (performed) continue;
    const taken = added && own.state === 'running';
    if (!taken && clock.now() > until) throw await inTheWay(pipeline, ports);
    await clock.sleep(pause, ports.signal).catch(() => undefined);
  }
}

async function inTheWay(pipeline: PipelineSettings, { store, settings, clock }: SyncPorts): Promise<Error> {
  const other = await busyWith(pipeline, { store, settings, now: clock.now() });
  return transientError(
    other === undefined
      ? `Pipeline "${pipeline.name}" is running already: wait for that run to end`
      : `Pipeline "${pipeline.name}" cannot run while "${other}" does: they share a consent, wait for that run to end`,
  );
}

/** The job that a killed run left, when it is as whole as the one that is asked for; else a new one. */
async function ownJob({ name }: PipelineSettings, { store, clock }: SyncPorts): Promise<OwnJob> {
  const running = await store.jobs.list({ pipeline: name, states: ['running'] });
  const whole = running.find(({ streams, records }) => !streams && !records);
  if (whole) return { id: whole.id, added: false };
  const { id } = await store.jobs.add({ pipeline: name, cause: 'manual', dueAt: clock.now() });
  return { id, added: true };
}

async function performNext(pipeline: PipelineSettings, ports: SyncPorts): Promise<Performed | undefined> {
  const { store, clock, settings, performed: tell, ...rest } = ports;
  if ((await busyWith(pipeline, { store, settings, now: clock.now() })) !== undefined) return undefined;
  const owner = ownerName();
  const job = await store.jobs.claim(owner, {
    now: clock.now(),
    milliseconds: syncLease,
    pipelines: [pipeline.name],
    ...(pipeline.exclusive && { connection: pipeline.connection }),
  });
  if (!job) return undefined;
  const performed = await performJob(job, pipeline, {
    ...rest,
    store,
    clock,
    settings,
    owner,
    leaseMilliseconds: syncLease,
  });
  tell(performed);
  return performed;
}

async function jobOf({ jobs }: Store, id: number): Promise<Job> {
  const job = await jobs.get(id);
  if (!job) throw transientError(`Job ${id} is gone from the store: run the sync again`);
  return job;
}

/** Another runner did it. */
const isOver = ({ state }: Job): boolean => state !== 'waiting' && state !== 'running';
