// COLUMNSTATISTICS(): smallest, largest and number of different values of every column.
import { type Cell, Instant, instantText } from '../cells.ts';
import type { Model, ModelTable } from './model.ts';
import type { QueryResult } from './query.ts';
import { sortOrder, textOf } from './values.ts';

const names = ['Table Name', 'Column Name', 'Min', 'Max', 'Cardinality', 'Max Length'];

export const columnStatistics = ({ tables }: Model): QueryResult => ({
  columns: names.map((name) => `[${name}]`),
  rows: tables.flatMap((table) => table.stored.columns.map((_, column) => statistics(table, column))),
});

function statistics(table: ModelTable, column: number): readonly Cell[] {
  let least: Cell = null;
  let greatest: Cell = null;
  let longest = 0;
  for (let row = 0; row < table.size; row += 1) {
    const cell = table.cell(row, column);
    if (cell === null) continue;
    if (least === null || sortOrder(cell, least) < 0) least = cell;
    if (greatest === null || sortOrder(cell, greatest) > 0) greatest = cell;
    if (typeof cell === 'string') longest = Math.max(longest, cell.length);
  }
  const text = (cell: Cell): Cell =>
    cell === null ? null : cell instanceof Instant ? instantText(cell) : textOf(cell);
  const definition = table.stored.columns[column];
  return [
    table.name,
    definition?.name ?? null,
    text(least),
    text(greatest),
    table.index(column).size,
    definition?.dataType === 'String' ? longest : null,
  ];
}
