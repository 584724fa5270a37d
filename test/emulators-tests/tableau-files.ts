// .hyper and Parquet files for the tests of the Tableau emulator, and the actions that name their tables.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hyperd, startHyperd } from '../emulators/hyperd/index.ts';
import type { Body } from './tableau-setup.ts';

/** An engine of the tests' own, which makes files. */
export interface Files {
  /** A .hyper file made by statements in which `{db}` stands for the database, quoted. */
  hyper(...statements: readonly string[]): Promise<Buffer>;
  /** `"Extract"."lines"(id text not null, amount numeric(18,4))` with these rows. */
  lines(...rows: readonly (readonly [string, string | null])[]): Promise<Buffer>;
  /** A table of ids alone, as deletes take it. */
  ids(...ids: readonly string[]): Promise<Buffer>;
  parquet(query: string): Promise<Buffer>;
  close(): Promise<void>;
}

export async function openFiles(): Promise<Files> {
  const hyperd: Hyperd = await startHyperd();
  const folder = await mkdtemp(join(tmpdir(), 'hyper-files-'));
  const hyper: Files['hyper'] = async (...statements) => {
    const path = join(folder, `${randomUUID()}.hyper`);
    const session = await hyperd.connect();
    try {
      await session.query(`CREATE DATABASE "${path}"`);
      await session.attach(path, 'made');
      for (const statement of statements) await session.query(statement.replaceAll('{db}', '"made"'));
      await session.detach('made');
    } finally {
      await session.close();
    }
    return readFile(path);
  };
  const values = (rows: readonly (readonly (string | null)[])[]) =>
    rows.map((row) => `(${row.map((value) => (value === null ? 'NULL' : `'${value}'`)).join(', ')})`);
  const filled = (definition: string, rows: readonly (readonly (string | null)[])[]) =>
    hyper(
      'CREATE SCHEMA {db}."Extract"',
      `CREATE TABLE {db}."Extract"."lines" (${definition})`,
      ...values(rows).map((row) => `INSERT INTO {db}."Extract"."lines" VALUES ${row}`),
    );
  return {
    hyper,
    lines: (...rows) => filled('id text NOT NULL, amount numeric(18,4)', rows),
    ids: (...ids) =>
      filled(
        'id text NOT NULL',
        ids.map((id) => [id]),
      ),
    parquet: async (query) => {
      const path = join(folder, `${randomUUID()}.parquet`);
      const session = await hyperd.connect();
      try {
        await session.query(`COPY (${query}) TO '${path}' WITH (FORMAT parquet)`);
      } finally {
        await session.close();
      }
      return readFile(path);
    },
    close: async () => {
      await hyperd.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An action between tables of one name in both files. */
export const action = (name: string, more: Body = {}): Body => ({
  action: name,
  'target-schema': 'Extract',
  'target-table': 'lines',
  'source-schema': 'Extract',
  'source-table': 'lines',
  ...more,
});

export const byId: Body = { condition: { op: 'eq', 'target-col': 'id', 'source-col': 'id' } };
