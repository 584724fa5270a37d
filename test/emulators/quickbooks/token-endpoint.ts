// POST /oauth2/v1/tokens/bearer and /v2/oauth2/tokens/revoke: grants, client authentication, and their errors.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import type { QuickbooksApp } from './app.ts';
import type { ConsentContext } from './authorize.ts';
import type { TokenReply, TokenStore } from './tokens.ts';

export interface TokenContext extends ConsentContext {
  readonly tokens: TokenStore;
}

const JSON_TYPE = { 'content-type': 'application/json;charset=utf-8', 'cache-control': 'no-store' };

const fail = (error: string, status: number, description?: string): Answer => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ error, ...(description === undefined ? {} : { error_description: description }) }),
});

export function token(request: EmulatorRequest, context: TokenContext): Answer {
  const { switches, tokens } = context;
  const form = new URLSearchParams(request.body.toString('utf8'));
  if (!isClient(request, form, context.app)) return fail('invalid_client', 401);
  const refused = (description: string): Answer =>
    fail('invalid_grant', 400, switches.grantDescriptions ? description : undefined);
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const reply = exchange(form, context);
      return reply ? success(reply, request, tokens) : refused('Invalid authorization code');
    }
    case 'refresh_token': {
      const reply = tokens.refresh(form.get('refresh_token') ?? '');
      return reply ? success(reply, request, tokens) : refused('Incorrect or invalid refresh token');
    }
    case null:
      return fail('invalid_request', 400);
    default:
      return fail('unsupported_grant_type', 400);
  }
}

/** The hard end is told to those who ask for it by header. */
function success(reply: TokenReply, { headers }: EmulatorRequest, tokens: TokenStore): Answer {
  const asked = String(headers['x-include-refresh-token-hard-expires-in'] ?? '').toLowerCase() === 'true';
  const body = asked
    ? { ...reply, x_refresh_token_hard_expires_in: tokens.hardSeconds(reply.refresh_token) }
    : reply;
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(body) };
}

/** Takes an access or a refresh token, as a form or as JSON, and ends its whole consent. */
export function revoke(request: EmulatorRequest, { app, tokens }: TokenContext): Answer {
  const body = request.body.toString('utf8');
  const form = new URLSearchParams(body);
  if (!isClient(request, form, app)) return fail('invalid_client', 401);
  const value = body.startsWith('{') ? tokenIn(body) : form.get('token');
  return tokens.revoke(value ?? '') ? { status: 200, body: '' } : fail('invalid_request', 400);
}

function tokenIn(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && 'token' in value ? String(value.token) : undefined;
  } catch {
    return undefined;
  }
}

/** By Basic authentication, or by id and secret in the form. */
function isClient({ headers }: EmulatorRequest, form: URLSearchParams, app: QuickbooksApp): boolean {
  const basic = /^Basic (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [id, secret] = basic ? decoded(basic) : [form.get('client_id'), form.get('client_secret')];
  return id === app.clientId && same(secret ?? '', app.clientSecret);
}

function decoded(basic: string): readonly [string, string] {
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const at = text.indexOf(':');
  return [decodeURIComponent(text.slice(0, at)), decodeURIComponent(text.slice(at + 1))];
}

function same(left: string, right: string): boolean {
  const [a, b] = [left, right].map((one) => createHash('sha256').update(one).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function exchange(form: URLSearchParams, { codes, clock, tokens }: TokenContext): TokenReply | undefined {
  const code = form.get('code') ?? '';
  const pending = codes.get(code);
  codes.delete(code);
  if (!pending || clock.now() >= pending.expiresAt || form.get('redirect_uri') !== pending.redirectUri)
    return undefined;
  return tokens.grant(pending.realmId, { scopes: pending.scopes });
}
