// The way to Looker: sessions that renew themselves and keep their workspace, refusals in words, and calls that count.
import { expect, onTestFinished, test } from 'vitest';
import { type Call, connect, instanceUrl, type LookerApi, pathOf } from '../../destination-looker/api.ts';
import { fastClock } from '../emulators/clock.ts';
import { type LookerEmulator, type LookerOptions, startLooker } from '../emulators/looker/index.ts';
import { startPostgres } from '../emulators/postgres/index.ts';

async function open(options: Partial<LookerOptions> = {}) {
  const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });
  const postgres = await startPostgres();
  const looker = await startLooker({ clock, postgres, ...options });
  const { clientId: client_id, clientSecret: client_secret } = looker.credentials;
  const api = connect({ looker: { base_url: `${looker.url}/api/4.0`, client_id, client_secret }, clock });
  onTestFinished(async () => {
    await api.close();
    await looker.close();
    await postgres.close();
  });
  return { looker, api, clock };
}

const user: Call = { method: 'GET', path: '/user', purpose: 'read the user' };
const workspace = async (api: LookerApi, asked: Pick<Call, 'workspace'> = {}): Promise<unknown> =>
  (
    (await api.json({ method: 'GET', path: '/session', purpose: 'read the session', ...asked })) as {
      workspace_id: string;
    }
  ).workspace_id;
const logins = ({ requests }: LookerEmulator): number =>
  requests.filter(({ url }) => url.pathname.endsWith('/login')).length;

test('one login serves all calls of a workspace, its keys travel in the body only, and close ends it', async () => {
  const { looker, api } = await open();
  await Promise.all([api.json(user), api.json(user), api.json(user)]);
  expect(logins(looker)).toBe(1);
  const login = looker.requests.find(({ url }) => url.pathname.endsWith('/login'));
  expect([login?.url.search, String(login?.body)]).toEqual(['', expect.stringContaining('client_id=')]);
  await api.close();
  expect(looker.requests.at(-1)).toMatchObject({ method: 'DELETE', status: 204 });
});

test('a session that was ended is opened again on 401, in the workspace it was in', async () => {
  const { looker, api } = await open();
  expect([await workspace(api), await workspace(api, { workspace: 'dev' })]).toEqual(['production', 'dev']);
  looker.expireTokens();
  expect([await workspace(api), await workspace(api, { workspace: 'dev' })]).toEqual(['production', 'dev']);
  expect(logins(looker)).toBe(4);
});

test('a session is opened again before it ends, without a refusal on the way', async () => {
  const { looker, api, clock } = await open({ tokenLifetime: 3_600 });
  await workspace(api, { workspace: 'dev' });
  clock.advance(3_550_000);
  expect(await workspace(api, { workspace: 'dev' })).toBe('dev');
  expect(looker.requests.filter(({ status }) => status === 401)).toEqual([]);
  expect(logins(looker)).toBe(2);
});

test('a POST that met an ended session is sent again, for it was not carried out', async () => {
  const { looker, api } = await open();
  await api.json(user);
  looker.expireTokens();
  const made = await api.json({
    method: 'POST',
    path: '/sql_queries',
    body: { connection_name: looker.connection, sql: 'SELECT 1' },
    purpose: 'make a query',
    quota: 'query',
  });
  expect(made).toMatchObject({ slug: expect.any(String) });
});

test('a 404 says that it may be a bad key or a missing permission, and can be accepted', async () => {
  const { api } = await open();
  const call: Call = {
    method: 'GET',
    path: pathOf('connections', 'no/where'),
    purpose: 'find the connection',
  };
  await expect(api.call(call)).rejects.toMatchObject({
    kind: 'config',
    status: 404,
    message: expect.stringMatching(/find the connection: .*a wrong name, a bad key or a missing permission/),
  });
  expect(await api.call({ ...call, accept: [404] })).toMatchObject({ status: 404 });
});

test('a wrong port or path is told by its 403', async () => {
  const { looker, clock } = await open();
  const { clientId: client_id, clientSecret: client_secret } = looker.credentials;
  looker.faults.add({ path: /login/, does: { kind: 'answer', status: 403, body: 'Forbidden' } });
  const api = connect({ looker: { base_url: looker.url, client_id, client_secret }, clock });
  await expect(api.json(user)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/check the port and path of "looker.base_url"/),
  });
});

test('every call that is sent is counted in its class, repetitions too, and logins in none', async () => {
  const { looker, api } = await open();
  looker.faults.add({ path: /\/user$/, does: { kind: 'answer', status: 503, body: 'busy' } });
  await api.json(user);
  await api.json({ method: 'GET', path: '/versions', purpose: 'read the version', quota: 'none' });
  expect(api.spent()).toEqual({ query: 0, admin: 2 });
});

test.each([
  ['acme.cloud.looker.com', 'https://acme.cloud.looker.com'],
  ['https://acme.looker.com:19999/api/4.0/', 'https://acme.looker.com:19999'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
])('the address of %s is %s', (given, wanted) => {
  expect(instanceUrl(given)).toBe(wanted);
});

test.each(['not a host', 'http://acme.looker.com'])('%s is no address', (given) => {
  expect(() => instanceUrl(given)).toThrow(/looker.base_url/);
});
