// The newest job of each pipeline, for those who show how all of them stand.
import { sql } from 'kysely';
import type { Job } from './contract.ts';
import type { Database } from './database.ts';
import { chunks } from './events.ts';
import { jobOf } from './job-rows.ts';

/** Pipelines of one statement: SQLite joins at most 500 selects. */
const atOnce = 200;

/** A select for each pipeline, because grouping would read every job that there ever was. */
export async function newestJobs({ db }: Database, pipelines: readonly string[]): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const part of chunks(pipelines, atOnce)) {
    const ids = part.map((name) => sql`select max(id) from ledgerpipe_job where pipeline = ${name}`);
    const rows = await db
      .selectFrom('ledgerpipe_job')
      .selectAll()
      .where(sql<boolean>`id in (${sql.join(ids, sql` union all `)})`)
      .execute();
    jobs.push(...rows.map(jobOf));
  }
  return jobs;
}
