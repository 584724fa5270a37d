// The consent flow: an administrator lets the app read a company, and gets a ready configuration.
import { type Context, configError, isObject, type LoginPorts } from '@airbyte/cdk-typescript-shim';
import { askConsent, CALLBACK_PORT } from '@airbyte/cdk-typescript-shim/kit';
import { intuitIdentity, tokenUrlOf } from './session.ts';
import { type Config, type Endpoints, endpointsOf } from './spec.ts';
import { scope } from './streams.ts';

/** Production apps may register https addresses alone, so the redirect may go by way of a page of one's own. */
interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly port: number;
  /** Where the redirect is sent instead of loopback: a page of one's own that passes it on. */
  readonly redirectUri?: string;
  readonly environment: Config['environment'];
  readonly endpoints: Endpoints;
}

/**
 * Needs `credentials.client_id` and `client_secret`; `credentials.redirect_port` and `credentials.redirect_uri` are
 * optional. Returns the whole configuration with a refresh token, and the company that the person chose.
 */
export async function login(context: Context<Config>, ask: LoginPorts): Promise<Record<string, unknown>> {
  const app = appOf(context.config);
  const { tokens, callback } = await askConsent(
    {
      ...app,
      authorizeUrl: `${app.endpoints.login}/connect/oauth2`,
      tokenUrl: tokenUrlOf(app),
      scope,
      // Intuit knows no PKCE.
      pkce: false,
    },
    { ask, send: intuitIdentity(context), clock: context.clock },
  );
  const realm = realmIn(callback);
  if (!tokens.refreshToken)
    throw configError('Cannot finish the login: QuickBooks gave no refresh token, start again');
  return {
    ...context.config,
    credentials: { ...context.config.credentials, auth_type: 'oauth2', refresh_token: tokens.refreshToken },
    realm_id: realm,
    environment: app.environment,
  };
}

/** The configuration is still to be completed, so nothing in it is certain. */
function appOf(config: unknown): App {
  const { credentials, endpoints, environment } = isObject(config) ? config : {};
  const { client_id, client_secret, redirect_port, redirect_uri } = isObject(credentials) ? credentials : {};
  for (const [name, value] of Object.entries({ client_id, client_secret }))
    if (typeof value !== 'string' || value === '')
      throw configError(
        `Cannot log in: set "credentials.${name}" to that of your app at developer.intuit.com`,
      );
  const kind = environment === 'sandbox' ? 'sandbox' : 'production';
  return {
    clientId: String(client_id),
    clientSecret: String(client_secret),
    port: typeof redirect_port === 'number' ? redirect_port : CALLBACK_PORT,
    ...(typeof redirect_uri === 'string' && redirect_uri ? { redirectUri: redirect_uri } : {}),
    environment: kind,
    endpoints: endpointsOf({ environment: kind, endpoints: isObject(endpoints) ? endpoints : {} }),
  };
}

/** The company's id comes here alone: no answer of the token endpoint has it. */
function realmIn(callback: URL): string {
  const realm = callback.searchParams.get('realmId') ?? '';
  if (/^\d+$/.test(realm)) return realm;
  throw configError(
    'Cannot finish the login: QuickBooks did not say which company was chosen, start again and choose one',
  );
}
