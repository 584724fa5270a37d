// What is forgotten with time: audit rows, and with them the jobs that ended and the events that were dealt with.
import type { Database } from './database.ts';

/**
 * Deletes what is older than `before` (milliseconds since the epoch) and gives the number of audit rows. Parked jobs
 * and events stay, for somebody must still decide on them; so does the last event of a source's sequence, from which
 * gaps are told.
 */
export async function prune({ db, patiently }: Database, before: number): Promise<number> {
  const { numDeletedRows } = await patiently(() =>
    db.deleteFrom('ledgerpipe_audit').where('at', '<', before).executeTakeFirst(),
  );
  await patiently(() =>
    db
      .deleteFrom('ledgerpipe_job')
      .where('ended_at', '<', before)
      .where('state', 'in', ['done', 'failed'])
      .execute(),
  );
  await patiently(() =>
    db
      .deleteFrom('ledgerpipe_event')
      .where('received_at', '<', before)
      .where('state', 'in', ['done', 'ignored'])
      .where((eb) =>
        eb.or([
          eb('sequence', 'is', null),
          eb.exists(
            eb
              .selectFrom('ledgerpipe_event as later')
              .select('later.id')
              .whereRef('later.source', '=', 'ledgerpipe_event.source')
              .whereRef('later.sequence', '>', 'ledgerpipe_event.sequence'),
          ),
        ]),
      )
      .execute(),
  );
  await patiently(() =>
    db
      .deleteFrom('ledgerpipe_event_job')
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('ledgerpipe_event as event')
              .select('event.id')
              .whereRef('event.id', '=', 'ledgerpipe_event_job.event'),
          ),
        ),
      )
      .execute(),
  );
  return Number(numDeletedRows);
}
