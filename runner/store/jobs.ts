// Jobs: added (or joined with one that waits), claimed under a lease by one runner at a time, ended.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Job, JobFilter, JobOutcome, Jobs, NewJob } from './contract.ts';
import type { Database } from './database.ts';
import { addToDay } from './days.ts';
import { isDuplicate } from './failures.ts';
import { jobOf, jobRow, merged, mergeKey } from './job-rows.ts';
import type { Tables } from './tables.ts';

const listedJobs = 100;

export function createJobs(database: Database): Jobs {
  const { db, patiently } = database;
  return {
    add: (job) => patiently(() => add(database, job)),
    claim: (owner, lease) => claim(database, owner, lease),
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
  };
}

function filtered<Row>(
  query: SelectQueryBuilder<Tables, 'ledgerpipe_job', Row>,
  { pipeline, states, since, limit = listedJobs }: JobFilter,
): SelectQueryBuilder<Tables, 'ledgerpipe_job', Row> {
  let chosen = query.limit(limit);
  if (pipeline !== undefined) chosen = chosen.where('pipeline', '=', pipeline);
  if (states) chosen = chosen.where('state', 'in', states);
  if (since !== undefined) chosen = chosen.where('created_at', '>=', since);
  return chosen;
}

/** Two runners that add the same job at once must end with one: PostgreSQL needs a lock for it, SQLite has one. */
function add({ kind, db, clock }: Database, job: NewJob): Promise<Job> {
  return db.transaction().execute(async (transaction) => {
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
  });
}

type Lease = Parameters<Jobs['claim']>[1];

/**
 * One statement finds and takes the job. In PostgreSQL two runners may find different jobs of one pipeline at the
 * same instant: the unique index then refuses the second, which looks again and finds the pipeline running.
 */
async function claim(database: Database, owner: string, lease: Lease): Promise<Job | undefined> {
  if (lease.pipelines?.length === 0) return undefined;
  for (;;) {
    try {
      return await takeOne(database, owner, lease);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }
}

async function takeOne({ kind, db }: Database, owner: string, lease: Lease): Promise<Job | undefined> {
  const { now, milliseconds, pipelines } = lease;
  const row = await db
    .updateTable('ledgerpipe_job')
    .set(({ eb }) => ({
      state: 'running',
      owner,
      lease_until: now + milliseconds,
      started_at: now,
      ended_at: null,
      attempt: eb('attempt', '+', 1),
    }))
    .where('id', '=', ({ selectFrom }) =>
      selectFrom('ledgerpipe_job as job')
        .select('job.id')
        // Written out, because SQLite takes a partial index only for conditions that it can read.
        .where(sql<boolean>`job.state in ('waiting', 'running')`)
        .where((eb) =>
          eb.or([
            eb.and([eb('job.state', '=', 'waiting'), eb('job.due_at', '<=', now)]),
            eb.and([eb('job.state', '=', 'running'), eb('job.lease_until', '<', now)]),
          ]),
        )
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
