// The consent flow: a person lets the app read, picks organisations, and gets a ready configuration.
import { type Context, configError, isObject, type LoginPorts } from '@airbyte/cdk-typescript-shim';
import { askConsent, CALLBACK_PORT } from '@airbyte/cdk-typescript-shim/kit';
import { openApi, type Tenant } from './api.ts';
import { tokenUrlOf, xeroIdentity } from './session.ts';
import { type Config, defaultEndpoints, type Endpoints } from './spec.ts';
import { scopes } from './streams.ts';

/** Xero allows localhost as the redirect's host, not 127.0.0.1. */
interface App {
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly scope: string;
  readonly port: number;
  readonly endpoints: Endpoints;
}

/**
 * Needs `credentials.client_id`, and `client_secret` unless the app logs in with PKCE; `credentials.scopes` and
 * `credentials.redirect_port` are optional. Returns the whole configuration, with a refresh token and the chosen tenants.
 */
export async function login(context: Context<Config>, ask: LoginPorts): Promise<Record<string, unknown>> {
  const app = appOf(context.config);
  const { tokens } = await askConsent(
    {
      ...app,
      authorizeUrl: `${app.endpoints.login}/identity/connect/authorize`,
      tokenUrl: tokenUrlOf(app.endpoints),
      // PKCE and a secret are two types of app at Xero: one does not take the other's login.
      pkce: app.clientSecret === undefined,
    },
    { ask, send: xeroIdentity(context), clock: context.clock },
  );
  if (!tokens.refreshToken)
    throw configError(
      'Cannot finish the login: Xero gave no refresh token, ask for the scope "offline_access"',
    );
  const tenants = await connected(app, context, tokens.accessToken);
  const chosen = await ask.choose(
    'Which organisations are to be read?',
    tenants.map(({ id, name }) => ({ label: name, value: id })),
  );
  return {
    ...context.config,
    credentials: { ...context.config.credentials, auth_type: 'oauth2', refresh_token: tokens.refreshToken },
    tenant_ids: chosen,
  };
}

/** The configuration is still to be completed, so nothing in it is certain. */
function appOf(config: unknown): App {
  const { credentials, endpoints, journals } = isObject(config) ? config : {};
  const { auth_type, client_id, client_secret, ...more } = isObject(credentials) ? credentials : {};
  const { scopes: own, redirect_port } = more;
  if (auth_type === 'client_credentials')
    throw configError('Cannot log in: a custom connection needs no consent, run check instead');
  if (typeof client_id !== 'string' || client_id === '')
    throw configError(
      'Cannot log in: set "credentials.client_id" to the client id of your app at developer.xero.com',
    );
  const ledger = journals === true ? ['accounting.journals.read'] : [];
  return {
    clientId: client_id,
    ...(typeof client_secret === 'string' && client_secret ? { clientSecret: client_secret } : {}),
    scope: typeof own === 'string' && own ? own : [...scopes, ...ledger, 'offline_access'].join(' '),
    port: typeof redirect_port === 'number' ? redirect_port : CALLBACK_PORT,
    endpoints: { ...defaultEndpoints, ...(isObject(endpoints) ? endpoints : {}) },
  };
}

async function connected(
  { endpoints }: App,
  { clock, signal }: Context<Config>,
  token: string,
): Promise<readonly Tenant[]> {
  const tokens = { token: async () => token, renew: async () => token };
  const tenants = await openApi({
    url: endpoints.api,
    tokens,
    clock,
    signal,
    dailyReserve: 0,
  }).organisations();
  if (tenants.length === 0)
    throw configError(
      'Cannot finish the login: no organisation was connected, allow at least one and log in again',
    );
  return tenants;
}
