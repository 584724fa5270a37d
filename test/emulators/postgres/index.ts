// A real PostgreSQL of one's own: started in about a second, with an owner and a reader, gone when it is closed.
import pg from 'pg';
import { unprivilegedAccount } from './account.ts';
import { installation } from './installation.ts';
import { DATABASE, type Login, logins, type Role } from './roles.ts';
import { startServer } from './server.ts';

export type { Login, Role } from './roles.ts';

export interface PostgresOptions {
  /** A fixed port; a free one unless said otherwise. */
  readonly port?: number;
  /** Settings of postgresql.conf, such as `{ max_connections: '10' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Superuser, for the set-up and the assertions of tests. */
  readonly admin: Login;
  /** Owns the database "warehouse". */
  readonly writer: Login;
  /** "looker_reader": may connect, and reads what the writer granted. */
  readonly reader: Login;
  /** A connected client; those still open at the end are closed. */
  client(role?: Role): Promise<pg.Client>;
  /** Rows of one statement, as the superuser; exact numbers and instants are text. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** postgres://user:password@host:port/warehouse */
  url(role: Role): string;
  /** What the server logged. */
  readonly log: readonly string[];
  /** Kills the server with SIGKILL and starts it again on what it left; for that, set `fsync` and its like to "on". */
  crash(): Promise<void>;
  /** Stops the server at once and removes its folder. */
  close(): Promise<void>;
}

/** Starts a server; several may run at once. Works for root too (the server then runs as "nobody"). */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const account = unprivilegedAccount();
  const server = await startServer(await installation(account), { account, ...options });
  const host = '127.0.0.1';
  const { port } = server;
  const clients = new Set<pg.Client>();
  const client = async (role: Role = 'admin'): Promise<pg.Client> => {
    const made = new pg.Client({ host, port, database: DATABASE, ...logins[role], types: { getTypeParser } });
    // The server's end reaches clients that are still open; without a listener it would end the process.
    made.on('error', () => undefined);
    await made.connect();
    clients.add(made);
    made.once('end', () => clients.delete(made));
    return made;
  };
  return {
    ...{ host, port, database: DATABASE, ...logins, client, log: server.log, crash: server.crash },
    query: async (sql, values = []) => {
      const one = await client();
      try {
        return (await one.query(sql, [...values])).rows as Record<string, unknown>[];
      } finally {
        await one.end();
      }
    },
    url: (role) => {
      const { user, password } = logins[role];
      return `postgres://${user}:${password}@${host}:${port}/${DATABASE}`;
    },
    close: async () => {
      await Promise.all([...clients].map((one) => one.end().catch(() => undefined)));
      await server.close();
    },
  };
}

const { BOOL, FLOAT4, FLOAT8, INT2, INT4, INT8, JSON: JSON_TYPE, JSONB } = pg.types.builtins;

/** Numbers that a double holds become numbers, counts too; decimals, dates and instants stay the server's text. */
const parsed = new Set<number>([BOOL, FLOAT4, FLOAT8, INT2, INT4, JSON_TYPE, JSONB]);

function getTypeParser(type: number): (text: string) => unknown {
  if (type === INT8) return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
  return parsed.has(type) ? (pg.types.getTypeParser(type, 'text') as (text: string) => unknown) : String;
}
