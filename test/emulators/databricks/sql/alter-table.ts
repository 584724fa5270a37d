// ALTER TABLE: every change is checked against Delta's rules, made in the engine, then recorded in the catalog.
import { type Column, findColumn, type Table } from '../model.ts';
import { failure } from './errors.ts';
import { done, engineName, existingTable, type Outcome, type Session, transaction } from './session.ts';
import type { ColumnDefinition, TableChange } from './statements.ts';
import {
  checkClustering,
  checkColumns,
  checkProperties,
  constraintOf,
  hasColumnMapping,
} from './table-rules.ts';
import { type DataType, engineType, quoted, sameType, typeText, widens } from './types.ts';

export async function alterTable(
  session: Session,
  parts: readonly string[],
  change: TableChange,
): Promise<Outcome> {
  const place = existingTable(session, parts, 'MANAGE');
  await session.exclusively([engineName(session, place)], async () => {
    // Read again: another statement may have changed it while this one waited.
    const table = existingTable(session, parts, 'MANAGE');
    const { after, sql } = planned(session, table, change);
    await transaction(session, async () => {
      for (const statement of sql)
        await session.engine.run(`ALTER TABLE ${engineName(session, table)} ${statement}`);
    });
    session.model.putTable({ ...after, updatedAt: session.world.now });
  });
  return done;
}

/** Adds nullable columns at the end, inside the caller's transaction; answers the table as it will be. */
export async function addColumns(
  session: Session,
  table: Table,
  columns: readonly ColumnDefinition[],
): Promise<Table> {
  const { after, sql } = planned(session, table, { does: 'add columns', columns });
  for (const statement of sql)
    await session.engine.run(`ALTER TABLE ${engineName(session, table)} ${statement}`);
  return after;
}

interface Planned {
  readonly after: Table;
  /** What follows ALTER TABLE in the engine. */
  readonly sql: readonly string[];
}

/** A change as the new table and the engine's statements. Throws when Delta would refuse it. */
export function planned(session: Session, table: Table, change: TableChange): Planned {
  switch (change.does) {
    case 'add columns':
      return plannedColumns(table, change.columns);
    case 'change type':
      return widened(table, columnOf(table, change.column), change.type);
    case 'drop not null':
    case 'set not null': {
      const column = columnOf(table, change.column);
      const nullable = change.does === 'drop not null';
      if (nullable) refuseKey(table, column);
      const sql = [`ALTER COLUMN ${quoted(column.name)} ${nullable ? 'DROP' : 'SET'} NOT NULL`];
      return {
        after: withColumn(table, column, { ...column, nullable }),
        sql: nullable === column.nullable ? [] : sql,
      };
    }
    case 'comment column': {
      const column = columnOf(table, change.column);
      return { after: withColumn(table, column, { ...column, comment: change.comment }), sql: [] };
    }
    case 'add constraint': {
      const constraint = constraintOf(session, table, change.constraint);
      return { after: { ...table, constraints: [...table.constraints, constraint] }, sql: [] };
    }
    case 'set properties':
      checkProperties(session, change.properties);
      return { after: { ...table, properties: { ...table.properties, ...change.properties } }, sql: [] };
    case 'cluster by':
      checkClustering(change.by, table.columns);
      return { after: { ...table, clusterBy: change.by }, sql: [] };
    case 'drop columns':
      return dropped(table, change.columns);
    case 'rename column':
      return renamed(table, columnOf(table, change.column), change.to);
  }
}

function plannedColumns(table: Table, columns: readonly ColumnDefinition[]): Planned {
  const taken = columns.find(({ name }) => findColumn(table, name));
  if (taken)
    throw failure(
      'FIELD_ALREADY_EXISTS',
      `Cannot add column, because \`${taken.name}\` already exists in \`${table.name}\`.`,
    );
  const required = columns.find(({ nullable }) => !nullable);
  if (required)
    throw failure(
      'DELTA_ADD_COLUMN_NOT_NULL',
      `NOT NULL is not supported for the new column ${required.name}: added columns are nullable.`,
    );
  const after = { ...table, columns: [...table.columns, ...columns] };
  checkColumns(after.columns, table.properties);
  return { after, sql: columns.map(({ name, type }) => `ADD COLUMN ${quoted(name)} ${engineType(type)}`) };
}

function widened(table: Table, column: Column, type: DataType): Planned {
  if (sameType(column.type, type)) return { after: table, sql: [] };
  const allowed = table.properties['delta.enableTypeWidening'] === 'true' && widens(column.type, type);
  if (!allowed)
    throw failure(
      'DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP',
      `ALTER TABLE ALTER COLUMN is not supported for changing column ${column.name} from ${typeText(column.type)} to ${typeText(type)}.`,
    );
  const sql = [`ALTER COLUMN ${quoted(column.name)} TYPE ${engineType(type)}`];
  return { after: withColumn(table, column, { ...column, type }), sql };
}

function dropped(table: Table, names: readonly string[]): Planned {
  if (!hasColumnMapping(table.properties))
    throw failure(
      'DELTA_UNSUPPORTED_DROP_COLUMN',
      'DROP COLUMN is not supported for your Delta table. Enable column mapping with delta.columnMapping.mode = name.',
    );
  const columns = names.map((name) => columnOf(table, name));
  for (const column of columns) refuseKey(table, column);
  return {
    after: { ...table, columns: table.columns.filter((column) => !columns.includes(column)) },
    sql: columns.map(({ name }) => `DROP COLUMN ${quoted(name)}`),
  };
}

function renamed(table: Table, column: Column, to: string): Planned {
  if (!hasColumnMapping(table.properties))
    throw failure(
      'DELTA_UNSUPPORTED_RENAME_COLUMN',
      'Column rename is not supported for your Delta table. Enable column mapping with delta.columnMapping.mode = name.',
    );
  const taken = findColumn(table, to);
  if (taken && taken !== column)
    throw failure(
      'FIELD_ALREADY_EXISTS',
      `Cannot rename column, because \`${to}\` already exists in \`${table.name}\`.`,
    );
  refuseKey(table, column);
  return {
    after: withColumn(table, column, { ...column, name: to }),
    sql: [`RENAME COLUMN ${quoted(column.name)} TO ${quoted(to)}`],
  };
}

function columnOf(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (!column)
    throw failure(
      'COLUMN_NOT_FOUND',
      `The column ${name} cannot be found in \`${table.name}\`. Verify the spelling and correctness of the column name.`,
    );
  return column;
}

/** Columns of a key stay as they are while the key lasts. */
function refuseKey(table: Table, column: Column): void {
  const constraint = table.constraints.find(({ columns }) => columns.includes(column.name));
  if (constraint)
    throw failure(
      'INVALID_PARAMETER_VALUE',
      `Cannot change column \`${column.name}\`: constraint \`${constraint.name}\` depends on it.`,
    );
}

function withColumn(table: Table, before: Column, after: Column): Table {
  return { ...table, columns: table.columns.map((column) => (column === before ? after : column)) };
}
