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

/** A table as Unity Catalog describes it. */
export interface CurrentTable {
  readonly name: string;
  readonly columns: readonly CurrentColumn[];
  readonly properties: Readonly<Record<string, string>>;
  readonly primaryKey?: readonly string[];
  /** Lower-case names. */
  readonly foreignKeys: readonly string[];
}

export interface CurrentColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

export type Landing = LandingOf<SqlType>;
export type Layout = LayoutOf<SqlType>;

export const findColumn = (table: CurrentTable, name: string): CurrentColumn | undefined =>
  table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

/** The name in Databricks of a plan's table. */
export const tableOf = ({ name, declaration }: TablePlan): string => tableName(name, declaration.namespace);

/** The layout of a table as the plan wants it, before anything is there. */
export const wantedLayout = (plan: TablePlan): Layout =>
  layOut(plan, {
    table: tableOf(plan),
    names: columnNames(plan.columns.map(({ name }) => name)),
    keys: plan.keys,
    type: sqlType,
  });

/** The layout for the table that is there; columns it lacks are left out. */
export const layoutFor = (plan: TablePlan, current: CurrentTable): Layout => ({
  ...layOver(wantedLayout(plan), (name) => findColumn(current, name)),
  table: current.name,
});
