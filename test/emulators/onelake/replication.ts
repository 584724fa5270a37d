// Replication of one mirrored database: files of its landing zone, in order, into tables that can be asked (powerbi.md 4.2).

import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Switches } from '../powerbi/switches.ts';
import type { Engine } from './engine.ts';
import { applyFile, ReplicationError, type Target } from './landing-file.ts';
import type { Storage } from './storage.ts';

/** Processed files are kept this long. */
const keptFor = 7 * 86_400_000;

export interface MirroredTable extends Target {
  readonly schema: string;
  readonly name: string;
  readonly folder: string;
  /** Text of `_metadata.json` when the first file was applied. */
  readonly metadata: string;
  files: number;
  /** Of the last file that was applied. */
  etag: string | undefined;
  rows: number;
  bytes: number;
  syncedAt: number | undefined;
  error: ReplicationError | undefined;
}

export interface Replication {
  /** Applies all files that are due. */
  catchUp(): Promise<void>;
  readonly tables: readonly MirroredTable[];
  start(): void;
  stop(): void;
  readonly running: boolean;
}

export function openReplication(
  { id, storage, engine, schema }: { id: string; storage: Storage; engine: Engine; schema: string },
  { clock, switches }: { clock: Clock; switches: Switches },
): Replication {
  const zone = `${id}/Files/LandingZone`;
  let tables: MirroredTable[] = [];
  let startedAt: number | undefined;
  let queue: Promise<void> = Promise.resolve();
  const catchUp = async (): Promise<void> => {
    if (startedAt === undefined) return;
    const folders = foldersIn(storage, zone, schema);
    // A folder where the last file that was applied is gone was deleted, and perhaps made anew: it begins again.
    tables = tables.filter(
      ({ folder, files, etag }) =>
        folders.some((one) => one.folder === folder) &&
        (files === 0 || storage.file(`${folder}/${fileName(files)}`)?.etag === etag),
    );
    for (const place of folders) {
      const known = tables.find(({ folder }) => folder === place.folder);
      const due = { until: clock.now() - switches.replicationTakes, startedAt };
      if (!nextFile(storage, { folder: place.folder, number: (known?.files ?? 0) + 1, due })) continue;
      const table = known ?? newTable(storage, id, place);
      if (!known) tables.push(table);
      await drain({ storage, engine, clock, switches }, table, due);
    }
    forgetProcessed(storage, zone, clock.now() - keptFor);
  };
  return {
    catchUp: () => {
      queue = queue.then(catchUp);
      return queue;
    },
    get tables() {
      return tables;
    },
    start: () => {
      startedAt ??= clock.now();
    },
    stop: () => {
      startedAt = undefined;
    },
    get running() {
      return startedAt !== undefined;
    },
  };
}

interface Place {
  readonly schema: string;
  readonly name: string;
  readonly folder: string;
}

/** `{table}` in the default schema, or `{schema}.schema/{table}`. */
function foldersIn(storage: Storage, zone: string, defaultSchema: string): Place[] {
  const directories = (path: string): string[] =>
    storage.isDirectory(path)
      ? storage
          .list(path, false)
          .flatMap(({ path: one, file }) => (file || /\/_[^/]*$/.test(one) ? [] : [one]))
      : [];
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  return directories(zone).flatMap((folder) => {
    const schema = /^(.+)\.schema$/.exec(nameOf(folder))?.[1];
    if (schema === undefined) return [{ schema: defaultSchema, name: nameOf(folder), folder }];
    return directories(folder).map((inner) => ({ schema, name: nameOf(inner), folder: inner }));
  });
}

interface Due {
  readonly until: number;
  readonly startedAt: number;
}

const fileName = (number: number): string => `${String(number).padStart(20, '0')}.parquet`;

/** The file of that number, once it has lain there long enough. */
function nextFile(
  storage: Storage,
  { folder, number, due }: { folder: string; number: number; due: Due },
): { content: Buffer; etag: string } | undefined {
  const path = `${folder}/${fileName(number)}`;
  const file = storage.file(path);
  if (!file || file.pending.length > 0 || file.content.length === 0) return undefined;
  return Math.max(file.landedAt, due.startedAt) <= due.until ? file : undefined;
}

function newTable(storage: Storage, id: string, place: Place): MirroredTable {
  const metadata = storage.file(`${place.folder}/_metadata.json`)?.content.toString() ?? '';
  const counts = { files: 0, etag: undefined, rows: 0, bytes: 0, syncedAt: undefined };
  const target = { table: `${id}/${place.schema}/${place.name}`, columns: new Map<string, string>() };
  try {
    return { ...place, ...target, ...counts, metadata, keys: keysIn(metadata), error: undefined };
  } catch (error) {
    if (!(error instanceof ReplicationError)) throw error;
    return { ...place, ...target, ...counts, metadata, keys: [], error };
  }
}

function keysIn(metadata: string): readonly string[] {
  if (metadata === '')
    throw new ReplicationError('MetadataMissing', '_metadata.json is missing in the table folder.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(metadata.replace(/^\ufeff/, ''));
  } catch {
    throw new ReplicationError('InvalidMetadata', '_metadata.json is not valid JSON.');
  }
  if (!isObject(parsed)) throw new ReplicationError('InvalidMetadata', '_metadata.json is no object.');
  // Its exact meaning is not documented, so no guess is made here.
  if (parsed.ConditionalUpdateColumn !== undefined)
    throw new ReplicationError('InvalidMetadata', 'ConditionalUpdateColumn is not emulated.');
  const keys = (parsed.keyColumns ?? []) as unknown;
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string'))
    throw new ReplicationError('InvalidMetadata', 'keyColumns is no list of names.');
  return keys as readonly string[];
}

/** Applies files one by one until one is missing, not due, or wrong; a table that failed stays so. */
async function drain(
  {
    storage,
    engine,
    clock,
    switches,
  }: { storage: Storage; engine: Engine; clock: Clock; switches: Switches },
  table: MirroredTable,
  due: Due,
): Promise<void> {
  const insertMissing = switches.updateOfMissing === 'inserted';
  while (!table.error) {
    const file = nextFile(storage, { folder: table.folder, number: table.files + 1, due });
    if (!file) return;
    const metadata = storage.file(`${table.folder}/_metadata.json`)?.content.toString() ?? '';
    if (metadata !== table.metadata && switches.changedMetadata === 'fails') {
      table.error = new ReplicationError('MetadataChanged', '_metadata.json cannot be changed once set.');
      return;
    }
    try {
      table.rows += await applyFile(engine, table, { content: file.content, insertMissing });
    } catch (error) {
      table.error =
        error instanceof ReplicationError ? error : new ReplicationError('InvalidFile', String(error));
      return;
    }
    table.files += 1;
    table.etag = file.etag;
    table.bytes += file.content.length;
    table.syncedAt = clock.now();
    // The last file stays, so that a client can tell the next number; those before it move away.
    const before = `${table.folder}/${fileName(table.files - 1)}`;
    if (storage.file(before))
      storage.rename(before, `${table.folder}/_ProcessedFiles/${fileName(table.files - 1)}`, clock.now());
  }
}

function forgetProcessed(storage: Storage, zone: string, until: number): void {
  for (const { path, file } of storage.list(zone, true))
    if (file && file.landedAt < until && path.includes('/_ProcessedFiles/')) storage.remove(path);
}
