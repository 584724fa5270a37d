// Status, manifest and result of a statement as the API shows them (databricks.md 2.3).
import type { Limits } from './sea-request.ts';
import type { Outcome } from './sql/session.ts';
import { typeName, typeText } from './sql/types.ts';
import type { RunningStatement } from './statements.ts';
import type { Switches } from './switches.ts';

/** Inline results, in bytes: 25 MiB. */
const maxInline = 25 * 1024 * 1024;
/** Rows of one inline chunk; the real service cuts by bytes. */
export const rowsPerChunk = 5_000;

type Rows = Outcome['rows'];

export function limited(
  outcome: Outcome | undefined,
  { rows, bytes }: Limits,
): { rows: Rows; truncated: boolean } {
  const all = outcome?.rows ?? [];
  let kept = rows === undefined ? all : all.slice(0, rows);
  if (bytes !== undefined) {
    let size = 0;
    const over = kept.findIndex((row) => {
      size += JSON.stringify(row).length;
      return size > bytes;
    });
    if (over >= 0) kept = kept.slice(0, over);
  }
  return { rows: kept, truncated: kept.length < all.length };
}

export function chunked(rows: Rows): Rows[] {
  const chunks: Rows[] = [];
  for (let start = 0; start < rows.length; start += rowsPerChunk)
    chunks.push(rows.slice(start, start + rowsPerChunk));
  return chunks;
}

export function chunkBody(
  id: string,
  chunks: readonly Rows[],
  { index, switches }: { index: number; switches: Switches },
): Record<string, unknown> {
  const rows = chunks[index] ?? [];
  const data = rows.length > 0 || switches.emptyDataArray === 'present' ? { data_array: rows } : {};
  const next =
    index + 1 < chunks.length
      ? {
          next_chunk_index: index + 1,
          next_chunk_internal_link: `/api/2.0/sql/statements/${id}/result/chunks/${index + 1}?row_offset=${(index + 1) * rowsPerChunk}`,
        }
      : {};
  return { chunk_index: index, row_offset: index * rowsPerChunk, row_count: rows.length, ...data, ...next };
}

export function statementBody(
  statement: RunningStatement,
  limits: Limits,
  switches: Switches,
): Record<string, unknown> {
  const { id, state, error, sqlState, outcome } = statement;
  if (!outcome) return { statement_id: id, status: status(state, error, sqlState) };
  const { rows, truncated } = limited(outcome, limits);
  const size = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0);
  if (size > maxInline) {
    const message = `Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at most ${maxInline} bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to download the full result.`;
    return { statement_id: id, status: status('FAILED', { error_code: 'BAD_REQUEST', message }, undefined) };
  }
  const chunks = chunked(rows);
  return {
    statement_id: id,
    status: status(state, error, sqlState),
    manifest: manifest(outcome, { rows, chunks, truncated, size }),
    result: outcome.columns.length === 0 ? {} : chunkBody(id, chunks, { index: 0, switches }),
  };
}

function status(
  state: string,
  error: RunningStatement['error'],
  sqlState: string | undefined,
): Record<string, unknown> {
  return { state, ...(error ? { error } : {}), ...(sqlState === undefined ? {} : { sql_state: sqlState }) };
}

function manifest(
  { columns }: Outcome,
  {
    rows,
    chunks,
    truncated,
    size,
  }: { rows: Rows; chunks: readonly Rows[]; truncated: boolean; size: number },
): Record<string, unknown> {
  if (columns.length === 0)
    return {
      format: 'JSON_ARRAY',
      schema: { column_count: 0 },
      total_chunk_count: 0,
      total_row_count: 0,
      truncated: false,
    };
  return {
    format: 'JSON_ARRAY',
    schema: {
      column_count: columns.length,
      columns: columns.map(({ name, type }, position) => ({
        name,
        position,
        type_text: typeText(type),
        type_name: typeName(type),
        ...(type.name === 'DECIMAL' ? { type_precision: type.precision, type_scale: type.scale } : {}),
      })),
    },
    total_chunk_count: chunks.length,
    chunks: chunks.map((chunk, index) => ({
      chunk_index: index,
      row_offset: index * rowsPerChunk,
      row_count: chunk.length,
    })),
    total_row_count: rows.length,
    total_byte_count: size,
    truncated,
  };
}
