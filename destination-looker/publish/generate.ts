// The project's files for what is loaded, in the warehouse's dialect and with the names its tables have.
import {
  type Model,
  type ModelFile,
  type ModelTable,
  modelOf,
  projectFiles,
  type TrackingCategory,
} from '../model/index.ts';
import { columnNames, syncLogTable } from '../postgres/names.ts';
import type { Config } from '../spec.ts';
import type { LoadedTable, Publication } from './steps.ts';

export interface Generated {
  readonly model: Model;
  readonly files: readonly ModelFile[];
}

/** Pure: equal tables, settings and categories give equal bytes. */
export function generate(
  { context: { config }, looker, settings, loaded }: Publication,
  tracking: readonly TrackingCategory[],
): Generated {
  const dialect = dialectOf(config);
  const [first] = loaded;
  const model = modelOf(
    loaded.map((one) => tableOf(one, config)),
    {
      name: settings.name,
      label: settings.label,
      connection: looker.connection,
      dialect,
      fiscalMonthOffset: settings.fiscal_month_offset,
      dashboard: settings.dashboards !== 'none',
      tracking,
      ...(first && dialect === 'postgres'
        ? { log: { place: [first.schema, syncLogTable], column: 'id' } }
        : {}),
    },
  );
  return { model, files: projectFiles(model, { dashboard: settings.dashboards !== 'none' }) };
}

const dialectOf = ({ mode, warehouse }: Config): 'postgres' | 'databricks' =>
  mode === 'warehouse' && warehouse?.kind === 'databricks' ? 'databricks' : 'postgres';

function tableOf({ plan, table, schema }: LoadedTable, config: Config): ModelTable {
  const { mode, warehouse } = config;
  if (mode === 'warehouse' && warehouse?.kind === 'databricks')
    return { plan, place: [warehouse.catalog, schema, table] };
  const names = plan.columns.map(({ name }) => name);
  const there = columnNames(names);
  return {
    plan,
    place: [schema, table],
    columns: new Map(names.map((name, index) => [name, there[index] ?? name])),
  };
}
