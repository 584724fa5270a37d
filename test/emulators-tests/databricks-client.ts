// What the tests of the Databricks emulator share: a workspace with a schema and a volume, and the calls a driver makes.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import {
  type DatabricksEmulator,
  type DatabricksOptions,
  startDatabricks,
} from '../emulators/databricks/index.ts';

export interface StatementAnswer {
  readonly http: number;
  readonly id: string;
  readonly state: string | undefined;
  readonly error: string;
  readonly sqlState: string | undefined;
  readonly columns: readonly {
    readonly name: string;
    readonly type_text: string;
    readonly type_name: string;
  }[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly body: Record<string, unknown>;
}

export interface Workspace {
  readonly emulator: DatabricksEmulator;
  readonly clock: FastClock;
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** Parsed JSON of a call. */
  json(method: string, path: string, options?: CallOptions): Promise<Record<string, unknown>>;
  sql(statement: string, fields?: Record<string, unknown>): Promise<StatementAnswer>;
  /** Like `sql`, but fails the test unless it succeeds; answers the rows. */
  rows(statement: string): Promise<readonly (readonly (string | null)[])[]>;
  /** Puts the result of an engine query on the volume as a Parquet file. */
  stage(path: string, query: string): Promise<void>;
}

interface CallOptions {
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** A workspace with schema `ledger` and volume `ledger.stage`, closed by `close` of its emulator. */
export async function openWorkspace(
  options: Partial<DatabricksOptions> & { rate?: number } = {},
): Promise<Workspace> {
  const { rate = 1, ...rest } = options;
  const clock = fastClock({ rate, start: Date.UTC(2026, 0, 31, 12) });
  const emulator = await startDatabricks({ clock, ...rest });
  const call: Workspace['call'] = (method, path, { body, headers = {} } = {}) =>
    fetch(`${emulator.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${emulator.credentials.token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const sql: Workspace['sql'] = async (statement, fields = {}) => {
    const request = { statement, warehouse_id: emulator.warehouseId, wait_timeout: '50s', ...fields };
    return readAnswer(await call('POST', '/api/2.0/sql/statements/', { body: JSON.stringify(request) }));
  };
  const workspace: Workspace = {
    emulator,
    clock,
    call,
    sql,
    json: async (method, path, more) =>
      (await (await call(method, path, more)).json()) as Record<string, unknown>,
    rows: async (statement) => {
      const answer = await sql(statement);
      if (answer.state !== 'SUCCEEDED') throw new Error(`${statement.slice(0, 200)}: ${answer.error}`);
      return answer.rows;
    },
    stage: async (path, query) => {
      const body = await parquet(query);
      const answer = await call('PUT', `/api/2.0/fs/files/Volumes/${path}?overwrite=true`, { body });
      if (answer.status !== 204) throw new Error(`Upload answered ${answer.status}: ${await answer.text()}`);
    },
  };
  const { catalog } = emulator;
  await workspace.call('POST', '/api/2.1/unity-catalog/schemas', {
    body: JSON.stringify({ catalog_name: catalog, name: 'ledger' }),
  });
  await workspace.call('POST', '/api/2.1/unity-catalog/volumes', {
    body: JSON.stringify({
      catalog_name: catalog,
      schema_name: 'ledger',
      name: 'stage',
      volume_type: 'MANAGED',
    }),
  });
  return workspace;
}

export async function readAnswer(response: Response): Promise<StatementAnswer> {
  const body = (await response.json()) as Record<string, unknown>;
  const status = (body.status ?? {}) as { state?: string; sql_state?: string; error?: { message: string } };
  const manifest = body.manifest as { schema: { columns?: StatementAnswer['columns'] } } | undefined;
  const result = body.result as { data_array?: StatementAnswer['rows'] } | undefined;
  return {
    http: response.status,
    id: String(body.statement_id ?? ''),
    state: status.state,
    error: status.error?.message ?? (response.status === 200 ? '' : JSON.stringify(body)),
    sqlState: status.sql_state,
    columns: manifest?.schema.columns ?? [],
    rows: result?.data_array ?? [],
    body,
  };
}

/** A Parquet file holding the result of an engine query. */
export async function parquet(query: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'parquet-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${query}) TO '${folder}/file.parquet' (FORMAT parquet)`);
    return await readFile(join(folder, 'file.parquet'));
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}
