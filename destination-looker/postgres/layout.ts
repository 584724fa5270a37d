// A layout: which staged column goes into which column of the table that is there, and as what type.
import {
  type Landing as LandingOf,
  type Layout as LayoutOf,
  layOut,
  layOver,
  type TablePlan,
} from '@ledgerpipe/staging';
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

export type Landing = LandingOf<SqlType>;
export type Layout = LayoutOf<SqlType>;

export const findColumn = (table: CurrentTable, name: string): CurrentColumn | undefined =>
  table.columns.find((found) => found.name === name);

/** The name in PostgreSQL of a plan's table. */
export const tableOf = ({ name, declaration }: TablePlan): string => tableName(name, declaration.namespace);

/** The layout of a table as the plan wants it, before anything is there. */
export const wantedLayout = (plan: TablePlan): Layout =>
  layOut(plan, {
    table: tableOf(plan),
    names: columnNames(plan.columns.map(({ name }) => name)),
    keys: plan.mode === 'append' ? [] : plan.keys,
    type: sqlType,
  });

/** The layout for the table that is there; columns it lacks are left out. */
export const layoutFor = (plan: TablePlan, current: CurrentTable): Layout =>
  layOver(wantedLayout(plan), (name) => findColumn(current, name));
