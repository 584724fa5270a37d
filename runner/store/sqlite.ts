// The store in a file: SQLite through libsql, made private, in WAL mode, on disk when a write resolves.
import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import { type Dialect, SqliteDialect } from 'kysely';
import type { Database } from 'libsql';
import { ruled } from './dialect.ts';
import { sqliteFailure } from './failures.ts';
import { turn } from './turns.ts';

/** How long a statement waits for another process's write: several times what the largest audit batch takes. */
const busyMilliseconds = 10_000;

/** The file in a folder that is given as the store. */
export const storeFileName = 'ledgerpipe.db';

/** `sqlite:<path>` or a path, as the file's path; a folder stands for the file in it. */
export async function sqliteFile(url: string): Promise<string> {
  const path = resolve(url.replace(/^sqlite:(\/\/(?=\/))?/, ''));
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? join(path, storeFileName) : path;
}

/** The dialect over the file, which is made, readable by its owner alone, when there is none. */
export async function sqliteDialect(file: string): Promise<Dialect> {
  await makePrivate(file);
  const failure = (error: unknown) => sqliteFailure(error, file);
  let database: Database;
  try {
    database = await openDatabase(file);
  } catch (error) {
    throw failure(error);
  }
  // Kysely's type asks for more than the driver has; it uses prepare and close alone.
  const inner = new SqliteDialect({ database: database as never });
  // A deferred transaction would learn at its first write that another process was faster, and fail.
  // Two connections of one process take turns here: the driver waits for a lock with the whole process standing still,
  // so the one that holds it could never let go.
  return ruled(inner, { failure, begin: 'begin immediate', turn: () => turn(file) });
}

/** An open connection with the settings of the store. The caller closes it. */
export async function openDatabase(file: string): Promise<Database> {
  const { default: Libsql } = await import('libsql');
  const database = new Libsql(file, { timeout: busyMilliseconds });
  database.pragma('journal_mode = WAL');
  // FULL: a commit survives a power cut, which a rotated token and an answered webhook need.
  database.pragma('synchronous = FULL');
  // Space that is given up is overwritten with zeros, so that no former seal outlives a change of the key.
  database.pragma('secure_delete = ON');
  return database;
}

/**
 * SQLite gives its journal files the mode of the database file. A file that is there is never opened here: closing it
 * would let go of every lock that a connection of this process has on it ("How To Corrupt An SQLite Database File", 2.2).
 */
async function makePrivate(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const made = await open(file, 'ax', 0o600).catch(unlessThere);
    await made?.close();
    await chmod(file, 0o600);
  } catch (cause) {
    throw configError(`Cannot open the store "${file}": give the program write access to it and its folder`, {
      cause,
    });
  }
}

function unlessThere(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
  throw error;
}
