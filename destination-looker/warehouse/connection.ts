// One connection to PostgreSQL, opened when it is needed and again after it was lost.
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { PostgresSettings } from '../spec.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Result {
  readonly rows: readonly Row[];
  /** Rows touched, or given. */
  readonly count: number;
}

export interface Database {
  query(sql: string): Promise<Result>;
  /** Sends a CSV file to a COPY statement and gives the number of rows; `withoutNul` drops bytes that are 0. */
  copy(sql: string, file: string, options: { readonly withoutNul: boolean }): Promise<number>;
  /** The next query opens a new connection. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

const connectMilliseconds = 30_000;

/** Exact numbers and moments stay text, as the server wrote them; JSON is parsed. */
const typeParsers = { getTypeParser: (oid: number) => ([114, 3802].includes(oid) ? JSON.parse : String) };

export function openDatabase(settings: PostgresSettings, signal: AbortSignal): Database {
  let current: Promise<pg.Client> | undefined;
  const client = (): Promise<pg.Client> => {
    signal.throwIfAborted();
    current ??= connected(settings).catch((error: unknown) => {
      current = undefined;
      throw error;
    });
    return current;
  };
  const drop = async (): Promise<void> => {
    const last = await current?.catch(() => undefined);
    current = undefined;
    // A connection that is lost does not answer a farewell.
    await last?.end().catch(() => undefined);
  };
  return {
    async query(sql) {
      const { rows, rowCount } = await (await client()).query<Record<string, unknown>>(sql);
      return { rows, count: rowCount ?? 0 };
    },
    async copy(sql, file, { withoutNul }) {
      const target = (await client()).query(copyFrom(sql));
      const source = createReadStream(file, { highWaterMark: 256 * 1024 });
      if (withoutNul) await pipeline(source, nulStripper(), target, { signal });
      else await pipeline(source, target, { signal });
      return target.rowCount ?? 0;
    },
    drop,
    close: drop,
  };
}

async function connected(settings: PostgresSettings): Promise<pg.Client> {
  const { host, port, database, user, password } = settings;
  const client = new pg.Client({
    ...{ host, port, database, user, password },
    ssl: tlsOf(settings),
    application_name: 'Ledgerpipe destination-looker',
    connectionTimeoutMillis: connectMilliseconds,
    keepAlive: true,
    types: typeParsers,
  });
  // The query under way fails by itself; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function tlsOf({ ssl_mode, ca_certificate }: PostgresSettings): pg.ClientConfig['ssl'] {
  if (ssl_mode === 'disable') return false;
  const authority = ca_certificate ? { ca: ca_certificate } : {};
  return { rejectUnauthorized: ssl_mode === 'verify-full', ...authority };
}

/** PostgreSQL holds no NUL in any text. */
function nulStripper(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, chunk.includes(0) ? chunk.filter((byte) => byte !== 0) : chunk);
    },
  });
}
