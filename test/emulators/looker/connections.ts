// The database connections of the instance: what the API shows of them, their tests, and which database they reach.
import { ApiFailure, invalid, missing, notFound } from './answers.ts';
import { runSql, SqlFailure, type Target } from './engine.ts';
import type { Switches } from './switches.ts';

export interface ConnectionOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** The dialect; PostgreSQL unless said otherwise, and any other has no database behind it. */
  readonly dialect?: string;
  readonly schema?: string;
  /** Schema of persistent derived tables; without it they are off. */
  readonly tmpDbName?: string;
  readonly dbTimezone?: string;
  readonly queryTimezone?: string;
  readonly disableContextComment?: boolean;
  readonly maintenanceCron?: string;
}

export type Connection = ConnectionOptions & { readonly dialect: string };

/** Looker's own: not to be tested. */
const INTERNAL = new Set(['looker', 'looker__internal__analytics']);

export const connectionTests = [
  'connect',
  'kill',
  'query',
  'database_timezone',
  'database_version',
  'tmp_db',
  'cdt',
];

export class Connections {
  readonly list = new Map<string, Connection>();
  readonly #switches: Switches;

  constructor(options: readonly ConnectionOptions[], switches: Switches) {
    this.#switches = switches;
    for (const one of options) this.add(one);
  }

  add(one: ConnectionOptions): Connection {
    const made = { ...one, dialect: one.dialect ?? this.#switches.postgresDialect };
    this.list.set(one.name, made);
    return made;
  }

  get(name: string): Connection {
    const found = this.list.get(name);
    if (!found) throw notFound();
    return found;
  }

  target({ name, dialect, host, port, database, username: user, password }: Connection): Target {
    if (dialect !== this.#switches.postgresDialect)
      throw new SqlFailure(
        `The emulator has no database of dialect "${dialect}" behind connection "${name}".`,
      );
    return { host, port, database, user, password };
  }

  describe(one: Connection): Record<string, unknown> {
    const { name, host, port, database, username, schema, dbTimezone = 'UTC', queryTimezone = 'UTC' } = one;
    return {
      can: { index: true, show: true, test: true, access_data: true, explore: true, refresh_schemas: true },
      ...{ name, dialect: this.dialect(one), dialect_name: one.dialect, snippets: [] },
      ...{ host, port: String(port), database, username, schema: schema ?? 'public', has_password: true },
      ...{ db_timezone: dbTimezone, query_timezone: queryTimezone, pool_timeout: 120, ssl: false },
      ...{ verify_ssl: false, max_connections: 30, max_queries: 100, max_queries_per_user: 30 },
      ...{
        pdts_enabled: one.tmpDbName !== undefined,
        tmp_db_name: one.tmpDbName ?? null,
        pdt_concurrency: 1,
      },
      ...{ uses_oauth: false, user_db_credentials: false, user_attribute_fields: [], managed: false },
      ...{ maintenance_cron: one.maintenanceCron ?? '*/5 * * * *', example: false },
      ...{ disable_context_comment: one.disableContextComment ?? false, pdt_api_control_enabled: false },
      ...{ sql_runner_precache_tables: true, sql_writing_with_info_schema: true, connection_pooling: false },
    };
  }

  dialect({ dialect }: Connection): Record<string, unknown> {
    const label = dialect === this.#switches.postgresDialect ? 'PostgreSQL 9.5+' : dialect;
    return {
      ...{ name: dialect, label, connection_tests: connectionTests, supports_streaming: true },
      ...{ supports_cost_estimate: false, supports_multiple_databases: false, has_ssl_support: true },
      ...{ supports_persistent_derived_tables: true, supports_inducer: true },
      ...{ automatically_run_sql_runner_snippets: true },
    };
  }

  /** `tests` the dialect does not know are ignored; the address is shown with "connect" alone. */
  async test(one: Connection, tests: readonly string[]): Promise<Record<string, unknown>[]> {
    if (INTERNAL.has(one.name)) throw invalid(missing('connection_name'));
    const wanted =
      tests.length > 0 ? connectionTests.filter((name) => tests.includes(name)) : connectionTests;
    const results: Record<string, unknown>[] = [];
    for (const name of wanted) {
      const { status, message } = await this.#outcome(one, name);
      const { host, port, database } = one;
      const shown =
        name === 'connect' ? { connection_string: `jdbc:postgresql://${host}:${port}/${database}` } : {};
      results.push({ can: {}, name, status, message, ...shown });
    }
    return results;
  }

  async #outcome(one: Connection, name: string): Promise<{ status: string; message: string }> {
    const refusal = this.#switches.testWarnings ? 'warning' : 'error';
    if ((name === 'tmp_db' || name === 'cdt') && one.tmpDbName === undefined)
      return { status: refusal, message: 'Persistent derived tables are not enabled.' };
    try {
      const schema = (one.tmpDbName ?? '').replaceAll('"', '""');
      const { rows } = await runSql(this.target(one), testStatements(schema)[name] ?? 'SELECT 1');
      return {
        status: 'success',
        message: testMessages[name]?.(String(rows[0]?.[0] ?? '')) ?? `Can ${name}`,
      };
    } catch (error) {
      if (error instanceof SqlFailure) return { status: 'error', message: error.message };
      throw error;
    }
  }
}

const testStatements = (schema: string): Readonly<Record<string, string>> => ({
  database_timezone: 'SHOW TIME ZONE',
  database_version: 'SHOW server_version',
  tmp_db: `DO $$ BEGIN CREATE TABLE "${schema}".connection_reg_test AS SELECT 1 AS one; DROP TABLE "${schema}".connection_reg_test; END $$`,
  cdt: `DO $$ BEGIN CREATE TABLE "${schema}".connection_cdt_test AS SELECT 1 AS one; DROP TABLE "${schema}".connection_cdt_test; END $$`,
});

const testMessages: Readonly<Record<string, (value: string) => string>> = {
  connect: () => 'Can connect',
  kill: () => 'Can cancel queries',
  query: () => 'Can run simple select query',
  database_timezone: (value) => `Database timezone is ${value}`,
  database_version: (value) => `Database version is ${value}`,
  tmp_db: () => 'Can create and drop tables in the scratch schema',
  cdt: () => 'Can use derived tables',
};

/** The fields of a POST or PATCH body that the emulator keeps. */
export function connectionOf(
  body: Readonly<Record<string, unknown>>,
  before?: Connection,
): ConnectionOptions {
  const given = (field: string): string | undefined =>
    body[field] === undefined || body[field] === null ? undefined : String(body[field]);
  const name = given('name') ?? before?.name;
  const host = given('host') ?? before?.host;
  const problems = Object.entries({
    name,
    host,
    dialect_name: given('dialect_name') ?? before?.dialect,
  }).filter(([, value]) => value === undefined);
  if (name === undefined || host === undefined || problems.length > 0)
    throw invalid(...problems.map(([field]) => missing(field)));
  const poolTimeout = body.pool_timeout;
  if (typeof poolTimeout === 'number' && poolTimeout < 90)
    throw new ApiFailure(422, 'Validation Failed', {
      problems: [{ field: 'pool_timeout', code: 'invalid', message: 'must be at least 90 seconds' }],
    });
  const optional = {
    schema: given('schema'),
    tmpDbName: given('tmp_db_name'),
    dbTimezone: given('db_timezone'),
    queryTimezone: given('query_timezone'),
  };
  return {
    ...before,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...{ name, host, port: Number(given('port') ?? before?.port ?? 5432) },
    database: given('database') ?? before?.database ?? 'postgres',
    username: given('username') ?? before?.username ?? '',
    password: given('password') ?? before?.password ?? '',
    ...(given('dialect_name') ? { dialect: String(body.dialect_name) } : {}),
  };
}
