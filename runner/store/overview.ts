// Numbers for the page, `status` and the metrics: each a query over an index, or over a table that stays small.
import type { JobState, Overview } from './contract.ts';
import type { Database } from './database.ts';
import { dayOf } from './days.ts';

const dayMilliseconds = 86_400_000;

const noJobs: Readonly<Record<JobState, number>> = { waiting: 0, running: 0, done: 0, failed: 0, parked: 0 };

export function createOverview({ db, patiently }: Database): Overview {
  return {
    freshness: (pipelines) =>
      patiently(async () => {
        if (pipelines?.length === 0) return [];
        const query = db
          .selectFrom('ledgerpipe_state')
          .select(['pipeline', 'stream', 'committed_at', 'records'])
          .$if(pipelines !== undefined, (all) => all.where('pipeline', 'in', pipelines ?? []));
        const rows = await query.orderBy('pipeline').orderBy('stream').execute();
        return rows.map(({ committed_at: committedAt, ...row }) => ({ ...row, committedAt }));
      }),
    quotas: () =>
      patiently(async () => {
        const query = db.selectFrom('ledgerpipe_quota').selectAll();
        const rows = await query.orderBy('pipeline').orderBy('tenant').orderBy('limit_name').execute();
        return rows.map(({ limit_name: limit, remaining: left, ...row }) => ({ ...row, limit, left }));
      }),
    async keepQuota({ limit, left, ...quota }) {
      const row = { ...quota, limit_name: limit, remaining: left };
      await patiently(() =>
        db
          .insertInto('ledgerpipe_quota')
          .values(row)
          .onConflict((conflict) =>
            conflict
              .columns(['pipeline', 'tenant', 'limit_name'])
              .doUpdateSet({ remaining: left, at: row.at })
              .where('ledgerpipe_quota.at', '<=', row.at),
          )
          .execute(),
      );
    },
    recordsPerDay: (days, now) =>
      patiently(() =>
        db
          .selectFrom('ledgerpipe_day')
          .select(['day', 'pipeline', 'records'])
          .where('day', '>', dayOf(now - days * dayMilliseconds))
          .where('day', '<=', dayOf(now))
          .orderBy('day')
          .orderBy('pipeline')
          .execute(),
      ),
    totalsPerDay: (days, now, pipeline) =>
      patiently(async () => {
        const rows = await db
          .selectFrom('ledgerpipe_day')
          .select(({ fn }) => ['day', fn.sum<number | string>('records').as('records')])
          .where('day', '>', dayOf(now - days * dayMilliseconds))
          .where('day', '<=', dayOf(now))
          .$if(pipeline !== undefined, (all) => all.where('pipeline', '=', pipeline ?? ''))
          .groupBy('day')
          .orderBy('day')
          .execute();
        // PostgreSQL gives sums of bigint as text.
        return rows.map(({ day, records }) => ({ day, records: Number(records) }));
      }),
    waiting: () =>
      patiently(async () => {
        const rows = await db
          .selectFrom('ledgerpipe_job')
          .select(({ fn }) => [
            'pipeline',
            fn.countAll<number>().as('jobs'),
            fn.min<number>('due_at').as('dueAt'),
          ])
          .where('state', '=', 'waiting')
          .groupBy('pipeline')
          .orderBy('pipeline')
          .execute();
        return rows.map(({ pipeline, jobs, dueAt }) => ({
          pipeline,
          jobs: Number(jobs),
          dueAt: Number(dueAt),
        }));
      }),
    countJobs: () =>
      patiently(async () => {
        const rows = await db
          .selectFrom('ledgerpipe_job')
          .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
          .groupBy('state')
          .execute();
        const counted = rows.map(({ state, count }): [string, number] => [state, Number(count)]);
        return { ...noJobs, ...Object.fromEntries(counted) };
      }),
  };
}
