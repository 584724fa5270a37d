// The rows of a query held for the length of a statement, so that it is read once and before anything it reads changes.
import type { EngineColumn, EngineSession } from '../engine.ts';
import { quoted } from './types.ts';

const table = 'temp.main.__source';

export interface Held {
  /** Engine SQL of a query over the held rows. */
  readonly sql: string;
  readonly columns: readonly EngineColumn[];
}

/** Runs a query into a temporary table of its connection. */
export async function hold(engine: EngineSession, query: string): Promise<Held> {
  const asked = await engine.describe(query);
  await engine.run(`CREATE OR REPLACE TEMP TABLE __source AS ${query}`);
  // The table has its own names where the query uses one twice.
  const columns = await engine.describe(`SELECT * FROM ${table}`);
  const items: string[] = [];
  for (const [index, { name, type }] of columns.entries()) {
    const isVoid = type === 'INTEGER' && (await hasNoType(engine, query, asked[index]));
    // A bare NULL fits every type; as a stored column it would be an integer.
    items.push(isVoid ? `NULL AS ${quoted(name)}` : quoted(name));
  }
  return { sql: `SELECT ${items.join(', ')} FROM ${table}`, columns };
}

/** Whether a column is nothing but NULL: only then does it mix with a date. */
async function hasNoType(
  engine: EngineSession,
  query: string,
  column: EngineColumn | undefined,
): Promise<boolean> {
  if (!column) return false;
  try {
    await engine.describe(`SELECT coalesce(${quoted(column.name)}, DATE '2000-01-01') FROM (${query})`);
    return true;
  } catch {
    return false;
  }
}

export async function release(engine: EngineSession): Promise<void> {
  await engine.run(`DROP TABLE IF EXISTS ${table}`);
}
