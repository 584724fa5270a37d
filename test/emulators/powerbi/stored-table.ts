// The rows of one table, column by column, oldest first; and how many of them queries see yet.
import type { Cell } from './cells.ts';
import type { ColumnDefinition, MeasureDefinition, TableDefinition } from './definitions.ts';

interface Batch {
  rows: number;
  /** Milliseconds since the epoch. */
  readonly visibleAt: number;
}

export class StoredTable {
  #definition: TableDefinition;
  #columns: Cell[][];
  #size = 0;
  /** Batches that queries may not see yet. */
  #hidden: Batch[] = [];
  #version = 0;

  constructor(definition: TableDefinition) {
    this.#definition = definition;
    this.#columns = definition.columns.map(() => []);
  }

  get name(): string {
    return this.#definition.name;
  }

  get definition(): TableDefinition {
    return this.#definition;
  }

  get columns(): readonly ColumnDefinition[] {
    return this.#definition.columns;
  }

  get measures(): readonly MeasureDefinition[] {
    return this.#definition.measures;
  }

  get size(): number {
    return this.#size;
  }

  /** Grows with every change of rows or columns: what was computed from an older one is stale. */
  get version(): number {
    return this.#version;
  }

  append(rows: readonly (readonly Cell[])[], visibleAt: number): void {
    for (const [index, column] of this.#columns.entries())
      for (const row of rows) column.push(row[index] ?? null);
    this.#size += rows.length;
    this.#hidden.push({ rows: rows.length, visibleAt });
    this.#version += 1;
  }

  /** Forgets the oldest rows. */
  dropOldest(count: number): void {
    for (const column of this.#columns) column.splice(0, count);
    this.#size -= count;
    this.#version += 1;
  }

  clear(): void {
    for (const column of this.#columns) column.length = 0;
    this.#size = 0;
    this.#hidden = [];
    this.#version += 1;
  }

  /** The rows that queries see: the first so many. */
  visible(now: number): number {
    const before = this.#hidden.length;
    this.#hidden = this.#hidden.filter(({ visibleAt }) => visibleAt > now);
    if (this.#hidden.length < before) this.#version += 1;
    return Math.max(0, this.#size - this.#hidden.reduce((sum, { rows }) => sum + rows, 0));
  }

  /** The values of a column, oldest first; not to be changed. */
  values(column: number): readonly Cell[] {
    return this.#columns[column] ?? [];
  }

  /** Takes a new definition; each new column gets the values `fill` gives for it, by the index it has there. */
  redefine(definition: TableDefinition, fill: (column: ColumnDefinition) => Cell[] | undefined): void {
    this.#columns = definition.columns.map(
      (column) => fill(column) ?? new Array<Cell>(this.#size).fill(null),
    );
    this.#definition = definition;
    this.#version += 1;
  }
}
