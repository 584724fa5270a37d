// The store on a server: PostgreSQL through pg, shared by several runners.
import { configError } from '@airbyte/cdk-typescript-shim';
import { type Dialect, PostgresDialect } from 'kysely';
import { ruled } from './dialect.ts';
import { postgresFailure } from './failures.ts';

/** A runner's queries are short: few connections serve it, and many runners share one server. */
const connections = 8;
const connectMilliseconds = 10_000;

/** `host:port/database` of a URL: what messages may show of it. */
export function postgresName(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    throw configError(
      'Cannot use the store\'s URL: write it as "postgres://user:password@host:5432/database"',
    );
  }
}

/** The dialect over a pool. Connections that break while idle are replaced without a word. */
export async function postgresDialect(url: string): Promise<Dialect> {
  const { default: pg } = await import('pg');
  const name = postgresName(url);
  const { INT8 } = pg.types.builtins;
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMilliseconds,
    keepAlive: true,
    application_name: 'ledgerpipe',
    // Instants and counts are all below 2^53.
    types: {
      getTypeParser: ((type: number, format?: 'text') =>
        type === INT8 ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
    },
  });
  // Without a listener, a connection that ends beneath a transaction would end the process; the next query tells it.
  pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  return ruled(new PostgresDialect({ pool }), { failure: (error) => postgresFailure(error, name) });
}
