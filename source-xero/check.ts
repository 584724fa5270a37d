// Tries the configuration: the tokens, the connected organisations, and one call to the API.
import type { CheckResult, Context } from '@airbyte/cdk-typescript-shim';
import { notConnected, openSession, tenantsOf } from './session.ts';
import type { Config } from './spec.ts';

/** One call that counts (Organisation, which costs no egress); listing the connections costs nothing. */
export async function check(context: Context<Config>): Promise<CheckResult> {
  const { api } = openSession(context);
  const { connected, missing } = await tenantsOf(api, context.config.tenant_ids);
  const [unknown] = missing;
  if (unknown) return { ok: false, message: notConnected(unknown).message };
  const [tenant] = connected;
  if (!tenant) return { ok: false, message: 'No organisation is connected to the app: connect one first' };
  const { rows } = await api.list({ tenant, path: 'Organisation', list: 'Organisations' });
  const [organisation] = rows;
  const names = connected.map(({ name, id }) => `"${name}" (${id})`).join(', ');
  return {
    ok: true,
    message: `Got a token; the connection reaches ${names}; read the organisation "${organisation?.Name ?? tenant.name}"`,
  };
}
