// What other sites can do to the page: nothing, by forms, frames, names or scripts.
import { request } from 'node:http';
import { expect, test } from 'vitest';
import { isLocal, isOwnForm } from '../../runner/page/origin.ts';
import { endedJob, type OpenPage, openPage } from './page-open.ts';

const failure = { kind: 'config', message: 'Cannot log in: log in again' } as const;

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** Fetch sets some headers itself: here every header is the test's. */
function ask(
  page: OpenPage,
  path: string,
  { headers = {}, form }: { headers?: Record<string, string>; form?: Record<string, string> } = {},
): Promise<Reply> {
  const body = form && new URLSearchParams(form).toString();
  return new Promise((done, failed) => {
    const sent = request(`${page.url}${path}`, {
      method: form ? 'POST' : 'GET',
      headers: {
        accept: 'text/html',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
    });
    sent.on('error', failed);
    sent.on('response', (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => done({ status: reply.statusCode ?? 0, text, headers: reply.headers }));
    });
    sent.end(body);
  });
}

const csrfIn = ({ text }: Reply): string => /name="csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
const cookieIn = ({ headers }: Reply): string => String(headers['set-cookie']).split(';')[0] ?? '';

const same = { 'sec-fetch-site': 'same-origin' };

test('the form of this session replays, once for each time it is sent', async () => {
  const page = await openPage();
  const { id } = await endedJob(page, {}, { state: 'failed', failure });
  const shown = await ask(page, '/failures');
  const form = { csrf: csrfIn(shown), job: String(id) };
  const reply = await ask(page, '/replay', { form, headers: { ...same, cookie: cookieIn(shown) } });
  expect([reply.status, reply.headers.location]).toEqual([303, `/jobs/${id + 1}`]);
  expect(await page.store.jobs.get(id + 1)).toMatchObject({
    cause: 'replay',
    replayOf: id,
    state: 'waiting',
  });
});

test.each([
  ['no session', { cookie: '' }, {}],
  ['no token of the form', {}, { csrf: '' }],
  ['the token of another session', {}, { csrf: 'other' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }, {}],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }, {}],
  ['an address that was typed in', { 'sec-fetch-site': 'none' }, {}],
  ['an old browser on another site', { 'sec-fetch-site': '', origin: 'http://evil.example' }, {}],
  ['a page without an origin', { 'sec-fetch-site': '', origin: 'null' }, {}],
  ['nothing that says where from', { 'sec-fetch-site': '' }, {}],
])('a replay is refused with %s, and nothing is added', async (_, headers, fields) => {
  const page = await openPage();
  const { id } = await endedJob(page, {}, { state: 'failed', failure });
  const shown = await ask(page, '/failures');
  const other = csrfIn(await ask(page, '/failures'));
  expect(other).not.toBe(csrfIn(shown));
  const form: Record<string, string> = { csrf: csrfIn(shown), job: String(id), ...fields };
  if (form.csrf === 'other') form.csrf = other;
  const all: Record<string, string> = { ...same, cookie: cookieIn(shown), ...headers };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
  const reply = await ask(page, '/replay', { form, headers: given });
  expect(reply.status).toBe(403);
  expect(reply.text).toContain('That form is out of date');
  expect(await page.store.jobs.list()).toHaveLength(1);
});

test('an old browser says by its origin that the form is ours', () => {
  const host = '127.0.0.1:7460';
  expect(isOwnForm({ host, origin: `http://${host}` }, undefined)).toBe(true);
  expect(isOwnForm({ host, origin: 'http://127.0.0.1:7461' }, undefined)).toBe(false);
  expect(isOwnForm({ host, origin: 'https://pipes.example.com' }, 'https://pipes.example.com')).toBe(true);
  expect(isOwnForm({ host, origin: 'https://evil.example' }, 'https://pipes.example.com')).toBe(false);
});

test.each(['GET', 'PUT', 'DELETE'])('%s never replays', async (method) => {
  const page = await openPage();
  const { id } = await endedJob(page, {}, { state: 'failed', failure });
  const reply = await fetch(`${page.url}/replay?job=${id}`, { method });
  expect(reply.status).toBe(404);
  expect(await page.store.jobs.list()).toHaveLength(1);
});

test('without a login a foreign name that was made to mean this machine gets nothing', async () => {
  const page = await openPage();
  for (const host of [
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
  ]) {
    const reply = await ask(page, '/', { headers: { host } });
    expect([host, reply.status]).toEqual([host, 403]);
    expect(reply.text).not.toContain('books');
  }
  for (const host of ['localhost:7460', '127.0.0.1', 'ledgerpipe.localhost', '[::1]:7460', 'LOCALHOST'])
    expect([host, (await ask(page, '/', { headers: { host } })).status]).toEqual([host, 200]);
});

test('without a login a tunnel for webhooks does not show the page to the world', async () => {
  const page = await openPage({ http: { public_url: 'https://pipes.example.com' } });
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  expect((await ask(page, '/', { headers })).status).toBe(403);
  expect((await ask(page, '/', { headers: { host: 'pipes.example.com' } })).status).toBe(403);
  expect(isLocal({ host: 'localhost', forwarded: 'for=203.0.113.7' })).toBe(false);
  expect(isLocal({})).toBe(false);
});

test('with a login any name of the machine is fine', async () => {
  const page = await openPage({ http: { token: 'secret' } });
  const headers = { host: 'pipes.example.com', authorization: 'Bearer secret' };
  expect((await ask(page, '/', { headers })).status).toBe(200);
});

test('every answer forbids foreign scripts, frames and caches, errors and refusals too', async () => {
  const page = await openPage();
  for (const [path, host] of [
    ['/', 'localhost'],
    ['/live', 'localhost'],
    ['/audit.csv', 'localhost'],
    ['/nowhere', 'localhost'],
    ['/', 'evil.example'],
  ] as const) {
    const { headers } = await ask(page, path, { headers: { host } });
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; " +
        "frame-ancestors 'none'; base-uri 'none'",
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['cache-control']).toBe('no-store');
  }
});

test('a form that is too large or of another kind is refused, not read', async () => {
  const page = await openPage();
  const large = await ask(page, '/replay', { form: { record: 'x'.repeat(20_000) } });
  expect([large.status, large.text.includes('cannot be read')]).toEqual([413, true]);
  const json = await fetch(`${page.url}/replay`, {
    method: 'POST',
    body: '{"job":1}',
    headers: { 'content-type': 'application/json', ...same },
  });
  expect(json.status).toBe(403);
});

test('the forms of the page are read for the page alone', async () => {
  const page = await openPage();
  // Another plugin of the same server, after the page's, has its own way with the same kind of body.
  expect(page.app.hasContentTypeParser('application/x-www-form-urlencoded')).toBe(false);
});
