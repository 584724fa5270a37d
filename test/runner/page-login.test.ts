// Who may see the page: the login by the token, its sessions, and what guessing costs.
import { expect, test } from 'vitest';
import { createDoor } from '../../runner/page/door.ts';
import { createSessions, sessionLength } from '../../runner/page/sessions.ts';
import { fastClock } from '../emulators/clock.ts';
import { endedJob, noon, type OpenPage, openPage } from './page-open.ts';

const token = 'correct-horse-battery-staple';
const browser = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-site': 'same-origin' };

const openGuarded = (): Promise<OpenPage> => openPage({ http: { token, listen: '0.0.0.0' } });

const post = (page: OpenPage, path: string, fields: Record<string, string>, headers = {}) =>
  fetch(`${page.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { ...browser, ...headers },
    redirect: 'manual',
  });

const get = (page: OpenPage, path: string, headers = {}) =>
  fetch(`${page.url}${path}`, { headers: { ...browser, ...headers }, redirect: 'manual' });

const cookieOf = (reply: Response): string => (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

async function logIn(page: OpenPage, to = '/'): Promise<string> {
  const reply = await post(page, '/login', { token, to });
  expect(reply.status).toBe(303);
  return cookieOf(reply);
}

test('without a token people get the login with a 401, and programs the 401 alone', async () => {
  const page = await openGuarded();
  await endedJob(page, {}, { state: 'failed', failure: { kind: 'config', message: 'Cannot find Acme' } });
  for (const path of ['/', '/jobs/1', '/failures', '/audit', '/pipelines/books', '/quotas', '/nowhere']) {
    const reply = await get(page, path);
    const text = await reply.text();
    expect([path, reply.status]).toEqual([path, 401]);
    expect(text).toContain('<h1>Log in</h1>');
    expect(text).not.toMatch(/Acme|books<|Log out/);
  }
  for (const [path, accept] of [
    ['/live', 'text/html'],
    ['/audit.csv', 'text/html'],
    ['/', 'application/json'],
  ] as const) {
    const reply = await get(page, path, { accept });
    expect([reply.status, await reply.text()]).toEqual([401, 'A login or the token is needed\n']);
    expect(reply.headers.get('www-authenticate')).toContain('Bearer');
  }
  expect((await post(page, '/replay', { job: '1' })).status).toBe(401);
  expect(await page.store.jobs.list()).toHaveLength(1);
});

test('the right token leads to where one wanted to go, with a cookie that scripts and other sites cannot use', async () => {
  const page = await openGuarded();
  expect(await (await get(page, '/jobs?state=done')).text()).toContain(
    '<input type="hidden" name="to" value="/jobs?state=done">',
  );
  const reply = await post(page, '/login', { token, to: '/jobs?state=done' });
  expect([reply.status, reply.headers.get('location')]).toEqual([303, '/jobs?state=done']);
  const set = reply.headers.get('set-cookie') ?? '';
  expect(set).toMatch(/^ledgerpipe_7460=\S+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  expect(set).not.toContain(token);
  expect(set).not.toContain(Buffer.from(token).toString('base64url'));
  const home = await get(page, '/', { cookie: cookieOf(reply) });
  expect(home.status).toBe(200);
  expect(await home.text()).toContain('Log out');
});

test('behind HTTPS the cookie is for HTTPS alone', async () => {
  const page = await openPage({ http: { token, public_url: 'https://pipes.example.com' } });
  const { 'sec-fetch-site': _, ...old } = browser;
  const reply = await fetch(`${page.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
    headers: { ...old, origin: 'https://pipes.example.com' },
    redirect: 'manual',
  });
  expect(reply.status).toBe(303);
  expect(reply.headers.get('set-cookie')).toMatch(/; Secure$/);
});

test.each([
  '//evil.example',
  '/\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
])('a login never leads to another site: %j', async (to) => {
  const page = await openGuarded();
  const location = (await post(page, '/login', { token, to })).headers.get('location') ?? '';
  expect(new URL(location, page.url).origin).toBe(page.url);
});

test('a wrong token is told, and not let in', async () => {
  const page = await openGuarded();
  for (const wrong of ['', 'wrong', `${token} `, token.slice(0, -1)]) {
    page.clock.advance(3_600_000);
    const reply = await post(page, '/login', { token: wrong });
    expect([wrong, reply.status]).toEqual([wrong, 401]);
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(await reply.text()).toContain('That is not the token: try again');
  }
});

test('guessing is slowed down, for Bearer as for the form, and ends with time', async () => {
  const page = await openGuarded();
  for (let count = 0; count < 2; count += 1)
    expect((await post(page, '/login', { token: 'guess' })).status).toBe(401);
  expect((await get(page, '/', { authorization: 'Bearer guess' })).status).toBe(401);
  const refused = await post(page, '/login', { token });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await get(page, '/', { authorization: `Bearer ${token}` })).status).toBe(429);
  page.clock.advance(1_500);
  expect((await post(page, '/login', { token })).status).toBe(303);
});

test('each wrong token doubles the wait up to half a minute, by address, and IPv6 by network', () => {
  const clock = fastClock({ start: noon, rate: 0.001 });
  const door = createDoor(token, clock);
  const waits: number[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    expect(door('guess', '10.0.0.1')).toEqual({ outcome: 'wrong' });
    const next = door('guess', '10.0.0.1');
    if (next.outcome === 'wait') clock.advance(next.seconds * 1_000);
    waits.push(next.outcome === 'wait' ? next.seconds : 0);
  }
  // The first two tries are free: the second of each pair was looked at, and counted.
  expect(waits).toEqual([0, 1, 2, 4, 8, 16, 30, 30, 30, 30]);
  expect(door(token, '10.0.0.2')).toEqual({ outcome: 'in' });
  for (let tries = 0; tries < 3; tries += 1) door('guess', `2001:db8::${tries}`);
  expect(door(token, '2001:db8:0:0:9::1').outcome).toBe('wait');
  expect(door(token, '2001:db8:0:1::1').outcome).toBe('in');
  expect(door(token, '::1').outcome).toBe('in');
});

test('a program sends the token with each request, and needs neither cookie nor form', async () => {
  const page = await openGuarded();
  const failed = await endedJob(page, {}, { state: 'failed', failure: { kind: 'config', message: 'no' } });
  const authorization = `Bearer ${token}`;
  const reply = await get(page, '/failures', { authorization });
  expect([reply.status, reply.headers.get('set-cookie')]).toEqual([200, null]);
  const { 'sec-fetch-site': _, ...plain } = browser;
  const replayed = await fetch(`${page.url}/replay`, {
    method: 'POST',
    body: new URLSearchParams({ job: String(failed.id) }),
    headers: { ...plain, authorization },
    redirect: 'manual',
  });
  expect([replayed.status, replayed.headers.get('location')]).toEqual([303, `/jobs/${failed.id + 1}`]);
});

test('a forged, foreign or outdated cookie is none', async () => {
  const page = await openGuarded();
  const cookie = await logIn(page);
  const [name = '', value = ''] = cookie.split('=');
  const [id, until, signature] = value.split('.');
  const other = createSessions({ token: 'another', port: 7460 });
  const foreign = other.cookie(other.begin(noon), { now: noon, secure: false }).split(';')[0] ?? '';
  for (const forged of [
    `${name}=${id}.${Number(until) + 1}.${signature}`,
    `${name}=x${id}.${until}.${signature}`,
    `${name}=${id}.${until}.`,
    `${name}=${id}.${until}`,
    `${name}=`,
    foreign,
    `other=${value}`,
  ])
    expect([forged, (await get(page, '/', { cookie: forged })).status]).toEqual([forged, 401]);
  expect((await get(page, '/', { cookie: `theme=dark; ${cookie}; x=y` })).status).toBe(200);
  page.clock.advance(sessionLength);
  expect((await get(page, '/', { cookie })).status).toBe(401);
});

test('sessions hold for every runner with the token, across restarts, and no longer than the token', () => {
  const [one, two, changed] = [token, token, 'new'].map((text) => createSessions({ token: text, port: 1 }));
  const session = one?.begin(noon);
  const cookie = session && one?.cookie(session, { now: noon, secure: false });
  expect(two?.of(cookie, noon)).toEqual(session);
  expect(changed?.of(cookie, noon)).toBeUndefined();
});

test('after the logout the cookie is worth nothing', async () => {
  const page = await openGuarded();
  const cookie = await logIn(page);
  const home = await (await get(page, '/', { cookie })).text();
  const csrf = /name="csrf" value="([^"]+)"/.exec(home)?.[1] ?? '';
  expect((await post(page, '/logout', { csrf: 'x' }, { cookie })).status).toBe(403);
  const reply = await post(page, '/logout', { csrf }, { cookie });
  expect(reply.headers.get('set-cookie')).toMatch(/^ledgerpipe_7460=; .*Max-Age=0$/);
  expect((await get(page, '/', { cookie })).status).toBe(401);
});

test('another site cannot log a browser in', async () => {
  const page = await openGuarded();
  const reply = await post(page, '/login', { token }, { 'sec-fetch-site': 'cross-site' });
  expect([reply.status, reply.headers.get('set-cookie')]).toEqual([403, null]);
});

test('style and script are there before the login, and say nothing', async () => {
  const page = await openGuarded();
  const text = await (await get(page, '/')).text();
  const links = [...text.matchAll(/(?:href|src)="(\/page-[^"]+)"/g)].map(([, link = '']) => link);
  expect(links).toHaveLength(2);
  for (const link of links) {
    const reply = await get(page, link);
    expect([reply.status, reply.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ]);
  }
});
