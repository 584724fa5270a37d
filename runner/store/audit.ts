// The audit trail: one row per delivered record of a job, found by key, document number, job or time.
import type { ExpressionBuilder } from 'kysely';
import type { Audit, AuditFilter, AuditRow } from './contract.ts';
import type { Database } from './database.ts';
import { chunks } from './events.ts';
import { prune } from './retention.ts';
import type { AuditRecord, AuditTable, Tables } from './tables.ts';

/** 17 values each: a statement stays below SQLite's 32,766 values, and short enough to be prepared fast. */
const chunk = 500;

/** Rows in memory while a search is read. */
const page = 1_000;

export function createAudit(database: Database): Audit {
  return {
    async add(rows) {
      if (rows.length > 0) await database.patiently(() => add(database, rows));
    },
    find: (filter) => find(database, filter),
    prune: (before) => prune(database, before),
  };
}

const replaced = [
  ...['pipeline', 'document', 'hash', 'source_time', 'event', 'event_at', 'attempt', 'receipt'],
  ...['read_at', 'delivered_at', 'at'],
] as readonly (keyof AuditTable)[];

function add({ db }: Database, rows: readonly AuditRow[]): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    for (const part of chunks(newest(rows), chunk))
      await transaction
        .insertInto('ledgerpipe_audit')
        .values(part.map(recordOf))
        .onConflict((conflict) =>
          conflict
            .columns(['key', 'job', 'stream', 'tenant', 'outcome'])
            .doUpdateSet(({ ref }) =>
              Object.fromEntries(replaced.map((column) => [column, ref(`excluded.${column}`)])),
            ),
        )
        .execute();
  });
}

/** The last of each record: PostgreSQL refuses a statement that would replace a row of its own. */
const newest = (rows: readonly AuditRow[]): readonly AuditRow[] => [
  ...new Map(
    rows.map((row) => [`${row.job}\0${row.tenant}\0${row.stream}\0${row.outcome}\0${row.key}`, row]),
  ).values(),
];

/** Newest first, page by page: a search over years holds a page in memory, and no lock. */
async function* find(database: Database, filter: AuditFilter): AsyncGenerator<AuditRow> {
  const first = await firstId(database, filter.since);
  if (first === undefined) return;
  let left = filter.limit ?? Number.POSITIVE_INFINITY;
  for (let before: number | undefined; left > 0; ) {
    const size = Math.min(page, left);
    const rows = await database.patiently(() =>
      database.db
        .selectFrom('ledgerpipe_audit')
        .selectAll()
        .where((eb) => eb.and([eb('id', '>=', first), ...conditions(eb, filter, before)]))
        .orderBy('id', 'desc')
        .limit(size)
        .execute(),
    );
    for (const row of rows) yield rowOf(row);
    left -= rows.length;
    before = rows.at(-1)?.id;
    if (rows.length < size) return;
  }
}

/** Rows are read by id, so what the index of times says bounds the ids: undefined when nothing is that new. */
async function firstId({ db, patiently }: Database, since: number | undefined): Promise<number | undefined> {
  if (since === undefined) return 0;
  const query = db.selectFrom('ledgerpipe_audit').select(({ fn }) => fn.min<number | null>('id').as('first'));
  return (await patiently(() => query.where('at', '>=', since).executeTakeFirst()))?.first ?? undefined;
}

function conditions(
  eb: ExpressionBuilder<Tables, 'ledgerpipe_audit'>,
  { record, job, pipeline, stream, outcome, since }: AuditFilter,
  before: number | undefined,
) {
  return [
    ...(record === undefined ? [] : [eb.or([eb('key', '=', record), eb('document', '=', record)])]),
    ...(job === undefined ? [] : [eb('job', '=', job)]),
    ...(pipeline === undefined ? [] : [eb('pipeline', '=', pipeline)]),
    ...(stream === undefined ? [] : [eb('stream', '=', stream)]),
    ...(outcome === undefined ? [] : [eb('outcome', '=', outcome)]),
    ...(since === undefined ? [] : [eb('at', '>=', since)]),
    ...(before === undefined ? [] : [eb('id', '<', before)]),
  ];
}

const recordOf = (row: AuditRow): Omit<AuditRecord, 'id'> => ({
  pipeline: row.pipeline,
  tenant: row.tenant,
  stream: row.stream,
  key: withoutNul(row.key),
  document: row.document === undefined ? null : withoutNul(row.document),
  hash: row.hash,
  source_time: row.sourceTime === undefined ? null : withoutNul(row.sourceTime),
  event: row.event ?? null,
  event_at: row.eventAt ?? null,
  job: row.job,
  attempt: row.attempt,
  receipt: row.receipt === undefined ? null : withoutNul(row.receipt),
  outcome: row.outcome,
  read_at: row.readAt,
  delivered_at: row.deliveredAt ?? null,
  at: row.deliveredAt ?? row.readAt,
});

/** PostgreSQL has no NUL in texts, records may: one odd document number must not fail a batch. */
const withoutNul = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);

const rowOf = (row: AuditRecord): AuditRow => ({
  pipeline: row.pipeline,
  tenant: row.tenant,
  stream: row.stream,
  key: row.key,
  ...(row.document !== null && { document: row.document }),
  hash: row.hash,
  ...(row.source_time !== null && { sourceTime: row.source_time }),
  ...(row.event !== null && { event: row.event }),
  ...(row.event_at !== null && { eventAt: row.event_at }),
  job: row.job,
  attempt: row.attempt,
  ...(row.receipt !== null && { receipt: row.receipt }),
  outcome: row.outcome as AuditRow['outcome'],
  readAt: row.read_at,
  ...(row.delivered_at !== null && { deliveredAt: row.delivered_at }),
});
