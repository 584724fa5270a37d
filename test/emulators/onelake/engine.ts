// DuckDB under the mirror: opened when the first file arrives, rows as plain values.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';

export interface Engine {
  run(sql: string): Promise<{
    readonly names: readonly string[];
    readonly types: readonly string[];
    readonly rows: DuckDBValue[][];
  }>;
  /** Makes a buffer readable under the path given to `use`. */
  withFile<T>(content: Buffer, use: (path: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export function lazyEngine(): Engine {
  let opened: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection; folder: string }> | undefined;
  const open = () => {
    opened ??= (async () => {
      const folder = await mkdtemp(join(tmpdir(), 'onelake-'));
      const instance = await DuckDBInstance.create(':memory:', {
        threads: '2',
        memory_limit: '1GB',
        temp_directory: folder,
      });
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return { instance, connection, folder };
    })();
    return opened;
  };
  let count = 0;
  return {
    run: async (sql) => {
      const { connection } = await open();
      const reader = await connection.runAndReadAll(sql);
      return { names: reader.columnNames(), types: reader.columnTypes().map(String), rows: reader.getRows() };
    },
    withFile: async (content, use) => {
      count += 1;
      const path = join((await open()).folder, `${count}.parquet`);
      await writeFile(path, content);
      return use(path).finally(() => rm(path));
    },
    close: async () => {
      if (!opened) return;
      const { instance, connection, folder } = await opened;
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
