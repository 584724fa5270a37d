// The consent flow as the Airbyte platform runs it for this source, in place of the command `login`.
import { advancedAuth } from '@airbyte/cdk-typescript-shim';
import { scope } from './streams.ts';

/** The company's id comes with the redirect alone, which the platform does not keep, so people type `realm_id` into the form. */
export const consentFlow = ({ login, identity }: { readonly login: string; readonly identity: string }) =>
  advancedAuth({
    authorizeUrl: `${login}/connect/oauth2`,
    tokenUrl: `${identity}/oauth2/v1/tokens/bearer`,
    scope,
    headers: { Accept: 'application/json' },
  });
