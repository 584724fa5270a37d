// A consistent copy of the store while runners work: a SQLite file that is a store itself, whichever database it was.
import { link, open, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Clock, configError } from '@airbyte/cdk-typescript-shim';
import { type Kysely, sql } from 'kysely';
import { type Database, openDatabaseOf } from './database.ts';
import { sqliteFailure } from './failures.ts';
import type { Tables } from './tables.ts';

export interface Backup {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Copies the store behind `url` to a file that must not exist yet. Secrets stay sealed in it, and the key is not in
 * it. The file appears when it is whole and on disk.
 */
export async function backUp(
  url: string,
  { to, clock }: { readonly to: string; readonly clock: Clock },
): Promise<Backup> {
  const file = resolve(to);
  if (await stat(file).catch(() => undefined))
    throw configError(`Cannot back up to "${file}": it exists, give the name of a new file`);
  const draft = `${file}.${process.pid}.draft`;
  const database = await openDatabaseOf(url, clock);
  try {
    await (await openNew(draft)).close();
    await (database.kind === 'sqlite' ? copyFile(database, draft) : exportTo(database, draft));
    await putInPlace(draft, file);
    return { file, bytes: (await stat(file)).size };
  } finally {
    await database.db.destroy();
    for (const part of ['', '-wal', '-shm']) await rm(`${draft}${part}`, { force: true });
  }
}

async function openNew(file: string) {
  try {
    return await open(file, 'wx', 0o600);
  } catch (cause) {
    throw configError(`Cannot back up to "${file}": give the program write access to its folder`, { cause });
  }
}

/** Reads one snapshot and leaves out free pages: https://www.sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause */
async function copyFile({ db }: Database, draft: string): Promise<void> {
  try {
    await sql`vacuum into ${draft}`.execute(db);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    throw sqliteFailure(cause ?? error, draft);
  }
}

/** On disk, then named; unlike a rename, a link does not replace what somebody put there meanwhile. */
async function putInPlace(draft: string, file: string): Promise<void> {
  await syncPath(draft);
  await link(draft, file);
  // Windows cannot open folders, and needs no such step.
  if (process.platform !== 'win32') await syncPath(dirname(file));
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Tables with the column that pages follow; the others are small. */
const tables = {
  ledgerpipe_job: 'id',
  ledgerpipe_audit: 'id',
  ledgerpipe_event: 'id',
  ledgerpipe_event_job: 'id',
  ledgerpipe_state: undefined,
  ledgerpipe_secret: undefined,
  ledgerpipe_vault: undefined,
  ledgerpipe_quota: undefined,
  ledgerpipe_day: undefined,
  ledgerpipe_firing: undefined,
} as const satisfies Record<Exclude<keyof Tables, 'ledgerpipe_version'>, string | undefined>;

type TableName = keyof typeof tables;

const page = 1_000;

async function exportTo(source: Database, draft: string): Promise<void> {
  const target = await openDatabaseOf(draft, source.clock);
  try {
    await source.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (snapshot) => {
        for (const [table, key] of Object.entries(tables)) {
          const copy = { from: snapshot, to: target.db, table: table as TableName };
          await (key ? copyPages(copy, key) : copyRows(copy));
        }
      });
    // A single file is left, without a log beside it.
    await sql`pragma journal_mode = delete`.execute(target.db);
  } finally {
    await target.db.destroy();
  }
}

interface Copy {
  readonly from: Kysely<Tables>;
  readonly to: Kysely<Tables>;
  readonly table: TableName;
}

type Row = Readonly<Record<string, unknown>>;

async function copyPages({ from, to, table }: Copy, key: string): Promise<void> {
  for (let last: unknown; ; ) {
    const { rows } = await sql<Row>`select * from ${sql.table(table)} ${
      last === undefined ? sql`` : sql`where ${sql.ref(key)} > ${last}`
    } order by ${sql.ref(key)} limit ${sql.lit(page)}`.execute(from);
    await insertRows(to, table, rows);
    if (rows.length < page) return;
    last = rows.at(-1)?.[key];
  }
}

async function copyRows({ from, to, table }: Copy): Promise<void> {
  const { rows } = await sql<Row>`select * from ${sql.table(table)}`.execute(from);
  for (let start = 0; start < rows.length; start += page)
    await insertRows(to, table, rows.slice(start, start + page));
}

async function insertRows(db: Kysely<Tables>, table: TableName, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  // The same columns in both databases, which a type for all tables at once cannot say.
  await (db as unknown as Kysely<Record<TableName, Row>>).insertInto(table).values(rows).execute();
}
