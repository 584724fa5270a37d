// A layout: which staged column goes into which column of the table that is there, and as what type.
import type { Column, TablePlan } from '@ledgerpipe/staging';
import { columnNames, tableName } from './names.ts';
import { type SqlType, sqlType } from './types.ts';

/** A table as the catalog describes it. */
export interface CurrentTable {
  readonly name: string;
  readonly columns: readonly CurrentColumn[];
  /** Columns of each unique index, in order. */
  readonly unique: readonly (readonly string[])[];
  /** Bytes on disk: what a rewrite would have to go through. */
  readonly bytes: number;
  /** No table: a view or a foreign table, as pg_class names it. */
  readonly kind: string;
}

export interface CurrentColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

/** One staged column on its way into the table. */
export interface Landing {
  readonly staged: string;
  readonly name: string;
  /** Its type as it was declared. */
  readonly wanted: SqlType;
  /** Its type in the table. */
  readonly type: SqlType;
  readonly column: Column;
}

export interface Layout {
  readonly table: string;
  readonly columns: readonly Landing[];
  /** The key columns' names in the table. */
  readonly keys: readonly string[];
}

export const findColumn = (table: CurrentTable, name: string): CurrentColumn | undefined =>
  table.columns.find((found) => found.name === name);

/** The name in PostgreSQL of a plan's table. */
export const tableOf = ({ name, declaration }: TablePlan): string => tableName(name, declaration.namespace);

/** The layout of a table as the plan wants it, before anything is there. */
export function wantedLayout(plan: TablePlan): Layout {
  const names = columnNames(plan.columns.map(({ name }) => name));
  const columns = plan.columns.map((column, index): Landing => {
    const type = sqlType(column.type);
    return { staged: column.name, name: names[index] ?? column.name, wanted: type, type, column };
  });
  return { table: tableOf(plan), columns, keys: plan.mode === 'append' ? [] : namesOf(columns, plan.keys) };
}

/** The layout for the table that is there; columns it lacks are left out. */
export function layoutFor(plan: TablePlan, current: CurrentTable): Layout {
  const wanted = wantedLayout(plan);
  const columns = wanted.columns.flatMap((landing) => {
    const found = findColumn(current, landing.name);
    return found ? [{ ...landing, type: found.type }] : [];
  });
  return { ...wanted, columns };
}

/** The names in the table of these staged columns. */
export function namesOf(columns: readonly Landing[], staged: readonly string[]): readonly string[] {
  return staged.flatMap((name) => columns.find((landing) => landing.staged === name)?.name ?? []);
}

/** Where a staged column lands, or undefined when the table has no such column. */
export const landingOf = ({ columns }: Layout, staged: string): Landing | undefined =>
  columns.find((landing) => landing.staged === staged);
