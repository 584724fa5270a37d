// A table while a query runs: rows of the model, rows made by the query, or both side by side.
import { type Cell, keyOf, rowKey } from '../cells.ts';
import { fail } from './errors.ts';
import type { Filter, Visible } from './filters.ts';
import { BLANK_ROW, type Key, type ModelTable } from './model.ts';

export interface Source {
  readonly table: ModelTable;
  readonly column: number;
}

/** `name` is that of `[name]`; with a source, the column is also reached as 'Table'[Column]. */
export interface OutColumn {
  readonly name: string;
  readonly source?: Source;
  /** Shown by its own name, although its values come from a column of the model. */
  readonly renamed?: boolean;
}

export interface TableValue {
  readonly columns: readonly OutColumn[];
  readonly size: number;
  cell(row: number, column: number): Cell;
  /** The rows of the model that these rows are. */
  readonly base?: { readonly table: ModelTable; readonly ids: ArrayLike<number> };
}

export function modelRows(table: ModelTable, ids: ArrayLike<number>): TableValue {
  return {
    columns: columnsOf(table),
    size: ids.length,
    cell: (row, column) => table.cell(ids[row] ?? BLANK_ROW, column),
    base: { table, ids },
  };
}

const columnLists = new WeakMap<ModelTable, readonly OutColumn[]>();

function columnsOf(table: ModelTable): readonly OutColumn[] {
  const known = columnLists.get(table);
  if (known) return known;
  const columns = table.stored.columns.map(({ name }, column) => ({ name, source: { table, column } }));
  columnLists.set(table, columns);
  return columns;
}

export const visibleRows = (table: ModelTable, { rows }: Visible): TableValue => modelRows(table, rows);

/** Rows that belong to no table of the model, or to several. */
export const madeRows = (columns: readonly OutColumn[], rows: readonly (readonly Cell[])[]): TableValue => ({
  columns,
  size: rows.length,
  cell: (row, column) => rows[row]?.[column] ?? null,
});

/** Some rows of a table, in the order given. */
export function picked(table: TableValue, rows: readonly number[]): TableValue {
  const { base } = table;
  if (base && table.columns === columnsOf(base.table))
    return modelRows(
      base.table,
      rows.map((row) => base.ids[row] ?? BLANK_ROW),
    );
  return {
    columns: table.columns,
    size: rows.length,
    cell: (row, column) => table.cell(rows[row] ?? -1, column),
    ...(base ? { base: { table: base.table, ids: rows.map((row) => base.ids[row] ?? BLANK_ROW) } } : {}),
  };
}

export const cellsAt = (table: TableValue, row: number): Cell[] =>
  table.columns.map((_, column) => table.cell(row, column));

/** Each different row once, the first of its kind. */
export function distinct(table: TableValue): TableValue {
  const seen = new Set<string>();
  const rows: number[] = [];
  for (let row = 0; row < table.size; row += 1) {
    const key = rowKey(cellsAt(table, row));
    if (!seen.has(key)) rows.push(row);
    seen.add(key);
  }
  return picked(table, rows);
}

/** The table as a filter: its rows, or the tuples of those of its columns that come from the model. */
export function filterOf(table: TableValue): Filter {
  if (table.base) {
    const { table: of, ids } = table.base;
    return { parts: [{ table: of, column: 'row' }], flat: Array.from(ids) };
  }
  const sources = table.columns.flatMap(({ source }, column) => (source ? [{ source, column }] : []));
  if (sources.length === 0) return fail('A table without columns of the model cannot be used as a filter.');
  const flat: Key[] = [];
  for (let row = 0; row < table.size; row += 1)
    for (const { column } of sources) flat.push(keyOf(table.cell(row, column)));
  return { parts: sources.map(({ source }) => source), flat };
}

/** Name of a column in an answer: `Table[Column]`, or `[Name]` for what the query made. */
export const shownName = ({ name, source, renamed }: OutColumn): string =>
  source && !renamed ? `${source.table.name}[${name}]` : `[${name}]`;
