// One connection to Xero for one run: its tokens, its API, and the organisations to read.
import {
  type ConnectorError,
  type Context,
  configError,
  controlMessage,
  logMessage,
} from '@airbyte/cdk-typescript-shim';
import {
  clientCredentials,
  fail,
  httpSend,
  type OnWait,
  openTokenStore,
  refreshing,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { type Api, openApi, type Tenant, userAgent } from './api.ts';
import type { Config } from './spec.ts';

export interface Session {
  readonly api: Api;
  /** Why no token can be had any more, once the identity server has said so. */
  refused(): ConnectorError | undefined;
}

export function openSession(context: Context<Config>, onWait?: OnWait): Session {
  const { config, clock, signal } = context;
  let refusal: ConnectorError | undefined;
  const remember = (error: ConnectorError): never => {
    if (error.kind === 'config') refusal = error;
    throw error;
  };
  const source = tokensOf(context);
  const tokens: TokenSource = {
    token: () => source.token().catch(remember),
    renew: (rejected) => source.renew(rejected).catch(remember),
  };
  const api = openApi({
    url: config.endpoints.api,
    tokens,
    clock,
    signal,
    dailyReserve: config.daily_reserve,
    onWarning: once((warning) => void context.say(logMessage('WARN', warning))),
    ...(onWait ? { onWait } : {}),
  });
  return { api, refused: () => refusal };
}

/** Passes on each text once. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    told.add(text);
    tell(text);
  };
}

/** The way to the identity server: its own short stack, so that a refresh never waits for itself. */
export const identitySend = ({ clock }: Pick<Context<unknown>, 'clock'>): Send =>
  stack(
    [fail({ service: 'Xero' }), retry({ clock }), timeout({ milliseconds: 60_000 })],
    httpSend({ userAgent }),
  );

function tokensOf(context: Context<Config>): TokenSource {
  const { config, clock } = context;
  const { credentials } = config;
  const tokenUrl = `${config.endpoints.identity}/connect/token`;
  const send = identitySend(context);
  const client = { tokenUrl, clientId: credentials.client_id, send, clock };
  if (credentials.auth_type === 'client_credentials')
    return clientCredentials({
      ...client,
      clientSecret: credentials.client_secret,
      ...(credentials.scopes ? { scope: credentials.scopes } : {}),
    });
  return refreshing({
    ...client,
    ...(credentials.client_secret ? { clientSecret: credentials.client_secret } : {}),
    refreshToken: credentials.refresh_token,
    relogin: 'source-xero login',
    ...(config.token_store ? { store: openTokenStore(storeOptions(config.token_store, config)) } : {}),
    onRotated: (refreshToken) =>
      context.say(
        controlMessage(
          { ...config, credentials: { ...credentials, refresh_token: refreshToken } },
          clock.now(),
        ),
      ),
  });
}

const storeOptions = (path: string, { token_store_key: passphrase }: Config) => ({
  path,
  ...(passphrase ? { passphrase } : {}),
});

export interface Tenants {
  readonly connected: readonly Tenant[];
  /** Wanted by the configuration, unknown to the connection. */
  readonly missing: readonly Tenant[];
}

/** The organisations to read: those of the configuration, or all that are connected. */
export async function tenantsOf(api: Api, wanted: readonly string[]): Promise<Tenants> {
  const organisations = await api.organisations();
  if (wanted.length === 0 && organisations.length === 0)
    throw configError('Cannot read from Xero: no organisation is connected to the app, connect one first');
  if (wanted.length === 0) return { connected: organisations, missing: [] };
  const known = new Map(organisations.map((tenant) => [tenant.id.toLowerCase(), tenant]));
  const ids = [...new Set(wanted.map((id) => id.toLowerCase()))];
  return {
    connected: ids.flatMap((id) => known.get(id) ?? []),
    missing: ids.filter((id) => !known.has(id)).map((id) => ({ id, name: id })),
  };
}

export const notConnected = ({ id }: Tenant): ConnectorError =>
  configError(
    `Cannot read organisation "${id}": it is not connected to the app, connect it or take it out of "tenant_ids"`,
  );
