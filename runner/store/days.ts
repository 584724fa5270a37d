// How many records a pipeline delivered on a day (UTC): counted when a job ends, so that no query has to.
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

interface Delivered {
  readonly pipeline: string;
  readonly at: number;
  readonly records: number;
}

export async function addToDay(db: Kysely<Tables>, { pipeline, at, records }: Delivered): Promise<void> {
  if (records === 0) return;
  await db
    .insertInto('ledgerpipe_day')
    .values({ day: dayOf(at), pipeline, records })
    .onConflict((conflict) =>
      conflict.columns(['day', 'pipeline']).doUpdateSet(({ eb, ref }) => ({
        records: eb(ref('ledgerpipe_day.records'), '+', ref('excluded.records')),
      })),
    )
    .execute();
}
