// The endpoints of connections: configuration, tests, and what the database says of its schemas, tables and columns.
import { ApiFailure, invalid, nothing, wrong } from './answers.ts';
import { type Connection, type Connections, connectionOf } from './connections.ts';
import { type Result, runSql, SqlFailure } from './engine.ts';
import { type Call, type Routes, route } from './routes.ts';

export function connectionRoutes(connections: Connections): Routes {
  const named = ({ parts: [name = ''] }: Call): Connection => connections.get(name);
  const tests = ({ query }: Call): string[] => (query.get('tests') ?? '').split(',').filter(Boolean);
  const admin = { needs: ['administer'], denied: 403 } as const;
  return {
    'GET /connections': route('non_query', ({ answer }) =>
      answer([...connections.list.values()].map((one) => connections.describe(one))),
    ),
    'POST /connections': route(
      'non_query',
      ({ body, answer }) => {
        if (connections.list.has(String(body.name))) throw new ApiFailure(409, 'Connection already exists.');
        return answer(connections.describe(connections.add(connectionOf(body))));
      },
      admin,
    ),
    'PUT /connections/test': route('non_query', async (call) => {
      const one = { dialect: '', ...connectionOf(call.body) };
      return call.answer(await connections.test(one, tests(call)));
    }),
    'GET /connections/*': route('non_query', (call) => call.answer(connections.describe(named(call)))),
    'PATCH /connections/*': route(
      'non_query',
      (call) => call.answer(connections.describe(connections.add(connectionOf(call.body, named(call))))),
      admin,
    ),
    'DELETE /connections/*': route(
      'non_query',
      (call) => {
        connections.list.delete(named(call).name);
        return nothing();
      },
      { needs: ['administer'] },
    ),
    'PUT /connections/*/test': route('non_query', async (call) =>
      call.answer(await connections.test(named(call), tests(call))),
    ),
    ...metadataRoutes(connections, named),
    'GET /dialect_info': route('non_query', ({ answer }) =>
      answer(
        [...new Map([...connections.list.values()].map((one) => [one.dialect, one])).values()].map(
          dialectInfo,
        ),
      ),
    ),
  };
}

const dialectInfo = ({ dialect }: Connection): Record<string, unknown> => ({
  can: {},
  ...{ name: dialect, label: dialect, installed: true, default_port: '5432', default_max_connections: '30' },
  ...{ label_for_database_equivalent: 'Database', label_for_schema_equivalent: 'Schema' },
});

function metadataRoutes(connections: Connections, named: (call: Call) => Connection): Routes {
  const ask = async (call: Call, sql: string): Promise<Result> => {
    try {
      return await runSql(connections.target(named(call)), sql);
    } catch (error) {
      if (error instanceof SqlFailure) throw new ApiFailure(400, error.message);
      throw error;
    }
  };
  return {
    'GET /connections/*/databases': route('db_query', async (call) => {
      const { rows } = await ask(call, 'SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1');
      return call.answer(rows.map(([name]) => name));
    }),
    'GET /connections/*/schemas': route('non_query', async (call) => {
      const { rows } = await ask(call, SCHEMAS);
      return call.answer(
        rows.map(([name]) => ({ name, is_default: name === (named(call).schema ?? 'public') })),
      );
    }),
    'GET /connections/*/tables': route('non_query', async (call) => {
      const schema = call.query.get('schema_name') ?? named(call).schema ?? 'public';
      const filter = call.query.get('table_filter') ?? '';
      const limit = Number(call.query.get('table_limit') ?? 10_000);
      const { rows } = await ask(call, `${TABLES} WHERE schema_name = ${literal(schema)} ORDER BY 2`);
      const kept = rows.filter(([, name]) => (name ?? '').includes(filter));
      const tables = kept.slice(0, limit).map(([schema_name, name, count]) => ({
        ...{ name, schema_name, sql_escaped_name: escaped(name ?? ''), rows: Number(count), snippets: [] },
      }));
      return call.answer([{ name: schema, is_default: true, table_limit_hit: kept.length > limit, tables }]);
    }),
    'GET /connections/*/columns': route('non_query', async (call) => {
      const schema = call.query.get('schema_name') ?? named(call).schema ?? 'public';
      const names = (call.query.get('table_names') ?? '').split(',').filter(Boolean);
      if (names.length === 0) throw invalid(wrong('table_names', 'name at least one table'));
      const { rows } = await ask(call, columnsOf(schema, names));
      const tables = [...new Set(rows.map(([table]) => table ?? ''))];
      return call.answer(
        tables.map((name) => ({
          ...{ name, schema_name: schema, sql_escaped_name: escaped(name) },
          columns: rows.filter(([table]) => table === name).map((row) => describeColumn(schema, row)),
        })),
      );
    }),
    'GET /connections/*/features': route('non_query', (call) =>
      call.answer({
        ...{ dialect_name: named(call).dialect, cost_estimate: false, multiple_databases: false },
        ...{ column_search: true, persistent_derived_tables: true, subtotals: true, timezone: true },
        ...{ percentile: true, milliseconds: true, microseconds: true, connection_pooling: false },
      }),
    ),
  };
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** A name as Looker writes it into SQL: quoted where it has to be. */
const escaped = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

const SCHEMAS = `SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY 1`;

/** Only tables the connection's user may read are listed. */
const TABLES = `SELECT * FROM (
  SELECT n.nspname AS schema_name, c.relname AS name, greatest(c.reltuples, 0)::bigint AS rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_schema_privilege(n.oid, 'USAGE')
    AND has_table_privilege(c.oid, 'SELECT')
) AS t`;

const columnsOf = (schema: string, tables: readonly string[]): string => `
  SELECT table_name, column_name, data_type, character_maximum_length,
    col_description((quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass, ordinal_position)
  FROM information_schema.columns
  WHERE table_schema = ${literal(schema)} AND table_name IN (${tables.map(literal).join(', ')})
  ORDER BY table_name, ordinal_position`;

function describeColumn(schema_name: string, row: readonly (string | null)[]): Record<string, unknown> {
  const [, name, type, size, description] = row;
  const looker = lookerType(type ?? '');
  return {
    ...{ name, schema_name, sql_escaped_name: escaped(name ?? ''), snippets: [] },
    ...{ data_type_database: type, data_type: looker, data_type_looker: looker },
    ...{ column_size: size == null ? null : Number(size), description: description ?? null },
  };
}

function lookerType(type: string): string {
  if (/int|numeric|real|double|serial/.test(type)) return 'number';
  if (type === 'boolean') return 'yesno';
  if (type === 'date') return 'date';
  return type.startsWith('timestamp') ? 'datetime' : 'string';
}
