// Jobs: added (or joined with one that waits), claimed under a lease by one runner at a time, ended.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { DueJob, Job, JobFilter, JobOutcome, Jobs, Lease, NewJob } from './contract.ts';
import type { Database } from './database.ts';
import { addToDay } from './days.ts';
import { isDuplicate } from './failures.ts';
import { jobOf, jobRow, merged, mergeKey } from './job-rows.ts';
import { newestJobs } from './newest-jobs.ts';
import type { Tables } from './tables.ts';

const listedJobs = 100;

export function createJobs(database: Database): Jobs {
  const { db, patiently } = database;
  return {
    add: (job) =>
      patiently(() => db.transaction().execute((transaction) => addJob(transaction, job, database))),
    claim: (owner, lease) => claim(database, owner, lease),
    due: (now) => due(database, now),
    renew: (id, owner, until) =>
      patiently(async () => {
        const { numUpdatedRows } = await db
          .updateTable('ledgerpipe_job')
          .set({ lease_until: until })
          .where(({ and }) => and({ id, owner, state: 'running' }))
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    finish: (id, owner, outcome) => patiently(() => finish(database, id, { owner, outcome })),
    get: (id) =>
      patiently(async () => {
        const row = await db.selectFrom('ledgerpipe_job').selectAll().where('id', '=', id).executeTakeFirst();
        return row && jobOf(row);
      }),
    list: (filter = {}) =>
      patiently(async () => {
        if (filter.states?.length === 0) return [];
        const query = filtered(db.selectFrom('ledgerpipe_job').selectAll(), filter);
        return (await query.orderBy('id', 'desc').execute()).map(jobOf);
      }),
    newest: (pipelines) => patiently(() => newestJobs(database, pipelines)),
  };
}

function filtered<Row>(
  query: SelectQueryBuilder<Tables, 'ledgerpipe_job', Row>,
  { pipeline, states, since, before, limit = listedJobs }: JobFilter,
): SelectQueryBuilder<Tables, 'ledgerpipe_job', Row> {
  let chosen = query.limit(limit);
  if (pipeline !== undefined) chosen = chosen.where('pipeline', '=', pipeline);
  // Behind a function, because SQLite would look through all jobs of the states for the few of the pipeline.
  const state = pipeline === undefined ? sql.ref<string>('state') : sql<string>`coalesce(state, '')`;
  if (states) chosen = chosen.where(state, 'in', states);
  if (since !== undefined) chosen = chosen.where('created_at', '>=', since);
  if (before !== undefined) chosen = chosen.where('id', '<', before);
  return chosen;
}

/**
 * Within a transaction. Two runners that add the same job at once must end with one: PostgreSQL needs a lock for it,
 * SQLite has one.
 */
export async function addJob(
  transaction: Database['db'],
  job: NewJob,
  { kind, clock }: Pick<Database, 'kind' | 'clock'>,
): Promise<Job> {
  const key = mergeKey(job);
  if (kind === 'postgres')
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(transaction);
  const waiting = await transaction
    .selectFrom('ledgerpipe_job')
    .selectAll()
    .where('merge_key', '=', key)
    .where('state', '=', sql.lit('waiting'))
    .orderBy('id')
    .limit(1)
    .$if(kind === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst();
  const row = waiting
    ? await transaction
        .updateTable('ledgerpipe_job')
        .set(merged(waiting, job))
        .where('id', '=', waiting.id)
        .returningAll()
        .executeTakeFirstOrThrow()
    : await transaction
        .insertInto('ledgerpipe_job')
        .values(jobRow(job, clock.now()))
        .returningAll()
        .executeTakeFirstOrThrow();
  return jobOf(row);
}

/**
 * Of `job`: it waits no longer, or its runner died. Written out, because SQLite takes a partial index only for
 * conditions that it can read.
 */
const isDue = (now: number) =>
  sql<boolean>`(job.state in ('waiting', 'running') and ((job.state = 'waiting' and job.due_at <= ${now}) or (job.state = 'running' and job.lease_until < ${now})))`;

/** A thousand tenants with a few jobs each; what is beyond that comes with the next look. */
const mostDue = 10_000;

async function due({ db }: Database, now: number): Promise<readonly DueJob[]> {
  const rows = await db
    .selectFrom('ledgerpipe_job as job')
    .select(['pipeline', 'due_at', sql<number>`case when records is null then 0 else 1 end`.as('single')])
    .where(isDue(now))
    .orderBy('due_at')
    .orderBy('id')
    .limit(mostDue)
    .execute();
  return rows.map(({ pipeline, single, due_at }) => ({
    pipeline,
    single: Number(single) === 1,
    dueAt: due_at,
  }));
}

/**
 * One statement finds and takes the job. In PostgreSQL two runners may find different jobs of one pipeline at the
 * same instant: the unique index then refuses the second, which looks again and finds the pipeline running.
 */
async function claim(database: Database, owner: string, lease: Lease): Promise<Job | undefined> {
  if (lease.pipelines?.length === 0) return undefined;
  if (lease.connection !== undefined) await letGo(database, lease.connection, lease.now);
  for (;;) {
    try {
      return await takeOne(database, owner, lease);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
}

/** Jobs whose runner died wait again, so that they keep no other run from the consent. */
async function letGo({ db }: Database, connection: string, now: number): Promise<void> {
  await db
    .updateTable('ledgerpipe_job')
    .set({ state: 'waiting', owner: null, lease_until: null })
    .where('connection', '=', connection)
    .where('state', '=', sql.lit('running'))
    .where('lease_until', '<', now)
    .execute();
}

async function takeOne({ kind, db }: Database, owner: string, lease: Lease): Promise<Job | undefined> {
  const { now, milliseconds, pipelines, connection, single } = lease;
  const row = await db
    .updateTable('ledgerpipe_job')
    .set(({ eb }) => ({
      state: 'running',
      owner,
      lease_until: now + milliseconds,
      started_at: now,
      ended_at: null,
      connection: connection ?? null,
      attempt: eb('attempt', '+', 1),
    }))
    .where('id', '=', ({ selectFrom }) =>
      selectFrom('ledgerpipe_job as job')
        .select('job.id')
        .where(isDue(now))
        .where(({ not, exists, selectFrom: selectOther }) =>
          not(
            exists(
              selectOther('ledgerpipe_job as other')
                .select('other.id')
                .where('other.state', '=', sql.lit('running'))
                .whereRef('other.pipeline', '=', 'job.pipeline')
                .whereRef('other.id', '<>', 'job.id'),
            ),
          ),
        )
        .$if(single === true, (query) => query.where('job.records', 'is not', null))
        .$if(connection !== undefined, (query) =>
          query.where(({ not, exists, selectFrom: selectOther }) =>
            not(
              exists(
                selectOther('ledgerpipe_job as holder')
                  .select('holder.id')
                  .where('holder.connection', '=', connection ?? '')
                  .where('holder.state', '=', sql.lit('running'))
                  .whereRef('holder.id', '<>', 'job.id'),
              ),
            ),
          ),
        )
        .$if(pipelines !== undefined, (query) => query.where('job.pipeline', 'in', pipelines ?? []))
        .orderBy('job.due_at')
        .orderBy('job.id')
        .limit(1)
        .$if(kind === 'postgres', (query) => query.forUpdate().skipLocked()),
    )
    .returningAll()
    .executeTakeFirst();
  return row && jobOf(row);
}

interface Finish {
  readonly owner: string;
  readonly outcome: JobOutcome;
}

/** The numbers of all attempts add up. A job that this very call ended before the connection broke counts as ended. */
function finish({ db }: Database, id: number, { owner, outcome }: Finish): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const { state, read, committed, failure, dueAt, endedAt } = outcome;
    const ended = await transaction
      .updateTable('ledgerpipe_job')
      .set(({ eb }) => ({
        state,
        lease_until: null,
        ended_at: endedAt,
        read_count: eb('read_count', '+', read),
        committed_count: eb('committed_count', '+', committed),
        failure: failure ? JSON.stringify(failure) : null,
        ...(state === 'waiting' && { due_at: dueAt ?? endedAt }),
      }))
      .where(({ and }) => and({ id, owner, state: 'running' }))
      .returning('pipeline')
      .executeTakeFirst();
    if (ended) {
      await addToDay(transaction, { pipeline: ended.pipeline, at: endedAt, records: committed });
      return true;
    }
    const found = await transaction
      .selectFrom('ledgerpipe_job')
      .select('id')
      .where(({ and }) => and({ id, owner, state, ended_at: endedAt }))
      .executeTakeFirst();
    return found !== undefined;
  });
}
