// One connection to hyperd over its Postgres wire: statements in, rows out, files attached and released.
import pg from 'pg';

export type Row = Record<string, unknown>;

export interface Session {
  /** Runs one statement. hyperd takes no untyped parameters: write literals. Errors carry SQLSTATE in `code`. */
  query(sql: string): Promise<{ readonly rows: Row[]; readonly count: number }>;
  attach(path: string, alias: string): Promise<void>;
  /** Writes what is pending and lets go of the file. */
  detach(alias: string): Promise<void>;
  close(): Promise<void>;
}

/** `"name"`, for identifiers and for paths alike. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `'text'` */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const int8 = 20;

/** Decimals, dates and instants stay text, exactly as the server writes them; 64-bit integers become numbers where safe. */
const types = {
  getTypeParser: (type: number) => (value: string) => parse(type, value),
};

export async function openSession(host: string, port: number): Promise<Session> {
  const client = new pg.Client({
    host,
    port,
    user: 'tableau_internal_user',
    database: '',
    ssl: false,
    types: types as unknown as pg.CustomTypesConfig,
  });
  // A server that goes away rejects the query under way; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: async (sql) => {
      const { rows, rowCount } = await client.query(sql);
      return { rows: rows as Row[], count: rowCount ?? 0 };
    },
    attach: async (path, alias) => {
      await client.query(`ATTACH DATABASE ${quoted(path)} AS ${quoted(alias)}`);
    },
    detach: async (alias) => {
      await client.query(`DETACH DATABASE ${quoted(alias)}`);
    },
    close: () => client.end(),
  };
}

function parse(type: number, value: string): unknown {
  const { builtins } = pg.types;
  if (type === builtins.BOOL) return value === 't';
  if (type === builtins.INT2 || type === builtins.INT4) return Number(value);
  if (type === builtins.FLOAT4 || type === builtins.FLOAT8) return Number(value);
  if (type !== int8) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
