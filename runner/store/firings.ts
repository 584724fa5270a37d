// When each schedule fired last: one job for a firing, whichever runner sees it first.
import type { Firing, Firings, Job } from './contract.ts';
import type { Database } from './database.ts';
import { addJob } from './jobs.ts';

/** Rows of one statement: SQLite takes 32,766 values in it (https://www.sqlite.org/limits.html). */
const batch = 1_000;

export function createFirings(database: Database): Firings {
  const { db, patiently } = database;
  return {
    all: () =>
      patiently(async () => {
        const rows = await db.selectFrom('ledgerpipe_firing').selectAll().execute();
        return new Map(rows.map(({ name, at }) => [name, at]));
      }),
    async begin(names, at) {
      for (let start = 0; start < names.length; start += batch) {
        const rows = names.slice(start, start + batch).map((name) => ({ name, at }));
        await patiently(() =>
          db
            .insertInto('ledgerpipe_firing')
            .values(rows)
            .onConflict((conflict) => conflict.column('name').doNothing())
            .execute(),
        );
      }
    },
    fire: (firings) =>
      patiently(() =>
        db.transaction().execute(async (transaction) => {
          const jobs: Job[] = [];
          for (const { name, at, job } of firings)
            if (await isFirst(transaction, { name, at })) jobs.push(await addJob(transaction, job, database));
          return jobs;
        }),
      ),
  };
}

/** Notes the firing; false: somebody has, or a later one. */
async function isFirst(db: Database['db'], { name, at }: Pick<Firing, 'name' | 'at'>): Promise<boolean> {
  const noted = await db
    .insertInto('ledgerpipe_firing')
    .values({ name, at })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ at }).where('ledgerpipe_firing.at', '<', at),
    )
    .returning('name')
    .executeTakeFirst();
  return noted !== undefined;
}
