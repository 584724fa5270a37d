// The versions of the schema, oldest first: a store is brought up to the newest one when it is opened.

import { configError } from '@airbyte/cdk-typescript-shim';
import { type Kysely, sql } from 'kysely';
import type { StoreKind } from './database.ts';
import type { Tables } from './tables.ts';

/** SQL that both databases read; `serial` stands for a key that counts up and never comes twice. */
type Migration = (serial: string) => readonly string[];

/** Names begin with `ledgerpipe_`, so that a store may share a PostgreSQL database with other tables. */
const first: Migration = (serial) => [
  `create table ledgerpipe_job (
    id ${serial}, pipeline text not null, cause text not null, streams text, records text, events text,
    replay_of bigint, merge_key text not null, state text not null, due_at bigint not null,
    attempt integer not null, created_at bigint not null, started_at bigint, ended_at bigint,
    owner text, lease_until bigint, read_count bigint not null, committed_count bigint not null, failure text)`,
  // The guard behind every claim: a second running job of a pipeline cannot be written, whoever tries.
  `create unique index ledgerpipe_job_running on ledgerpipe_job (pipeline) where state = 'running'`,
  `create index ledgerpipe_job_active on ledgerpipe_job (due_at, id) where state in ('waiting', 'running')`,
  // Whole, with the state in it: SQLite would take the index of states before a partial one of keys.
  `create index ledgerpipe_job_merge on ledgerpipe_job (merge_key, state)`,
  `create index ledgerpipe_job_pipeline on ledgerpipe_job (pipeline, id)`,
  `create index ledgerpipe_job_state on ledgerpipe_job (state, id)`,
  `create index ledgerpipe_job_ended on ledgerpipe_job (ended_at) where ended_at is not null`,
  `create table ledgerpipe_state (
    pipeline text not null, stream text not null, body text not null, job bigint not null,
    records bigint not null, committed_at bigint not null, primary key (pipeline, stream))`,
  `create table ledgerpipe_secret (name text primary key, sealed text not null, kept_at bigint not null)`,
  `create table ledgerpipe_vault (id integer primary key check (id = 1), key_id text not null)`,
  `create table ledgerpipe_event (
    id text primary key, source text not null, tenant text not null, stream text, record text not null,
    type text not null, happened_at bigint not null, received_at bigint not null, sequence bigint,
    state text not null, job bigint)`,
  `create index ledgerpipe_event_taken on ledgerpipe_event (received_at, happened_at, id) where state = 'taken'`,
  `create index ledgerpipe_event_sequence on ledgerpipe_event (source, tenant, sequence)
    where sequence is not null`,
  `create index ledgerpipe_event_received on ledgerpipe_event (received_at)`,
  `create table ledgerpipe_audit (
    id ${serial}, pipeline text not null, tenant text not null, stream text not null, key text not null,
    document text, hash text not null, source_time text, event text, event_at bigint, job bigint not null,
    attempt integer not null, receipt text, outcome text not null, read_at bigint not null,
    delivered_at bigint, at bigint not null)`,
  // Begins with the key because people search by it; the job's own index only ever grows at its end.
  `create unique index ledgerpipe_audit_record on ledgerpipe_audit (key, job, stream, tenant, outcome)`,
  `create index ledgerpipe_audit_job on ledgerpipe_audit (job)`,
  `create index ledgerpipe_audit_document on ledgerpipe_audit (document) where document is not null`,
  `create index ledgerpipe_audit_at on ledgerpipe_audit (at)`,
  `create table ledgerpipe_quota (
    pipeline text not null, tenant text not null, limit_name text not null, remaining double precision not null,
    at bigint not null, primary key (pipeline, tenant, limit_name))`,
  `create table ledgerpipe_day (
    day text not null, pipeline text not null, records bigint not null, primary key (day, pipeline))`,
];

const second: Migration = () => [
  `alter table ledgerpipe_job add column connection text`,
  // Runs that share a consent: whatever two runners think, the second one cannot begin.
  `create unique index ledgerpipe_job_connection on ledgerpipe_job (connection)
    where state = 'running' and connection is not null`,
  `create table ledgerpipe_firing (name text primary key, at bigint not null)`,
];

const third: Migration = (serial) => [
  // Which job of which pipeline answers an event: it is done when all are.
  `create table ledgerpipe_event_job (
    id ${serial}, event text not null, pipeline text not null, job bigint not null, state text not null)`,
  `create unique index ledgerpipe_event_job_place on ledgerpipe_event_job (event, pipeline)`,
  // Xero counts its events over all organisations of an app.
  `drop index ledgerpipe_event_sequence`,
  `create index ledgerpipe_event_sequence on ledgerpipe_event (source, sequence) where sequence is not null`,
];

const migrations: readonly Migration[] = [first, second, third];

/** The version that this program writes. */
export const newestVersion: number = migrations.length;

const serials: Readonly<Record<StoreKind, string>> = {
  sqlite: 'integer primary key autoincrement',
  postgres: 'bigint generated by default as identity primary key',
};

/** Any number: it keeps two runners that start at once from both migrating one PostgreSQL store. */
const migrationLock = 7_041_776;

/** Brings the schema up to date in one transaction. A store of a newer program is refused, untouched. */
export async function migrate(
  db: Kysely<Tables>,
  { kind, name }: { kind: StoreKind; name: string },
): Promise<void> {
  if ((await versionOf(db, kind)) === newestVersion) return;
  await db.transaction().execute(async (transaction) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(transaction);
    const version = (await versionOf(transaction, kind)) ?? 0;
    if (version > newestVersion)
      throw configError(
        `Cannot open the store "${name}": a newer ledgerpipe made it (version ${version}, this one knows up to ` +
          `${newestVersion}), run that ledgerpipe or restore a backup from before`,
      );
    if (version === newestVersion) return;
    await sql`create table if not exists ledgerpipe_version (version integer not null)`.execute(transaction);
    for (const migration of migrations.slice(version))
      for (const statement of migration(serials[kind])) await sql.raw(statement).execute(transaction);
    await transaction.deleteFrom('ledgerpipe_version').execute();
    await transaction.insertInto('ledgerpipe_version').values({ version: newestVersion }).execute();
  });
}

/** Undefined: no store yet. */
async function versionOf(db: Kysely<Tables>, kind: StoreKind): Promise<number | undefined> {
  const known =
    kind === 'sqlite'
      ? sql`select 1 from sqlite_master where name = 'ledgerpipe_version'`
      : // Unlike to_regclass, a query sees what another transaction has just made.
        sql`select 1 from pg_class where relname = 'ledgerpipe_version' and pg_table_is_visible(oid)`;
  if ((await known.execute(db)).rows.length === 0) return undefined;
  return (await db.selectFrom('ledgerpipe_version').select('version').executeTakeFirst())?.version;
}
