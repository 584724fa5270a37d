// Tables brought up to their plans before any row: changes of shape are short, and apart from the load.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import * as ddl from '../postgres/ddl.ts';
import { type Evolution, evolve, unusableKeys } from '../postgres/evolve.ts';
import { type CurrentTable, tableOf, wantedLayout } from '../postgres/layout.ts';
import { changeShape, type Run } from './run.ts';

/** Two plans in one table would take each other's rows for their own. */
export function claimTables(plans: readonly TablePlan[]): void {
  const owners = new Map<string, TablePlan>();
  for (const plan of plans) {
    const table = tableOf(plan);
    const owner = owners.get(table);
    if (owner && owner.declaration.stream !== plan.declaration.stream)
      throw configError(
        `Cannot write stream "${plan.declaration.stream}": stream "${owner.declaration.stream}" has a table "${table}" too, leave one out or write it to another "schema"`,
        { stream: plan.declaration.stream },
      );
    owners.set(table, plan);
  }
}

/** Changes the table that is there, if any, so that it takes the plan's rows; it is read anew afterwards. */
export async function growTable(run: Run, plan: TablePlan): Promise<void> {
  const { schema } = run;
  const table = (await run.tables()).get(tableOf(plan));
  if (!table) return;
  refuse(run, { plan, table });
  const due = evolve(plan, table);
  for (const { name, type, wanted } of due.kept)
    await run.tell(
      `Column "${name}" of table "${table.name}" is ${type} and stays so: values of ${wanted} that do not fit it become NULL and are noted in _airbyte_meta`,
    );
  const statements = shapeChanges(run, { plan, table, due });
  if (statements.length === 0) return;
  if (due.index)
    await run.tell(`Table "${table.name}" had no unique key: only the newest row of each key was kept`);
  await changeShape(run, statements, `change table "${schema}.${table.name}"`);
  run.forget();
}

function shapeChanges(
  { schema }: Run,
  { plan, table, due }: { readonly plan: TablePlan; readonly table: CurrentTable; readonly due: Evolution },
): readonly string[] {
  const { name } = table;
  return [
    ...(due.add.length > 0 ? [ddl.addColumns(schema, name, due.add)] : []),
    ...due.widen.map((wider) => ddl.changeType(schema, name, wider)),
    ...due.relax.map((column) => ddl.dropNotNull(schema, name, column)),
    ...(due.index
      ? [ddl.dropOlderVersions(schema, wantedLayout(plan)), ddl.addUniqueIndex(schema, wantedLayout(plan))]
      : []),
  ];
}

function refuse({ schema }: Run, { plan, table }: { plan: TablePlan; table: CurrentTable }): void {
  const { stream } = plan.declaration;
  if (!['r', 'p'].includes(table.kind))
    throw configError(
      `Cannot write table "${schema}.${table.name}": a view or foreign table has that name, drop it or choose another "schema"`,
      { stream },
    );
  const lost = unusableKeys(plan, table)[0];
  if (lost)
    throw configError(
      `Cannot write table "${schema}.${table.name}": its key column "${lost.name}" is ${lost.type} but the stream's keys are ${lost.wanted}, drop the table or choose another "schema"`,
      { stream },
    );
}

/** Inside a transaction: makes the table when it is missing; true when it was. Its key comes with the rows. */
export async function makeTable(run: Run, plan: TablePlan): Promise<boolean> {
  const { schema, settings, database } = run;
  if ((await run.tables()).has(tableOf(plan))) return false;
  const layout = wantedLayout(plan);
  await database.query(ddl.createTable(schema, layout));
  if (settings.reader) await database.query(ddl.grantTable(schema, layout.table, settings.reader));
  for (const sql of ddl.comments(schema, layout, plan.description)) await database.query(sql);
  return true;
}
