// The Xero emulator: identity, connections and the Accounting API of several companies in one server.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books } from '../../books/index.ts';
import { type Answer, type Emulator, type EmulatorRequest, startEmulator } from '../emulator.ts';
import { type AccountingContext, answer, organisationOf, tokenOf } from './accounting.ts';
import { DEFAULT_APP, READ_SCOPES, type XeroApp } from './app.ts';
import { authorize } from './authorize.ts';
import { Connections } from './connections.ts';
import { type Egress, formatted, packed } from './deliver.ts';
import { Refusal } from './errors.ts';
import { type Organisation, openOrganisation } from './organisation.ts';
import { DEFAULT_LIMITS, Quota, type QuotaFacts, type XeroLimits } from './quota.ts';
import { DEFAULT_SWITCHES, type XeroSwitches } from './switches.ts';
import { revoke, type TokenContext, token } from './token-endpoint.ts';
import { publicKeys, type TokenReply, TokenStore } from './tokens.ts';

export { BROAD_SCOPES, DEFAULT_APP, READ_SCOPES, type XeroApp } from './app.ts';
export { OUTAGES } from './errors.ts';
export { DEFAULT_LIMITS, type QuotaFacts, UNLIMITED, type XeroLimits } from './quota.ts';
export { DEFAULT_SWITCHES, type XeroSwitches } from './switches.ts';
export { LIFETIMES, type TokenReply } from './tokens.ts';
export * from './webhooks.ts';

export interface XeroOptions {
  /** One set of books per organisation; the tenant id is the company's id. */
  readonly companies: readonly Books[];
  readonly clock: Clock;
  readonly port?: number;
  readonly app?: Partial<XeroApp>;
  readonly switches?: Partial<XeroSwitches>;
  readonly limits?: Partial<XeroLimits>;
}

export interface IssueOptions {
  /** Scopes of the tokens: every read scope and offline_access unless given. */
  readonly scopes?: readonly string[];
  /** Organisations to connect; all of them unless given. */
  readonly tenants?: readonly string[];
  /** Life of the access token in ms; 30 minutes unless given. */
  readonly lifetime?: number;
}

export interface XeroEmulator extends Emulator {
  /** Base of the Accounting API: https://api.xero.com/api.xro/2.0 in the real world. */
  readonly accountingUrl: string;
  /** Base of /connect/token, /connect/revocation and the discovery document: https://identity.xero.com. */
  readonly identityUrl: string;
  /** https://login.xero.com/identity/connect/authorize. */
  readonly authorizeUrl: string;
  /** https://api.xero.com/connections. */
  readonly connectionsUrl: string;
  readonly app: XeroApp;
  readonly switches: XeroSwitches;
  readonly companies: readonly { readonly tenantId: string; readonly name: string; readonly books: Books }[];
  /** Tokens as after a consent, without going through one; connects the organisations. */
  issueTokens(options?: IssueOptions): Promise<TokenReply>;
  /** Ends every access token now; refresh tokens stay. */
  expireAccessTokens(): void;
  /** Disconnects an organisation, as its user can in Xero. */
  disconnect(tenantId: string): void;
  /** How many Accounting API requests arrived, refused ones included; `path` narrows them ("Invoices" or a pattern). */
  calls(path?: string | RegExp): number;
  /** What is left of the limits for an organisation; the first one unless given. */
  quota(tenantId?: string): QuotaFacts;
  /** Uses up calls without making them. */
  spend(calls: { minute?: number; day?: number; app?: number }, tenantId?: string): void;
  readonly egress: Readonly<Egress>;
}

/** Starts the emulator on a free loopback port. */
export async function startXero(options: XeroOptions): Promise<XeroEmulator> {
  const { clock, companies } = options;
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const app = { ...DEFAULT_APP, ...options.app };
  const organisations = new Map(companies.map((books) => [books.company.id, openOrganisation(books)]));
  const tokens = new TokenStore(clock, app.clientId);
  const connections = new Connections();
  const quota = new Quota(limits, switches);
  const egress: Egress = { raw: 0, sent: 0 };
  const context: Server = {
    ...{ app, switches, limits, clock, companies, organisations, tokens, connections, quota, egress },
    codes: new Map(),
  };
  const emulator = await startEmulator((request) => handle(request, context), {
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  tokens.issuer = emulator.url;
  const [first] = organisations.keys();
  const tenantOr = (tenantId: string | undefined): string => tenantId ?? first ?? '';
  return {
    ...emulator,
    accountingUrl: `${emulator.url}/api.xro/2.0`,
    identityUrl: emulator.url,
    authorizeUrl: `${emulator.url}/identity/connect/authorize`,
    connectionsUrl: `${emulator.url}/connections`,
    app,
    switches,
    companies: [...organisations.values()].map(({ tenantId, name, books }) => ({ tenantId, name, books })),
    issueTokens: (issue) => issueTokens(context, issue ?? {}),
    expireAccessTokens: () => tokens.expireAccess(),
    disconnect: (tenantId) => void connections.disconnect(connections.of(tenantId)?.id ?? ''),
    calls: (path) => emulator.requests.filter(({ url }) => isCall(url.pathname, path)).length,
    quota: (tenantId) => quota.facts(tenantOr(tenantId), clock.now()),
    spend: (calls, tenantId) => quota.spend(tenantOr(tenantId), clock.now(), calls),
    egress,
  };
}

interface Server extends AccountingContext, TokenContext {
  readonly quota: Quota;
  readonly egress: Egress;
  readonly organisations: ReadonlyMap<string, Organisation>;
}

function isCall(pathname: string, path: string | RegExp | undefined): boolean {
  if (!/^\/api\.xro\/2\.0\//i.test(pathname)) return false;
  if (path === undefined) return true;
  const rest = pathname.slice('/api.xro/2.0/'.length);
  return typeof path === 'string' ? rest === path || rest.startsWith(`${path}/`) : path.test(rest);
}

async function issueTokens(
  context: Server,
  { scopes, tenants, lifetime }: IssueOptions,
): Promise<TokenReply> {
  const authEventId = randomUUID();
  const companies = context.companies.filter(({ company }) => !tenants || tenants.includes(company.id));
  context.connections.connect(companies, { authEventId, at: context.clock.now() });
  const grant = { scopes: scopes ?? [...READ_SCOPES, 'offline_access'], authEventId, tenantId: undefined };
  return context.tokens.issue(grant, lifetime === undefined ? {} : { lifetime });
}

async function handle(request: EmulatorRequest, context: Server): Promise<Answer> {
  const path = request.url.pathname.toLowerCase().replace(/\/$/, '');
  try {
    if (path.startsWith('/api.xro/2.0')) return await accounting(request, context);
    if (path === '/connections' || path.startsWith('/connections/')) return connections(request, context);
    return await identity(path, request, context);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

async function identity(path: string, request: EmulatorRequest, context: Server): Promise<Answer> {
  const post = request.method === 'POST';
  if (path === '/identity/connect/authorize') return authorize(request.url.searchParams, context);
  if (path === '/connect/token' && post) return token(request, context);
  if (path === '/connect/revocation' && post) return revoke(request, context);
  if (path === '/.well-known/openid-configuration') return discovery(context);
  if (path === '/.well-known/openid-configuration/jwks') return json(JSON.stringify(await publicKeys()));
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'Not found' };
}

const json = (body: string, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body,
});

function discovery({ tokens: { issuer }, app }: Server): Answer {
  return json(
    JSON.stringify({
      issuer,
      jwks_uri: `${issuer}/.well-known/openid-configuration/jwks`,
      authorization_endpoint: `${issuer}/identity/connect/authorize`,
      token_endpoint: `${issuer}/connect/token`,
      revocation_endpoint: `${issuer}/connect/revocation`,
      scopes_supported: app.scopes,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      code_challenge_methods_supported: ['S256'],
    }),
  );
}

/** Tenantless: only the app's minute counts, and only its header comes back. */
function connections(request: EmulatorRequest, context: Server): Answer {
  tokenOf(request, context);
  const headers = context.quota.enterApp(context.clock.now());
  const id = request.url.pathname.split('/')[2] ?? '';
  if (id === '' && request.method === 'GET')
    return json(context.connections.json(request.url.searchParams.get('authEventId')), headers);
  if (id !== '' && request.method === 'DELETE')
    return { status: context.connections.disconnect(id.toLowerCase()) ? 204 : 404, headers };
  return { status: 404, headers };
}

async function accounting(request: EmulatorRequest, context: Server): Promise<Answer> {
  const { quota, clock, switches, limits, egress } = context;
  const correlation = { 'xero-correlation-id': randomUUID() };
  const granted = tokenOf(request, context);
  const organisation = organisationOf(request, granted, context);
  const { tenantId } = organisation;
  const connectedAt = context.connections.of(tenantId)?.createdAt ?? 0;
  quota.enter(tenantId, clock.now(), { free: switches.rapidSync && clock.now() - connectedAt < 30 * 60_000 });
  try {
    if (limits.latency > 0) await clock.sleep(limits.latency);
    const plain = respond(request, { token: granted, organisation }, context);
    const sent = await packed(plain, request, switches);
    if (!/\/organisation\/?$/i.test(request.url.pathname)) {
      egress.raw += Buffer.byteLength(plain.body ?? '');
      egress.sent += sent.body?.length ?? 0;
    }
    return { ...sent, headers: { ...sent.headers, ...quota.headers(tenantId, clock.now()), ...correlation } };
  } finally {
    quota.leave(tenantId);
  }
}

function respond(request: EmulatorRequest, call: Parameters<typeof answer>[1], context: Server): Answer {
  try {
    return formatted(answer(request, call, context), request, context.switches);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}
