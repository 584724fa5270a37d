// One connection to Xero for one run: its tokens, its API, and the organisations to read.
import { type ConnectorError, type Context, configError, logMessage } from '@airbyte/cdk-typescript-shim';
import {
  clientCredentials,
  consentTokens,
  identitySend,
  type OnWait,
  type QuotaTeller,
  quotaTeller,
  rememberRefusal,
  type Send,
  type TokenSource,
} from '@airbyte/cdk-typescript-shim/kit';
import { type Api, openApi, type Tenant, userAgent } from './api.ts';
import type { Config } from './spec.ts';

export interface Session {
  readonly api: Api;
  /** What is left of the quotas of each organisation, and of the app. */
  readonly quotas: QuotaTeller;
  /** Why no token can be had any more, once the identity server has said so. */
  refused(): ConnectorError | undefined;
}

export function openSession(context: Context<Config>, onWait?: OnWait): Session {
  const { config, clock, signal } = context;
  const { tokens, refused } = rememberRefusal(tokensOf(context));
  const quotas = quotaTeller(context);
  const api = openApi({
    url: config.endpoints.api,
    tokens,
    clock,
    signal,
    dailyReserve: config.daily_reserve,
    quotas,
    onWarning: once((warning) => void context.say(logMessage('WARN', warning))),
    ...(onWait ? { onWait } : {}),
  });
  return { api, quotas, refused };
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

/** The way to Xero's identity server. */
export const xeroIdentity = (context: Pick<Context<unknown>, 'clock'>): Send =>
  identitySend(context, { service: 'Xero', userAgent });

export const tokenUrlOf = ({ identity }: Pick<Config['endpoints'], 'identity'>): string =>
  `${identity}/connect/token`;

function tokensOf(context: Context<Config>): TokenSource {
  const { config, clock } = context;
  const { credentials, endpoints } = config;
  const to = { tokenUrl: tokenUrlOf(endpoints), send: xeroIdentity(context) };
  if (credentials.auth_type === 'client_credentials')
    return clientCredentials({
      ...to,
      clock,
      clientId: credentials.client_id,
      clientSecret: credentials.client_secret,
      ...(credentials.scopes ? { scope: credentials.scopes } : {}),
    });
  const consented = { ...context, config: { ...config, credentials } };
  return consentTokens(consented, { ...to, relogin: 'source-xero login' });
}

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
