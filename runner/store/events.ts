// Webhook events: on disk before they are answered, each known once, however often it was sent.
import { sql } from 'kysely';
import type { Events, NewEvent, StoredEvent } from './contract.ts';
import type { Database } from './database.ts';
import { gathered } from './gathered.ts';
import type { EventRow } from './tables.ts';

/** Values of one statement stay below SQLite's 32,766 and PostgreSQL's 65,535. */
const chunk = 1_000;

export function createEvents(database: Database): Events {
  const { db, patiently } = database;
  // Thousands of requests a second cannot each wait for the disk: those that come meanwhile share one commit.
  const takeTogether = gathered((arrivals: readonly Arrival[]) =>
    patiently(() => insert(database, arrivals)),
  );
  return {
    take: async (events) => {
      if (events.length === 0) return [];
      const arrivals = events.map((event) => ({ event }));
      const fresh = await takeTogether(arrivals);
      return arrivals.filter((arrival) => fresh.has(arrival)).map(({ event }) => event);
    },
    taken: (limit) =>
      patiently(async () => {
        const rows = await db
          .selectFrom('ledgerpipe_event')
          .selectAll()
          // Written out, because SQLite takes a partial index only for conditions that it can read.
          .where('state', '=', sql.lit('taken'))
          .orderBy('received_at')
          .orderBy('happened_at')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map(eventOf);
      }),
    mark: (ids, state, job) =>
      patiently(() =>
        db.transaction().execute(async (transaction) => {
          for (const part of chunks(ids, chunk))
            await transaction
              .updateTable('ledgerpipe_event')
              .set({ state, ...(job !== undefined && { job }) })
              .where('id', 'in', part)
              .execute();
        }),
      ),
    get: (id) =>
      patiently(async () => {
        const row = await db
          .selectFrom('ledgerpipe_event')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst();
        return row && eventOf(row);
      }),
    lastSequence: (source, tenant) =>
      patiently(async () => {
        const row = await db
          .selectFrom('ledgerpipe_event')
          .select('sequence')
          .where(({ and }) => and({ source, tenant }))
          .where('sequence', 'is not', null)
          .orderBy('sequence', 'desc')
          .limit(1)
          .executeTakeFirst();
        return row?.sequence ?? undefined;
      }),
  };
}

/** An event as one caller brought it: two callers may bring the same. */
interface Arrival {
  readonly event: NewEvent;
}

/** Inserts in one transaction and gives the arrivals that were new, the first of those with one id. */
function insert({ db }: Database, arrivals: readonly Arrival[]): Promise<ReadonlySet<Arrival>> {
  const byId = new Map<string, Arrival>();
  for (const arrival of arrivals) if (!byId.has(arrival.event.id)) byId.set(arrival.event.id, arrival);
  return db.transaction().execute(async (transaction) => {
    const fresh = new Set<Arrival>();
    for (const part of chunks([...byId.values()], chunk)) {
      const rows = await transaction
        .insertInto('ledgerpipe_event')
        .values(part.map(({ event }) => rowOf(event)))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .execute();
      for (const { id } of rows) {
        const arrival = byId.get(id);
        if (arrival) fresh.add(arrival);
      }
    }
    return fresh;
  });
}

export function* chunks<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}

const rowOf = (event: NewEvent): EventRow => ({
  id: event.id,
  source: event.source,
  tenant: event.tenant,
  stream: event.stream ?? null,
  record: event.record,
  type: event.type,
  happened_at: event.happenedAt,
  received_at: event.receivedAt,
  sequence: event.sequence ?? null,
  state: 'taken',
  job: null,
});

const eventOf = (row: EventRow): StoredEvent => ({
  id: row.id,
  source: row.source as StoredEvent['source'],
  tenant: row.tenant,
  ...(row.stream !== null && { stream: row.stream }),
  record: row.record,
  type: row.type,
  happenedAt: row.happened_at,
  receivedAt: row.received_at,
  ...(row.sequence !== null && { sequence: row.sequence }),
  state: row.state as StoredEvent['state'],
  ...(row.job !== null && { job: row.job }),
});
