// Staging: a table's rows as Parquet files on the volume, under names that a repetition overwrites.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '@airbyte/cdk-typescript-shim/kit';
import type { StagedTable } from '@ledgerpipe/staging';
import { deleteFile, deleteFolder, uploadFile } from './api/files.ts';
import type { Api } from './api.ts';
import { pathPart } from './sql/names.ts';

export interface StageOptions {
  readonly api: Api;
  readonly signal: AbortSignal;
  /** Local folder for the files on their way; made when missing. */
  readonly folder: string;
  /** /Volumes/CATALOG/SCHEMA/VOLUME/JOB/SEGMENT */
  readonly remote: string;
  /** Uploads at a time. */
  readonly width: number;
}

/** The files of one table on the volume. */
export interface Staged {
  readonly files: readonly string[];
  /** One path that names them all: the file's, or a pattern. */
  readonly path: string;
}

/** Rows of a Parquet file: about 100 MB of it, the size loads are quickest with, for rows of some 30 columns. */
const rowsPerFile = 1_000_000;

/**
 * Writes and uploads tables, one write at a time, several uploads at a time. The files of each are in `staged` before
 * the first of them is uploaded, so that a failure leaves a list of what to delete.
 */
export async function stageTables(
  tables: readonly StagedTable[],
  { api, signal, folder, width, remote }: StageOptions,
  staged: Map<StagedTable, Staged>,
): Promise<void> {
  const uploads: { readonly file: string; readonly bytes: number; readonly path: string }[] = [];
  try {
    for (const [index, table] of tables.entries()) {
      signal.throwIfAborted();
      const own = join(folder, String(index));
      await mkdir(own, { recursive: true });
      // read_files refuses Parquet's TIME (PARQUET_TYPE_ILLEGAL), and the column is a STRING.
      const written = await table.write(own, { format: 'parquet', rowsPerFile, times: 'text' });
      const paths = remotePaths(table, { index, count: written.length, remote });
      for (const [number, { path: file, bytes }] of written.entries())
        uploads.push({ file, bytes, path: paths.files[number] ?? '' });
      staged.set(table, paths);
    }
    await inParallel(uploads, width, ({ path, ...local }) => uploadFile(api, path, { ...local, signal }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Names say the table, the batch (a hash of the content) and how many files there are, so that files which an earlier
 * attempt left cut differently are never read along. No `=`: read_files would take it for a partition.
 */
function remotePaths(
  { name, batch }: StagedTable,
  { index, count, remote }: { readonly index: number; readonly count: number; readonly remote: string },
): Staged {
  const stem = `${remote}/${index}-${pathPart(name)}-${pathPart(batch)}`;
  const files = Array.from({ length: count }, (_, number) => `${stem}-${number + 1}-of-${count}.parquet`);
  return { files, path: count === 1 ? (files[0] ?? '') : `${stem}-*-of-${count}.parquet` };
}

/** Deletes staged files and then the folders that they leave empty. Throws what the last refused deletion said. */
export async function unstage(
  api: Api,
  files: readonly string[],
  { width, folders }: { readonly width: number; readonly folders: readonly string[] },
): Promise<void> {
  await inParallel(files, width, (path) => deleteFile(api, path));
  for (const folder of folders) await deleteFolder(api, folder);
}
