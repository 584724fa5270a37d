// CREATE TABLE, IF NOT EXISTS, and CREATE OR REPLACE, with or without a query.
import { randomUUID } from 'node:crypto';
import { type Column, type Constraint, checkObjectName, type Table } from '../model.ts';
import { failure } from './errors.ts';
import { hold } from './held.ts';
import { append } from './insert.ts';
import {
  done,
  engineName,
  existingSchema,
  type Outcome,
  resolve,
  type Session,
  transaction,
} from './session.ts';
import type { CreateTable } from './statements.ts';
import { checkClustering, checkColumns, checkProperties, constraintOf } from './table-rules.ts';
import { engineType, fromEngine, quoted } from './types.ts';

export async function createTable(session: Session, statement: CreateTable): Promise<Outcome> {
  const place = resolve(session, statement.table(session.world));
  checkObjectName(place.name);
  existingSchema(session, place.schema);
  const name = engineName(session, place);
  return session.exclusively([name], async () => {
    const before = session.model.table(place.schema, place.name);
    if (before && statement.mode === 'if not exists') return done;
    if (before && statement.mode === 'create')
      throw failure(
        'TABLE_OR_VIEW_ALREADY_EXISTS',
        `Cannot create table or view \`${place.schema}\`.\`${place.name}\` because it already exists. Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.`,
      );
    if (before) session.grants.demand('MANAGE', `${session.model.name}.${place.schema}.${place.name}`);
    else session.grants.demand('CREATE TABLE', `${session.model.name}.${place.schema}`);
    const held = await holdQuery(session, statement);
    const table = plannedTable(session, {
      statement,
      place,
      before,
      columns: held?.columns ?? statement.columns,
    });
    await transaction(session, async () => {
      await session.engine.run(
        `CREATE SCHEMA IF NOT EXISTS ${quoted(session.database)}.${quoted(place.schema)}`,
      );
      await session.engine.run(
        `CREATE OR REPLACE TABLE ${name} (${table.columns.map(columnSql).join(', ')})`,
      );
      if (!held) return;
      const mapping = table.columns.map((column, index) => ({
        column,
        index,
        type: held.types[index] ?? 'VARCHAR',
      }));
      await append(session, table, { source: held.sql, mapping });
    });
    session.model.putTable(table);
    return done;
  });
}

/** Runs the query of CREATE TABLE AS before anything changes: it may read the table it replaces. */
async function holdQuery(
  session: Session,
  { query, columns }: CreateTable,
): Promise<{ sql: string; columns: Column[]; types: string[] } | undefined> {
  if (!query) return undefined;
  if (columns.length > 0)
    throw failure(
      'PARSE_SYNTAX_ERROR',
      'Schema may not be specified in a Create Table As Select (CTAS) statement.',
    );
  const { sql, columns: described } = await hold(session.engine, query(session.world));
  return {
    sql,
    columns: described.map(({ name, type }) => ({ name, type: fromEngine(type), nullable: true })),
    types: described.map(({ type }) => type),
  };
}

interface Planned {
  readonly statement: CreateTable;
  readonly place: { schema: string; name: string };
  readonly before: Table | undefined;
  readonly columns: readonly Column[];
}

/** The table as the catalog will keep it, once every rule is checked. */
export function plannedTable(session: Session, { statement, place, before, columns }: Planned): Table {
  const { properties, clusterBy = [] } = statement;
  checkProperties(session, properties);
  checkColumns(columns, properties);
  checkClustering(clusterBy, columns);
  const keyed = implied(session, statement, columns);
  const constraints: Constraint[] = [];
  for (const definition of statement.constraints)
    constraints.push(constraintOf(session, { name: place.name, columns: keyed, constraints }, definition));
  return {
    ...place,
    id: before?.id ?? randomUUID(),
    columns: keyed,
    constraints,
    properties,
    clusterBy,
    comment: statement.comment,
    createdAt: before?.createdAt ?? session.world.now,
    updatedAt: session.world.now,
    copied: new Set(),
  };
}

/** Some versions make key columns NOT NULL by themselves. */
function implied(
  session: Session,
  { constraints }: CreateTable,
  columns: readonly Column[],
): readonly Column[] {
  if (!session.world.switches.primaryKeyMakesNotNull) return columns;
  const keys = new Set(
    constraints
      .filter(({ kind }) => kind === 'primary key')
      .flatMap((key) => key.columns.map((name) => name.toLowerCase())),
  );
  return columns.map((column) =>
    keys.has(column.name.toLowerCase()) ? { ...column, nullable: false } : column,
  );
}

/** Keys stay in the catalog: the engine would enforce them, Databricks does not. */
function columnSql({ name, type, nullable }: Column): string {
  return `${quoted(name)} ${engineType(type)}${nullable ? '' : ' NOT NULL'}`;
}
