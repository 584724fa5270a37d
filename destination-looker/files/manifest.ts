// The manifest of a delivery: written last, so that what it lists is there in full.
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { tableOf } from '../postgres/layout.ts';
import { sqlType } from '../postgres/types.ts';

export interface ManifestFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** A path of letters that need no escape in any store; a name that had to change keeps its meaning, not its spelling. */
export const pathPart = (text: string): string => text.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 100) || 'x';

/** `PREFIX/TABLE/batch=BATCH/`: one folder per table, as external tables read it; the same batch has the same place. */
export const tableFolder = (prefix: string, table: StagedTable): string =>
  [prefix, pathPart(tableOf(table)), `batch=${pathPart(table.batch)}`].filter(Boolean).join('/');

/** `PREFIX/_manifests/JOB-SEGMENT.json`, whose names sort by time where the caller gives no job. */
export const manifestPath = (prefix: string, { job, segment }: { job: string; segment: number }): string =>
  [prefix, '_manifests', `${pathPart(job)}-${String(segment).padStart(5, '0')}.json`]
    .filter(Boolean)
    .join('/');

export function manifestOf(
  segment: Segment,
  {
    job,
    at,
    format,
    files,
  }: {
    readonly job: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly format: 'parquet' | 'csv';
    readonly files: ReadonlyMap<StagedTable, readonly ManifestFile[]>;
  },
): string {
  const tables = segment.tables.map((table) => ({
    table: tableOf(table),
    stream: table.declaration.stream,
    batch: table.batch,
    // `upsert`: the newest row of each key counts; `replace`: these files are the whole table; `append`: all rows count.
    mode: table.mode,
    keys: table.keys,
    ...(table.parent ? { parent: table.parent } : {}),
    generation: table.declaration.generation,
    rows: table.rows,
    tombstones: table.tombstones,
    columns: table.columns.map(({ name, type }) => ({ name, type: sqlType(type) })),
    files: files.get(table) ?? [],
  }));
  const completed = segment.completed.map(({ stream, retireBelow }) => ({ stream, retireBelow }));
  const manifest = {
    version: 1,
    job,
    segment: segment.number,
    at: new Date(at).toISOString(),
    format,
    tables,
    completed,
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
