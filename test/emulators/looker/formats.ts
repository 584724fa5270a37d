// Results as text: JSON whose numbers keep every digit, and the flat formats.
import type { Answer } from '../emulator.ts';
import { beyond, text } from './answers.ts';
import type { Column } from './engine.ts';

export interface Table {
  readonly columns: readonly (Column & { readonly label: string })[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly sql: string;
}

/** The value as JSON text: digits as they are, so that no decimal is rounded on the way. */
export function jsonValue(value: string | null, kind: Column['kind']): string {
  if (value === null) return 'null';
  if (kind === 'number') return /^-?\d/.test(value) ? value : 'null';
  if (kind === 'boolean') return value === 't' || value === 'true' ? 'true' : 'false';
  return JSON.stringify(value);
}

const object = (pairs: readonly (readonly [string, string])[]): string =>
  `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;

function jsonRows({ columns, rows }: Table, nameOf: (column: Table['columns'][number]) => string): string {
  const lines = rows.map((row) =>
    object(columns.map((column, index) => [nameOf(column), jsonValue(row[index] ?? null, column.kind)])),
  );
  return `[${lines.join(',\n')}]`;
}

const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

const flat = (table: Table, between: string, encode: (value: string) => string): string =>
  [table.columns.map(({ label }) => label), ...table.rows]
    .map((row) => `${row.map((value) => encode(value ?? '')).join(between)}\n`)
    .join('');

/** json_bi and json_detail: metadata, then rows of cells. */
function detailed(table: Table, cell: (value: string) => string): string {
  const lines = table.rows.map((row) =>
    object(table.columns.map(({ name, kind }, index) => [name, cell(jsonValue(row[index] ?? null, kind))])),
  );
  return `[${lines.join(',')}]`;
}

const fieldsOf = (table: Table, measures: ReadonlySet<string>): string => {
  const of = (wanted: boolean): unknown[] =>
    table.columns
      .filter(({ name }) => measures.has(name) === wanted)
      .map(({ name, label, kind }) => ({ name, label, type: kind === 'number' ? 'number' : 'string' }));
  return JSON.stringify({ dimensions: of(false), measures: of(true), table_calculations: [], pivots: [] });
};

/** The answer in a result format; formats that show pictures or workbooks are beyond the emulator. */
export function rendered(table: Table, format: string, measures: ReadonlySet<string> = new Set()): Answer {
  const jsonText = (body: string): Answer => text(body, { type: 'application/json' });
  const fields = (): string => fieldsOf(table, measures);
  const sql = JSON.stringify(table.sql);
  switch (format) {
    case 'json':
    case 'inline_json':
      return jsonText(jsonRows(table, ({ name }) => name));
    case 'json_label':
      return jsonText(jsonRows(table, ({ label }) => label));
    case 'json_bi':
      return jsonText(
        `{"metadata":{"fields":${fields()},"pivots":[],"sql":${sql}},"rows":${detailed(table, (value) => `{"value":${value}}`)}}`,
      );
    case 'json_detail':
    case 'json_fe':
      return jsonText(
        `{"fields":${fields()},"pivots":[],"errors":[],"sql":${sql},"data":${detailed(table, (value) => `{"value":${value}}`)}}`,
      );
    case 'csv':
      return text(flat(table, ',', quoted), { type: 'text/csv' });
    case 'txt':
      return text(flat(table, '\t', (value) => value.replace(/[\t\r\n]+/g, ' ')));
    case 'md':
      return text(flat(table, ' | ', (value) => value.replaceAll('|', '\\|')));
    case 'sql':
      return text(table.sql);
    default:
      throw beyond(`the result format "${format}"`);
  }
}

const hidesErrors = new Set(['json', 'inline_json', 'json_label', 'json_bi', 'json_detail', 'json_fe']);

/** A failed statement: inside a 200 where the format is JSON (looker.md 0.8), else 400. */
export function failed(message: string, format: string, inJson: 'row' | '400'): Answer {
  if (inJson === '400' || !hidesErrors.has(format))
    return text(
      JSON.stringify({ message, documentation_url: 'https://cloud.google.com/looker/docs/r/api/errors' }),
      {
        status: 400,
        type: 'application/json',
      },
    );
  const row = [{ looker_error: message }];
  if (format === 'json_detail' || format === 'json_fe')
    return text(
      JSON.stringify({ errors: [{ message, message_details: message, level: 'error' }], data: [], sql: '' }),
      { type: 'application/json' },
    );
  return text(JSON.stringify(format === 'json_bi' ? { metadata: {}, rows: row } : row), {
    type: 'application/json',
  });
}
