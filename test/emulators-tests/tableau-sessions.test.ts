// Signing in and what a session may do: tokens, sites, versions, scopes, expiry.
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { FastClock } from '../emulators/clock.ts';
import type { TableauEmulator } from '../emulators/tableau/index.ts';
import { callOf, clientOf, openClient, openServer, type Reply, signedIn } from './tableau-setup.ts';

const minute = 60_000;

const signIn = (emulator: TableauEmulator, credentials: Record<string, unknown>, site = 'books') =>
  callOf(emulator)('POST', '/auth/signin', {
    json: { credentials: { ...credentials, site: { contentUrl: site } } },
  });

const patOf = ({ config }: TableauEmulator) => ({
  personalAccessTokenName: config.pat.name,
  personalAccessTokenSecret: config.pat.secret,
});

const tokenOf = ({ json }: Reply): string => (json.credentials as { token: string }).token;

const twoSites = { sites: [{ contentUrl: 'books' }, { contentUrl: 'branch' }] };

test('the server tells its version to anybody', async () => {
  const { emulator } = await openServer({ version: '3.21' });
  const reply = await callOf(emulator)('GET', '/serverinfo', { version: '2.4' });
  expect(reply.json.serverInfo).toMatchObject({
    productVersion: { value: '2023.3.0', build: expect.stringMatching(/^\d/) },
    restApiVersion: '3.21',
  });
  const newer = await callOf(emulator)('GET', '/serverinfo', { version: '3.22' });
  expect(newer).toMatchObject({ status: 404, code: '404003' });
  const older = await callOf(emulator)('GET', '/serverinfo', { version: '2.3' });
  expect(older.code).toBe('404003');
});

test('the same sign-in works in XML, with entities in names', async () => {
  const { emulator } = await openServer({
    users: [{ name: 'a&b@example.com', password: '<secret> "quoted"' }],
  });
  const reply = await callOf(emulator)('POST', '/auth/signin', {
    accept: 'application/xml',
    xml: '<tsRequest><credentials name="a&amp;b@example.com" password="&lt;secret&gt; &quot;quoted&quot;"><site contentUrl="books"/></credentials></tsRequest>',
  });
  expect(reply.status).toBe(200);
  expect(reply.text).toMatch(/^<\?xml .*<tsResponse xmlns="http:\/\/tableau\.com\/api"/);
  expect(reply.text).toMatch(/<credentials token="[^"]+" estimatedTimeToExpiration="0[12]:\d\d:\d\d">/);
});

test('malformed XML and a wrong root are 400', async () => {
  const { emulator } = await openServer();
  const post = (xml: string) => callOf(emulator)('POST', '/auth/signin', { xml });
  expect(await post('<tsRequest><credentials')).toMatchObject({ status: 400, code: '400000' });
  expect(await post('<request/>')).toMatchObject({ status: 400, code: '400003' });
});

test.each([
  ['a wrong secret', { personalAccessTokenName: 'ledgerpipe', personalAccessTokenSecret: 'no' }, 'books'],
  ['an unknown token', { personalAccessTokenName: 'x', personalAccessTokenSecret: 'y' }, 'books'],
  ['a wrong password', { name: 'loader@example.com', password: 'wrong' }, 'books'],
])('%s is refused with 401001', async (_, credentials, site) => {
  const { emulator } = await openServer();
  expect(await signIn(emulator, credentials, site)).toMatchObject({ status: 401, code: '401001' });
  expect(emulator.signIns()).toEqual([]);
});

test('a site that does not exist, or that Cloud never has, is refused with 401001', async () => {
  const { emulator } = await openServer();
  expect(await signIn(emulator, patOf(emulator), 'elsewhere')).toMatchObject({ code: '401001' });
  expect(await signIn(emulator, patOf(emulator), '')).toMatchObject({ code: '401001' });
  const server = await openServer({ kind: 'server' });
  expect(await signIn(server.emulator, patOf(server.emulator), '')).toMatchObject({ status: 200 });
});

test('a second sign-in with one personal access token ends the first session, on another site too', async () => {
  const { emulator, clock } = await openServer(twoSites);
  const first = await signedIn(emulator, clock);
  const second = await signedIn(emulator, clock, { site: 'branch' });
  expect(await first.call('GET', '/sessions/current')).toMatchObject({ status: 401, code: '401002' });
  expect(await second.call('GET', '/sessions/current')).toMatchObject({ status: 200 });
  expect(emulator.signIns().map(({ site, method }) => `${site} ${method}`)).toEqual([
    'books pat',
    'branch pat',
  ]);
  expect(emulator.sessions.live).toBe(1);
});

test('sessions by password live beside each other', async () => {
  const { emulator } = await openServer();
  const { name, password } = emulator.config.user;
  const tokens = [
    tokenOf(await signIn(emulator, { name, password })),
    tokenOf(await signIn(emulator, { name, password })),
  ];
  for (const token of tokens)
    expect((await callOf(emulator)('GET', '/sessions/current', { token })).status).toBe(200);
});

test.each([
  ['cloud', 120],
  ['server', 240],
] as const)('a session of %s ends after %i minutes', async (kind, minutes) => {
  const client = await openClient({ kind, rate: 1 });
  client.clock.advance((minutes - 1) * minute);
  expect((await client.call('GET', '/sessions/current')).status).toBe(200);
  client.clock.advance(minute);
  expect(await client.call('GET', '/sessions/current')).toMatchObject({ status: 401, code: '401002' });
});

test('with the switches, use prolongs a session and the end is 401000', async () => {
  const client = await openClient({
    rate: 1,
    switches: { sessionLife: 'idle', expiredTokenCode: 401000 },
  });
  for (let hour = 0; hour < 3; hour += 1) {
    client.clock.advance(100 * minute);
    expect((await client.call('GET', '/sessions/current')).status).toBe(200);
  }
  client.clock.advance(121 * minute);
  expect((await client.call('GET', '/sessions/current')).code).toBe('401000');
});

test('without a token a call is 401000; after signing out the token is dead', async () => {
  const client = await openClient();
  const none = await callOf(client.emulator)('GET', `/sites/${client.site}/projects`);
  expect(none).toMatchObject({ status: 401, code: '401000' });
  expect(await client.call('POST', '/auth/signout')).toMatchObject({ status: 204, text: '' });
  expect((await client.on('GET', '/projects')).code).toBe('401002');
});

test('a personal access token dies unused after 15 days, and after a year', async () => {
  const { emulator, clock } = await openServer();
  const day = 24 * 60 * minute;
  clock.advance(14 * day);
  expect((await signIn(emulator, patOf(emulator))).status).toBe(200);
  for (let days = 0; days < 350; days += 14) {
    clock.advance(14 * day);
    await signIn(emulator, patOf(emulator));
  }
  expect((await signIn(emulator, patOf(emulator))).status).toBe(200);
  clock.advance(14 * day);
  expect((await signIn(emulator, patOf(emulator))).code).toBe('401001');
  const other = await openServer();
  other.clock.advance(16 * day);
  expect((await signIn(other.emulator, patOf(other.emulator))).code).toBe('401001');
  other.emulator.revokeToken(other.emulator.config.pat.name);
});

test('a token of one site opens nothing on another one', async () => {
  const client = await openClient(twoSites);
  const branch = client.emulator.siteIds.get('branch');
  expect((await client.call('GET', `/sites/${branch}/projects`)).status).toBe(403);
  const unknown = await client.call(
    'GET',
    `/sites/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/projects`,
  );
  expect(unknown).toMatchObject({ status: 404, code: '404000' });
  const strict = await openClient({ ...twoSites, switches: { otherSiteStatus: 401 } });
  const other = strict.emulator.siteIds.get('branch');
  expect((await strict.call('GET', `/sites/${other}/projects`)).code).toBe('401002');
});

test('switching gives a token of the other site; to the same one it is 403070', async () => {
  const client = await openClient(twoSites);
  const to = (contentUrl: string) =>
    client.call('POST', '/auth/switchSite', { json: { site: { contentUrl } } });
  expect(await to('books')).toMatchObject({ status: 403, code: '403070' });
  const reply = await to('branch');
  const { token, site } = reply.json.credentials as { token: string; site: { id: string } };
  expect(site.id).toBe(client.emulator.siteIds.get('branch'));
  expect((await client.call('GET', '/sessions/current')).code).toBe('401002');
  const there = clientOf(client.emulator, { clock: client.clock, token, site: site.id });
  expect((await there.on('GET', '/projects')).status).toBe(200);
  const strict = await openClient({ ...twoSites, switches: { patSwitchesSite: false } });
  const refused = await strict.call('POST', '/auth/switchSite', { json: { site: { contentUrl: 'branch' } } });
  expect(refused.status).toBe(403);
});

interface Claims {
  readonly issuer?: string;
  readonly kid?: string;
  readonly secret?: string;
  readonly subject?: string;
  readonly audience?: string;
  readonly minutes?: number;
  readonly jti?: string;
  readonly scopes?: readonly string[];
  readonly headerIssuer?: string | undefined;
}

/** A token as a Connected App makes it, with whatever is to be wrong about it. */
function jwt({ config }: TableauEmulator, clock: FastClock, claims: Claims = {}): Promise<string> {
  const { clientId, secretId, secretValue, username } = config.connectedApp;
  const header = { alg: 'HS256', typ: 'JWT', kid: claims.kid ?? secretId };
  const issuer = 'headerIssuer' in claims ? claims.headerIssuer : clientId;
  return new SignJWT({ scp: claims.scopes ?? ['tableau:content:read'] })
    .setProtectedHeader(issuer === undefined ? header : { ...header, iss: issuer })
    .setIssuer(claims.issuer ?? clientId)
    .setSubject(claims.subject ?? username)
    .setAudience(claims.audience ?? 'tableau')
    .setJti(claims.jti ?? `${Math.random()}`)
    .setExpirationTime(Math.floor(clock.now() / 1_000) + (claims.minutes ?? 9) * 60)
    .sign(new TextEncoder().encode(claims.secret ?? secretValue));
}

test('a Connected App signs in for a user, once per token', async () => {
  const { emulator, clock } = await openServer({ rate: 1 });
  const token = await jwt(emulator, clock);
  expect(await signIn(emulator, { jwt: token })).toMatchObject({ status: 200 });
  expect(emulator.signIns()).toMatchObject([{ method: 'jwt', user: emulator.config.connectedApp.username }]);
  expect((await signIn(emulator, { jwt: token })).text).toContain('errorCode=16');
});

test.each<[string, Claims, number]>([
  ['an unknown user', { subject: 'nobody@example.com' }, 5],
  ['a user in another case', { subject: 'LOADER@example.com' }, 5],
  ['an unknown app', { issuer: 'another' }, 126],
  ['an unknown secret', { kid: 'another' }, 127],
  ['a wrong signature', { secret: 'x'.repeat(32) }, 16],
  ['a life of over 10 minutes', { minutes: 11 }, 16],
  ['an end in the past', { minutes: -1 }, 16],
  ['another audience', { audience: 'other' }, 16],
  ['no issuer in its header', { headerIssuer: undefined }, 16],
])('a Connected App token with %s is refused', async (_, claims, number) => {
  const { emulator, clock } = await openServer({ rate: 1 });
  const reply = await signIn(emulator, { jwt: await jwt(emulator, clock, claims) });
  expect(reply).toMatchObject({ status: 401, code: '401001' });
  expect(reply.text).toContain(`errorCode=${number}`);
  const silent = await openServer({ rate: 1, switches: { jwtErrorPlace: 'nowhere' } });
  const quiet = await signIn(silent.emulator, { jwt: await jwt(silent.emulator, silent.clock, claims) });
  expect(quiet).toMatchObject({ status: 401, code: '401001' });
  expect(quiet.text).not.toContain('errorCode');
});

/** A session by Connected App with these scopes. */
async function scoped(
  scopes: readonly string[],
  options: Parameters<typeof openServer>[0] = {},
): Promise<ReturnType<typeof clientOf>> {
  const { emulator, clock } = await openServer({ rate: 1, ...options });
  const reply = await signIn(emulator, { jwt: await jwt(emulator, clock, { scopes }) });
  const { token, site } = reply.json.credentials as { token: string; site: { id: string } };
  return clientOf(emulator, { clock, token, site: site.id });
}

test('a Connected App session is held to its scopes', async () => {
  const client = await scoped(['tableau:content:read']);
  expect((await client.on('GET', '/projects')).status).toBe(200);
  expect((await client.on('POST', '/fileUploads')).code).toBe('401002');
  const strict = await scoped(['tableau:content:read'], { switches: { missingScopeStatus: 403 } });
  expect((await strict.on('POST', '/fileUploads')).status).toBe(403);
  const wild = await scoped(['tableau:file_uploads:*']);
  expect((await wild.on('POST', '/fileUploads')).status).toBe(201);
  const plain = await scoped(['tableau:file_uploads:*'], { switches: { scopeWildcards: false } });
  expect((await plain.on('POST', '/fileUploads')).code).toBe('401002');
});

test('the scope for jobs exists from 3.27 on', async () => {
  const probe = `/jobs/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`;
  const newer = await scoped(['tableau:jobs:read'], { version: '3.27' });
  expect((await newer.on('GET', probe)).status).toBe(404);
  const older = await scoped(['tableau:jobs:read'], { version: '3.26' });
  expect((await older.on('GET', probe)).status).toBe(401);
});

test('old versions know neither personal access tokens nor Connected Apps nor Hyper updates', async () => {
  const { emulator, clock } = await openServer({ rate: 1 });
  const at = (version: string, credentials: Record<string, unknown>) =>
    callOf(emulator)('POST', '/auth/signin', {
      version,
      json: { credentials: { ...credentials, site: { contentUrl: 'books' } } },
    });
  expect((await at('3.5', patOf(emulator))).status).toBe(401);
  expect((await at('3.15', { jwt: await jwt(emulator, clock) })).status).toBe(401);
  const token = tokenOf(await at('3.6', patOf(emulator)));
  const site = emulator.siteIds.get('books');
  const patch = await callOf(emulator)('PATCH', `/sites/${site}/datasources/x/data`, {
    version: '3.11',
    token,
    json: {},
  });
  expect(patch.code).toBe('404003');
});

test('a wrong verb is 405, a path nobody has is 404', async () => {
  const client = await openClient();
  expect(await client.on('DELETE', '/projects')).toMatchObject({ status: 405, code: '405000' });
  expect(await client.on('GET', '/nothing')).toMatchObject({ status: 404, code: '404003' });
});
