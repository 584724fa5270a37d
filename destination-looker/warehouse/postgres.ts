// PostgreSQL as the warehouse that Looker models.
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { TablePlan } from '@ledgerpipe/staging';
import type { Delivery, LoadedTable } from '../delivery.ts';
import * as ddl from '../postgres/ddl.ts';
import { finishTables } from '../postgres/finish.ts';
import { tableOf, wantedLayout } from '../postgres/layout.ts';
import type { Config, PostgresSettings } from '../spec.ts';
import { attempts, deliver } from './deliver.ts';
import { explainFailure, isConnectionLost, isPassing, readFailure } from './errors.ts';
import { inTransaction, openRun, type Run } from './run.ts';
import { claimTables, growTable, makeTable } from './tables.ts';

/** Opens no connection yet: the first segment with rows does. */
export function openPostgres(context: Context<Config>, settings: PostgresSettings): Delivery {
  const run = openRun(context, settings);
  const delivered = new Map<string, number>();
  return {
    job: run.job,
    async deliver(segment) {
      await deliver(run, segment);
      for (const table of segment.tables)
        if (table.rows > 0 || table.mode === 'replace')
          delivered.set(tableOf(table), (delivered.get(tableOf(table)) ?? 0) + table.rows);
    },
    finish: (plans) => finish(run, { plans, delivered }),
    close: () => run.database.close(),
  };
}

async function finish(
  run: Run,
  {
    plans,
    delivered,
  }: { readonly plans: readonly TablePlan[]; readonly delivered: ReadonlyMap<string, number> },
): Promise<readonly LoadedTable[]> {
  const { context, database, job, log } = run;
  if (plans.length === 0) return [];
  for (let count = 1; ; count += 1)
    try {
      await run.prepare();
      await makeEmptyTables(run, plans);
      return await finishTables({
        config: context.config,
        ...{ job, log, plans, delivered },
        tables: await run.tables(),
        run: async (sql) => (await database.query(sql)).rows,
        change: async (sql) => (await database.query(sql)).count,
      });
    } catch (error) {
      context.signal.throwIfAborted();
      run.forget();
      const failure = readFailure(error);
      // Everything here may be done twice.
      if (!isPassing(failure) || count >= attempts)
        throw explainFailure(error, `finish the load of schema "${run.schema}"`);
      if (isConnectionLost(failure)) await database.drop();
      await context.clock.sleep(Math.random() * Math.min(30_000, 1_000 * 2 ** count), context.signal);
    }
}

/** The model is made from all declared streams, so that each has its table, with rows or without. */
async function makeEmptyTables(run: Run, plans: readonly TablePlan[]): Promise<void> {
  const there = await run.tables();
  const missing = plans.filter((plan) => !there.has(tableOf(plan)));
  claimTables(plans);
  for (const plan of plans) if (there.has(tableOf(plan))) await growTable(run, plan);
  if (missing.length === 0) return;
  await inTransaction(run, async () => {
    for (const plan of missing) {
      const layout = wantedLayout(plan);
      if ((await makeTable(run, plan)) && layout.keys.length > 0)
        await run.database.query(ddl.addPrimaryKey(run.schema, layout));
    }
  });
  run.forget();
}
