// The consent flow as the Airbyte platform runs it for this source, in place of the command `login`.
import { advancedAuth } from '@airbyte/cdk-typescript-shim';
import { scopes } from './streams.ts';

/** Journals need their own scope, so a connection with journals logs in by command. */
export const consentFlow = ({ login, identity }: { readonly login: string; readonly identity: string }) =>
  advancedAuth({
    authorizeUrl: `${login}/identity/connect/authorize`,
    tokenUrl: `${identity}/connect/token`,
    scope: [...scopes, 'offline_access'].join(' '),
  });
