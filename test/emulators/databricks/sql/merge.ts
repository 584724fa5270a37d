// MERGE INTO: the source is read once, duplicates are refused as Delta refuses them, then the engine's MERGE does the work.
import { findColumn, type Table } from '../model.ts';
import { addColumns } from './alter-table.ts';
import { assignSql } from './casts.ts';
import { failure } from './errors.ts';
import { hold, release } from './held.ts';
import { assignmentsSql, targetColumn } from './rows.ts';
import {
  type Affected,
  engineName,
  existingTable,
  type Outcome,
  type Session,
  transaction,
} from './session.ts';
import type { Merge, MergeClause } from './statements.ts';
import { fromEngine, long, quoted } from './types.ts';

interface Plan {
  readonly session: Session;
  readonly merge: Merge;
  readonly table: Table;
  readonly alias: string;
  /** In the engine's quotes. */
  readonly sourceAlias: string;
  /** Engine SQL of the source query. */
  readonly source: string;
  readonly sourceColumns: readonly string[];
}

export async function merge(session: Session, statement: Merge): Promise<Outcome> {
  const parts = statement.table(session.world);
  const target = engineName(session, existingTable(session, parts, 'MODIFY'));
  return session.exclusively([target], async () => {
    const before = existingTable(session, parts, 'SELECT');
    const source = await hold(session.engine, statement.source(session.world));
    const { table, affected } = await transaction(session, async () => {
      const table = statement.evolves
        ? await evolve(session, before, { merge: statement, source: source.columns })
        : before;
      const plan: Plan = {
        session,
        merge: statement,
        table,
        alias: statement.alias ?? table.name,
        sourceAlias: quoted(statement.sourceAlias),
        source: source.sql,
        sourceColumns: source.columns.map(({ name }) => name),
      };
      await refuseDuplicates(plan);
      return { table, affected: await run(plan) };
    });
    if (table !== before) session.model.putTable(table);
    await release(session.engine);
    return outcome(session, affected);
  });
}

function outcome(session: Session, affected: Affected): Outcome {
  const total = { name: 'num_affected_rows', type: long };
  switch (session.world.switches.mergeResult) {
    case 'none':
      return { columns: [], rows: [], affected };
    case 'total':
      return { columns: [total], rows: [[String(affected.rows)]], affected };
    case 'counts':
      return {
        columns: [
          total,
          ...['num_updated_rows', 'num_deleted_rows', 'num_inserted_rows'].map((name) => ({
            name,
            type: long,
          })),
        ],
        rows: [[affected.rows, affected.updated, affected.deleted, affected.inserted].map(String)],
        affected,
      };
  }
}

/** Schema evolution adds the source's new columns, if a star clause could fill them. */
async function evolve(
  session: Session,
  table: Table,
  { merge: { clauses }, source }: { merge: Merge; source: readonly { name: string; type: string }[] },
): Promise<Table> {
  const stars = clauses.some(({ action }) => action.does === 'update all' || action.does === 'insert all');
  const fresh = stars ? source.filter(({ name }) => !findColumn(table, name)) : [];
  if (fresh.length === 0) return table;
  const columns = fresh.map(({ name, type }) => ({ name, type: fromEngine(type), nullable: true }));
  return addColumns(session, table, columns);
}

/** 21506: two source rows must not change the same target row. An unconditional DELETE alone may match twice. */
async function refuseDuplicates(plan: Plan): Promise<void> {
  const { session, merge: statement, alias } = plan;
  const { world } = session;
  const matched = statement.clauses.filter(({ when }) => when === 'matched');
  const [only] = matched;
  if (!only || (matched.length === 1 && only.action.does === 'delete' && !only.condition)) return;
  const conditions = matched.map(({ condition }) => condition?.(world) ?? 'true');
  const where = world.switches.mergeDuplicates === 'on alone' ? 'true' : conditions.join(' OR ');
  const { rows } = await session.engine.run(
    `SELECT 1 FROM ${numberedTargetSql(plan)} JOIN ${sourceSql(plan)} ON ${statement.condition(world)}
     WHERE ${where} GROUP BY ${quoted(alias)}.${rowNumber} HAVING count(*) > 1 LIMIT 1`,
  );
  if (rows.length > 0)
    throw failure(
      'DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE',
      'Cannot perform Merge as multiple source rows matched and attempted to modify the same target row in the Delta table in possibly conflicting ways. By SQL semantics of Merge, when multiple source rows match on the same target row, the result may be ambiguous as it is unclear which source row should be used to update or delete the matching target row. You can preprocess the source table to eliminate the possibility of multiple matches.',
    );
}

async function run(plan: Plan): Promise<Affected> {
  const { session, merge: statement } = plan;
  const clauses = statement.clauses.map((clause) => clauseSql(plan, clause));
  const sql = `MERGE INTO ${targetSql(plan)} USING ${sourceSql(plan)} ON ${statement.condition(session.world)} ${clauses.join(' ')}`;
  if (statement.clauses.some(({ action }) => action.does === 'delete')) return countedAround(plan, sql);
  const counts = { INSERT: 0, UPDATE: 0 };
  await session.engine.each(`${sql} RETURNING merge_action`, (rows) => {
    for (const [action] of rows) counts[String(action) as keyof typeof counts] += 1;
  });
  return { rows: counts.INSERT + counts.UPDATE, inserted: counts.INSERT, updated: counts.UPDATE, deleted: 0 };
}

function targetSql({ session, table, alias }: Plan): string {
  return `${engineName(session, table)} AS ${quoted(alias)}`;
}

// The engine's own rowid is hidden by a column of that name, which Xero's reports have.
const rowNumber = quoted('number of the row');

function numberedTargetSql({ session, table, alias }: Plan): string {
  return `(SELECT *, row_number() OVER () AS ${rowNumber} FROM ${engineName(session, table)}) AS ${quoted(alias)}`;
}

function sourceSql({ source, sourceAlias }: Plan): string {
  return `(${source}) AS ${sourceAlias}`;
}

/** RETURNING takes seconds per 100,000 deleted rows in the engine: with deletes, what will change is counted beforehand. */
async function countedAround(plan: Plan, sql: string): Promise<Affected> {
  const { engine, world } = plan.session;
  const on = plan.merge.condition(world);
  const matched = await plannedChanges(plan, 'matched', `JOIN ${sourceSql(plan)} ON ${on}`);
  const orphaned = await plannedChanges(
    plan,
    'not matched by source',
    `ANTI JOIN ${sourceSql(plan)} ON ${on}`,
  );
  const size = async (): Promise<number> =>
    Number((await engine.run(`SELECT count(*) FROM ${targetSql(plan)}`)).rows[0]?.[0] ?? 0);
  const before = await size();
  await engine.run(sql);
  const deleted = matched.deleted + orphaned.deleted;
  const updated = matched.updated + orphaned.updated;
  const inserted = (await size()) - before + deleted;
  return { rows: inserted + updated + deleted, inserted, updated, deleted };
}

/** How many target rows the clauses of one kind will update and delete: the first clause whose condition holds acts. */
async function plannedChanges(
  plan: Plan,
  when: MergeClause['when'],
  join: string,
): Promise<{ updated: number; deleted: number }> {
  const clauses = plan.merge.clauses.filter((clause) => clause.when === when);
  if (clauses.length === 0) return { updated: 0, deleted: 0 };
  const cases = clauses.map(({ condition, action }) => {
    const kind = action.does === 'delete' ? 'deleted' : 'updated';
    return `WHEN ${condition?.(plan.session.world) ?? 'true'} THEN '${kind}'`;
  });
  const { rows } = await plan.session.engine.run(
    `SELECT kind, count(DISTINCT id) FROM (SELECT CASE ${cases.join(' ')} END AS kind, ${quoted(plan.alias)}.${rowNumber} AS id FROM ${numberedTargetSql(plan)} ${join}) GROUP BY kind`,
  );
  const count = (kind: string): number => Number(rows.find(([found]) => found === kind)?.[1] ?? 0);
  return { updated: count('updated'), deleted: count('deleted') };
}

const whens = {
  matched: 'WHEN MATCHED',
  'not matched': 'WHEN NOT MATCHED',
  'not matched by source': 'WHEN NOT MATCHED BY SOURCE',
} as const;

function clauseSql(plan: Plan, clause: MergeClause): string {
  const condition = clause.condition ? ` AND ${clause.condition(plan.session.world)}` : '';
  return `${whens[clause.when]}${condition} THEN ${actionSql(plan, clause)}`;
}

function actionSql(plan: Plan, { action }: MergeClause): string {
  const { table, alias, session } = plan;
  const { world } = session;
  switch (action.does) {
    case 'delete':
      return 'DELETE';
    case 'update':
      return `UPDATE SET ${assignmentsSql(table, action.assignments, { alias, world })}`;
    case 'update all':
      return `UPDATE SET ${starColumns(plan, action.except)
        .map((column) => `${quoted(column.name)} = ${fromSource(plan, column)}`)
        .join(', ')}`;
    case 'insert': {
      const columns = action.columns.map((name) => targetColumn(table, name));
      const values = action.values.map((value, index) => {
        const column = columns[index];
        return column ? assignSql(value(world), column.type) : value(world);
      });
      return `INSERT (${columns.map(({ name }) => quoted(name)).join(', ')}) VALUES (${values.join(', ')})`;
    }
    case 'insert all': {
      const columns = starColumns(plan, action.except);
      const values = columns.map((column) => fromSource(plan, column));
      return `INSERT (${columns.map(({ name }) => quoted(name)).join(', ')}) VALUES (${values.join(', ')})`;
    }
  }
}

function fromSource({ sourceAlias }: Plan, column: Table['columns'][number]): string {
  return assignSql(`${sourceAlias}.${quoted(column.name)}`, column.type);
}

/** The target columns a star means: all but the excepted, each of which the source must have (unless the schema evolves). */
function starColumns(plan: Plan, except: readonly string[]): Table['columns'] {
  const { table, merge: statement, sourceColumns } = plan;
  const left = new Set(except.map((name) => name.toLowerCase()));
  const has = new Set(sourceColumns.map((name) => name.toLowerCase()));
  const columns = table.columns.filter(({ name }) => !left.has(name.toLowerCase()));
  const missing = columns.find(({ name }) => !has.has(name.toLowerCase()));
  if (missing && !statement.evolves)
    throw failure(
      'UNRESOLVED_COLUMN.WITH_SUGGESTION',
      `Cannot resolve ${missing.name} in the star clause given columns ${sourceColumns.join(', ')}.`,
    );
  return columns.filter(({ name }) => has.has(name.toLowerCase()));
}
