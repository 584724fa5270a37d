// Where staged columns land: which column of a product's table each one goes into, and as what type.
import type { Column, ColumnType, TablePlan } from './tables.ts';

/** One staged column on its way into a table; `Type` is how the product writes its types. */
export interface Landing<Type> {
  /** Its name in the staged files. */
  readonly staged: string;
  /** Its name in the table. */
  readonly name: string;
  /** Its type as it was declared. */
  readonly wanted: Type;
  /** Its type in the table. */
  readonly type: Type;
  readonly column: Column;
}

export interface Layout<Type> {
  readonly table: string;
  readonly columns: readonly Landing<Type>[];
  /** The key columns' names in the table. */
  readonly keys: readonly string[];
}

export interface LayoutRules<Type> {
  /** The table's name in the product. */
  readonly table: string;
  /** The columns' names in the product, in the order of the plan. */
  readonly names: readonly string[];
  /** Staged names of the columns that identify a row. */
  readonly keys: readonly string[];
  readonly type: (staged: ColumnType) => Type;
}

/** The layout of a table as the plan wants it, before anything is there. */
export function layOut<Type>(
  plan: TablePlan,
  { table, names, keys, type: typeOf }: LayoutRules<Type>,
): Layout<Type> {
  const columns = plan.columns.map((column, index): Landing<Type> => {
    const type = typeOf(column.type);
    return { staged: column.name, name: names[index] ?? column.name, wanted: type, type, column };
  });
  return { table, columns, keys: namesOf(columns, keys) };
}

/** The layout for columns that are there, as `find` knows them; those that the table lacks are left out. */
export function layOver<Type>(
  wanted: Layout<Type>,
  find: (name: string) => { readonly name: string; readonly type: Type } | undefined,
): Layout<Type> {
  const columns = wanted.columns.flatMap((landing) => {
    const found = find(landing.name);
    return found ? [{ ...landing, name: found.name, type: found.type }] : [];
  });
  const nameOf = (key: string) => find(key)?.name ?? key;
  return { ...wanted, columns, keys: wanted.keys.map(nameOf) };
}

/** The names in the table of these staged columns. */
export function namesOf<Type>(
  columns: readonly Landing<Type>[],
  staged: readonly string[],
): readonly string[] {
  return staged.flatMap((name) => columns.find((landing) => landing.staged === name)?.name ?? []);
}

/** Where a staged column lands; undefined when the table has no such column. */
export const landingOf = <Type>({ columns }: Layout<Type>, staged: string): Landing<Type> | undefined =>
  columns.find((landing) => landing.staged === staged);
