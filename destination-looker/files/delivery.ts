// Files as the way in: rows as Parquet or CSV in a store, and a manifest per delivery. Looker itself reads no files.

import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { runName } from '@ledgerpipe/staging';
import { type Delivery, logOf } from '../delivery.ts';
import { tableOf } from '../postgres/layout.ts';
import type { Config, FilesSettings } from '../spec.ts';
import { type ManifestFile, manifestOf, manifestPath, tableFolder } from './manifest.ts';
import { openStorage, trying } from './open.ts';
import type { Storage } from './storage.ts';

/** Rows of one file: external tables are read quickest in files of about 100 MB. */
const rowsPerFile = 1_000_000;

/** Connects when the first segment is delivered. */
export async function openFiles(context: Context<Config>, settings: FilesSettings): Promise<Delivery> {
  const storage = await openStorage(settings);
  const job = runName(context.clock);
  const log = logOf(context);
  let told = false;
  return {
    job,
    async deliver(segment) {
      if (segment.tables.length === 0 && !segment.completed.some(({ retireBelow }) => retireBelow > 0))
        return;
      if (!told)
        await log(
          'WARN',
          `Files go to "${storage.address}/${settings.prefix}": Looker reads no files, it sees these rows only through a warehouse that reads them (external tables or a load of your own)`,
        );
      told = true;
      await deliver(context, { storage, settings, job, segment });
      for (const table of segment.tables)
        await log(
          'INFO',
          JSON.stringify({
            event: 'files written',
            job,
            segment: segment.number,
            table: tableOf(table),
            rows: table.rows,
          }),
        );
    },
    // Nothing to read back: no engine looks at the files.
    finish: async () => [],
    close: () => storage.close(),
  };
}

interface Delivering {
  readonly storage: Storage;
  readonly settings: FilesSettings;
  readonly job: string;
  readonly segment: Segment;
}

/** Files first, the manifest last: until it is there, what was sent counts for nothing. */
async function deliver(
  context: Context<Config>,
  { storage, settings, job, segment }: Delivering,
): Promise<void> {
  const { config, clock, signal } = context;
  const { format } = settings;
  const prefix = settings.prefix.replace(/\/+$/, '');
  const local = join(config.working_folder ?? tmpdir(), `ledgerpipe-files-${job}-${segment.number}`);
  const files = new Map<StagedTable, readonly ManifestFile[]>();
  const sending = (purpose: string, work: () => Promise<void>) =>
    trying({ settings, clock, signal, purpose }, work);
  try {
    for (const [index, table] of segment.tables.entries()) {
      if (table.rows === 0 && table.mode !== 'replace') continue;
      signal.throwIfAborted();
      const folder = join(local, String(index));
      await mkdir(folder, { recursive: true });
      const written = await table.write(folder, { format, rowsPerFile });
      const sent: ManifestFile[] = [];
      for (const [number, { path, rows, bytes }] of written.entries()) {
        const target = `${tableFolder(prefix, table)}/${String(number).padStart(5, '0')}.${format}`;
        await sending(`send "${target}" to "${storage.address}"`, () => storage.putFile(target, path));
        sent.push({ path: target, rows, bytes });
      }
      files.set(table, sent);
      await rm(folder, { recursive: true, force: true });
    }
    const path = manifestPath(prefix, { job, segment: segment.number });
    const text = manifestOf(segment, { job, at: clock.now(), format, files });
    await sending(`send "${path}" to "${storage.address}"`, () => storage.putText(path, text));
  } finally {
    await rm(local, { recursive: true, force: true });
  }
}
