// Runs SQL on the database of a connection, as its user, and keeps every value as the database wrote it.
import pg from 'pg';

export interface Column {
  readonly name: string;
  readonly kind: 'number' | 'boolean' | 'json' | 'text';
  /** int8, numeric, timestamptz, ...: what the database calls the type. */
  readonly oid: number;
}

export interface Result {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** False for statements such as CREATE TABLE or a plain INSERT. */
  readonly hasRows: boolean;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** The database refused; its message is what Looker shows. */
export class SqlFailure extends Error {
  readonly state: string | undefined;

  constructor(message: string, state?: string) {
    super(message);
    this.state = state;
  }
}

const { BOOL, FLOAT4, FLOAT8, INT2, INT4, INT8, JSON: JSON_TYPE, JSONB, NUMERIC, OID } = pg.types.builtins;
const numbers = new Set<number>([FLOAT4, FLOAT8, INT2, INT4, INT8, NUMERIC, OID]);

/** Each statement has a session of its own: what a pool of Looker promises is no more than that. */
export async function runSql(
  target: Target,
  sql: string,
  { timeZone = 'UTC' }: { timeZone?: string } = {},
): Promise<Result> {
  const client = new pg.Client({
    ...target,
    types: { getTypeParser: () => String },
    connectionTimeoutMillis: 5000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`SET TIME ZONE '${timeZone.replaceAll("'", "''")}'`);
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    const { fields, rows } = result;
    return { columns: fields.map(columnOf), rows, hasRows: fields.length > 0 || result.command === 'SELECT' };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    throw new SqlFailure(message, code);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function columnOf({ name, dataTypeID: oid }: { name: string; dataTypeID: number }): Column {
  if (numbers.has(oid)) return { name, oid, kind: 'number' };
  if (oid === BOOL) return { name, oid, kind: 'boolean' };
  return { name, oid, kind: oid === JSON_TYPE || oid === JSONB ? 'json' : 'text' };
}
