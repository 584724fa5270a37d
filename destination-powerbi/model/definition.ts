// The model as the API takes it: the body that creates it, and the definition of one table.
import type { Model, ModelTable } from './layout.ts';
import type { ColumnDefinition, MeasureDefinition, Origin } from './types.ts';

export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly measures: readonly MeasureDefinition[];
  readonly description?: string;
}

/** A definition as the replica remembers it: with where the values of each column come from. */
export interface DeployedTable extends TableDefinition {
  readonly columns: readonly (ColumnDefinition & { readonly origin?: Origin })[];
}

export function deployedTable(
  { name, columns, description }: ModelTable,
  measures: readonly MeasureDefinition[],
): DeployedTable {
  return { name, columns, measures, ...(description ? { description: description.slice(0, 1000) } : {}) };
}

/** The definition as the API takes it. */
export const definitionOf = ({ columns, ...table }: DeployedTable): TableDefinition => ({
  ...table,
  columns: columns.map(({ origin: _, ...column }) => column),
});

/** `defaultMode` Push: the streaming modes take neither measures nor formats nor relationships. */
export function datasetBody(
  name: string,
  model: Model,
  versioned: (table: ModelTable) => boolean,
): Readonly<Record<string, unknown>> {
  return {
    name,
    defaultMode: 'Push',
    tables: model.tables.map((table) =>
      definitionOf(deployedTable(table, model.measures(table, versioned(table)))),
    ),
    relationships: model.relationships,
  };
}
