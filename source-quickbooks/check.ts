// Tries the configuration: the tokens, and one call that reads the company.
import type { CheckResult, Context } from '@airbyte/cdk-typescript-shim';
import { openSession } from './session.ts';
import type { Config } from './spec.ts';

/** One call to the API. */
export async function check(context: Context<Config>): Promise<CheckResult> {
  const { realm_id, environment } = context.config;
  const { api } = openSession(context);
  const company = await api.company();
  const name = String(company.CompanyName ?? realm_id);
  const country = company.Country ? ` in ${company.Country}` : '';
  return {
    ok: true,
    message: `Got a token; read the ${environment} company "${name}" (${realm_id})${country}`,
  };
}
