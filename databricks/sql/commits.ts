// The commit log: one row for each table a segment changed, written by one MERGE after the last of them.

import type { ColumnType } from '@ledgerpipe/staging';
import type { Landing, Layout } from './layout.ts';
import { commitLogTable } from './names.ts';
import { column, literal, quoted, quotedList, same } from './text.ts';
import { sqlType } from './types.ts';

/** What one statement committed. Counts are null where Databricks did not tell. */
export interface Commit {
  readonly job: string;
  readonly segment: number;
  readonly stream: string;
  readonly table: string;
  readonly batch: string;
  readonly mode: string;
  /** Rows staged; of these, tombstones. */
  readonly rows: number;
  readonly tombstones: number;
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
  readonly statement: string;
}

type Kind = Exclude<ColumnType['kind'], 'decimal'>;

const columns: readonly (readonly [name: string, kind: Kind, description: string])[] = [
  ['job', 'text', 'Job that delivered the rows'],
  ['segment', 'integer', 'Number of the delivery within the job, from 0'],
  ['stream', 'text', 'Stream the rows came from'],
  ['table_name', 'text', 'Table that was changed'],
  ['batch_id', 'text', 'Hash of the delivered lines, as in _batch_id of the rows'],
  ['mode', 'text', 'upsert, append, replace, or retire for rows of older generations'],
  ['staged_rows', 'integer', 'Rows that were delivered'],
  ['tombstones', 'integer', 'Of the delivered rows, those that say a record is gone'],
  ['inserted', 'integer', 'Rows inserted'],
  ['updated', 'integer', 'Rows updated'],
  ['deleted', 'integer', 'Rows deleted'],
  ['statement_id', 'text', 'SQL statement that changed the table'],
  ['committed_at', 'instant', 'When the delivery was complete'],
];

const keys = ['job', 'segment', 'table_name', 'batch_id'];

/** The log as a table to create. */
export const commitLogLayout: Layout = {
  table: commitLogTable,
  columns: columns.map(([name, kind, description]): Landing => {
    const type = sqlType({ kind });
    return {
      staged: name,
      name,
      wanted: type,
      type,
      column: { name, type: { kind }, path: [], description },
    };
  }),
  keys,
};

export const commitLogDescription = 'What Ledgerpipe delivered: one row per table and delivery';

/** Adds the commits of a segment; sent again it adds nothing. `at` is in milliseconds since the epoch. */
export function logCommits(target: string, commits: readonly Commit[], at: number): string {
  const names = columns.map(([name]) => name);
  const rows = commits.map((commit) => `SELECT ${values(commit, at).join(', ')}`);
  const on = keys.map((key) => same(column('t', key), column('s', key))).join(' AND ');
  return [
    `MERGE INTO ${target} AS t`,
    `USING (${rows.join('\n  UNION ALL ')}) AS s`,
    `ON ${on}`,
    `WHEN NOT MATCHED THEN INSERT (${quotedList(names)}) VALUES (${names.map((name) => column('s', name)).join(', ')})`,
  ].join('\n');
}

function values(commit: Commit, at: number): readonly string[] {
  const found: Readonly<Record<string, string | number | null>> = {
    job: commit.job,
    segment: commit.segment,
    stream: commit.stream,
    table_name: commit.table,
    batch_id: commit.batch,
    mode: commit.mode,
    staged_rows: commit.rows,
    tombstones: commit.tombstones,
    inserted: commit.inserted,
    updated: commit.updated,
    deleted: commit.deleted,
    statement_id: commit.statement,
    committed_at: new Date(at).toISOString(),
  };
  return columns.map(([name, kind]) => {
    const value = found[name] ?? null;
    const text = value === null ? 'NULL' : literal(String(value));
    return `CAST(${text} AS ${sqlType({ kind }).text}) AS ${quoted(name)}`;
  });
}
