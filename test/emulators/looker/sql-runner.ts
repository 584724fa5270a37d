// SQL Runner over the API: a statement is kept under a slug, then run as the user of its connection.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer } from '../emulator.ts';
import { beyond, invalid, missing, notFound, wrong } from './answers.ts';
import type { Connection, Connections } from './connections.ts';
import { type Result, runSql, SqlFailure } from './engine.ts';
import { failed, rendered } from './formats.ts';
import { type Routes, route } from './routes.ts';
import { statementsIn } from './statement-text.ts';
import type { Switches } from './switches.ts';
import { publicUser, type User } from './users.ts';

/** One statement that was sent to a database; cached answers are not among them. */
export interface SqlRun {
  readonly connection: string;
  readonly sql: string;
  readonly slug: string;
  readonly at: number;
  readonly rows: number;
  readonly error: string | undefined;
}

interface Kept {
  readonly slug: string;
  readonly sql: string;
  readonly connection: Connection;
  readonly model: string | null;
  readonly creator: User;
  runs: number;
  ranAt: number | undefined;
  seconds: number | undefined;
  cached: { at: number; result: Result } | undefined;
}

export interface SqlRunner {
  readonly routes: Routes;
  readonly runs: readonly SqlRun[];
}

interface Parts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly connections: Connections;
  /** Name of the connection of a model. */
  readonly connectionOfModel: (model: string) => string;
}

const CACHE = 3600_000;

export function sqlRunner(parts: Parts): SqlRunner {
  const kept = new Map<string, Kept>();
  const runs: SqlRun[] = [];
  const of = (slug = ''): Kept => {
    const found = kept.get(slug);
    if (!found) throw notFound();
    return found;
  };
  const needs = ['use_sql_runner'] as const;
  return {
    runs,
    routes: {
      'POST /sql_queries': route(
        'db_query',
        ({ body, caller, answer }) =>
          answer(describe(create(body, { caller: caller.user, kept, parts }), parts)),
        { needs },
      ),
      'GET /sql_queries/*': route(
        'db_query',
        ({ parts: [slug], answer }) => answer(describe(of(slug), parts)),
        {
          needs,
        },
      ),
      'POST /sql_queries/*/run/*': route(
        'db_query',
        ({ parts: [slug, format = 'json'] }) => run(of(slug), { format, runs, parts }),
        { needs },
      ),
    },
  };
}

function create(
  body: Readonly<Record<string, unknown>>,
  { caller, kept, parts }: { caller: User; kept: Map<string, Kept>; parts: Parts },
): Kept {
  const { connection_name, model_name, sql } = body;
  if (typeof sql !== 'string' || sql === '') throw invalid(missing('sql'));
  if (typeof connection_name !== 'string' && typeof model_name !== 'string')
    throw invalid(missing('connection_name'));
  const { statementLimit, liquidInSql, sqlSlugReuse } = parts.switches;
  if (statementLimit !== undefined && sql.length > statementLimit)
    throw invalid(wrong('sql', `is too long (maximum is ${statementLimit} characters)`));
  if (liquidInSql === 'refused' && /\{\{|\{%/.test(sql)) throw beyond('Liquid in SQL Runner');
  const model = typeof model_name === 'string' ? model_name : null;
  if (model !== null && /\$\{/.test(sql)) throw beyond('references to fields in SQL Runner');
  const name = typeof connection_name === 'string' ? connection_name : parts.connectionOfModel(model ?? '');
  const connection = parts.connections.get(name);
  const same = [...kept.values()].find((one) => one.sql === sql && one.connection.name === name);
  if (same && sqlSlugReuse) return same;
  const made: Kept = {
    ...{ slug: randomBytes(16).toString('hex').slice(0, 20), sql, connection, model, creator: caller },
    ...{ runs: 0, ranAt: undefined, seconds: undefined, cached: undefined },
  };
  kept.set(made.slug, made);
  return made;
}

function describe(one: Kept, { connections }: Parts): Record<string, unknown> {
  const { name } = one.connection;
  const dialect = connections.dialect(one.connection);
  return {
    can: { run: true, explore: true },
    ...{ slug: one.slug, sql: one.sql, model_name: one.model, plaintext: true, explore_url: null },
    ...{ run_count: one.runs, browser_limit: 5000, last_runtime: one.seconds ?? null },
    last_run_at: one.ranAt === undefined ? null : new Date(one.ranAt).toISOString(),
    connection: {
      can: {},
      name,
      dialect,
      snippets: [],
      pdts_enabled: one.connection.tmpDbName !== undefined,
    },
    creator: publicUser(one.creator),
  };
}

async function run(
  one: Kept,
  { format, runs, parts }: { format: string; runs: SqlRun[]; parts: Parts },
): Promise<Answer> {
  const { clock, switches } = parts;
  const now = clock.now();
  const fresh =
    switches.sqlRunnerCache && one.cached && now - one.cached.at < CACHE ? one.cached.result : undefined;
  try {
    const result = fresh ?? (await execute(one, { runs, parts }));
    if (!fresh) one.cached = { at: now, result };
    one.runs += 1;
    one.ranAt = now;
    one.seconds = (clock.now() - now) / 1000;
    return answerTo(one, { result, format, switches });
  } catch (error) {
    if (error instanceof SqlFailure) return failed(error.message, format, switches.sqlErrorInJson);
    throw error;
  }
}

async function execute(one: Kept, { runs, parts }: { runs: SqlRun[]; parts: Parts }): Promise<Result> {
  const { sql, slug, connection } = one;
  const at = parts.clock.now();
  const log = (rows: number, error?: string): void => {
    runs.push({ connection: connection.name, sql, slug, at, rows, error });
  };
  try {
    const [statement, ...others] = statementsIn(sql);
    if (statement === undefined || others.length > 0)
      throw new SqlFailure('SQL Runner runs one statement at a time.');
    const comment =
      parts.switches.contextComment && !connection.disableContextComment
        ? `-- Looker Query Context '{"user_id":${one.creator.id},"history_slug":"${slug}"}'\n`
        : '';
    const result = await runSql(parts.connections.target(connection), `${comment}${statement}`);
    log(result.rows.length);
    return result;
  } catch (error) {
    if (error instanceof SqlFailure) log(0, error.message);
    throw error;
  }
}

function answerTo(
  { sql }: Kept,
  { result, format, switches }: { result: Result; format: string; switches: Switches },
): Answer {
  if (!result.hasRows && switches.withoutResultSet === 'error')
    throw new SqlFailure('No results were returned by the query.');
  const label = 'message';
  const confirmed = {
    columns: [{ name: label, label, kind: 'text', oid: 25 }],
    rows: [['Query executed.']],
  } as const;
  if (!result.hasRows)
    return rendered(
      { ...(switches.withoutResultSet === 'message' ? confirmed : { columns: [], rows: [] }), sql },
      format,
    );
  const columns = result.columns.map((column) => ({ ...column, label: column.name }));
  return rendered({ columns, rows: result.rows.slice(0, switches.sqlRunnerRowLimit), sql }, format);
}
