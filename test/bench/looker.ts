// How fast rows get into PostgreSQL, against bare COPY of the same rows from ready CSV files in the same run.
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { arrivals, type Context } from '@airbyte/cdk-typescript-shim';
import { systemClock, validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { type Segment, segments } from '@ledgerpipe/staging';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import destination, { type Config } from '../../destination-looker/index.ts';
import { openPostgres } from '../../destination-looker/warehouse/postgres.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { bytesOf } from './baseline.ts';
import { catalog } from './staging.ts';

export interface LookerBench {
  /** Rows delivered, of all tables, and of these line items. */
  readonly rows: number;
  readonly lines: number;
  /** Seconds that our deliveries took: CSV from staging, COPY, keys, merge, proof and commit. */
  readonly ours: number;
  /** Seconds that bare COPY took, into equal tables. */
  readonly bare: number;
  readonly segments: number;
}

/** Delivers the lines of `file` segment by segment; each is also copied bare, from CSV that is written beforehand. */
export async function timeLooker(
  file: string,
  { folder }: { readonly folder: string },
): Promise<LookerBench> {
  const postgres = await startPostgres();
  try {
    const context = await contextFor(postgres, folder);
    const { warehouse } = context.config;
    if (warehouse?.kind !== 'postgres') throw new Error('The bench writes to PostgreSQL');
    const delivery = openPostgres(context, warehouse);
    const client = await postgres.client('writer');
    await client.query('CREATE SCHEMA bare');
    const found = { rows: 0, lines: 0, ours: 0, bare: 0, segments: 0 };
    const input = arrivals(bytesOf(file), { catalog });
    const options = {
      job: 'bench',
      folder: join(folder, 'staging'),
      rejectFile: join(folder, 'rejects.jsonl'),
    };
    for await (const segment of segments(input, options, context)) {
      const ready = await csvOf(segment, join(folder, 'ready'));
      found.ours += await secondsOf(() => delivery.deliver(segment));
      found.bare += await copyBare(client, ready);
      found.rows += segment.rows;
      for (const { parent, rows } of segment.tables) found.lines += parent ? rows : 0;
      found.segments += 1;
      await rm(join(folder, 'ready'), { recursive: true, force: true });
      await segment.discard();
    }
    await delivery.close();
    return found;
  } finally {
    await postgres.close();
  }
}

async function contextFor(
  { port, database, writer }: Awaited<ReturnType<typeof startPostgres>>,
  folder: string,
): Promise<Context<Config>> {
  const warehouse = { kind: 'postgres', host: '127.0.0.1', port, database, ...writer, ssl_mode: 'disable' };
  const config = await validateConfig(destination.spec, {
    warehouse,
    schema: 'ours',
    working_folder: folder,
  });
  const signal = new AbortController().signal;
  return { config: config as unknown as Config, clock: systemClock, signal, say: async () => undefined };
}

interface ReadyTable {
  readonly table: string;
  readonly files: readonly string[];
}

async function csvOf({ tables }: Segment, folder: string): Promise<readonly ReadyTable[]> {
  const ready: ReadyTable[] = [];
  for (const [index, table] of tables.entries()) {
    const own = join(folder, String(index));
    await mkdir(own, { recursive: true });
    const files = await table.write(own, { format: 'csv' });
    ready.push({ table: table.name, files: files.map(({ path }) => path) });
  }
  return ready;
}

/** Seconds of COPY alone, into tables of the same columns and keys. */
async function copyBare(client: pg.Client, tables: readonly ReadyTable[]): Promise<number> {
  let seconds = 0;
  for (const { table, files } of tables) {
    await client.query(`CREATE TABLE IF NOT EXISTS bare."${table}" (LIKE ours."${table}" INCLUDING INDEXES)`);
    for (const path of files)
      seconds += await secondsOf(() =>
        pipeline(
          createReadStream(path, { highWaterMark: 256 * 1024 }),
          client.query(copyFrom(`COPY bare."${table}" FROM STDIN WITH (FORMAT csv, HEADER true)`)),
        ),
      );
  }
  return seconds;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
