// The QuickBooks emulator's sign-in: consent, rotation, hard expiry, client faults, and every way an authorisation ends.
import { expect, test } from 'vitest';
import { generateBooks } from '../books/index.ts';
import {
  LIFETIMES,
  type QuickbooksEmulator,
  startQuickbooks,
  UNLIMITED,
} from '../emulators/quickbooks/index.ts';
import { type Reply, type Setup, setUp } from './quickbooks-setup.ts';
import { fetchReply } from './xero-setup.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const REDIRECT = 'http://localhost:53682/callback';

const basic = ({ app }: QuickbooksEmulator, secret = app.clientSecret): string =>
  `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}`;

function tokenOf(
  quickbooks: QuickbooksEmulator,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return fetchReply(
    quickbooks.tokenUrl,
    { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(quickbooks), ...headers },
    { method: 'POST', body: new URLSearchParams(form) },
  );
}

const refresh = (
  quickbooks: QuickbooksEmulator,
  refresh_token: string,
  headers?: Record<string, string>,
): Promise<Reply> => tokenOf(quickbooks, { grant_type: 'refresh_token', refresh_token }, headers);

async function consent(quickbooks: QuickbooksEmulator, more: Record<string, string> = {}): Promise<URL> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: quickbooks.app.clientId,
    redirect_uri: REDIRECT,
    scope: 'com.intuit.quickbooks.accounting',
    state: 's&1',
    decision: 'allow',
    ...more,
  });
  const reply = await fetchReply(`${quickbooks.authorizeUrl}?${query}`, {});
  return new URL(reply.headers.get('location') ?? `error:${reply.status}`);
}

const open = (options: Parameters<typeof setUp>[0] = {}): Promise<Setup> =>
  setUp({ documents: 60, ...options });

test('a consent comes back with code, state and realm, and the code buys tokens once', async () => {
  const { quickbooks, realmId } = await open();
  const back = await consent(quickbooks);
  expect([back.searchParams.get('state'), back.searchParams.get('realmId')]).toEqual(['s&1', realmId]);
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT,
  };
  const first = await tokenOf(quickbooks, form);
  expect(first.json).toMatchObject({
    token_type: 'bearer',
    expires_in: 3600,
    x_refresh_token_expires_in: expect.closeTo(8_726_400, -1),
  });
  expect('realmId' in first.json).toBe(false);
  expect(first.headers.get('intuit_tid')).toBeTruthy();
  const again = await tokenOf(quickbooks, form);
  expect([again.status, again.text]).toEqual([400, '{"error":"invalid_grant"}']);
});

test('the consent page is a form with a choice of company, and refusing comes back as access_denied', async () => {
  const { quickbooks, realmId } = await open();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: quickbooks.app.clientId,
    redirect_uri: REDIRECT,
    scope: 'com.intuit.quickbooks.accounting',
    state: 'x',
  });
  const page = await fetchReply(`${quickbooks.authorizeUrl}?${query}`, {});
  expect(page.text).toContain(`<option value="${realmId}">`);
  expect((await consent(quickbooks, { decision: 'deny' })).searchParams.get('error')).toBe('access_denied');
  expect((await consent(quickbooks, { scope: 'made.up' })).searchParams.get('error')).toBe('invalid_scope');
  expect((await consent(quickbooks, { redirect_uri: 'https://elsewhere.example/' })).protocol).toBe('error:');
});

test('a wrong key pair is 401 invalid_client, whatever it asks; right keys with a bogus code are 400', async () => {
  const { quickbooks } = await open();
  const wrong = await refresh(quickbooks, 'x', { authorization: basic(quickbooks, 'wrong') });
  expect([wrong.status, wrong.json]).toEqual([401, { error: 'invalid_client' }]);
  expect(
    (await tokenOf(quickbooks, { grant_type: 'authorization_code', code: 'bogus', redirect_uri: REDIRECT }))
      .status,
  ).toBe(400);
  const { clientId: client_id, clientSecret: client_secret } = quickbooks.app;
  const { refresh_token } = quickbooks.issueTokens();
  const inForm = await fetchReply(
    quickbooks.tokenUrl,
    {},
    {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id, client_secret }),
    },
  );
  expect(inForm.status).toBe(200);
});

test('a refresh returns the same refresh token within a day and a new one after it; the old one dies', async () => {
  const { quickbooks, clock, refreshToken } = await open();
  clock.advance(2 * HOUR);
  expect((await refresh(quickbooks, refreshToken)).json.refresh_token).toBe(refreshToken);
  clock.advance(23 * HOUR);
  const rotated = await refresh(quickbooks, refreshToken);
  expect(rotated.json.refresh_token).not.toBe(refreshToken);
  expect((await refresh(quickbooks, refreshToken)).text).toBe('{"error":"invalid_grant"}');
  expect((await refresh(quickbooks, rotated.json.refresh_token)).status).toBe(200);
});

test('an old refresh token works for a day where the switch says so, and hands out the new one', async () => {
  const { quickbooks, clock, refreshToken } = await open({
    switches: { oldRefreshToken: 'works for 24 hours' },
  });
  clock.advance(25 * HOUR);
  const rotated = (await refresh(quickbooks, refreshToken)).json.refresh_token;
  clock.advance(HOUR);
  expect((await refresh(quickbooks, refreshToken)).json.refresh_token).toBe(rotated);
  clock.advance(24 * HOUR);
  expect((await refresh(quickbooks, refreshToken)).status).toBe(400);
});

test('of two refreshes with one token the second fails, and may end the whole consent', async () => {
  for (const reuseRevokes of [false, true]) {
    const { quickbooks, refreshToken } = await open({ switches: { rotateAfterHours: 0, reuseRevokes } });
    const [winner, loser] = [
      await refresh(quickbooks, refreshToken),
      await refresh(quickbooks, refreshToken),
    ];
    expect([winner.status, loser.status]).toEqual([200, 400]);
    expect((await refresh(quickbooks, winner.json.refresh_token)).status).toBe(reuseRevokes ? 400 : 200);
  }
});

test('the hundred days start again with every refresh, and the five years do not', async () => {
  const { quickbooks, clock, refreshToken } = await open({ switches: { refreshTokenDays: 100 } });
  const header = { 'x-include-refresh-token-hard-expires-in': 'true' };
  const first = await refresh(quickbooks, refreshToken, header);
  expect(first.json.x_refresh_token_expires_in).toBe(8_640_000);
  expect(first.json.x_refresh_token_hard_expires_in).toBeGreaterThan(157_679_990);
  expect('x_refresh_token_hard_expires_in' in (await refresh(quickbooks, refreshToken)).json).toBe(false);
  clock.advance(99 * DAY);
  const late = await refresh(quickbooks, refreshToken, header);
  expect(late.json.x_refresh_token_expires_in).toBe(8_640_000);
  expect(late.json.x_refresh_token_hard_expires_in).toBeLessThan(157_680_000 - 98 * 86_400);
  clock.advance(101 * DAY);
  expect((await refresh(quickbooks, late.json.refresh_token)).status).toBe(400);
  const old = quickbooks.issueTokens({ grantedAt: clock.now() - LIFETIMES.hard });
  expect((await refresh(quickbooks, old.refresh_token)).status).toBe(400);
});

test('access tokens last an hour, and their end is a gateway fault in lower case', async () => {
  const { get, clock, quickbooks } = await open();
  expect((await get('companyinfo')).status).toBe(200);
  clock.advance(HOUR);
  const ended = await get('companyinfo');
  expect([ended.status, ended.json.fault.error[0].code, ended.json.fault.type]).toEqual([
    401,
    '3200',
    'AUTHENTICATION',
  ]);
  expect(ended.json.fault.error[0].detail).toBe('Token expired');
  const fresh = quickbooks.issueTokens();
  expect((await get('companyinfo', { authorization: `Bearer ${fresh.access_token}` })).status).toBe(200);
  quickbooks.expireAccessTokens();
  expect((await get('companyinfo', { authorization: `Bearer ${fresh.access_token}` })).status).toBe(401);
  expect((await get('companyinfo', { authorization: undefined })).status).toBe(401);
});

test('gateway faults come in upper case and with padded codes where the switches say so', async () => {
  const { get, clock } = await open({ switches: { gatewayCasing: 'upper', paddedCodes: true } });
  clock.advance(HOUR);
  expect((await get('companyinfo')).json.Fault.Error[0].code).toBe('003200');
});

test('tokens open their own company only', async () => {
  const companies = [generateBooks({ seed: 1, documents: 40 }), generateBooks({ seed: 2, documents: 40 })];
  const { clock } = await open();
  const quickbooks = await startQuickbooks({ companies, clock, limits: UNLIMITED });
  const [first, second] = quickbooks.companies;
  const { access_token } = quickbooks.issueTokens(second ? { realmId: second.realmId } : {});
  const status = async (realmId = ''): Promise<number> =>
    (
      await fetchReply(`${quickbooks.apiUrl}/v3/company/${realmId}/companyinfo/${realmId}`, {
        authorization: `Bearer ${access_token}`,
        accept: 'application/json',
      })
    ).status;
  expect([await status(first?.realmId), await status(second?.realmId), await status('123')]).toEqual([
    403, 200, 403,
  ]);
  await quickbooks.close();
  const strict = await open({ switches: { wrongRealmStatus: 404 } });
  const reply = await fetchReply(`${strict.quickbooks.apiUrl}/v3/company/123/companyinfo/123`, {
    authorization: `Bearer ${strict.accessToken}`,
  });
  expect(reply.status).toBe(404);
});

test('development keys, a lost role, an ended subscription and a disconnection each have their own fault', async () => {
  const sandbox = await open({ app: { keys: 'development' } });
  const keys = await sandbox.get('companyinfo');
  expect([keys.status, keys.json.fault.error[0].code]).toEqual([403, '3100']);
  const { get, quickbooks, realmId, refreshToken } = await open();
  quickbooks.demote(realmId);
  const role = await get('companyinfo');
  expect([role.status, role.json.Fault.Error[0].code]).toEqual([401, '120']);
  quickbooks.demote(realmId, false);
  quickbooks.lapse(realmId);
  expect((await get('companyinfo')).json.Fault.Error[0].code).toBe('6190');
  quickbooks.lapse(realmId, false);
  expect((await get('companyinfo')).status).toBe(200);
  quickbooks.disconnect(realmId);
  expect((await get('companyinfo')).status).toBe(401);
  expect((await refresh(quickbooks, refreshToken)).json).toEqual({ error: 'invalid_grant' });
});

test('revoking any token ends the consent', async () => {
  for (const form of ['json', 'form']) {
    const { get, quickbooks, accessToken, refreshToken } = await open();
    const body =
      form === 'json'
        ? JSON.stringify({ token: accessToken })
        : new URLSearchParams({ token: accessToken }).toString();
    const revoked = await fetchReply(
      quickbooks.revokeUrl,
      { authorization: basic(quickbooks) },
      { method: 'POST', body },
    );
    expect(revoked.status).toBe(200);
    expect((await refresh(quickbooks, refreshToken)).status).toBe(400);
    expect((await get('companyinfo')).status).toBe(401);
    const again = await fetchReply(
      quickbooks.revokeUrl,
      { authorization: basic(quickbooks) },
      { method: 'POST', body },
    );
    expect(again.status).toBe(400);
  }
});

test('the discovery document lists OpenID scopes but none of the data', async () => {
  const { quickbooks } = await open();
  const { json } = await fetchReply(quickbooks.discoveryUrl, {});
  expect(json.token_endpoint).toBe(quickbooks.tokenUrl);
  expect(json.scopes_supported).toContain('openid');
  expect(json.scopes_supported.join()).not.toContain('accounting');
});
