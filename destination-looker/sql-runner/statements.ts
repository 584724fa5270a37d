// Runs one SQL statement through Looker's SQL Runner: two API calls, an answer that may hide an error, and a budget.
import {
  asConnectorError,
  type Clock,
  ConnectorError,
  configError,
  isObject,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import { type LookerApi, pathOf } from '../api.ts';

export type Row = Readonly<Record<string, unknown>>;

/** SQL Runner's limit, white space included (docs/sql-runner-create-queries-and-explores); the API is taken to share it. */
export const longestStatement = 65_535;

/** What it costs to run a statement: one call makes the query, one runs it. Both are query-class. */
export const callsPerStatement = 2;

export interface StatementOptions {
  /** For messages: `load the segment`. */
  readonly purpose: string;
  /**
   * Statements that change something: whether it is done, asked before it is sent again. Absent: a question, which
   * may be asked again at once.
   */
  readonly isDone?: () => Promise<boolean>;
}

export interface Statements {
  /** The rows of its answer, if it has any; undefined when the answer was lost and the work is known to be done. */
  run(sql: string, options: StatementOptions): Promise<readonly Row[] | undefined>;
  /** The rows of a question. */
  read(sql: string, purpose: string): Promise<readonly Row[]>;
  /** Statements that the budget still allows. */
  left(): number;
}

export interface StatementPorts {
  readonly api: LookerApi;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly connection: string;
  /** Reaches the connection through a model, where the key may not name connections. */
  readonly model?: string | undefined;
  /** Query-class calls of this run. */
  readonly callBudget: number;
}

const attempts = 5;

export function openStatements(ports: StatementPorts): Statements {
  const { api, callBudget, clock, signal } = ports;
  const before = api.spent().query;
  let number = 0;
  const left = (): number => Math.floor((callBudget - (api.spent().query - before)) / callsPerStatement);

  const send = async (sql: string, { purpose, isDone }: StatementOptions): Promise<readonly Row[]> => {
    if (left() < 1)
      throw transientError(
        `Cannot ${purpose}: the run has spent its ${callBudget} calls of the Looker API, raise "sql_runner.call_budget" or load with mode "warehouse"`,
      );
    number += 1;
    // Equal statements may share a slug and a cached result: no two of ours are equal.
    const statement = `${sql} /* ledgerpipe ${clock.now()} ${number} */`;
    if (statement.length > longestStatement)
      throw new ConnectorError(
        'system',
        `Cannot ${purpose}: the statement has ${statement.length} characters, SQL Runner takes ${longestStatement}`,
      );
    return await runOnce(ports, statement, { purpose, ...(isDone ? { isDone } : {}) });
  };

  return {
    left,
    async run(sql, options) {
      for (let attempt = 1; ; attempt += 1)
        try {
          return await send(sql, options);
        } catch (thrown) {
          signal.throwIfAborted();
          const error = asConnectorError(thrown);
          // Two attempts at the same time cannot both commit: the refused one looks whether the other did.
          if (error.kind === 'system' && left() > 0 && (await options.isDone?.())) return undefined;
          // A quota does not come back within a run; nor does a refusal.
          if (error.kind !== 'transient' || attempt >= attempts || left() < 2) throw error;
          await clock.sleep(Math.random() * Math.min(60_000, 2_000 * 2 ** attempt), signal);
          if (await options.isDone?.()) return undefined;
        }
    },
    async read(sql, purpose) {
      return (await this.run(sql, { purpose })) ?? [];
    },
  };
}

async function runOnce(
  { api, signal, connection, model }: StatementPorts,
  sql: string,
  { purpose, isDone }: StatementOptions,
): Promise<readonly Row[]> {
  const made = await api.json({
    method: 'POST',
    path: '/sql_queries',
    body: { ...(model ? { model_name: model } : { connection_name: connection }), sql },
    purpose: `${purpose} (SQL Runner on connection "${connection}", permission "use_sql_runner")`,
    quota: 'query',
    // A query that is only made changes nothing.
    repeatable: true,
    signal,
  });
  const slug = isObject(made) ? made.slug : undefined;
  if (typeof slug !== 'string')
    throw transientError(`Cannot ${purpose}: Looker gave no slug for the SQL query, run again`);
  const response = await api.call({
    method: 'POST',
    path: `${pathOf('sql_queries', slug)}/run/json`,
    purpose,
    quota: 'query',
    repeatable: isDone === undefined,
    // 400: how a failed statement is told in some formats; in json it may also be a row of a 200.
    accept: [400],
    slow: true,
    signal,
  });
  const text = response.text();
  if (response.status === 400 && withoutRows.test(text)) return [];
  if (response.status === 400) throw sqlError(messageOf(text), purpose);
  return readRows(text, purpose);
}

/** What is not JSON is the answer to a statement without a result set: its form is not documented. */
function readRows(text: string, purpose: string): readonly Row[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const rows = Array.isArray(body) ? body.filter(isObject) : [];
  const failed = rows.find((row) => 'looker_error' in row);
  if (failed && withoutRows.test(String(failed.looker_error))) return [];
  if (failed) throw sqlError(String(failed.looker_error), purpose);
  return rows;
}

function messageOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? String(body.message ?? text) : text;
  } catch {
    return text;
  }
}

/** What PostgreSQL's driver for Java says, after the work, of a statement that gives no rows. */
const withoutRows = /no results? (were|was) returned/i;

/** There is no code, only the database's sentence: it decides the advice, and never whether to try again. */
function sqlError(said: string, purpose: string): ConnectorError {
  const quotedText = `the database said "${said.replace(/\s+/g, ' ').trim().slice(0, 300)}"`;
  const detail = { detail: said.slice(0, 2000) };
  if (/permission denied|must be owner|read-only|not authori[sz]ed|insufficient privilege/i.test(said))
    return configError(
      `Cannot ${purpose}: ${quotedText}, SQL Runner writes as the connection's main database user: grant it CREATE and write access to the schema, or use mode "warehouse"`,
      detail,
    );
  return new ConnectorError('system', `Cannot ${purpose}: ${quotedText}, report it with the log`, detail);
}
