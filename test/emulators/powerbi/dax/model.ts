// A dataset as queries see it: visible rows, indexes made when they are needed, and the way from a row to its one side.
import { type Cell, keyOf, rowKey } from '../cells.ts';
import type { RelationshipDefinition } from '../relationships.ts';
import type { StoredTable } from '../stored-table.ts';
import { fail } from './errors.ts';

export type Key = null | number | string | boolean;

/** The row that stands for keys without a row on the one side: all of its columns are BLANK. */
export const BLANK_ROW = -1;

export interface Relation {
  readonly from: ModelTable;
  readonly fromColumn: number;
  readonly to: ModelTable;
  readonly toColumn: number;
  readonly both: boolean;
}

export class ModelTable {
  readonly name: string;
  readonly stored: StoredTable;
  readonly size: number;
  /** Relations in which this table is the many side, and the one side. */
  readonly up: Relation[] = [];
  readonly down: Relation[] = [];
  readonly #keys = new Map<number, Key[]>();
  readonly #indexes = new Map<number, Map<Key, number[]>>();
  readonly #parents = new Map<Relation, Int32Array>();
  readonly #rowsTo = new Map<ModelTable, Int32Array>();
  readonly #rowsBy = new Map<ModelTable, Map<number, number[]>>();
  #classes: Int32Array | 'each its own' | undefined;
  #classRows: ReadonlyMap<number, readonly number[]> | undefined;
  #expanded: ReadonlySet<ModelTable> | undefined;
  #blankRow: boolean | undefined;

  constructor(stored: StoredTable, now: number) {
    this.stored = stored;
    this.name = stored.name;
    this.size = stored.visible(now);
  }

  /** Names are compared without case; -1 when there is no such column. */
  column(name: string): number {
    const wanted = name.toLowerCase();
    return this.stored.columns.findIndex((one) => one.name.toLowerCase() === wanted);
  }

  cell(row: number, column: number): Cell {
    return row === BLANK_ROW ? null : (this.stored.values(column)[row] ?? null);
  }

  /** The keys of a column, by row. */
  keys(column: number): readonly Key[] {
    const known = this.#keys.get(column);
    if (known) return known;
    const values = this.stored.values(column);
    const keys = Array.from({ length: this.size }, (_, row) => keyOf(values[row] ?? null));
    this.#keys.set(column, keys);
    return keys;
  }

  key(row: number, column: number): Key {
    return row === BLANK_ROW ? null : (this.keys(column)[row] ?? null);
  }

  /** The rows of each value of a column. */
  index(column: number): ReadonlyMap<Key, readonly number[]> {
    const known = this.#indexes.get(column);
    if (known) return known;
    const index = new Map<Key, number[]>();
    for (const [row, key] of this.keys(column).entries()) {
      const rows = index.get(key);
      if (rows) rows.push(row);
      else index.set(key, [row]);
    }
    this.#indexes.set(column, index);
    return index;
  }

  /** This table and all it reaches from many to one. */
  get expanded(): ReadonlySet<ModelTable> {
    this.#expanded ??= new Set([this, ...this.up.flatMap(({ to }) => [...to.expanded])]);
    return this.#expanded;
  }

  /** The row of `other` that each row here belongs to. */
  rowsTo(other: ModelTable): Int32Array {
    const known = this.#rowsTo.get(other);
    if (known) return known;
    const relation = this.up.find(({ to }) => to.expanded.has(other));
    if (!relation) return fail(`Table '${this.name}' is not related to table '${other.name}'.`);
    const parents = this.parents(relation);
    const beyond = relation.to === other ? undefined : relation.to.rowsTo(other);
    const rows = beyond ? parents.map((row) => (row === BLANK_ROW ? row : (beyond[row] ?? row))) : parents;
    this.#rowsTo.set(other, rows);
    return rows;
  }

  rowIn(other: ModelTable, row: number): number {
    if (other === this || row === BLANK_ROW) return row;
    return this.rowsTo(other)[row] ?? BLANK_ROW;
  }

  /** The rows here that belong to each row of `other`. */
  rowsBy(other: ModelTable): ReadonlyMap<number, readonly number[]> {
    const known = this.#rowsBy.get(other);
    if (known) return known;
    const rows = new Map<number, number[]>();
    for (const [row, to] of this.rowsTo(other).entries()) {
      const some = rows.get(to);
      if (some) some.push(row);
      else rows.set(to, [row]);
    }
    this.#rowsBy.set(other, rows);
    return rows;
  }

  /** The row on the one side of a relation for each row here. */
  parents(relation: Relation): Int32Array {
    const known = this.#parents.get(relation);
    if (known) return known;
    const index = relation.to.index(relation.toColumn);
    if (index.size < relation.to.size) {
      const [twice] = [...index].find(([, rows]) => rows.length > 1) ?? [];
      fail(
        `Column '${relation.to.stored.columns[relation.toColumn]?.name}' in table '${relation.to.name}' contains a duplicate value '${String(twice)}' and this is not allowed for columns on the one side of a many-to-one relationship.`,
      );
    }
    // A BLANK key belongs to the blank row, even where the one side has a row without a key.
    const rows = Int32Array.from(this.keys(relation.fromColumn), (key) =>
      key === null ? BLANK_ROW : (index.get(key)?.[0] ?? BLANK_ROW),
    );
    this.#parents.set(relation, rows);
    return rows;
  }

  /** Some row on a many side has no row here. */
  get hasBlankRow(): boolean {
    this.#blankRow ??= this.down.some(
      (one) => one.from.parents(one).includes(BLANK_ROW) || one.from.hasBlankRow,
    );
    return this.#blankRow;
  }

  /** Rows that are the same in every column are one to a filter: the first of them stands for all. */
  classOf(row: number): number {
    if (row === BLANK_ROW) return row;
    this.#classes ??= this.#classify();
    return this.#classes === 'each its own' ? row : (this.#classes[row] ?? row);
  }

  /** All rows that are the same as this one. */
  rowsOfClass(of: number): readonly number[] {
    if (of === BLANK_ROW || this.classOf(of) !== of || this.#classes === 'each its own') return [of];
    if (!this.#classRows) {
      const rows = new Map<number, number[]>();
      for (const [row, one] of (this.#classes ?? []).entries())
        rows.set(one, [...(rows.get(one) ?? []), row]);
      this.#classRows = rows;
    }
    return this.#classRows.get(of) ?? [of];
  }

  #classify(): Int32Array | 'each its own' {
    const columns = this.stored.columns.map((_, index) => index);
    if (columns.some((column) => this.#isUnique(column))) return 'each its own';
    const first = new Map<string, number>();
    return Int32Array.from({ length: this.size }, (_, row) => {
      const key = rowKey(columns.map((column) => this.cell(row, column)));
      const known = first.get(key);
      if (known === undefined) first.set(key, row);
      return known ?? row;
    });
  }

  #isUnique(column: number): boolean {
    const seen = new Set<Key>();
    for (let row = 0; row < this.size; row += 1) {
      const key = keyOf(this.cell(row, column));
      if (seen.has(key)) return false;
      seen.add(key);
    }
    return true;
  }
}

export interface Model {
  readonly tables: readonly ModelTable[];
  readonly hasBoth: boolean;
}

export interface Queried {
  readonly tables: readonly StoredTable[];
  readonly relationships: readonly RelationshipDefinition[];
}

const models = new WeakMap<Queried, { stamp: string; model: Model }>();

/** The model of a dataset, made anew when rows or columns changed. */
export function modelOf(dataset: Queried, now: number): Model {
  const stamp = dataset.tables.map((one) => `${one.visible(now)}/${one.version}`).join(' ');
  const known = models.get(dataset);
  if (known?.stamp === stamp) return known.model;
  const tables = dataset.tables.map((one) => new ModelTable(one, now));
  const named = (name: string): ModelTable =>
    tables.find((one) => one.name === name) ?? fail(`Table '${name}' is not there.`);
  for (const one of dataset.relationships) {
    const [from, to] = [named(one.fromTable), named(one.toTable)];
    const relation = {
      from,
      fromColumn: from.column(one.fromColumn),
      to,
      toColumn: to.column(one.toColumn),
      both: one.both,
    };
    from.up.push(relation);
    to.down.push(relation);
  }
  const model = { tables, hasBoth: dataset.relationships.some(({ both }) => both) };
  models.set(dataset, { stamp, model });
  return model;
}
