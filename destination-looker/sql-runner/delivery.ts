// SQL Runner as the way in: for small volumes, where nobody can give a connection to the database itself.
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { LookerApi } from '../api.ts';
import type { Delivery } from '../delivery.ts';
import { finishTables } from '../postgres/finish.ts';
import { tableOf } from '../postgres/layout.ts';
import type { Config } from '../spec.ts';
import { claimTables } from '../warehouse/tables.ts';
import { deliver } from './deliver.ts';
import { ensureTables, openRun } from './run.ts';

/** Makes no call yet: the first segment with rows does. */
export function openSqlRunner(context: Context<Config>, api: LookerApi): Delivery {
  const run = openRun(context, api);
  const { config } = context;
  const delivered = new Map<string, number>();
  return {
    job: run.job,
    async deliver(segment) {
      await deliver(run, segment);
      for (const table of segment.tables)
        if (table.rows > 0 || table.mode === 'replace')
          delivered.set(tableOf(table), (delivered.get(tableOf(table)) ?? 0) + table.rows);
    },
    async finish(plans) {
      if (plans.length === 0) return [];
      claimTables(plans);
      await ensureTables(run, plans);
      const loaded = await finishTables({
        config,
        job: run.job,
        log: run.log,
        plans,
        delivered,
        tables: await run.tables(),
        run: (sql, purpose) => run.statements.read(sql, purpose),
        change: async (sql, purpose) => {
          const counted = `WITH w AS (${sql} RETURNING 1) SELECT count(*) AS rows FROM w`;
          // Inserting members twice inserts them once: it may be sent again without a look.
          const rows = await run.statements.run(counted, { purpose, isDone: async () => false });
          return Number(rows?.[0]?.rows ?? 0);
        },
      });
      const { query, admin } = api.spent();
      await run.log('INFO', JSON.stringify({ event: 'Looker API calls', query, admin }));
      return loaded;
    },
    close: async () => undefined,
  };
}
