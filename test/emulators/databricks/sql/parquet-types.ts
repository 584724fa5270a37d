// Parquet columns that Spark refuses to read although the engine would: times, nanoseconds, UUIDs, intervals.
import type { EngineSession } from '../engine.ts';
import { failure } from './errors.ts';
import { literal } from './types.ts';

/** Annotations without a Spark type (Spark's ParquetSchemaConverter). */
const illegal = /^TimeType|NanoSeconds\(\)|^UUIDType|^INTERVAL|^TIME_/;

/** Engine sessions of one statement check each file they are told of before they run anything over it. */
export interface CheckedSession extends EngineSession {
  willRead(files: readonly string[]): void;
}

export function checkingParquet(engine: EngineSession): CheckedSession {
  let pending: string[] = [];
  const check = async (): Promise<void> => {
    const files = pending;
    pending = [];
    if (files.length > 0) await refuseIllegal(engine, files);
  };
  return {
    ...engine,
    willRead: (files) => {
      pending.push(...files);
    },
    run: async (sql) => {
      await check();
      return engine.run(sql);
    },
    each: async (sql, visit) => {
      await check();
      return engine.each(sql, visit);
    },
    describe: async (query) => {
      await check();
      return engine.describe(query);
    },
  };
}

async function refuseIllegal(engine: EngineSession, files: readonly string[]): Promise<void> {
  const { rows } = await engine.run(
    `SELECT DISTINCT name, type, coalesce(logical_type, converted_type) FROM parquet_schema([${files.map(literal).join(', ')}])`,
  );
  const found = rows.find(([, , annotation]) => illegal.test(String(annotation ?? '')));
  if (found) {
    const [name, type, annotation] = found.map(String);
    throw failure('PARQUET_TYPE_ILLEGAL', `Illegal Parquet type: ${type} (${annotation}) of column ${name}.`);
  }
}
