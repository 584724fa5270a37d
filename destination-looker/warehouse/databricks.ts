// Databricks as the warehouse that Looker models: the shared writer, with our settings in its terms.
import { type CheckResult, type Context, configError } from '@airbyte/cdk-typescript-shim';
import { check, openDelivery, tableOf } from '@ledgerpipe/databricks';
import type { DatabricksSettings as WriterSettings } from '@ledgerpipe/databricks/settings';
import type { Delivery } from '../delivery.ts';
import type { Config, DatabricksSettings } from '../spec.ts';
import { version } from '../version.ts';

const agent = `Ledgerpipe/${version} destination-looker`;

export const checkDatabricks = (
  context: Context<Config>,
  settings: DatabricksSettings,
): Promise<CheckResult> => check(writerContext(context, settings), { agent });

/** Asks nothing of the workspace yet: the first segment with rows does. */
export function openDatabricks(context: Context<Config>, settings: DatabricksSettings): Delivery {
  const writer = openDelivery(writerContext(context, settings), { agent });
  const delivered = new Map<string, number>();
  return {
    job: writer.job,
    async deliver(segment) {
      await writer.deliver(segment);
      for (const table of segment.tables)
        delivered.set(tableOf(table), (delivered.get(tableOf(table)) ?? 0) + table.rows);
    },
    async finish(plans) {
      await writer.finish();
      const { schema } = writerContext(context, settings).config;
      return plans.map((plan) => {
        const table = tableOf(plan);
        return { plan, table, schema: schema.toLowerCase(), rows: delivered.get(table) ?? 0 };
      });
    },
    close: async () => undefined,
  };
}

/** The context of the shared writer: whatever it can be told and we have no setting for has its usual value. */
export function writerContext(
  context: Context<Config>,
  settings: DatabricksSettings,
): Context<WriterSettings> {
  const { schema, deletion, unmatched_references, working_folder } = context.config;
  const { kind: _kind, client_id, client_secret, personal_access_token, ...place } = settings;
  return {
    ...context,
    config: {
      ...place,
      authentication: authenticationOf({ client_id, client_secret, personal_access_token }),
      ...{ schema, deletion, unmatched_references },
      ...(working_folder === undefined ? {} : { working_folder }),
      // Looker reads primary keys for its own checks; RELY would let the optimizer trust what nobody enforces.
      constraints: 'informational',
      cluster_by_auto: true,
      parallel: 3,
      warehouse_start_minutes: 15,
      purge_staging: true,
    },
  };
}

function authenticationOf({
  client_id,
  client_secret,
  personal_access_token,
}: {
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
  readonly personal_access_token: string | undefined;
}): WriterSettings['authentication'] {
  if (personal_access_token) return { auth_type: 'token', personal_access_token };
  if (client_id && client_secret) return { auth_type: 'oauth_m2m', client_id, client_secret };
  throw configError(
    'Config field "warehouse" has no way to sign in: give "client_id" and "client_secret", or "personal_access_token"',
  );
}
