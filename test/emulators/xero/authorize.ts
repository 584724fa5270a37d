// The consent step: a page with a form, or an immediate decision, ending at the redirect URI with a code or an error.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books } from '../../books/index.ts';
import type { Answer } from '../emulator.ts';
import { BROAD_SCOPES, type XeroApp } from './app.ts';
import type { Connections } from './connections.ts';
import type { XeroSwitches } from './switches.ts';
import { type Grant, LIFETIMES } from './tokens.ts';

/** A code waiting to be exchanged, once. */
export interface PendingCode {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly expiresAt: number;
}

export interface ConsentContext {
  readonly app: XeroApp;
  readonly switches: XeroSwitches;
  readonly clock: Clock;
  readonly companies: readonly Books[];
  readonly connections: Connections;
  readonly codes: Map<string, PendingCode>;
}

/** Scopes among `asked` the app may not have. */
export function refusedScopes(
  asked: readonly string[],
  { app, switches }: Pick<ConsentContext, 'app' | 'switches'>,
): readonly string[] {
  return asked.filter(
    (scope) => !app.scopes.includes(scope) || (scope in BROAD_SCOPES && !switches.broadScopes),
  );
}

/** Handles GET /identity/connect/authorize. `decision=allow|deny` and `tenants=ID,ID` are the form's own fields. */
export function authorize(query: URLSearchParams, context: ConsentContext): Answer {
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== context.app.clientId)
    return errorPage('unauthorized_client: Unknown client');
  if (!isAllowedRedirect(redirectUri, context.app))
    return errorPage('unauthorized_client: Invalid redirect_uri');
  const scopes = (query.get('scope') ?? '').split(' ').filter(Boolean);
  const fail = (error: string): Answer =>
    context.switches.authorizeErrors === 'page'
      ? errorPage(error)
      : redirect(redirectUri, { error, state: query.get('state') });
  if (query.get('response_type') !== 'code') return fail('unsupported_response_type');
  if (context.app.kind === 'custom') return fail('unauthorized_client');
  if (scopes.length === 0 || refusedScopes(scopes, context).length > 0)
    return fail(context.switches.refusedScope);
  const challenge = query.get('code_challenge') ?? undefined;
  if (challenge !== undefined && query.get('code_challenge_method') !== 'S256')
    return fail('invalid_request');
  if (context.app.kind === 'pkce' && challenge === undefined) return fail('invalid_request');
  const decision = query.get('decision') ?? context.switches.consent;
  if (decision === 'deny') return fail('access_denied');
  if (decision === 'page') return consentPage(query, context);
  return redirect(redirectUri, {
    code: allow(query, { scopes, redirectUri, challenge }, context),
    state: query.get('state'),
  });
}

/** Connects the chosen organisations (all unless named) and hands out a code. */
function allow(
  query: URLSearchParams,
  {
    scopes,
    redirectUri,
    challenge,
  }: { scopes: readonly string[]; redirectUri: string; challenge: string | undefined },
  context: ConsentContext,
): string {
  const chosen = query.get('tenants')?.split(',').filter(Boolean);
  const companies = context.companies.filter(({ company }) => !chosen?.length || chosen.includes(company.id));
  const authEventId = randomUUID();
  context.connections.connect(companies, { authEventId, at: context.clock.now() });
  const code = randomBytes(24).toString('base64url');
  const expiresAt = context.clock.now() + LIFETIMES.code;
  context.codes.set(code, {
    grant: { scopes, authEventId, tenantId: undefined },
    redirectUri,
    challenge,
    expiresAt,
  });
  return code;
}

/** https, or http on localhost by name; http://127.0.0.1 is refused. A registered localhost stands for any port and path. */
function isAllowedRedirect(uri: string, app: XeroApp): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  if (protocol === 'http:' && hostname !== 'localhost') return false;
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return app.redirectUris.some(
    (one) => one === uri || (hostname === 'localhost' && new URL(one).hostname === 'localhost'),
  );
}

function redirect(uri: string, parameters: Readonly<Record<string, string | null>>): Answer {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href } };
}

function errorPage(message: string): Answer {
  return {
    status: 400,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<h1>Sorry, something went wrong</h1><p>${htmlText(message)}</p>`,
  };
}

function consentPage(query: URLSearchParams, { app, companies }: ConsentContext): Answer {
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${htmlText(name)}" value="${htmlText(value)}">`,
  );
  const options = companies.map(
    ({ company }) => `<option value="${company.id}">${htmlText(company.name)}</option>`,
  );
  const body = `<!doctype html><title>Authorise</title><h1>${htmlText(app.name)} wants access</h1>
<form method="get">${hidden.join('')}
<select name="tenants"><option value="">All organisations</option>${options.join('')}</select>
<button name="decision" value="allow">Allow access</button><button name="decision" value="deny">Cancel</button></form>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

const htmlText = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
