// What a replay reads again: the records or streams of a job, of an event, or of a document, as new jobs.
import { configError, type RecordReference } from '@airbyte/cdk-typescript-shim';
import type { AuditFilter, AuditRow, Job, NewJob, Store, StoredEvent } from '../store/contract.ts';
import { streamsOfEvent } from '../webhooks/streams.ts';
import { unresolvedJobs } from './unresolved.ts';

/** Exactly one of them. */
export interface ReplayOf {
  readonly job?: number | undefined;
  readonly event?: string | undefined;
  /** Key or document number. */
  readonly record?: string | undefined;
  readonly failed?: boolean | undefined;
  /** Only within this pipeline. */
  readonly pipeline?: string | undefined;
}

export interface ReplayPorts {
  readonly store: Store;
  readonly now: number;
  /** Pipelines that an event is for, when no job has read it yet. */
  readonly pipelinesOf: (event: StoredEvent) => readonly string[];
}

/** Records that a replay reads one by one: some hundreds of calls. Beyond that, a sync is the way. */
const mostRecords = 10_000;

/** The jobs to add. Throws a config error when there is nothing of that name. */
export async function replaysOf(what: ReplayOf, ports: ReplayPorts): Promise<readonly NewJob[]> {
  const asked = [what.job, what.event, what.record, what.failed || undefined].filter(
    (one) => one !== undefined,
  );
  if (asked.length !== 1)
    throw configError('Cannot replay: give one of --job, --event, --record or --failed');
  if (what.job !== undefined) return [await ofJob(await jobOf(what.job, ports), ports)];
  if (what.event !== undefined) return await ofEvent(what.event, ports);
  if (what.record !== undefined) return await ofRecord(what.record, what.pipeline, ports);
  const failed = (await unresolvedJobs(ports.store)).filter(
    ({ pipeline }) => what.pipeline === undefined || pipeline === what.pipeline,
  );
  const replays: NewJob[] = [];
  for (const job of failed) replays.push(await ofJob(job, ports));
  return distinct(replays);
}

async function jobOf(id: number, { store }: ReplayPorts): Promise<Job> {
  const job = await store.jobs.get(id);
  if (!job) throw configError(`Cannot replay job ${id}: there is no such job, see "ledgerpipe status"`);
  if (job.state === 'running' || job.state === 'waiting')
    throw configError(`Cannot replay job ${id}: it is ${job.state}, wait for it to end`);
  return job;
}

/** A job of whole streams that did not end well goes on from its last state; one that did is read again by its records. */
async function ofJob(job: Job, ports: ReplayPorts): Promise<NewJob> {
  const { pipeline, streams, events } = job;
  const replay = { pipeline, cause: 'replay', dueAt: ports.now, replayOf: job.id } as const;
  const answered = events ? { events } : {};
  if (job.records) return { ...replay, records: job.records, ...answered };
  if (job.state !== 'done') return { ...replay, ...(streams && { streams }), ...answered };
  const rows = await found(ports, { job: job.id, outcome: 'delivered', limit: mostRecords + 1 });
  if (rows.length > mostRecords)
    throw configError(
      `Cannot replay job ${job.id}: it delivered more than ${mostRecords} records, replay single ones with --record`,
    );
  if (rows.length === 0) throw configError(`Cannot replay job ${job.id}: it delivered no records`);
  return { ...replay, records: rows.map(referenceOf) };
}

async function ofRecord(
  record: string,
  pipeline: string | undefined,
  ports: ReplayPorts,
): Promise<readonly NewJob[]> {
  const rows = await found(ports, {
    record,
    limit: mostRecords,
    ...(pipeline !== undefined && { pipeline }),
  });
  if (rows.length === 0)
    throw configError(
      `Cannot replay record "${record}": the audit trail has no record of that key or number, see "ledgerpipe audit"`,
    );
  // Newest first: the job that moved it last is the one that is replayed.
  const byPipeline = new Map<string, { replayOf: number; records: Map<string, RecordReference> }>();
  for (const row of rows) {
    const known = byPipeline.get(row.pipeline) ?? { replayOf: row.job, records: new Map() };
    known.records.set(`${row.stream}\0${row.tenant}\0${row.key}`, referenceOf(row));
    byPipeline.set(row.pipeline, known);
  }
  return [...byPipeline].map(([name, { replayOf, records }]) => ({
    pipeline: name,
    cause: 'replay',
    dueAt: ports.now,
    replayOf,
    records: [...records.values()],
  }));
}

async function ofEvent(id: string, ports: ReplayPorts): Promise<readonly NewJob[]> {
  const event = await ports.store.events.get(id);
  if (!event) throw configError(`Cannot replay event "${id}": no such event has come`);
  const { stream, tenant, record, job } = event;
  if (stream === undefined)
    throw configError(`Cannot replay event "${id}": no stream is known for its type "${event.type}"`);
  const former = job === undefined ? undefined : await ports.store.jobs.get(job);
  const streams = streamsOfEvent(event);
  const pipelines = former ? [former.pipeline] : [...new Set(ports.pipelinesOf(event))];
  if (pipelines.length === 0)
    throw configError(`Cannot replay event "${id}": no pipeline reads "${stream}" of tenant "${tenant}"`);
  return pipelines.map((pipeline) => ({
    pipeline,
    cause: 'replay',
    dueAt: ports.now,
    // Webhooks do not tell sales invoices from bills: the record is of one of them.
    records: streams.map((name) => ({ stream: name, tenant, id: record })),
    events: [id],
    ...(job !== undefined && { replayOf: job }),
  }));
}

async function found({ store }: ReplayPorts, filter: AuditFilter): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const row of store.audit.find(filter)) rows.push(row);
  return rows;
}

const referenceOf = ({ stream, tenant, key }: AuditRow): RecordReference => ({ stream, tenant, id: key });

/** Of several failed runs over the same streams one replay is enough: it goes on from the same state. */
const distinct = (replays: readonly NewJob[]): readonly NewJob[] => [
  ...new Map(
    replays.map((job) => [
      job.records ? `job ${job.replayOf}` : JSON.stringify([job.pipeline, job.streams ?? null]),
      job,
    ]),
  ).values(),
];
