// How every pipeline stands, as one value: for `ledgerpipe status`, whose JSON form others read.
import { type Settings, told } from '../settings/index.ts';
import type { Job, JobFailure, JobState, Store } from '../store/contract.ts';
import { mostJobs, unresolvedJobs } from './unresolved.ts';

export interface JobStatus {
  readonly id: number;
  readonly state: JobState;
  readonly cause: string;
  readonly attempt: number;
  readonly created_at: string;
  readonly due_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly read: number;
  readonly committed: number;
  readonly failure: JobFailure | null;
}

export interface StreamStatus {
  readonly stream: string;
  readonly committed_at: string;
  /** Records of the newest job that committed any. */
  readonly records: number;
}

export interface QuotaStatus {
  readonly tenant: string;
  readonly limit: string;
  readonly left: number;
  readonly at: string;
}

/** ok: its last job is done; never: it has none; the others as their job is. */
export type Health = 'ok' | 'never run' | 'running' | 'waiting' | 'retrying' | 'failed' | 'parked';

export interface PipelineStatus {
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly health: Health;
  /** What keeps it from starting: places in the settings. */
  readonly problems: readonly string[];
  readonly last_job: JobStatus | null;
  /** Jobs that wait for their time. */
  readonly waiting: number;
  /** Jobs that failed or were parked, and that nothing has made up for: they wait for a replay. */
  readonly unresolved: readonly number[];
  /** The newest state of any stream. */
  readonly committed_at: string | null;
  readonly streams: readonly StreamStatus[];
  readonly quotas: readonly QuotaStatus[];
}

export interface Status {
  readonly at: string;
  readonly jobs: Readonly<Record<JobState, number>>;
  readonly pipelines: readonly PipelineStatus[];
}

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
const isoOrNull = (milliseconds: number | undefined): string | null =>
  milliseconds === undefined ? null : isoOf(milliseconds);

export async function statusOf(
  { pipelines }: Pick<Settings, 'pipelines'>,
  { store, now }: { readonly store: Store; readonly now: number },
): Promise<Status> {
  const [freshness, quotas, jobs, waiting, unresolved] = await Promise.all([
    store.overview.freshness(),
    store.overview.quotas(),
    store.overview.countJobs(),
    store.jobs.list({ states: ['waiting'], limit: mostJobs }),
    unresolvedJobs(store),
  ]);
  const statuses: PipelineStatus[] = [];
  for (const { name, source, destination, problems } of Object.values(pipelines)) {
    const [last] = await store.jobs.list({ pipeline: name, limit: 1 });
    const own = <T extends { readonly pipeline: string }>(rows: readonly T[]): readonly T[] =>
      rows.filter(({ pipeline }) => pipeline === name);
    const streams = own(freshness).toSorted((one, other) => other.committedAt - one.committedAt);
    statuses.push({
      name,
      source: source.connector,
      destination: destination.connector,
      health: healthOf(last),
      problems: problems.map(told),
      last_job: last ? jobStatus(last) : null,
      waiting: own(waiting).length,
      unresolved: own(unresolved).map(({ id }) => id),
      committed_at: isoOrNull(streams[0]?.committedAt),
      streams: streams.map(({ stream, committedAt, records }) => ({
        stream,
        committed_at: isoOf(committedAt),
        records,
      })),
      quotas: own(quotas).map(({ tenant, limit, left, at }) => ({ tenant, limit, left, at: isoOf(at) })),
    });
  }
  return { at: isoOf(now), jobs, pipelines: statuses };
}

export function healthOf(last: Job | undefined): Health {
  if (!last) return 'never run';
  if (last.state === 'done') return 'ok';
  return last.state === 'waiting' && last.attempt > 0 ? 'retrying' : last.state;
}

const jobStatus = (job: Job): JobStatus => ({
  id: job.id,
  state: job.state,
  cause: job.cause,
  attempt: job.attempt,
  created_at: isoOf(job.createdAt),
  due_at: isoOf(job.dueAt),
  started_at: isoOrNull(job.startedAt),
  ended_at: isoOrNull(job.endedAt),
  read: job.read,
  committed: job.committed,
  failure: job.failure ?? null,
});
