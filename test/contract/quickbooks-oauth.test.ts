// Intuit's own OAuth client, unchanged, works with the emulator: consent, exchange, rotation, revocation, identity.
import OAuthClient from 'intuit-oauth';
import { expect, test } from 'vitest';
import { type Reached, type ReachOptions, reach } from './quickbooks-clients.ts';

const HOUR = 3_600_000;
const REDIRECT = 'http://localhost:3000/callback';
const { Accounting, OpenId, Profile, Email } = OAuthClient.scopes;

interface Connected extends Reached {
  readonly client: OAuthClient;
}

/** A client before its consent. */
async function open(options: ReachOptions & { readonly hard?: boolean } = {}): Promise<Connected> {
  const { hard = false, ...rest } = options;
  const reached = await reach({
    documents: 40,
    ...rest,
    app: { redirectUris: [REDIRECT], ...rest.app },
    switches: { consent: 'allow', ...rest.switches },
  });
  const { clientId, clientSecret } = reached.quickbooks.app;
  const client = new OAuthClient({
    ...{ clientId, clientSecret, environment: 'production', redirectUri: REDIRECT },
    includeRefreshTokenHardExpiresIn: hard,
  });
  return { ...reached, client };
}

/** Sends the person through the consent page and gives the address they come back to. */
async function consent(
  { client, quickbooks }: Connected,
  scope: readonly string[] = [Accounting],
): Promise<string> {
  const address = new URL(client.authorizeUri({ scope: [...scope], state: 'a state of its own' }));
  const page = await fetch(`${quickbooks.authorizeUrl}${address.search}`, { redirect: 'manual' });
  return page.headers.get('location') ?? '';
}

async function connect(options: Parameters<typeof open>[0] = {}): Promise<Connected> {
  const connected = await open(options);
  await connected.client.createToken(await consent(connected));
  return connected;
}

/** The client's calls of the API go out by an HTTP instance of their own, past the change of addresses. */
const below = ({ quickbooks, realm }: Reached, path: string): string =>
  `${quickbooks.apiUrl}/v3/company/${realm}/${path}`;
const companyUrl = (reached: Reached): string => below(reached, `companyinfo/${reached.realm}`);

test('a consent ends in tokens and the realm, which the redirect alone tells', async () => {
  const connected = await open();
  const { client, realm, quickbooks } = connected;
  const back = new URL(await consent(connected));
  expect(back.searchParams.get('state')).toBe('a state of its own');
  const answer = await client.createToken(back.href);
  expect(answer.getToken()).toMatchObject({
    realmId: realm,
    token_type: 'bearer',
    expires_in: 3600,
    x_refresh_token_expires_in: expect.closeTo(8_726_400, -2),
    x_refresh_token_hard_expires_in: 0,
  });
  expect(answer.getIntuitTid()).toMatch(/\S/);
  expect([client.isAccessTokenValid(), client.token.isRefreshTokenValid()]).toEqual([true, true]);
  const bought = quickbooks.requests.find(({ url }) => url.pathname.startsWith('/oauth2/'));
  expect(bought?.headers.authorization).toMatch(/^Basic /);
  expect(new URLSearchParams(bought?.body.toString()).get('redirect_uri')).toBe(REDIRECT);
  const again = client.createToken(back.href);
  await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('a person who refuses comes back without a code', async () => {
  const connected = await open({ switches: { consent: 'deny' } });
  const back = new URL(await consent(connected));
  expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null]);
});

test('refreshing within a day gives the same refresh token, after a day another, and the old one dies', async () => {
  const { client, clock } = await connect();
  const first = client.getToken().refresh_token;
  const access = client.getToken().access_token;
  await client.refresh();
  expect(client.getToken().refresh_token).toBe(first);
  expect(client.getToken().access_token).not.toBe(access);
  clock.advance(25 * HOUR);
  const rotated = (await client.refresh()).getToken().refresh_token;
  expect(rotated).not.toBe(first);
  await expect(client.refreshUsingToken(first ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  await client.refreshUsingToken(rotated ?? '');
  expect(client.getToken().refresh_token).toBe(rotated);
});

test('the use of a dead refresh token may end the whole consent', async () => {
  const { client, clock } = await connect({ switches: { reuseRevokes: true } });
  const first = client.getToken().refresh_token;
  clock.advance(25 * HOUR);
  const rotated = (await client.refresh()).getToken().refresh_token;
  await expect(client.refreshUsingToken(first ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  await expect(client.refreshUsingToken(rotated ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('its opt-in header is answered with what is left of the five years', async () => {
  const { client, clock } = await connect({ hard: true });
  const left = client.getToken().x_refresh_token_hard_expires_in ?? 0;
  expect(left).toBeCloseTo(157_680_000, -2);
  clock.advance(30 * 24 * HOUR);
  await client.refresh();
  expect(left - (client.getToken().x_refresh_token_hard_expires_in ?? 0)).toBeCloseTo(30 * 86_400, -2);
});

test('revoking either token ends the consent, and the API refuses what it gave', async () => {
  for (const kind of ['access_token', 'refresh_token'] as const) {
    const connected = await connect();
    const { client } = connected;
    const tokens = { ...client.getToken().getToken() };
    const answer = await client.revoke({ [kind]: tokens[kind] });
    expect(answer.valid()).toBe(true);
    expect(client.getToken().access_token).toBe('');
    await expect(client.refreshUsingToken(tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    client.setToken(tokens);
    await expect(client.makeApiCall({ url: companyUrl(connected) })).rejects.toMatchObject({ code: '401' });
  }
});

test('a wrong secret is told from a bad code', async () => {
  const connected = await open();
  const { client } = connected;
  const back = await consent(connected);
  const { clientSecret } = client;
  client.clientSecret = 'not-the-secret';
  await expect(client.createToken(back)).rejects.toMatchObject({ error: 'invalid_client' });
  client.clientSecret = clientSecret;
  await expect(client.createToken(`${REDIRECT}?code=bogus&state=s`)).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  expect((await client.createToken(back)).valid()).toBe(true);
});

test('its calls of the API give the company, and faults with their code and text', async () => {
  const connected = await connect();
  const { client, books } = connected;
  const { json } = await client.makeApiCall({ url: companyUrl(connected) });
  expect(json.CompanyInfo.CompanyName).toBe(books.company.name);
  const url = below(connected, 'query');
  const params = { query: 'select * from Invoice maxresults 3', minorversion: 75 };
  expect((await client.makeApiCall({ url, params })).json.QueryResponse.Invoice).toHaveLength(3);
  await expect(client.makeApiCall({ url, params: { query: 'selekt' } })).rejects.toMatchObject({
    code: '4000',
    faultType: 'ValidationFault',
    intuitTid: expect.stringMatching(/\S/),
  });
});

test('the id token proves itself by the published keys, and userinfo tells what the scopes allow', async () => {
  const connected = await open();
  const { client, realm } = connected;
  await client.createToken(await consent(connected, [Accounting, OpenId, Profile]));
  expect(await client.validateIdToken()).toBe(true);
  const { sub, ...person } = (await client.getUserInfo()).json;
  expect(person).toEqual({ givenName: 'Mere', familyName: 'Tāmati' });
  const [, claims = ''] = client.getToken().id_token.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub, realmid: realm });
  const { id_token } = client.getToken();
  const [head, , proof] = id_token.split('.');
  const forged = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url').toString()), sub: 'x' }),
  );
  client.getToken().id_token = `${head}.${forged.toString('base64url')}.${proof}`;
  await expect(client.validateIdToken()).rejects.toThrow(/invalid signature/);
});

test('without the scope openid there is no id token, and no answer about the person', async () => {
  const connected = await open();
  const { client } = connected;
  await client.createToken(await consent(connected, [Accounting, Email]));
  expect(client.getToken().id_token).toBe('');
  await expect(client.getUserInfo()).rejects.toMatchObject({ error: 'invalid_token' });
});
