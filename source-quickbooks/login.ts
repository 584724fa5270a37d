// The consent flow: an administrator lets the app read a company, and gets a ready configuration.
import { type Context, configError, isObject, type LoginPorts } from '@airbyte/cdk-typescript-shim';
import { authorizationUrl, exchangeCode, type Tokens } from '@airbyte/cdk-typescript-shim/kit';
import { identitySend, tokenUrlOf } from './session.ts';
import { type Config, type Endpoints, endpointsOf } from './spec.ts';
import { scope } from './streams.ts';

/** Registered with the app as http://localhost:8976/callback; production apps may register https addresses alone. */
const PORT = 8_976;
const PATIENCE = 15 * 60_000;

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
  const { tokens, realm } = await consent(app, context, ask);
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
    port: typeof redirect_port === 'number' ? redirect_port : PORT,
    ...(typeof redirect_uri === 'string' && redirect_uri ? { redirectUri: redirect_uri } : {}),
    environment: kind,
    endpoints: endpointsOf({ environment: kind, endpoints: isObject(endpoints) ? endpoints : {} }),
  };
}

async function consent(
  app: App,
  context: Context<Config>,
  ask: LoginPorts,
): Promise<{ tokens: Tokens; realm: string }> {
  const { clientId, clientSecret, environment, endpoints } = app;
  const listening = await ask.listen(app.port);
  try {
    const redirectUri = app.redirectUri ?? listening.url;
    const request = await authorizationUrl({
      authorizeUrl: `${endpoints.login}/connect/oauth2`,
      clientId,
      redirectUri,
      scope,
      // Intuit knows no PKCE.
      pkce: false,
    });
    await ask.open(request.url);
    const callback = await listening.wait(PATIENCE);
    const tokens = await exchangeCode({
      tokenUrl: tokenUrlOf({ environment, endpoints }),
      clientId,
      clientSecret,
      send: identitySend(context),
      clock: context.clock,
      redirectUri,
      callback,
      state: request.state,
    });
    return { tokens, realm: realmIn(callback) };
  } finally {
    await listening.close();
  }
}

/** The company's id comes here alone: no answer of the token endpoint has it. */
function realmIn(callback: URL): string {
  const realm = callback.searchParams.get('realmId') ?? '';
  if (/^\d+$/.test(realm)) return realm;
  throw configError(
    'Cannot finish the login: QuickBooks did not say which company was chosen, start again and choose one',
  );
}
