// After the load: which keys of which declared tables may lack a row, among the tables that are there.
import type { TablePlan } from '@ledgerpipe/staging';
import { type CurrentTable, findColumn, tableOf } from './layout.ts';
import { columnNames, tableName } from './names.ts';
import type { Dangling } from './references.ts';

/** A reference, and whose rows a member would be. */
export interface PlannedReference extends Dangling {
  readonly declaration: TablePlan['declaration'] | undefined;
}

/** The references of tables that took rows in this run. */
export function plannedReferences(
  loaded: readonly TablePlan[],
  {
    plans,
    tables,
  }: { readonly plans: readonly TablePlan[]; readonly tables: ReadonlyMap<string, CurrentTable> },
): readonly PlannedReference[] {
  return loaded.flatMap((plan) => {
    const fact = tables.get(tableOf(plan));
    if (!fact) return [];
    const names = columnNames(plan.columns.map(({ name }) => name));
    return plan.references.flatMap((reference): readonly PlannedReference[] => {
      const dimension = tables.get(tableName(reference.table, plan.declaration.namespace));
      const keys = columnNames(reference.keys).filter((key) => dimension && findColumn(dimension, key));
      const columns = reference.columns.flatMap(
        (name) => names[plan.columns.findIndex((column) => column.name === name)] ?? [],
      );
      if (!dimension || keys.length !== reference.keys.length || columns.length !== keys.length) return [];
      const declaration = plans.find((other) => tableOf(other) === dimension.name)?.declaration;
      return [{ fact: { table: fact, columns }, dimension: { table: dimension, keys }, declaration }];
    });
  });
}
