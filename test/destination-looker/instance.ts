// What tests of this destination share: a PostgreSQL, what lands in it, and settings that lead there.
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { type Postgres, startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';

const stagingColumn = /^_(airbyte_|row_hash$|job_id$|batch_id$|deleted_at$|position$)/;

/** The living rows of a table in schema "finance", without staging's columns; [] when it is not there. */
export async function livingRows(
  postgres: Postgres,
  table: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const there = await postgres.query(
    "SELECT 1 FROM pg_tables WHERE schemaname = 'finance' AND tablename = $1",
    [table],
  );
  if (there.length === 0) return [];
  const rows = await postgres.query(`SELECT * FROM finance."${table}" WHERE _deleted_at IS NULL`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !stagingColumn.test(name))),
  );
}

export interface Instance {
  readonly postgres: Postgres;
  readonly proxy: CuttingProxy;
  readonly clock: ReturnType<typeof fastClock>;
  /** Leads to the warehouse through the proxy. */
  readonly config: Readonly<Record<string, unknown>> & {
    readonly warehouse: Readonly<Record<string, unknown>>;
  };
}

/** Closed at the end of the test. */
export async function openInstance(): Promise<Instance> {
  const postgres = await startPostgres();
  const proxy = await startCuttingProxy(postgres);
  onTestFinished(async () => {
    await proxy.close();
    await postgres.close();
  });
  return {
    postgres,
    proxy,
    clock: fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 }),
    config: {
      mode: 'warehouse',
      warehouse: warehouseOf(postgres, proxy.port),
      schema: 'finance',
      names: 'snake_case',
      reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
    },
  };
}

export const warehouseOf = (postgres: Postgres, port = postgres.port) => ({
  kind: 'postgres',
  host: '127.0.0.1',
  port,
  database: postgres.database,
  ...postgres.writer,
  ssl_mode: 'disable',
  reader: postgres.reader.user,
});
