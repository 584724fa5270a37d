// information_schema.tables, .columns and .schemata, made from the catalog on each look.
import type { Session } from './session.ts';
import { literal, quoted, typeName, typeText } from './types.ts';

type Cell = string | number | null;

/** Engine SQL of a view of information_schema; undefined when the emulator has no such view. */
export function informationSchema(session: Session, view: string): string | undefined {
  const { model } = session;
  switch (view) {
    case 'schemata':
      return viewSql(
        ['catalog_name', 'schema_name', 'comment'],
        model.schemas().map((schema) => [model.name, schema.name, schema.comment ?? null]),
      );
    case 'tables':
      return viewSql(
        ['table_catalog', 'table_schema', 'table_name', 'table_type', 'comment', 'data_source_format'],
        visible(session).map((table) => [
          model.name,
          table.schema,
          table.name,
          'MANAGED',
          table.comment ?? null,
          'DELTA',
        ]),
      );
    case 'columns':
      return viewSql(
        columnsView,
        visible(session).flatMap((table) => columnRows(model.name, table)),
      );
    default:
      return undefined;
  }
}

const columnsView = [
  'table_catalog',
  'table_schema',
  'table_name',
  'column_name',
  'ordinal_position',
  'is_nullable',
  'full_data_type',
  'data_type',
  'numeric_precision',
  'numeric_scale',
  'comment',
];

/** Tables on which the user holds anything, as the views only show those. */
function visible({ model, grants }: Session): ReturnType<Session['model']['tables']> {
  return model
    .tables()
    .filter((table) => grants.missing('SELECT', `${model.name}.${table.schema}.${table.name}`) === undefined);
}

function columnRows(catalog: string, table: ReturnType<Session['model']['tables']>[number]): Cell[][] {
  return table.columns.map((column, index) => [
    catalog,
    table.schema,
    table.name,
    column.name,
    index,
    column.nullable ? 'YES' : 'NO',
    typeText(column.type).toLowerCase(),
    typeName(column.type),
    column.type.name === 'DECIMAL' ? column.type.precision : null,
    column.type.name === 'DECIMAL' ? column.type.scale : null,
    column.comment ?? null,
  ]);
}

function viewSql(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const names = columns.map(quoted).join(', ');
  const cells = (row: readonly Cell[]): string =>
    `(${row.map((cell) => (cell === null ? 'NULL' : typeof cell === 'number' ? cell : literal(cell))).join(', ')})`;
  // A row of NULL gives the columns their width even when there is nothing to show.
  const empty = `(${columns.map(() => 'NULL').join(', ')})`;
  return `(SELECT * FROM (VALUES ${[empty, ...rows.map(cells)].join(', ')}) AS v(${names}) WHERE ${quoted(columns[0] ?? '')} IS NOT NULL)`;
}
