// The Xero emulator's sign-in: consent, codes, PKCE, rotation with grace, custom connections, connections, revocation.
import { createHash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import type { XeroEmulator, XeroOptions } from '../emulators/xero/index.ts';
import { LIFETIMES } from '../emulators/xero/index.ts';
import { fetchReply, type Reply, setUp } from './xero-setup.ts';

const REDIRECT = 'http://localhost:53682/callback';
const SCOPES = 'openid offline_access accounting.invoices.read accounting.settings.read';

const basic = ({ app }: XeroEmulator, secret = app.clientSecret): string =>
  `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}`;

const post = (
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  fetchReply(
    url,
    { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    { method: 'POST', body: new URLSearchParams(form) },
  );

const tokenOf = (
  xero: XeroEmulator,
  form: Record<string, string>,
  headers?: Record<string, string>,
): Promise<Reply> =>
  post(`${xero.identityUrl}/connect/token`, form, headers ?? { authorization: basic(xero) });

async function consent(xero: XeroEmulator, more: Record<string, string> = {}): Promise<URL> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: xero.app.clientId,
    redirect_uri: REDIRECT,
    scope: SCOPES,
    state: 's&1',
    decision: 'allow',
    ...more,
  });
  const reply = await fetchReply(`${xero.authorizeUrl}?${query}`, {});
  return new URL(reply.headers.get('location') ?? `error:${reply.status}`);
}

async function signIn(
  xero: XeroEmulator,
): Promise<{ access_token: string; refresh_token: string; id_token: string; expires_in: number }> {
  const code = (await consent(xero)).searchParams.get('code') ?? '';
  return (await tokenOf(xero, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT })).json;
}

const refresh = (xero: XeroEmulator, token: string): Promise<Reply> =>
  tokenOf(xero, { grant_type: 'refresh_token', refresh_token: token });

const open = async (options: Partial<XeroOptions> = {}) => setUp({ documents: 60, ...options });

test('a consent ends with a code and the state, and the code buys tokens once', async () => {
  const { xero } = await open();
  const back = await consent(xero);
  expect(back.searchParams.get('state')).toBe('s&1');
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
  };
  const first = await tokenOf(xero, form);
  expect(first.status).toBe(200);
  expect(first.json).toMatchObject({
    expires_in: 1800,
    token_type: 'Bearer',
    scope: SCOPES,
    refresh_token: expect.any(String),
  });
  const again = await tokenOf(xero, form);
  expect([again.status, again.json]).toEqual([400, { error: 'invalid_grant' }]);
});

test('the consent page is a form that carries the request on, and refusing it comes back as access_denied', async () => {
  const { xero } = await open();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: xero.app.clientId,
    redirect_uri: REDIRECT,
    scope: SCOPES,
    state: 'x',
  });
  const page = await fetchReply(`${xero.authorizeUrl}?${query}`, {});
  expect(page.status).toBe(200);
  expect(page.text).toContain('name="decision" value="allow"');
  expect(page.text).toContain(xero.companies[0]?.tenantId);
  expect((await consent(xero, { decision: 'deny' })).searchParams.get('error')).toBe('access_denied');
  const shown = await open({ switches: { authorizeErrors: 'page', consent: 'deny' } });
  expect((await fetchReply(`${shown.xero.authorizeUrl}?${query}`, {})).status).toBe(400);
});

test('codes die after five minutes and with another redirect URI; http is for localhost by name only', async () => {
  const { xero, clock } = await open();
  const code = async (): Promise<string> => (await consent(xero)).searchParams.get('code') ?? '';
  const late = await code();
  clock.advance(LIFETIMES.code);
  expect(
    (await tokenOf(xero, { grant_type: 'authorization_code', code: late, redirect_uri: REDIRECT })).json
      .error,
  ).toBe('invalid_grant');
  const other = await tokenOf(xero, {
    grant_type: 'authorization_code',
    code: await code(),
    redirect_uri: 'http://localhost/other',
  });
  expect(other.json.error).toBe('invalid_grant');
  expect((await consent(xero, { redirect_uri: 'http://127.0.0.1:53682/callback' })).protocol).toBe('error:');
});

test('PKCE needs no secret but the right verifier', async () => {
  const { xero } = await open({ app: { kind: 'pkce' } });
  const verifier = randomBytes(48).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const exchange = async (code_verifier: string): Promise<Reply> => {
    const back = await consent(xero, { code_challenge: challenge, code_challenge_method: 'S256' });
    const form = {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      client_id: xero.app.clientId,
      code_verifier,
    };
    return tokenOf(xero, form, {});
  };
  const good = await exchange(verifier);
  expect(good.status).toBe(200);
  expect((await exchange(`${verifier}x`)).json.error).toBe('invalid_grant');
  expect((await exchange('short')).json.error).toBe('invalid_grant');
  expect((await consent(xero)).searchParams.get('error')).toBe('invalid_request');
  const form = {
    grant_type: 'refresh_token',
    refresh_token: good.json.refresh_token,
    client_id: xero.app.clientId,
  };
  expect((await tokenOf(xero, form, {})).status).toBe(200);
});

test('a refresh rotates the token; the old one works for 30 minutes more, then never again', async () => {
  const { xero, clock } = await open();
  const first = await signIn(xero);
  const second = await refresh(xero, first.refresh_token);
  expect(second.json.refresh_token).not.toBe(first.refresh_token);
  clock.advance(LIFETIMES.grace - 60_000);
  expect((await refresh(xero, first.refresh_token)).status).toBe(200);
  clock.advance(120_000);
  expect([
    (await refresh(xero, first.refresh_token)).json,
    (await refresh(xero, second.json.refresh_token)).status,
  ]).toEqual([{ error: 'invalid_grant' }, 200]);
});

test('an unused refresh token dies after 60 days', async () => {
  const { xero, clock } = await open();
  const { refresh_token } = await signIn(xero);
  clock.advance(LIFETIMES.refresh - 60_000);
  const renewed = await refresh(xero, refresh_token);
  expect(renewed.status).toBe(200);
  clock.advance(LIFETIMES.refresh);
  expect((await refresh(xero, renewed.json.refresh_token)).json.error).toBe('invalid_grant');
});

test('an access token is over after 30 minutes: 401 TokenExpired with the instant', async () => {
  const { xero, clock, get, accessToken } = await open();
  expect((await get('Organisation')).status).toBe(200);
  clock.advance(LIFETIMES.access);
  const over = await get('Organisation');
  expect(over.status).toBe(401);
  expect(over.json).toMatchObject({ Type: null, Title: 'Unauthorized', Status: 401, Extensions: {} });
  expect(over.json.Detail).toMatch(/^TokenExpired: token expired at \d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d$/);
  expect((await get('Organisation', { authorization: `Bearer ${accessToken}x` })).json.Detail).toBe(
    'AuthenticationUnsuccessful',
  );
  const fresh = await xero.issueTokens();
  expect((await get('Organisation', { authorization: `Bearer ${fresh.access_token}` })).status).toBe(200);
});

test('wrong clients, grants and scopes are named as in RFC 6749', async () => {
  const { xero } = await open();
  const wrong = await tokenOf(
    xero,
    { grant_type: 'client_credentials' },
    { authorization: basic(xero, 'wrong') },
  );
  expect([wrong.status, wrong.json]).toEqual([400, { error: 'invalid_client' }]);
  expect((await tokenOf(xero, { grant_type: 'password' })).json.error).toBe('unsupported_grant_type');
  expect((await tokenOf(xero, {})).json.error).toBe('invalid_request');
  expect(
    (await tokenOf(xero, { grant_type: 'client_credentials', scope: 'accounting.transactions' })).json.error,
  ).toBe('invalid_scope');
  expect((await consent(xero, { scope: 'accounting.transactions.read' })).searchParams.get('error')).toBe(
    'invalid_scope',
  );
  const other = await open({
    app: { kind: 'web' },
    switches: { invalidClientStatus: 401, refusedScope: 'unauthorized_client' },
  });
  expect(
    (
      await tokenOf(
        other.xero,
        { grant_type: 'client_credentials' },
        { authorization: basic(other.xero, 'no') },
      )
    ).status,
  ).toBe(401);
  expect((await tokenOf(other.xero, { grant_type: 'client_credentials' })).json.error).toBe(
    'unauthorized_client',
  );
  expect((await consent(other.xero, { scope: 'nonsense' })).searchParams.get('error')).toBe(
    'unauthorized_client',
  );
});

test('broad scopes open what they stand for, where the app may still use them', async () => {
  const { xero, get } = await open({ switches: { broadScopes: true, classicExpensesScopes: 'broad' } });
  const { json } = await tokenOf(xero, {
    grant_type: 'client_credentials',
    scope: 'accounting.transactions.read accounting.reports.read',
  });
  const as = { authorization: `Bearer ${json.access_token}` };
  for (const path of ['Invoices', 'Payments', 'ManualJournals', 'Receipts', 'Reports/TrialBalance'])
    expect((await get(path, as)).status, path).toBe(200);
  expect((await get('Contacts', as)).status).toBe(401);
  expect((await get('Receipts')).status).toBe(401);
});

test('a custom connection has no refresh token, needs no tenant id, and belongs to one organisation', async () => {
  const { xero, get, tenantId } = await open({ app: { kind: 'custom' } });
  const { json } = await tokenOf(xero, { grant_type: 'client_credentials', scopes: 'ignored' });
  expect(json.refresh_token).toBeUndefined();
  expect(json.scope).toContain('accounting.invoices.read');
  const as = { authorization: `Bearer ${json.access_token}` };
  for (const id of [undefined, '', tenantId])
    expect((await get('Organisation', { ...as, 'xero-tenant-id': id })).status).toBe(200);
  const none = await open({ app: { kind: 'custom' }, switches: { customConnectionScopes: 'none' } });
  expect((await tokenOf(none.xero, { grant_type: 'client_credentials' })).json.scope).toBe('');
});

test('connections list what was connected, by consent too, and can be cut one by one', async () => {
  const { xero, get, tenantId } = await open();
  const { access_token } = await signIn(xero);
  const as = { authorization: `Bearer ${access_token}` };
  const { json, headers } = await fetchReply(xero.connectionsUrl, as);
  expect(json).toMatchObject([{ tenantId, tenantType: 'ORGANISATION', tenantName: xero.companies[0]?.name }]);
  expect(json[0].createdDateUtc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}$/);
  expect(headers.get('x-appminlimit-remaining')).not.toBeNull();
  expect(headers.get('x-minlimit-remaining')).toBeNull();
  expect(
    (await fetchReply(`${xero.connectionsUrl}?authEventId=${json[0].authEventId}`, as)).json,
  ).toHaveLength(1);
  expect((await fetchReply(`${xero.connectionsUrl}?authEventId=${tenantId}`, as)).json).toEqual([]);
  expect((await fetchReply(`${xero.connectionsUrl}/${tenantId}`, as, { method: 'DELETE' })).status).toBe(404);
  expect((await fetchReply(`${xero.connectionsUrl}/${json[0].id}`, as, { method: 'DELETE' })).status).toBe(
    204,
  );
  const cut = await get('Organisation');
  expect(cut.status).toBe(403);
  expect(cut.json).toMatchObject({ Title: 'Forbidden', Detail: 'AuthenticationUnsuccessful' });
});

test('a missing or wrong tenant is a 403', async () => {
  const { get } = await open();
  for (const id of [undefined, 'not-a-tenant', '00000000-0000-4000-8000-000000000000'])
    expect((await get('Organisation', { 'xero-tenant-id': id })).status).toBe(403);
});

test('revocation kills the refresh token and drops every connection', async () => {
  const { xero, get } = await open();
  const { refresh_token } = await signIn(xero);
  const reply = await post(
    `${xero.identityUrl}/connect/revocation`,
    { token: refresh_token },
    { authorization: basic(xero) },
  );
  expect([reply.status, reply.text]).toEqual([200, '']);
  expect((await refresh(xero, refresh_token)).json.error).toBe('invalid_grant');
  expect((await get('Organisation')).status).toBe(403);
});

test('discovery names the endpoints, and its keys verify the id token', async () => {
  const { xero, clock } = await open();
  const { json } = await fetchReply(`${xero.identityUrl}/.well-known/openid-configuration`, {});
  expect(json).toMatchObject({
    issuer: xero.url,
    token_endpoint: `${xero.identityUrl}/connect/token`,
    authorization_endpoint: xero.authorizeUrl,
  });
  const { id_token } = await signIn(xero);
  const { payload } = await jwtVerify(id_token, createRemoteJWKSet(new URL(json.jwks_uri)), {
    issuer: xero.url,
    audience: xero.app.clientId,
    currentDate: new Date(clock.now()),
  });
  expect(payload).toMatchObject({
    xero_userid: expect.any(String),
    authentication_event_id: expect.any(String),
  });
});

test('a missing scope is a 401 that names it insufficient, per endpoint', async () => {
  const { get } = await setUp({ documents: 60, scopes: ['accounting.contacts.read'] });
  expect((await get('Contacts')).status).toBe(200);
  const refused = await get('Invoices');
  expect(refused.status).toBe(401);
  expect(refused.json.Detail).toBe('AuthorizationUnsuccessful');
  expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
  const odd = await setUp({
    documents: 60,
    scopes: [],
    switches: { insufficientScope: 'insufficent_scope' },
  });
  expect((await odd.get('Invoices')).headers.get('www-authenticate')).toContain('insufficent_scope');
});

test('a role without the permission is a 403 on the endpoints it lacks', async () => {
  const { get } = await open({ switches: { forbidden: ['ManualJournals'] } });
  expect((await get('ManualJournals')).status).toBe(403);
  expect((await get('Invoices')).status).toBe(200);
});
