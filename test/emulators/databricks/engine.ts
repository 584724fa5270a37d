// DuckDB as the warehouse's engine: one database file per emulator, one connection per statement, always in UTC.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { castMacros } from './sql/casts.ts';
import { raise } from './sql/errors.ts';
import { divisionMacros } from './sql/expression.ts';
import { literal, quoted } from './sql/types.ts';
import type { Switches } from './switches.ts';

export interface EngineColumn {
  readonly name: string;
  /** As the engine writes it, e.g. `DECIMAL(38,10)`. */
  readonly type: string;
}

export interface EngineRows {
  readonly columns: readonly EngineColumn[];
  readonly rows: DuckDBValue[][];
  readonly changed: number;
}

export interface Engine {
  /** The engine's name of the catalog: its own, but for names the engine keeps to itself. */
  readonly database: string;
  open(): Promise<EngineSession>;
  close(): void;
}

/** One connection: temporary tables and transactions belong to it. */
export interface EngineSession {
  run(sql: string): Promise<EngineRows>;
  /** Rows chunk by chunk, for results too long to hold. */
  each(sql: string, visit: (rows: DuckDBValue[][]) => void): Promise<void>;
  /** Column names and types of a query, without running it. */
  describe(query: string): Promise<EngineColumn[]>;
  interrupt(): void;
  close(): void;
}

const reservedDatabases = new Set(['main', 'temp', 'system', 'memory', 'pg_catalog', 'information_schema']);

/** Opens an engine whose database lives in `directory`. `memoryLimit` is DuckDB's, e.g. `2GB`. */
export async function openEngine(
  directory: string,
  {
    catalog,
    switches,
    memoryLimit = '2GB',
  }: { catalog: string; switches: Switches; memoryLimit?: string | undefined },
): Promise<Engine> {
  const spill = join(directory, 'spill');
  await mkdir(spill, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: memoryLimit,
    temp_directory: spill,
  });
  const database = reservedDatabases.has(catalog.toLowerCase()) ? `${catalog}_catalog` : catalog;
  const setup = await instance.connect();
  for (const statement of [...castMacros(switches), ...divisions()]) await setup.run(statement);
  await setup.run(`ATTACH ${literal(join(directory, 'warehouse.duckdb'))} AS ${quoted(database)}`);
  await setup.run(`CREATE SCHEMA ${quoted(database)}."default"`);
  setup.closeSync();
  return {
    database,
    open: async () => {
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      await connection.run(`USE ${quoted(database)}."default"`);
      return session(connection);
    },
    close: () => instance.closeSync(),
  };
}

function divisions(): string[] {
  const zero = raise(
    'DIVIDE_BY_ZERO',
    "'Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.'",
  );
  return divisionMacros.map(
    ([name, operator]) =>
      `CREATE MACRO ${name}(a, b) AS CASE WHEN b = 0 THEN ${zero} ELSE a ${operator} b END`,
  );
}

function session(connection: DuckDBConnection): EngineSession {
  const run = async (sql: string): Promise<EngineRows> => {
    const reader = await connection.runAndReadAll(sql);
    const types = reader.columnTypes().map(String);
    const columns = reader.columnNames().map((name, index) => ({ name, type: types[index] ?? 'VARCHAR' }));
    return { columns, rows: reader.getRows(), changed: reader.rowsChanged };
  };
  return {
    run,
    each: async (sql, visit) => {
      const result = await connection.stream(sql);
      for (
        let chunk = await result.fetchChunk();
        chunk && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      )
        visit(chunk.getRows());
    },
    describe: async (query) => {
      const { rows } = await run(`DESCRIBE ${query}`);
      return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
    },
    interrupt: () => connection.interrupt(),
    close: () => connection.closeSync(),
  };
}
