// One run over PostgreSQL: the connection, the tables as they were read, and what is done only once.

import { createHash } from 'node:crypto';
import { type Context, transientError } from '@airbyte/cdk-typescript-shim';
import { runName } from '@ledgerpipe/staging';
import { type Log, logOf } from '../delivery.ts';
import { readTables } from '../postgres/catalog.ts';
import * as ddl from '../postgres/ddl.ts';
import type { CurrentTable } from '../postgres/layout.ts';
import { createLog, indexLog } from '../postgres/log.ts';
import { syncLogTable } from '../postgres/names.ts';
import type { Config, PostgresSettings } from '../spec.ts';
import { type Database, openDatabase } from './connection.ts';
import { explainFailure, readFailure } from './errors.ts';

export interface Run {
  readonly context: Context<Config>;
  readonly settings: PostgresSettings;
  readonly schema: string;
  readonly database: Database;
  readonly log: Log;
  readonly job: string;
  /** The tables of the schema by name, read once until `forget`. */
  tables(): Promise<ReadonlyMap<string, CurrentTable>>;
  forget(): void;
  /** Makes the schema, the sync log and the grants; once. */
  prepare(): Promise<void>;
  /** Tables whose rows hold values that PostgreSQL's types refuse: they are staged as text. */
  readonly careful: Set<string>;
  /** Streams whose tables this run made: as long as no key comes twice, rows go straight in. */
  readonly fresh: Set<string>;
  /** What was told already is not told again. */
  tell(message: string): Promise<void>;
}

export function openRun(context: Context<Config>, settings: PostgresSettings): Run {
  const { config, clock, signal } = context;
  const log = logOf(context);
  const database = openDatabase(settings, signal);
  let tables: Promise<ReadonlyMap<string, CurrentTable>> | undefined;
  let prepared: Promise<void> | undefined;
  const told = new Set<string>();
  const run: Run = {
    context,
    settings,
    schema: config.schema,
    database,
    log,
    job: runName(clock),
    careful: new Set(),
    fresh: new Set(),
    tables() {
      tables ??= readTables(config.schema, async (sql) => (await database.query(sql)).rows);
      tables.catch(() => run.forget());
      return tables;
    },
    forget() {
      tables = undefined;
    },
    prepare() {
      prepared ??= prepare(run).catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      return prepared;
    },
    async tell(message) {
      if (told.has(message)) return;
      told.add(message);
      await log('WARN', message);
    },
  };
  return run;
}

async function prepare(run: Run): Promise<void> {
  const { database, schema, settings } = run;
  const exists = await database.query(
    `SELECT 1 FROM pg_namespace WHERE nspname = '${schema.replaceAll("'", "''")}'`,
  );
  if (exists.count === 0) await database.query(ddl.createSchema(schema));
  if (!(await run.tables()).has(syncLogTable)) {
    run.forget();
    await inTransaction(run, async () => {
      for (const sql of [createLog(schema), ...indexLog(schema)]) await database.query(sql);
      if (settings.reader) await database.query(ddl.grantTable(schema, syncLogTable, settings.reader));
    });
  }
  const { reader } = settings;
  if (!reader) return;
  try {
    for (const sql of ddl.grantSchema(schema, reader)) await database.query(sql);
  } catch (error) {
    // A schema of somebody else's: whoever owns it decides who looks into it.
    const { message } = readFailure(error);
    await run.tell(
      `Cannot let "${reader}" look into schema "${schema}": PostgreSQL said "${message}", its owner has to grant USAGE`,
    );
  }
}

/**
 * Readers wait behind whoever waits for an exclusive lock: after this many milliseconds we step back and let them
 * pass, so that none waits for two seconds.
 */
const lockMilliseconds = 1_500;

/** Runs `work` in one transaction; what fails is rolled back. */
export async function inTransaction<T>(
  { database }: Pick<Run, 'database'>,
  work: () => Promise<T>,
): Promise<T> {
  await database.query('BEGIN');
  try {
    // A server's own limits are for people's queries; SET LOCAL also suits poolers that share connections.
    await database.query(
      `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = ${lockMilliseconds}; SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = ISO; SET LOCAL TimeZone = 'UTC'`,
    );
    const result = await work();
    await database.query('COMMIT');
    return result;
  } catch (error) {
    await database.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Attempts at a lock that readers hold, with a pause after each: over a minute in all. */
const lockAttempts = 30;

/** A short change of shape in a transaction of its own; steps back for readers and comes again. */
export async function changeShape(run: Run, statements: readonly string[], purpose: string): Promise<void> {
  const { clock, signal } = run.context;
  for (let attempt = 1; ; attempt += 1)
    try {
      await inTransaction(run, async () => {
        for (const sql of statements) await run.database.query(sql);
      });
      return;
    } catch (error) {
      if (readFailure(error).code !== '55P03') throw explainFailure(error, purpose);
      if (attempt >= lockAttempts)
        throw transientError(
          `Cannot ${purpose}: queries of others hold the table, run again when they are over`,
          {
            cause: error,
          },
        );
      await clock.sleep(1_000 + 1_000 * Math.random(), signal);
    }
}

/** The key of a table's advisory lock, as signed 64 bits. */
export const lockKey = (schema: string, table: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['ledgerpipe', schema, table]))
    .digest()
    .readBigInt64BE(0)
    .toString();
