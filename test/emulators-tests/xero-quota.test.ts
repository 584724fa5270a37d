// The Xero emulator's limits, outages and odd answers: headers, the four kinds of 429, plain-text 503, faults.
import { expect, onTestFinished, test } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { OUTAGES, startXero } from '../emulators/xero/index.ts';
import { fetchReply, setUp } from './xero-setup.ts';

const DEFAULTS = { minute: 60, day: 5000, concurrent: 5, appMinute: 10_000 };

test('every call about an organisation says what is left of three limits, and carries a correlation id', async () => {
  const { get } = await setUp({ documents: 50, limits: DEFAULTS });
  const left = async (): Promise<(string | null)[]> => {
    const { headers } = await get('Organisation');
    return ['x-minlimit-remaining', 'x-daylimit-remaining', 'x-appminlimit-remaining'].map((name) =>
      headers.get(name),
    );
  };
  expect(await left()).toEqual(['59', '4999', '9999']);
  expect(await left()).toEqual(['58', '4998', '9998']);
  expect((await get('Organisation')).headers.get('xero-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('the sixty-first call of a minute is refused until the window is over', async () => {
  const { get, clock, xero } = await setUp({ documents: 50, limits: DEFAULTS });
  for (let call = 0; call < 60; call += 1) expect((await get('Currencies')).status).toBe(200);
  const refused = await get('Currencies');
  expect([refused.status, refused.text, refused.headers.get('x-rate-limit-problem')]).toEqual([
    429,
    '',
    'minute',
  ]);
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  clock.advance(wait * 1000);
  expect((await get('Currencies')).status).toBe(200);
  expect(xero.calls('Currencies')).toBe(62);
  expect(xero.calls()).toBe(62);
});

test('the day limit asks for hours, the app limit for seconds, each under its own name', async () => {
  const { get, xero } = await setUp({ documents: 50, limits: { ...DEFAULTS, day: 1000 } });
  xero.spend({ day: 1000 });
  const day = await get('Currencies');
  expect([
    day.status,
    day.headers.get('x-rate-limit-problem'),
    day.headers.get('x-daylimit-remaining'),
  ]).toEqual([429, 'day', '0']);
  expect(Number(day.headers.get('retry-after'))).toBeGreaterThan(60);
  const app = await setUp({
    documents: 50,
    limits: DEFAULTS,
    switches: { appLimitProblem: 'app', rateLimitProblems: 'capitalised' },
  });
  app.xero.spend({ app: 10_000 });
  expect((await app.get('Currencies')).headers.get('x-rate-limit-problem')).toBe('App');
  expect(
    (await fetchReply(app.xero.connectionsUrl, { authorization: `Bearer ${app.accessToken}` })).status,
  ).toBe(429);
});

test('a sixth call in flight is refused without Retry-After, and costs nothing', async () => {
  const { get, xero } = await setUp({ documents: 50, limits: { ...DEFAULTS, latency: 60 } });
  const replies = await Promise.all(Array.from({ length: 7 }, () => get('Currencies')));
  const refused = replies.filter((one) => one.status === 429);
  expect(refused).toHaveLength(2);
  expect(
    refused.map((one) => [one.headers.get('x-rate-limit-problem'), one.headers.get('retry-after')]),
  ).toEqual([
    ['concurrent', null],
    ['concurrent', null],
  ]);
  expect(xero.quota()).toMatchObject({ minuteLeft: 55, inFlight: 0 });
});

test('a new connection reads freely for half an hour where Rapid Sync is on', async () => {
  const { get, clock, xero } = await setUp({
    documents: 50,
    limits: { ...DEFAULTS, minute: 2 },
    switches: { rapidSync: true },
  });
  for (let call = 0; call < 5; call += 1) expect((await get('Currencies')).status).toBe(200);
  clock.advance(29 * 60_000);
  expect(xero.quota().dayLeft).toBe(5000);
  const tokens = await xero.issueTokens();
  const as = { authorization: `Bearer ${tokens.access_token}` };
  expect((await get('Currencies', as)).status).toBe(200);
  clock.advance(2 * 60_000);
  for (let call = 0; call < 2; call += 1) await get('Currencies', as);
  expect((await get('Currencies', as)).status).toBe(429);
});

test('scripted faults answer with plain-text outages, cut connections and broken JSON', async () => {
  const { get, xero } = await setUp({ documents: 50 });
  xero.faults.add({
    path: /Invoices/,
    does: {
      kind: 'answer',
      status: 503,
      headers: { 'content-type': 'text/plain' },
      body: OUTAGES.organisation,
    },
  });
  expect(await get('Invoices')).toMatchObject({
    status: 503,
    text: 'The Organisation is offline',
    json: undefined,
  });
  xero.faults.add({ path: /Accounts/, does: { kind: 'truncate' } });
  expect((await get('Accounts', { 'accept-encoding': 'identity' })).json).toBeUndefined();
  xero.faults.add({ path: /Users/, does: { kind: 'cut', when: 'before' } });
  await expect(get('Users')).rejects.toThrow();
  expect((await get('Users')).status).toBe(200);
});

test('withdrawn, missing and write requests end as switched', async () => {
  const gone = await setUp({ documents: 50, switches: { employees: 410, notFound: 'problem' } });
  expect((await gone.get('Employees')).status).toBe(410);
  expect((await gone.get('Invoices/nothing')).json).toMatchObject({ Status: 404 });
  const served = await setUp({ documents: 50, switches: { employees: 'served' } });
  expect((await served.get('Employees')).json.Employees).toHaveLength(served.books.users.length);
  const usual = await setUp({ documents: 50 });
  expect((await usual.get('Employees')).status).toBe(404);
  const write = await fetchReply(
    `${usual.xero.accountingUrl}/Invoices`,
    { authorization: `Bearer ${usual.accessToken}`, 'xero-tenant-id': usual.tenantId },
    { method: 'POST', body: '{}' },
  );
  expect(write.status).toBe(501);
  expect((await usual.get(`Invoices?IDs=${'a'.repeat(5000)}`)).status).toBe(414);
});

test('organisations have windows and books of their own, and a connection opens only what it names', async () => {
  const companies = [1, 2, 3].map((seed) => generateBooks({ seed, documents: 40 }));
  const xero = await startXero({
    companies,
    clock: fastClock({ start: Date.parse('2026-03-01T00:00:10Z') }),
  });
  onTestFinished(() => xero.close());
  const [one = '', two = '', three = ''] = xero.companies.map((company) => company.tenantId);
  const { access_token } = await xero.issueTokens({ tenants: [one, two] });
  const read = (tenant: string) =>
    fetchReply(`${xero.accountingUrl}/Organisation`, {
      authorization: `Bearer ${access_token}`,
      'xero-tenant-id': tenant,
      accept: 'application/json',
    });
  const names = [(await read(one)).json, (await read(two)).json].map((body) => body.Organisations[0].Name);
  expect(names).toEqual(xero.companies.slice(0, 2).map((company) => company.name));
  expect((await read(three)).status).toBe(403);
  xero.spend({ minute: 60, day: 60 }, one);
  expect([(await read(one)).status, (await read(two)).status]).toEqual([429, 200]);
  expect([xero.quota(one).dayLeft, xero.quota(two).dayLeft]).toEqual([4939, 4998]);
  const waits = await Promise.all(
    [one, two, three].map(async (tenant) => {
      xero.spend({ day: 5000 }, tenant);
      return (await read(tenant)).headers.get('retry-after');
    }),
  );
  expect(waits[0]).not.toBe(waits[1]);
  xero.disconnect(two);
  expect((await read(two)).status).toBe(403);
});
