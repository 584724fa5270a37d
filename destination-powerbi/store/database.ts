// The DuckDB file of a replica: one connection, small in memory, durable at every commit.

import { configError, transientError } from '@airbyte/cdk-typescript-shim';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { literal } from './sql.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface Database {
  run(sql: string): Promise<void>;
  /** All rows of a query with few rows; 64-bit integers come as text. */
  rows(sql: string): Promise<readonly Row[]>;
  /** The one number of a query. */
  number(sql: string): Promise<number>;
  /** All or nothing. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Gives what statements freed back to the system: glibc keeps it for each thread, and hundreds of MiB pile up. Of the
   * whole process: staging's statements too.
   */
  release(): Promise<void>;
  close(): void;
}

export interface DatabaseOptions {
  readonly path: string;
  /** Where it spills. */
  readonly folder: string;
  /** Memory before it spills, in MiB. */
  readonly memory: number;
}

/** A group that is not full is written again with the rows that follow: half of what is usual. A multiple of 2,048. */
const rowsPerGroup = 61_440;

export async function openDatabase({ path, folder, memory }: DatabaseOptions): Promise<Database> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  const instance = await Instance.create(':memory:', {
    memory_limit: `${memory}MiB`,
    // A second one would cost a third more work and memory for no less time: rows go in and out in their order.
    threads: '1',
    temp_directory: folder,
    // What many small tables add stays in memory until it is written, block by block, into the file.
    checkpoint_threshold: '1MB',
    // Half the work of a load would go into finding the best compression.
    force_compression: 'uncompressed',
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await attach(connection, path);
    return databaseOf(instance, { connection, memory });
  } catch (error) {
    connection.closeSync();
    instance.closeSync();
    throw error;
  }
}

async function attach(connection: DuckDBConnection, path: string): Promise<void> {
  try {
    await connection.run(`ATTACH ${literal(path)} AS replica (TYPE duckdb, ROW_GROUP_SIZE ${rowsPerGroup})`);
    await connection.run('USE replica');
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    if (/lock|already (open|attached)|in use/i.test(detail))
      throw transientError(
        'Cannot open the replica: another run is using it, let that one end or give each connection its own "replica_folder"',
        { detail, cause: error },
      );
    throw configError(
      'Cannot open the replica: its file cannot be read, restore the folder of "replica_folder", or empty it and set "lost_replica" to "restart" for one run with the state of the source cleared',
      { detail, cause: error },
    );
  }
}

function databaseOf(
  instance: DuckDBInstance,
  { connection, memory }: { readonly connection: DuckDBConnection; readonly memory: number },
): Database {
  const rows = async (sql: string): Promise<readonly Row[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson();
  const run = async (sql: string): Promise<void> => {
    await connection.run(sql);
  };
  return {
    run,
    rows,
    async number(sql) {
      const [row] = await rows(sql);
      return Number(Object.values(row ?? {})[0] ?? 0);
    },
    async transaction(work) {
      await run('BEGIN TRANSACTION');
      try {
        const result = await work();
        await run('COMMIT');
        return result;
      } catch (error) {
        await run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    },
    // DuckDB trims the heap whenever a limit is set, at most ten times a second; nothing else of its SQL does.
    release: () => run(`SET memory_limit = '${memory}MiB'`),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
