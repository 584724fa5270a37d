// Staged Parquet files as a query: each column cast to the table's type, what does not fit NULL and noted.
import type { Landing, Layout } from './layout.ts';
import { literal, quoted } from './text.ts';
import { conversion, converted } from './types.ts';

/** Staged files as a table expression. `path` names one file or is a pattern with `*`. */
export const stagedFiles = (path: string): string => `read_files(${literal(path)}, format => 'parquet')`;

/** The value of a landing, from a staged row known as `alias` (or the only one in reach). */
export function stagedValue({ staged, wanted, type }: Landing, alias?: string): string {
  const name = alias ? `${alias}.${quoted(staged)}` : quoted(staged);
  return converted(name, wanted, type);
}

/** `SELECT` of staged rows in the table's names and types, without its FROM. `alias` names the staged rows. */
export function selectStaged(layout: Layout, alias?: string): string {
  const items = layout.columns.map((landing) => named(storedValue(layout, landing, alias), landing.name));
  return `SELECT ${items.join(', ')}`;
}

export const named = (value: string, name: string): string => `${value} AS ${quoted(name)}`;

/** The value that is stored for a landing: with notes on what did not fit, in `_airbyte_meta`. */
export function storedValue(layout: Layout, landing: Landing, alias?: string): string {
  const value = stagedValue(landing, alias);
  const notes = landing.staged === '_airbyte_meta' ? castNotes(layout, alias) : undefined;
  return notes ? withNotes(value, notes) : value;
}

/** An expression that lists, as JSON objects with commas between, the values of a row that did not fit; '' for none. */
function castNotes(layout: Layout, alias?: string): string | undefined {
  const lossy = layout.columns.filter(
    ({ wanted, type }) => !['plain', 'exact'].includes(conversion(wanted, type)),
  );
  if (lossy.length === 0) return undefined;
  const notes = lossy.map((landing) => {
    const name = alias ? `${alias}.${quoted(landing.staged)}` : quoted(landing.staged);
    const change = { field: landing.staged, change: 'NULLED', reason: 'DESTINATION_TYPECAST_ERROR' };
    return `CASE WHEN ${name} IS NOT NULL AND ${stagedValue(landing, alias)} IS NULL THEN ${literal(JSON.stringify(change))} END`;
  });
  return `concat_ws(',', ${notes.join(', ')})`;
}

/** Adds notes to `{"sync_id":1,"changes":[...]}`, JSON text without spaces as staging writes it. */
function withNotes(meta: string, notes: string): string {
  const start = literal('"changes":[');
  return [
    'CASE',
    `WHEN ${notes} = '' THEN ${meta}`,
    `WHEN instr(${meta}, ${literal('"changes":[]')}) > 0 THEN replace(${meta}, ${start}, concat(${start}, ${notes}))`,
    `WHEN instr(${meta}, ${start}) > 0 THEN replace(${meta}, ${start}, concat(${start}, ${notes}, ','))`,
    `ELSE concat(${literal('{"changes":[')}, ${notes}, ${literal(']}')})`,
    'END',
  ].join(' ');
}
