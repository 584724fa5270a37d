// The INSERT family: append, OVERWRITE, REPLACE WHERE and REPLACE USING, each one atomic commit.

import type { EngineColumn } from '../engine.ts';
import { findColumn, type Table } from '../model.ts';
import { addColumns } from './alter-table.ts';
import { assignSql } from './casts.ts';
import { failure } from './errors.ts';
import { type Held, hold, release } from './held.ts';
import { targetColumn } from './rows.ts';
import { engineName, existingTable, nothing, type Outcome, type Session, transaction } from './session.ts';
import type { Insert } from './statements.ts';
import { fromEngine, long, quoted } from './types.ts';

export async function insert(session: Session, statement: Insert): Promise<Outcome> {
  const parts = statement.table(session.world);
  const target = engineName(session, existingTable(session, parts, 'MODIFY'));
  return session.exclusively([target], async () => {
    // Read again: another statement may have changed it while this one waited.
    const found = existingTable(session, parts, 'MODIFY');
    const query = statement.query(session.world);
    // Replacing statements may read the table they replace: their rows are held before any row goes.
    const source =
      statement.mode.does === 'append' ? await unheld(session, query) : await hold(session.engine, query);
    const { rows, table } = await transaction(session, async () => {
      const table = statement.evolves ? await evolve(session, found, source.columns) : found;
      await makeRoom(session, table, { statement, source });
      const mapping = mapColumns(table, statement, source.columns);
      return { table, rows: await append(session, table, { source: source.sql, mapping }) };
    });
    if (table !== found) session.model.putTable(table);
    await release(session.engine);
    return insertOutcome(rows);
  });
}

async function unheld(session: Session, query: string): Promise<Held> {
  return { sql: query, columns: await session.engine.describe(query) };
}

export function insertOutcome(rows: number): Outcome {
  return {
    columns: ['num_affected_rows', 'num_inserted_rows'].map((name) => ({ name, type: long })),
    rows: [[String(rows), String(rows)]],
    affected: { ...nothing, rows, inserted: rows },
  };
}

/** Which query column goes into which table column. */
export interface Mapped {
  readonly column: Table['columns'][number];
  /** Position in the query, from 0. */
  readonly index: number;
  readonly type: string;
}

/** Inserts a query into a table; answers the number of rows. */
export async function append(
  session: Session,
  table: Table,
  { source, mapping }: { source: string; mapping: readonly Mapped[] },
): Promise<number> {
  // Positions, not names: a query may name two columns alike.
  const width = Math.max(...mapping.map(({ index }) => index)) + 1;
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const values = mapping.map(({ column, index, type }) =>
    assignSql(`c${index}`, column.type, fromEngine(type)),
  );
  const into = mapping.map(({ column }) => quoted(column.name)).join(', ');
  const { changed } = await session.engine.run(
    `INSERT INTO ${engineName(session, table)} (${into}) SELECT ${values.join(', ')} FROM (${source}) AS q(${names.join(', ')})`,
  );
  return changed;
}

/** Pairs the columns of a query with those of the table: by name, by the list given, or by position. */
export function mapColumns(
  table: Table,
  { byName, columns: listed }: Pick<Insert, 'byName' | 'columns'>,
  query: readonly EngineColumn[],
): Mapped[] {
  if (byName) return mapByName(table, query);
  const targets = listed ? listed.map((name) => targetColumn(table, name)) : table.columns;
  if (targets.length !== query.length) {
    const errorClass = query.length < targets.length ? 'NOT_ENOUGH_DATA_COLUMNS' : 'TOO_MANY_DATA_COLUMNS';
    throw failure(
      `INSERT_COLUMN_ARITY_MISMATCH.${errorClass}`,
      `Cannot write to \`${table.name}\`, the reason is ${query.length < targets.length ? 'not enough' : 'too many'} data columns: Table columns: ${targets.map(({ name }) => `\`${name}\``).join(', ')}. Data columns: ${query.map(({ name }) => `\`${name}\``).join(', ')}.`,
    );
  }
  return targets.map((column, index) => ({ column, index, type: query[index]?.type ?? 'VARCHAR' }));
}

function mapByName(table: Table, query: readonly EngineColumn[]): Mapped[] {
  const seen = new Set<string>();
  return query.map(({ name, type }, index) => {
    const column = findColumn(table, name);
    if (!column)
      throw failure(
        'INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS',
        `Cannot write incompatible data for the table \`${table.name}\`: Cannot write extra columns \`${name}\`.`,
      );
    if (seen.has(column.name))
      throw failure(
        'DELTA_DUPLICATE_COLUMNS_FOUND',
        `Found duplicate column(s) in the data to save: ${column.name}.`,
      );
    seen.add(column.name);
    return { column, index, type };
  });
}

async function evolve(session: Session, table: Table, query: readonly EngineColumn[]): Promise<Table> {
  const fresh = query.filter(({ name }) => !findColumn(table, name));
  if (fresh.length === 0) return table;
  return addColumns(
    session,
    table,
    fresh.map(({ name, type }) => ({ name, type: fromEngine(type), nullable: true })),
  );
}

/** Deletes what the new rows replace. */
async function makeRoom(
  session: Session,
  table: Table,
  { statement, source }: { statement: Insert; source: Held },
): Promise<void> {
  const target = engineName(session, table);
  const { mode } = statement;
  if (mode.does === 'overwrite') await session.engine.run(`DELETE FROM ${target}`);
  if (mode.does === 'replace where') {
    const condition = mode.condition(session.world);
    await refuseOutside(session, table, { statement, source, condition });
    await session.engine.run(`DELETE FROM ${target} AS ${quoted(table.name)} WHERE ${condition}`);
  }
  if (mode.does === 'replace using') {
    const mapping = mapColumns(table, statement, source.columns);
    const equal = mode.columns.map((name) => {
      const column = targetColumn(table, name);
      const position = mapping.find((mapped) => mapped.column.name === column.name)?.index ?? -1;
      return `t.${quoted(column.name)} = s.${quoted(source.columns[position]?.name ?? name)}`;
    });
    await session.engine.run(
      `DELETE FROM ${target} AS t WHERE EXISTS (SELECT 1 FROM (${source.sql}) AS s WHERE ${equal.join(' AND ')})`,
    );
  }
}

/** REPLACE WHERE takes only rows that its predicate covers. */
async function refuseOutside(
  session: Session,
  table: Table,
  { statement, source, condition }: { statement: Insert; source: Held; condition: string },
): Promise<void> {
  const mapping = mapColumns(table, statement, source.columns);
  const mapped = new Map(mapping.map(({ column, index }) => [column.name, source.columns[index]?.name]));
  const row = table.columns.map((column) => {
    const from = mapped.get(column.name);
    const value = from === undefined ? 'NULL' : `s.${quoted(from)}`;
    return `${assignSql(value, column.type)} AS ${quoted(column.name)}`;
  });
  const { rows } = await session.engine.run(
    `SELECT 1 FROM (SELECT ${row.join(', ')} FROM (${source.sql}) AS s) AS ${quoted(table.name)} WHERE (${condition}) IS NOT TRUE LIMIT 1`,
  );
  if (rows.length > 0)
    throw failure(
      'DELTA_REPLACE_WHERE_MISMATCH',
      'Written data does not conform to partial table overwrite condition or constraint of REPLACE WHERE.',
    );
}
