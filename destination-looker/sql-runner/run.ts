// One run through SQL Runner: the statements, the tables as they were read, and shapes changed in few calls.

import { type Context, configError } from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import { runName } from '@ledgerpipe/staging';
import type { LookerApi } from '../api.ts';
import { type Log, logOf } from '../delivery.ts';
import { readTables } from '../postgres/catalog.ts';
import * as ddl from '../postgres/ddl.ts';
import { evolve, unusableKeys } from '../postgres/evolve.ts';
import { type CurrentTable, tableOf, wantedLayout } from '../postgres/layout.ts';
import { createLog, indexLog } from '../postgres/log.ts';
import { piecesTable, syncLogTable } from '../postgres/names.ts';
import type { Config } from '../spec.ts';
import { block, createPieces } from './sql.ts';
import { longestStatement, openStatements, type Statements } from './statements.ts';

export interface Run {
  readonly context: Context<Config>;
  readonly schema: string;
  readonly job: string;
  readonly log: Log;
  readonly statements: Statements;
  /** The tables of the schema by name, read once until `forget`. */
  tables(): Promise<ReadonlyMap<string, CurrentTable>>;
  forget(): void;
}

export function openRun(context: Context<Config>, api: LookerApi): Run {
  const { config, clock, signal } = context;
  const statements = openStatements({
    api,
    clock,
    signal,
    connection: config.looker?.connection ?? '',
    model: config.sql_runner.model_name,
    callBudget: config.sql_runner.call_budget,
  });
  let tables: Promise<ReadonlyMap<string, CurrentTable>> | undefined;
  const run: Run = {
    context,
    schema: config.schema,
    job: runName(clock),
    log: logOf(context),
    statements,
    tables() {
      tables ??= readTables(config.schema, (sql) =>
        statements.read(sql, `read the tables of schema "${config.schema}"`),
      );
      tables.catch(() => run.forget());
      return tables;
    },
    forget() {
      tables = undefined;
    },
  };
  return run;
}

/** Makes and changes what the plans need, in as few statements as fit; none when nothing is due. */
export async function ensureTables(run: Run, plans: readonly TablePlan[]): Promise<void> {
  const { schema } = run;
  const there = await run.tables();
  const due = [
    ...foundations(run, there),
    ...plans.flatMap((plan) => shapeOf(run, plan, there.get(tableOf(plan)))),
  ];
  if (due.length === 0) return;
  const purpose = `make or change tables of schema "${schema}"`;
  for (const statement of blocksOf(due)) {
    run.forget();
    // What it made or changed is then no longer due.
    const isDone = async (): Promise<boolean> => {
      run.forget();
      const now = await run.tables();
      return (
        [...foundations(run, now), ...plans.flatMap((plan) => shapeOf(run, plan, now.get(tableOf(plan))))]
          .length === 0
      );
    };
    await run.statements.run(statement, { purpose, isDone });
  }
  run.forget();
}

/** The schema, the sync log, the table of pieces, and the grants on them. */
function foundations({ schema, context }: Run, there: ReadonlyMap<string, CurrentTable>): readonly string[] {
  const { reader } = context.config.sql_runner;
  if (there.has(syncLogTable) && there.has(piecesTable)) return [];
  return [
    ddl.createSchema(schema),
    createLog(schema),
    ...indexLog(schema),
    createPieces(schema),
    ...(reader ? [...ddl.grantSchema(schema, reader), ddl.grantTable(schema, syncLogTable, reader)] : []),
  ];
}

function shapeOf(
  { schema, context }: Run,
  plan: TablePlan,
  table: CurrentTable | undefined,
): readonly string[] {
  const layout = wantedLayout(plan);
  const { reader } = context.config.sql_runner;
  if (!table)
    return [
      ddl.createTable(schema, layout),
      ...(layout.keys.length > 0 ? [ddl.addPrimaryKey(schema, layout)] : []),
      ...(reader ? [ddl.grantTable(schema, layout.table, reader)] : []),
    ];
  const lost = unusableKeys(plan, table)[0];
  if (lost || !['r', 'p'].includes(table.kind))
    throw configError(
      `Cannot write table "${schema}.${table.name}": ${lost ? `its key column "${lost.name}" is ${lost.type}` : 'it is no table'}, drop it or choose another "schema"`,
      { stream: plan.declaration.stream },
    );
  const due = evolve(plan, table);
  return [
    ...(due.add.length > 0 ? [ddl.addColumns(schema, table.name, due.add)] : []),
    ...due.widen.map((wider) => ddl.changeType(schema, table.name, wider)),
    ...due.relax.map((name) => ddl.dropNotNull(schema, table.name, name)),
    ...(due.index ? [ddl.dropOlderVersions(schema, layout), ddl.addUniqueIndex(schema, layout)] : []),
  ];
}

/** Room for the comment that tells statements apart. */
const margin = 200;

/** Statements packed into blocks that SQL Runner takes, in their order. */
function blocksOf(statements: readonly string[]): readonly string[] {
  const packed: string[][] = [];
  for (const statement of statements) {
    const last = packed.at(-1);
    if (last && block([...last, statement]).length <= longestStatement - margin) last.push(statement);
    else packed.push([statement]);
  }
  return packed.map((group) => block(group));
}
