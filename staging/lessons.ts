// What the values of a run have taught about its columns: wider types, and numbers that must be read as text.
import type { RowPlan } from './plan.ts';
import type { Column, ColumnType } from './tables.ts';

/** Lessons last for the run: what one segment had to find out, the next one knows. */
export class Lessons {
  readonly #types = new Map<string, Map<string, ColumnType>>();
  readonly #texts = new Map<string, Set<string>>();
  readonly #exact = new Set<string>();

  /** The columns of a table as wide as values have asked for; `main` is the table of the record itself. */
  columns(plan: RowPlan, main: RowPlan): readonly Column[] {
    const types = this.#typesOf(plan);
    const keyTypes = this.#typesOf(main);
    return plan.columns.map((column) => {
      const isParentKey = plan.array.length > 0 && !column.meta && column.path.length === 0;
      const type = (isParentKey ? keyTypes : types).get(column.name);
      return type ? { ...column, type } : column;
    });
  }

  /** Whether a column's numbers are to be read as text, because doubles did not tell them exactly. */
  isText(plan: RowPlan, column: string): boolean {
    return this.#textsOf(plan).has(column);
  }

  readAsText(plan: RowPlan, column: string): void {
    this.#textsOf(plan).add(column);
  }

  widen(plan: RowPlan, column: string, type: ColumnType): void {
    this.#typesOf(plan).set(column, type);
  }

  /** Whether all numbers of a stream are to be read as text, because some value is no number. */
  isExact(stream: string): boolean {
    return this.#exact.has(stream);
  }

  readExactly(stream: string): void {
    this.#exact.add(stream);
  }

  #typesOf(plan: RowPlan): Map<string, ColumnType> {
    return entry(this.#types, keyOf(plan), () => new Map());
  }

  #textsOf(plan: RowPlan): Set<string> {
    return entry(this.#texts, keyOf(plan), () => new Set());
  }
}

const keyOf = ({ declaration, array }: RowPlan): string => JSON.stringify([declaration.stream, ...array]);

function entry<T>(entries: Map<string, T>, key: string, make: () => T): T {
  const known = entries.get(key) ?? make();
  entries.set(key, known);
  return known;
}
