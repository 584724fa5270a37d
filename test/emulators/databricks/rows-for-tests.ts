// Engine rows as plain JavaScript values, for assertions in tests.
import type { DuckDBValue } from '@duckdb/node-api';
import type { EngineRows } from './engine.ts';
import { valueText } from './sql/select.ts';

export function rowObjects({ columns, rows }: EngineRows): Record<string, unknown>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, plain(row[index] ?? null)])),
  );
}

/** Numbers and booleans as they are, integers too long for a number as bigint, everything else as text. */
function plain(value: DuckDBValue): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return valueText(value, 'hex');
}
