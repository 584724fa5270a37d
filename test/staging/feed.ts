// Arrivals for staging tests, and what came out of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arrival, Declaration, JsonSchema, Message, StateMessage } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { DuckDBInstance } from '@duckdb/node-api';
import { type Segment, type StagedTable, type StagingOptions, segments } from '@ledgerpipe/staging';
import { onTestFinished } from 'vitest';

export const declaration = (
  stream: string,
  properties: Readonly<Record<string, JsonSchema>>,
  more: Partial<Declaration> = {},
): Declaration => ({
  stream,
  name: stream,
  schema: { type: 'object', properties },
  mode: 'append',
  keys: [],
  cursor: [],
  envelope: 'airbyte',
  generation: 0,
  retireBelow: 0,
  ...more,
});

export const declare = (of: Declaration): Arrival => ({ kind: 'declare', declaration: of });

/** A run of lines; `data` may be JSON text, for what JSON.stringify cannot say. */
export const records = (
  stream: string,
  data: readonly (Readonly<Record<string, unknown>> | string)[],
  emittedAt = 1_700_000_000_000,
): Arrival =>
  lines(
    stream,
    data.map((record) => {
      const text = typeof record === 'string' ? record : JSON.stringify(record);
      return `{"type":"RECORD","record":{"stream":${JSON.stringify(stream)},"data":${text},"emitted_at":${emittedAt}}}`;
    }),
  );

export const lines = (stream: string, texts: readonly string[]): Arrival => ({
  kind: 'records',
  stream,
  bytes: Buffer.from(texts.map((text) => `${text}\n`).join('')),
  count: texts.length,
});

export const state = (stream: string, cursor: unknown, more: Record<string, unknown> = {}): Arrival => ({
  kind: 'state',
  stream,
  message: {
    type: 'STATE',
    state: {
      type: 'STREAM',
      stream: { stream_descriptor: { name: stream }, stream_state: { cursor } },
      ...more,
    },
  } as StateMessage,
});

export const complete = (stream: string): Arrival => ({ kind: 'status', stream, status: 'COMPLETE' });
export const incomplete = (stream: string): Arrival => ({ kind: 'status', stream, status: 'INCOMPLETE' });

/** A folder that is gone when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'staging-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

export interface StagedOutput {
  readonly name: string;
  readonly table: StagedTable;
  readonly rows: Rows;
}

export interface SegmentOutput {
  readonly tables: readonly StagedOutput[];
  readonly settled: readonly Message[];
  readonly completed: readonly string[];
  readonly number: number;
}

export interface StageOptions extends Partial<StagingOptions> {
  readonly clock?: typeof systemClock;
  /** Called with each segment while it can be read. */
  readonly inspect?: (segment: Segment) => Promise<void>;
  /** The run is meant to end with an error, which becomes the `failure`. */
  readonly fails?: true;
}

export interface Staged {
  readonly segments: readonly SegmentOutput[];
  readonly said: readonly Message[];
  readonly failure: unknown;
  /** The rows of a table over all segments. */
  rows(table: string): Rows;
}

/** Runs staging over arrivals and reads every table of every segment. */
export async function stage(
  arrivals: Iterable<Arrival> | AsyncIterable<Arrival>,
  { clock = systemClock, inspect, fails, ...options }: StageOptions = {},
): Promise<Staged> {
  const folder = options.folder ?? (await temporaryFolder());
  const said: Message[] = [];
  const found: SegmentOutput[] = [];
  let failure: unknown;
  const all = segments(
    following(arrivals),
    { job: 'job-1', rejectFile: join(folder, 'rejects.jsonl'), ...options, folder },
    { clock, say: async (message) => void said.push(message) },
  );
  try {
    for await (const segment of all) {
      const tables: StagedOutput[] = [];
      for (const table of segment.tables)
        tables.push({ name: table.name, table, rows: await readAll(table) });
      await inspect?.(segment);
      found.push({
        tables,
        settled: segment.settle(),
        completed: segment.completed.map(({ stream }) => stream),
        number: segment.number,
      });
      await segment.discard();
    }
  } catch (error) {
    if (!fails) throw error;
    failure = error;
  }
  return {
    segments: found,
    said,
    failure,
    rows: (name) =>
      found.flatMap(({ tables }) =>
        tables.filter((table) => table.name === name).flatMap(({ rows }) => rows),
      ),
  };
}

async function* following(arrivals: Iterable<Arrival> | AsyncIterable<Arrival>): AsyncGenerator<Arrival> {
  yield* arrivals;
}

async function readAll(table: StagedTable): Promise<Rows> {
  const rows: Readonly<Record<string, unknown>>[] = [];
  for await (const batch of table.batches(1000)) rows.push(...batch);
  return rows;
}

/** Runs a query in a DuckDB of its own, e.g. over Parquet files that staging wrote. */
export async function query(sql: string): Promise<Rows> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}
