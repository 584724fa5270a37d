// A job between its row and its value.
import type { RecordReference } from '@airbyte/cdk-typescript-shim';
import type { Job, JobCause, JobFailure, JobState, NewJob } from './contract.ts';
import type { JobRow, NewJobRow } from './tables.ts';

/** The row of a new job. */
export const jobRow = (job: NewJob, createdAt: number): NewJobRow => ({
  pipeline: job.pipeline,
  cause: job.cause,
  streams: listed(job.streams),
  records: listed(job.records),
  events: listed(job.events),
  replay_of: job.replayOf ?? null,
  merge_key: mergeKey(job),
  state: 'waiting',
  due_at: job.dueAt,
  attempt: 0,
  created_at: createdAt,
  started_at: null,
  ended_at: null,
  owner: null,
  lease_until: null,
  connection: null,
  read_count: 0,
  committed_count: 0,
  failure: null,
});

/**
 * Equal for jobs that one waiting job can stand for. Whole streams and single records stay apart, for the former
 * move states; so do replays of different jobs.
 */
export const mergeKey = ({ pipeline, cause, streams, records, replayOf }: NewJob): string =>
  JSON.stringify([
    pipeline,
    cause,
    streams ? [...streams].sort() : null,
    records !== undefined,
    replayOf ?? null,
  ]);

export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    pipeline: row.pipeline,
    cause: row.cause as JobCause,
    state: row.state as JobState,
    dueAt: row.due_at,
    attempt: row.attempt,
    createdAt: row.created_at,
    read: row.read_count,
    committed: row.committed_count,
    ...(row.streams !== null && { streams: parsed<string[]>(row.streams) }),
    ...(row.records !== null && { records: parsed<RecordReference[]>(row.records) }),
    ...(row.events !== null && { events: parsed<string[]>(row.events) }),
    ...(row.replay_of !== null && { replayOf: row.replay_of }),
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.state === 'running' && row.owner !== null && { owner: row.owner }),
    ...(row.state === 'running' && row.lease_until !== null && { leaseUntil: row.lease_until }),
    ...(row.failure !== null && { failure: parsed<JobFailure>(row.failure) }),
  };
}

/** What changes in a waiting job that takes another one in: both say the same but for records, events and time. */
export function merged(row: JobRow, job: NewJob): Pick<JobRow, 'records' | 'events' | 'due_at'> {
  const records = row.records === null ? [] : parsed<RecordReference[]>(row.records);
  const events = row.events === null ? [] : parsed<string[]>(row.events);
  return {
    records: row.records === null ? null : listed(distinctRecords([...records, ...(job.records ?? [])])),
    events: listed(
      row.events === null && !job.events ? undefined : [...new Set([...events, ...(job.events ?? [])])],
    ),
    due_at: dueTime(row, job),
  };
}

/** A job that waits to be tried again keeps its time (a quota's reset, say), except when a person asks for it. */
const dueTime = (row: JobRow, { cause, dueAt }: NewJob): number =>
  row.attempt > 0 && cause !== 'manual' && cause !== 'replay' ? row.due_at : Math.min(row.due_at, dueAt);

const distinctRecords = (records: readonly RecordReference[]): readonly RecordReference[] => [
  ...new Map(
    records.map((record) => [JSON.stringify([record.stream, record.tenant, record.id]), record]),
  ).values(),
];

const listed = (list: readonly unknown[] | undefined): string | null => (list ? JSON.stringify(list) : null);

const parsed = <T>(text: string): T => JSON.parse(text) as T;
