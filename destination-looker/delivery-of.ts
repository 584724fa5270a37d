// The way in that a configuration asks for; each is loaded only when it is used.
import { type Context, systemError } from '@airbyte/cdk-typescript-shim';
import type { LookerApi } from './api.ts';
import type { Delivery } from './delivery.ts';
import { consistentSettings } from './settings/consistent.ts';
import type { Config } from './spec.ts';

/** Throws a config error when the settings contradict each other. */
export async function openDelivery(context: Context<Config>, api: LookerApi | undefined): Promise<Delivery> {
  consistentSettings(context.config);
  const { mode, warehouse, files } = context.config;
  if (mode === 'warehouse' && warehouse?.kind === 'postgres')
    return (await import('./warehouse/postgres.ts')).openPostgres(context, warehouse);
  if (mode === 'warehouse' && warehouse?.kind === 'databricks')
    return (await import('./warehouse/databricks.ts')).openDatabricks(context, warehouse);
  if (mode === 'sql_runner' && api)
    return (await import('./sql-runner/delivery.ts')).openSqlRunner(context, api);
  if (mode === 'files' && files) return (await import('./files/delivery.ts')).openFiles(context, files);
  throw systemError(`Cannot write: no way in for mode "${mode}", report it with the log`);
}
