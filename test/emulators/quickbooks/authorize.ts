// The consent step: a page with a choice of company, or an immediate decision, ending at the redirect URI with code and realm.
import { randomBytes } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer } from '../emulator.ts';
import { type QuickbooksApp, SCOPES } from './app.ts';
import type { Company } from './company.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { LIFETIMES } from './tokens.ts';

/** A code waiting to be exchanged, once. */
export interface PendingCode {
  readonly realmId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly expiresAt: number;
}

export interface ConsentContext {
  readonly app: QuickbooksApp;
  readonly switches: QuickbooksSwitches;
  readonly clock: Clock;
  readonly companies: ReadonlyMap<string, Company>;
  readonly codes: Map<string, PendingCode>;
}

/** GET /connect/oauth2. `decision=allow|deny` and `realm=ID` are the page's own fields. */
export function authorize(query: URLSearchParams, context: ConsentContext): Answer {
  const { app, switches, companies, codes, clock } = context;
  const redirectUri = query.get('redirect_uri') ?? '';
  const scopes = (query.get('scope') ?? '').split(' ').filter(Boolean);
  if (query.get('client_id') !== app.clientId) return errorPage('The client_id is not known');
  if (!isAllowed(redirectUri, app)) return errorPage('The redirect_uri query parameter value is invalid');
  const state = query.get('state');
  const fail = (error: string): Answer => redirect(redirectUri, { error, state });
  if (query.get('response_type') !== 'code') return fail('unsupported_response_type');
  if (state === null) return errorPage('The state query parameter is missing');
  if (scopes.length === 0 || scopes.some((scope) => !SCOPES.includes(scope))) return fail('invalid_scope');
  const decision = query.get('decision') ?? switches.consent;
  if (decision === 'deny') return fail('access_denied');
  if (decision === 'page') return consentPage(query, context);
  const realmId = query.get('realm') ?? companies.keys().next().value ?? '';
  const code = `AB1${randomBytes(20).toString('hex')}`;
  codes.set(code, { realmId, scopes, redirectUri, expiresAt: clock.now() + LIFETIMES.code });
  return redirect(redirectUri, { code, state, realmId });
}

/** Any port and path of a registered loopback host will do. */
function isAllowed(uri: string, app: QuickbooksApp): boolean {
  if (!URL.canParse(uri)) return false;
  const { hostname } = new URL(uri);
  const loopback = hostname === 'localhost' || hostname === '127.0.0.1';
  return app.redirectUris.some((one) => one === uri || (loopback && new URL(one).hostname === hostname));
}

function redirect(uri: string, parameters: Readonly<Record<string, string | null>>): Answer {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(parameters))
    if (value !== null) target.searchParams.set(name, value);
  return { status: 302, headers: { location: target.href } };
}

const page = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><title>Intuit</title>${body}`,
});

const errorPage = (message: string): Answer =>
  page(400, `<h1>Sorry, but something went wrong</h1><p>${htmlText(message)}</p>`);

function consentPage(query: URLSearchParams, { app, companies }: ConsentContext): Answer {
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${htmlText(name)}" value="${htmlText(value)}">`,
  );
  const options = [...companies.values()].map(
    ({ realmId, name }) => `<option value="${realmId}">${htmlText(name)}</option>`,
  );
  return page(
    200,
    `<h1>Authorize Intuit to securely share your data with ${htmlText(app.name)}</h1>
<form method="get">${hidden.join('')}<select name="realm">${options.join('')}</select>
<button name="decision" value="allow">Connect</button><button name="decision" value="deny">No thanks</button></form>`,
  );
}

const htmlText = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
