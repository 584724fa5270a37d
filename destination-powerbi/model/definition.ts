// The model as the API takes it: the body that creates it, and the definition of one table.
import type { Model, ModelTable } from './layout.ts';
import { type ColumnDefinition, definitionOf, type MeasureDefinition } from './types.ts';

export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly measures: readonly MeasureDefinition[];
  readonly description?: string;
}

export function tableDefinition(
  { name, columns, description }: ModelTable,
  measures: readonly MeasureDefinition[],
): TableDefinition {
  return {
    name,
    columns: columns.map(definitionOf),
    measures,
    ...(description ? { description: description.slice(0, 1000) } : {}),
  };
}

/** `defaultMode` Push: the streaming modes take neither measures nor formats nor relationships. */
export function datasetBody(
  name: string,
  model: Model,
  versioned: (table: ModelTable) => boolean,
): Readonly<Record<string, unknown>> {
  return {
    name,
    defaultMode: 'Push',
    tables: model.tables.map((table) => tableDefinition(table, model.measures(table, versioned(table)))),
    relationships: model.relationships,
  };
}
