// POST /connect/token and /connect/revocation: grants, rotation, client authentication, and their errors.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { type ConsentContext, refusedScopes } from './authorize.ts';
import type { TokenReply, TokenStore } from './tokens.ts';

export interface TokenContext extends ConsentContext {
  readonly tokens: TokenStore;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

const fail = (error: string, status = 400): Answer => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ error }),
});

/** Handles POST /connect/token. */
export async function token(request: EmulatorRequest, context: TokenContext): Promise<Answer> {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const client = identify(request, form, context);
  if (client === undefined) return fail('invalid_client', context.switches.invalidClientStatus);
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return reply(await exchange(form, client, context));
    case 'refresh_token':
      return reply(await context.tokens.refresh(form.get('refresh_token') ?? ''));
    case 'client_credentials':
      return clientCredentials(form, client, context);
    case null:
      return fail('invalid_request');
    default:
      return fail('unsupported_grant_type');
  }
}

/** Handles POST /connect/revocation: always 200 for a known client; drops every connection of the user. */
export function revoke(request: EmulatorRequest, context: TokenContext): Answer {
  const form = new URLSearchParams(request.body.toString('utf8'));
  if (identify(request, form, context) === undefined)
    return fail('invalid_client', context.switches.invalidClientStatus);
  if (context.tokens.revoke(form.get('token') ?? '') !== undefined) context.connections.disconnectAll();
  return { status: 200, body: '' };
}

/** `secret` when the client proved its secret, `public` when a PKCE client only named itself, undefined otherwise. */
function identify(
  { headers }: EmulatorRequest,
  form: URLSearchParams,
  { app }: TokenContext,
): 'secret' | 'public' | undefined {
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [id, secret] = basic ? decodeBasic(basic) : [form.get('client_id'), form.get('client_secret')];
  if (id !== app.clientId) return undefined;
  if (secret === null || secret === undefined)
    return app.kind === 'pkce' || app.kind === 'any' ? 'public' : undefined;
  return same(secret, app.clientSecret) && app.kind !== 'pkce' ? 'secret' : undefined;
}

function decodeBasic(encoded: string): readonly [string, string] {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const at = text.indexOf(':');
  // RFC 6749 form-encodes both parts; plain ones decode to themselves.
  return [decodeURIComponent(text.slice(0, at)), decodeURIComponent(text.slice(at + 1))];
}

function same(left: string, right: string): boolean {
  const [a, b] = [left, right].map((one) => createHash('sha256').update(one).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

async function exchange(
  form: URLSearchParams,
  client: 'secret' | 'public',
  { codes, clock, tokens }: TokenContext,
): Promise<TokenReply | undefined> {
  const code = form.get('code') ?? '';
  const pending = codes.get(code);
  codes.delete(code);
  if (!pending || clock.now() >= pending.expiresAt || form.get('redirect_uri') !== pending.redirectUri)
    return undefined;
  if (pending.challenge === undefined) return client === 'secret' ? tokens.issue(pending.grant) : undefined;
  const verifier = form.get('code_verifier') ?? '';
  if (verifier.length < 43 || verifier.length > 128) return undefined;
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return challenge === pending.challenge ? tokens.issue(pending.grant) : undefined;
}

/** A custom connection: bound to one organisation, no refresh token. */
async function clientCredentials(
  form: URLSearchParams,
  client: 'secret' | 'public',
  context: TokenContext,
): Promise<Answer> {
  const { app, switches, companies, connections, clock, tokens } = context;
  if (client !== 'secret' || (app.kind !== 'custom' && app.kind !== 'any'))
    return fail('unauthorized_client');
  const asked = form.get('scope')?.split(' ').filter(Boolean);
  if (asked && refusedScopes(asked, context).length > 0) return fail(switches.refusedScope);
  const every =
    switches.customConnectionScopes === 'all'
      ? app.scopes.filter((one) => one.startsWith('accounting.'))
      : [];
  const company = companies.find((one) => one.company.id === app.customTenant) ?? companies[0];
  if (!company || connections.wasDropped(company.company.id)) return fail('unauthorized_client');
  const tenantId = company.company.id;
  // The organisation authorised a custom connection in the developer portal, before any token is asked for.
  if (!connections.of(tenantId))
    connections.connect([company], { authEventId: randomUUID(), at: clock.now() });
  const scopes = asked ?? refuseNone(every, context);
  return reply(await tokens.issue({ scopes, authEventId: undefined, tenantId }));
}

/** The scopes of `scopes` the app may have. */
function refuseNone(scopes: readonly string[], context: TokenContext): readonly string[] {
  const refused = refusedScopes(scopes, context);
  return scopes.filter((one) => !refused.includes(one));
}

/** Anything wrong with a code or a refresh token is invalid_grant, whatever the reason. */
function reply(tokens: TokenReply | undefined): Answer {
  return tokens ? { status: 200, headers: JSON_TYPE, body: JSON.stringify(tokens) } : fail('invalid_grant');
}
