// SELECT: runs the query and gives its values the text form of the API.
import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { Switches } from '../switches.ts';
import { nothing, type Outcome, type Session } from './session.ts';
import { fromEngine } from './types.ts';

export async function selectRows(session: Session, sql: string): Promise<Outcome> {
  const { columns, rows } = await session.engine.run(sql);
  const { binaryText } = session.world.switches;
  return {
    columns: columns.map(({ name, type }) => ({ name, type: fromEngine(type) })),
    rows: rows.map((row) => row.map((value) => valueText(value, binaryText))),
    affected: nothing,
  };
}

/** The text of a value in `data_array`: instants in ISO with ms and Z, decimals as plain digits (databricks.md 2.3). */
export function valueText(value: DuckDBValue, binaryText: Switches['binaryText']): string | null {
  if (value === null) return null;
  if (value instanceof DuckDBDecimalValue || value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBTimestampTZValue) return `${isoMillis(value.micros)}Z`;
  if (value instanceof DuckDBTimestampValue) return isoMillis(value.micros);
  if (value instanceof DuckDBBlobValue)
    return Buffer.from(value.bytes)
      .toString(binaryText === 'hex' ? 'hex' : 'base64')
      .replace(/^.*$/s, (text) => (binaryText === 'hex' ? text.toUpperCase() : text));
  if (isNested(value)) return JSON.stringify(nestedValue(value, binaryText));
  return String(value);
}

function isoMillis(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  return new Date(Number(millis)).toISOString().slice(0, -1);
}

function isNested(value: DuckDBValue): boolean {
  return (
    value instanceof DuckDBListValue || value instanceof DuckDBStructValue || value instanceof DuckDBMapValue
  );
}

/** Inside arrays and structs every scalar is text too. */
function nestedValue(value: DuckDBValue, binaryText: Switches['binaryText']): unknown {
  if (value instanceof DuckDBListValue) return value.items.map((item) => nestedValue(item, binaryText));
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(
      Object.entries(value.entries).map(([key, item]) => [key, nestedValue(item, binaryText)]),
    );
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(
      value.entries.map(({ key, value: item }) => [
        valueText(key, binaryText),
        nestedValue(item, binaryText),
      ]),
    );
  return valueText(value, binaryText);
}
