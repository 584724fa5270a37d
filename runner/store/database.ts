// The open database: which kind it is, its queries, and patience with a server that comes back.
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import { Kysely } from 'kysely';
import { migrate } from './migrations.ts';
import { postgresDialect, postgresName } from './postgres.ts';
import { sqliteDialect, sqliteFile } from './sqlite.ts';
import type { Tables } from './tables.ts';

export type StoreKind = 'sqlite' | 'postgres';

export interface Database {
  readonly kind: StoreKind;
  /** What messages call it: the file, or host and database. */
  readonly name: string;
  readonly db: Kysely<Tables>;
  readonly clock: Clock;
  /**
   * Runs work that may be run twice, again while the server is away: a restart of PostgreSQL takes seconds, and
   * what a source rotated must not be lost to it.
   */
  patiently<T>(work: () => Promise<T>): Promise<T>;
}

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** Opens the database behind the URL and brings its schema up to date. */
export async function openDatabaseOf(url: string, clock: Clock): Promise<Database> {
  const kind = isPostgres(url) ? 'postgres' : 'sqlite';
  const name = kind === 'postgres' ? postgresName(url) : await sqliteFile(url);
  const dialect = await (kind === 'postgres' ? postgresDialect(url) : sqliteDialect(name));
  const db = new Kysely<Tables>({ dialect });
  try {
    await migrate(db, { kind, name });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const patiently: Database['patiently'] = (work) =>
    kind === 'postgres' ? withPatience(work, clock) : work();
  return { kind, name, db, clock, patiently };
}

const patienceMilliseconds = 60_000;
const pauses = { first: 100, longest: 2_000 } as const;

async function withPatience<T>(work: () => Promise<T>, clock: Clock): Promise<T> {
  const until = clock.now() + patienceMilliseconds;
  for (let pause: number = pauses.first; ; pause = Math.min(pause * 2, pauses.longest)) {
    try {
      return await work();
    } catch (error) {
      if (asConnectorError(error).kind !== 'transient' || clock.now() + pause > until) throw error;
      await clock.sleep(pause);
    }
  }
}
