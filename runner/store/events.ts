// Webhook events: on disk before they are answered, each known once, however often it was sent.
import { type Kysely, sql } from 'kysely';
import type { Events, NewEvent, StoredEvent } from './contract.ts';
import type { Database } from './database.ts';
import { gathered } from './gathered.ts';
import type { EventRow, Tables } from './tables.ts';

/** Values of one statement stay below SQLite's 32,766 and PostgreSQL's 65,535. */
const chunk = 1_000;

/** Events of one turn: some milliseconds. */
const turn = 500;

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
    taken: (limit, after) =>
      patiently(async () => {
        const rows = await db
          .selectFrom('ledgerpipe_event')
          .selectAll()
          // Written out, because SQLite takes a partial index only for conditions that it can read.
          .where('state', '=', sql.lit('taken'))
          .$if(after !== undefined, (query) =>
            query.where(
              sql<boolean>`(received_at, happened_at, id) > (${after?.receivedAt}, ${after?.happenedAt}, ${after?.id})`,
            ),
          )
          .orderBy('received_at')
          .orderBy('happened_at')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map(eventOf);
      }),
    mark: (ids, state, job) => mark(database, ids, { state, job }),
    get: (id) =>
      patiently(async () => {
        const row = await db
          .selectFrom('ledgerpipe_event')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst();
        return row && eventOf(row);
      }),
    list: async (ids) => {
      const found: StoredEvent[] = [];
      for await (const part of inTurns(ids, database)) {
        const rows = await patiently(() =>
          db.selectFrom('ledgerpipe_event').selectAll().where('id', 'in', part).execute(),
        );
        found.push(...rows.map(eventOf));
      }
      return found;
    },
    gaps: (source, range) => patiently(() => gaps(database, source, range)),
  };
}

interface Mark {
  readonly state: StoredEvent['state'];
  readonly job: number | undefined;
}

/** What the job says of the events is kept by its pipeline; what all pipelines say makes the events' own state. */
async function mark(database: Database, ids: readonly string[], { state, job }: Mark): Promise<void> {
  const { db, patiently } = database;
  const pipeline = job === undefined ? undefined : await patiently(() => pipelineOf(db, job));
  const set = job === undefined ? { state } : { state, job };
  for await (const part of inTurns(ids, database))
    await patiently(async () => {
      if (job !== undefined && pipeline !== undefined) await markAnswered(db, part, { state, job, pipeline });
      else await db.updateTable('ledgerpipe_event').set(set).where('id', 'in', part).execute();
    });
}

/** Some at a time: SQLite's driver holds the process while it writes, and requests want to be answered in between. */
async function* inTurns(ids: readonly string[], { clock }: Database): AsyncGenerator<readonly string[]> {
  let first = true;
  for (const part of chunks(ids, turn)) {
    if (!first) await clock.sleep(0);
    first = false;
    yield part;
  }
}

function markAnswered(
  db: Kysely<Tables>,
  ids: readonly string[],
  { state, job, pipeline }: { readonly state: string; readonly job: number; readonly pipeline: string },
): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('ledgerpipe_event_job')
      .values(ids.map((event) => ({ event, pipeline, job, state })))
      .onConflict((conflict) =>
        conflict
          .columns(['event', 'pipeline'])
          .doUpdateSet({ job, state })
          // Word that a job has ended may come before the word that it waits.
          .where('ledgerpipe_event_job.job', state === 'queued' ? '<' : '<=', job),
      )
      .execute();
    const said = sql`from ledgerpipe_event_job as said where said.event = ledgerpipe_event.id`;
    await transaction
      .updateTable('ledgerpipe_event')
      .set({
        // The last in the alphabet of done, parked, queued.
        state: sql<string>`(select max(said.state) ${said})`,
        // Of several, the one that a replay would be of.
        job: sql<number>`(select said.job ${said} order by said.state = 'parked' desc, said.job desc limit 1)`,
      })
      .where('id', 'in', ids)
      .execute();
  });
}

async function pipelineOf(db: Kysely<Tables>, job: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('ledgerpipe_job')
    .select('pipeline')
    .where('id', '=', job)
    .executeTakeFirst();
  return row?.pipeline;
}

async function gaps(
  { db }: Database,
  source: NewEvent['source'],
  { from, to }: Parameters<Events['gaps']>[1],
): Promise<readonly number[]> {
  const rows = await db
    .selectFrom('ledgerpipe_event as event')
    .select('event.sequence')
    .distinct()
    .where('event.source', '=', source)
    .where('event.sequence', '>=', from)
    .where('event.sequence', '<=', to)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('ledgerpipe_event as earlier')
          .select('earlier.id')
          .where('earlier.source', '=', source)
          .whereRef('earlier.sequence', '<', 'event.sequence'),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('ledgerpipe_event as before')
            .select('before.id')
            .where('before.source', '=', source)
            .where('before.sequence', '=', sql<number>`event.sequence - 1`),
        ),
      ),
    )
    .orderBy('event.sequence')
    .execute();
  return rows.flatMap(({ sequence }) => (sequence === null ? [] : [sequence]));
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
