// DELETE, UPDATE and TRUNCATE.
import { findColumn, type Table } from '../model.ts';
import { assignSql } from './casts.ts';
import { failure } from './errors.ts';
import {
  done,
  engineName,
  existingTable,
  nothing,
  type Outcome,
  type Session,
  transaction,
} from './session.ts';
import type { Assignment, Statement } from './statements.ts';
import { long, quoted } from './types.ts';
import type { World } from './world.ts';

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>;

export function deleteFrom(session: Session, statement: Of<'delete'>): Promise<Outcome> {
  return changed(session, statement, (table) => ({
    what: 'deleted',
    sql: `DELETE FROM ${engineName(session, table)} AS ${quoted(statement.alias ?? table.name)}${whereSql(session, statement)}`,
  }));
}

export async function truncate(session: Session, statement: Of<'truncate'>): Promise<Outcome> {
  await changed(session, statement, (table) => ({
    what: 'deleted',
    sql: `DELETE FROM ${engineName(session, table)}`,
  }));
  return done;
}

export function update(session: Session, statement: Of<'update'>): Promise<Outcome> {
  return changed(session, statement, (table) => {
    const alias = statement.alias ?? table.name;
    const sets = assignmentsSql(table, statement.assignments, { alias, world: session.world });
    const target = `${engineName(session, table)} AS ${quoted(alias)}`;
    return { what: 'updated', sql: `UPDATE ${target} SET ${sets}${whereSql(session, statement)}` };
  });
}

function whereSql({ world }: Session, { condition }: Of<'delete'> | Of<'update'>): string {
  return condition ? ` WHERE ${condition(world)}` : '';
}

/** Runs one changing statement, planned once no other writer holds the table. */
async function changed(
  session: Session,
  statement: Of<'delete'> | Of<'update'> | Of<'truncate'>,
  plan: (table: Table) => { what: 'deleted' | 'updated'; sql: string },
): Promise<Outcome> {
  const parts = statement.table(session.world);
  const target = engineName(session, existingTable(session, parts, 'MODIFY'));
  return session.exclusively([target], async () => {
    const { what, sql } = plan(existingTable(session, parts, 'MODIFY'));
    const rows = await transaction(session, async () => (await session.engine.run(sql)).changed);
    return {
      columns: [{ name: 'num_affected_rows', type: long }],
      rows: [[String(rows)]],
      affected: { ...nothing, rows, [what]: rows },
    };
  });
}

/** The column of a table. Throws UNRESOLVED_COLUMN. */
export function targetColumn(table: Table, name: string): Table['columns'][number] {
  const column = findColumn(table, name);
  if (column) return column;
  const near = table.columns.slice(0, 5).map((candidate) => `\`${candidate.name}\``);
  throw failure(
    'UNRESOLVED_COLUMN.WITH_SUGGESTION',
    `A column, variable, or function parameter with name \`${name}\` cannot be resolved. Did you mean one of the following? [${near.join(', ')}].`,
  );
}

/** `"c" = value, ...`: qualifiers checked and dropped (the engine knows none), values cast as columns store them. */
export function assignmentsSql(
  table: Table,
  assignments: readonly Assignment[],
  { alias, world }: { alias: string; world: World },
): string {
  const seen = new Set<string>();
  const parts = assignments.map(({ qualifier, column: name, value }) => {
    if (qualifier !== undefined && qualifier.toLowerCase() !== alias.toLowerCase())
      targetColumn(table, `${qualifier}.${name}`);
    const column = targetColumn(table, name);
    if (seen.has(column.name))
      throw failure(
        'DELTA_DUPLICATE_COLUMNS_FOUND',
        `Found duplicate column(s) in the SET clause: ${column.name}.`,
      );
    seen.add(column.name);
    return `${quoted(column.name)} = ${assignSql(value(world), column.type)}`;
  });
  return parts.join(', ');
}
