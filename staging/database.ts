// The embedded DuckDB of a run: small in memory, spilling to the run's folder.
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { numeralMacros } from './numerals.ts';
import { literal } from './sql.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  /** Runs a statement and gives the number of rows it wrote. */
  run(sql: string): Promise<number>;
  /** All rows of a query with few rows; 64-bit integers come as text. */
  rows(sql: string): Promise<readonly Row[]>;
  /** All rows of a query, block by block, as arrays in the order of its columns. */
  blocks(sql: string): AsyncGenerator<readonly (readonly unknown[])[]>;
  /** Allows so many bytes more than were set, for the rest of the run. */
  reserve(bytes: number): Promise<void>;
  /** Gives memory that statements freed back to the system: glibc keeps it for each thread, and it piles up. */
  release(): Promise<void>;
  close(): void;
}

export interface DatabaseOptions {
  /** Where it spills, on a local disk. */
  readonly folder: string;
  /** Memory before it spills, in MiB. */
  readonly memory: number;
}

/** Every statement works in the thread that runs it: two statements at a time use two processors, in bounded memory. */
const threads = 1;

export async function openDatabase({ folder, memory }: DatabaseOptions): Promise<Database> {
  // Loaded when it is needed: the native library takes longer to load than `spec` may take.
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  const instance = await Instance.create(':memory:', {
    memory_limit: `${memory}MiB`,
    threads: String(threads),
    temp_directory: folder,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
  });
  let reserved = 0;
  const database: Database = {
    run: (sql) => connected(instance, async (connection) => (await connection.run(sql)).rowsChanged),
    rows: (sql) =>
      connected(instance, async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson()),
    blocks: (sql) => blocks(instance, sql),
    reserve: async (bytes) => {
      const wanted = Math.ceil(bytes / 1024 / 1024);
      if (wanted <= reserved) return;
      reserved = wanted;
      await database.release();
    },
    release: async () => {
      // DuckDB trims the heap whenever a limit is set, at most ten times a second; nothing else of its SQL does.
      await database.run(`SET memory_limit = '${memory + reserved}MiB'`);
    },
    close: () => instance.closeSync(),
  };
  for (const macro of numeralMacros) await database.run(macro);
  return database;
}

/** Each statement has a connection of its own, so that several can run at once. */
async function connected<T>(
  instance: DuckDBInstance,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = ${literal('UTC')}`);
    return await work(connection);
  } finally {
    connection.disconnectSync();
  }
}

async function* blocks(
  instance: DuckDBInstance,
  sql: string,
): AsyncGenerator<readonly (readonly unknown[])[]> {
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = ${literal('UTC')}`);
    yield* (await connection.stream(sql)).yieldRowsJs();
  } finally {
    connection.disconnectSync();
  }
}
