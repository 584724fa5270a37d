// The QuickBooks emulator's limits: throttles, metered reads, forbidden entities, outages, forms of answers.
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, OUTAGES } from '../emulators/quickbooks/index.ts';
import { type Json, setUp } from './quickbooks-setup.ts';

const open = (options: Parameters<typeof setUp>[0] = {}) => setUp({ documents: 60, ...options });

test('ten requests a second and five hundred a minute, then 429 without Retry-After until the window is over', async () => {
  const { get, clock } = await open({ limits: { second: DEFAULT_LIMITS.second } });
  clock.advance(1000 - (clock.now() % 1000));
  const statuses = (await Promise.all(Array.from({ length: 12 }, () => get('preferences')))).map(
    ({ status }) => status,
  );
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1);
  clock.advance(1000);
  expect((await get('preferences')).status).toBe(200);
  const minute = await open({ limits: { minute: 500 } });
  minute.clock.advance(60_000 - (minute.clock.now() % 60_000));
  minute.quickbooks.spend({ minute: 499 });
  expect((await minute.get('preferences')).status).toBe(200);
  const refused = await minute.get('preferences');
  expect([refused.status, refused.json.fault.error[0].code, refused.json.fault.type]).toEqual([
    429,
    '3001',
    'SERVICE',
  ]);
  expect(refused.headers.has('retry-after')).toBe(false);
  expect(refused.headers.get('intuit_tid')).toBeTruthy();
  minute.clock.advance(60_000);
  expect((await minute.get('preferences')).status).toBe(200);
});

test('older throttles answer 403 with the same code', async () => {
  const { get } = await open({ limits: { minute: 0 }, switches: { throttleStatus: 403 } });
  const refused = await get('preferences');
  expect([refused.status, refused.json.fault.error[0].code]).toEqual([403, '3001']);
});

test('forty batches a minute, reports apart, and ten calls in flight', async () => {
  const { batch, get, post, quickbooks, clock } = await open({
    limits: { batchMinute: 40, reportMinute: 200 },
  });
  clock.advance(60_000 - (clock.now() % 60_000));
  quickbooks.spend({ batch: 39, report: 200 });
  expect(await batch(['select count(*) from Term'])).toHaveLength(1);
  expect((await post('batch', '{"BatchItemRequest":[]}')).status).toBe(429);
  expect((await get('reports/TrialBalance')).status).toBe(429);
  expect((await get('preferences')).status).toBe(200);
  const busy = await open({ limits: { concurrent: 10, latency: 60 } });
  const statuses = (await Promise.all(Array.from({ length: 14 }, () => busy.get('preferences')))).map(
    ({ status }) => status,
  );
  expect(statuses.filter((status) => status === 429)).toHaveLength(4);
});

test('successful reads are metered by the month, and a used-up month blocks until the next', async () => {
  const { get, batch, query, quickbooks, clock } = await open({ limits: { monthlyReads: 5 } });
  await query('select count(*) from Term');
  await get('invoice/99999');
  await batch(['select count(*) from Term', 'select count(*) from Class']);
  expect(quickbooks.quota()).toMatchObject({ monthlyReads: 2, month: '2026-03' });
  quickbooks.spend({ month: 3 });
  for (let again = 0; again < 2; again += 1) {
    expect((await get('preferences')).status).toBe(429);
    clock.advance(600_000);
  }
  clock.advance(31 * 86_400_000);
  const tokens = quickbooks.issueTokens();
  expect((await get('preferences', { authorization: `Bearer ${tokens.access_token}` })).status).toBe(200);
  const each = await open({ switches: { batchCounts: 'one read per item' } });
  await each.batch(['select count(*) from Term', 'select count(*) from Class']);
  expect(each.quickbooks.quota().monthlyReads).toBe(2);
});

test('calls are counted by kind, refused ones too', async () => {
  const { get, batch, query, post, quickbooks, clock } = await open();
  await query('select count(*) from Term');
  await batch(['select count(*) from Term']);
  await get(`cdc?entities=Term&changedSince=${new Date(clock.now()).toISOString()}`);
  await get('reports/CashFlow');
  await get('companyinfo');
  await get('invoice/1');
  await post('invoice', '{}');
  const kinds = (['query', 'batch', 'cdc', 'report', 'read', 'write'] as const).map((kind) =>
    quickbooks.calls(kind),
  );
  expect(kinds).toEqual([1, 1, 1, 1, 2, 1]);
  expect(quickbooks.calls()).toBe(7);
});

test('entities beyond the plan or the role fail alone', async () => {
  const { faultOf, batch, get } = await open({ switches: { forbidden: { Class: '5030', Budget: '5020' } } });
  expect(await faultOf('select * from Class')).toBe('5030');
  expect((await get('budget/1')).json.Fault.Error[0].code).toBe('5020');
  const items = await batch(['select * from Class', 'select * from Term']);
  expect(items.map((item) => 'Fault' in item)).toEqual([true, false]);
});

test('scripted outages answer as gateways and tired services do', async () => {
  const { get, quickbooks } = await open();
  for (const name of ['faultIn200', 'gatewayTimeout', 'empty200', 'notJson200', 'companyReset'] as const)
    quickbooks.faults.add({ path: /preferences/, does: { kind: 'answer', ...OUTAGES[name] } });
  const replies = [
    await get('preferences'),
    await get('preferences'),
    await get('preferences'),
    await get('preferences'),
    await get('preferences'),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 504, 200, 200, 500]);
  expect(replies[0]?.json.Fault.Error[0].code).toBe('10000');
  expect(replies.slice(1, 4).map(({ json }) => json)).toEqual([undefined, undefined, undefined]);
  expect((await get('preferences')).status).toBe(200);
});

test('JSON comes to those who ask for it; everyone else gets XML, or JSON by switch', async () => {
  const { get } = await open();
  const plain = await get('query?query=select * from Term maxresults 2', { accept: undefined });
  expect(plain.headers.get('content-type')).toContain('application/xml');
  expect(plain.text).toContain('<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"');
  expect(plain.text.match(/<Term>/g)).toHaveLength(2);
  const fault = await get('invoice/99999', { accept: '*/*' });
  expect([fault.status, fault.text.includes('<code>610</code>')]).toEqual([400, true]);
  const json = await open({ switches: { defaultRepresentation: 'json' } });
  expect((await json.get('preferences', { accept: undefined })).json.Preferences).toBeDefined();
});

test('large answers are compressed for clients that accept it', async () => {
  const { quickbooks, realmId, accessToken } = await open();
  const { request } = await import('node:http');
  const body = await new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
    const url = `${quickbooks.apiUrl}/v3/company/${realmId}/query?query=${encodeURIComponent('select * from Account')}`;
    const headers = {
      authorization: `Bearer ${accessToken}`,
      accept: 'application/json',
      'accept-encoding': 'gzip',
    };
    request(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) }),
      );
    })
      .on('error', reject)
      .end();
  });
  expect(body.encoding).toBe('gzip');
  expect(
    (JSON.parse(gunzipSync(body.bytes).toString('utf8')) as Json).QueryResponse.Account.length,
  ).toBeGreaterThan(30);
});

test('minor versions are taken and change nothing, and bad paths are plain 404 pages', async () => {
  const { get } = await open();
  const [none, old, current] = await Promise.all(
    ['preferences', 'preferences?minorversion=4', 'preferences?minorversion=75'].map((path) => get(path)),
  );
  expect(old?.json.Preferences).toEqual(none?.json.Preferences);
  expect(current?.json.Preferences).toEqual(none?.json.Preferences);
  const missing = await get('');
  expect([missing.status, missing.json]).toEqual([404, undefined]);
});

test('timestamps are Pacific time on both sides of the clock change, and whole decimals are integers', async () => {
  const { get, query, quickbooks, clock } = await open();
  const id = quickbooks.addRecord('Term', { Name: 'Winter', Active: true, DueDays: 3 });
  const read = async (): Promise<string> => (await get(`term/${id}`)).json.Term.MetaData.LastUpdatedTime;
  expect(await read()).toMatch(/^2026-03-02T04:00:\d\d-08:00$/);
  clock.advance(10 * 86_400_000);
  quickbooks.changeRecord('Term', id, {});
  const tokens = quickbooks.issueTokens();
  const later = (await get(`term/${id}`, { authorization: `Bearer ${tokens.access_token}` })).json;
  expect(later.Term.MetaData.LastUpdatedTime).toMatch(/^2026-03-12T05:00:\d\d-07:00$/);
  expect(later.time).toMatch(/^2026-03-12T05:00:\d\d\.\d{3}-07:00$/);
  expect(await query('select * from Term')).toBeUndefined();
  const account = quickbooks.records('Account')[0] as Json;
  expect(JSON.stringify(account)).not.toMatch(/":-?\d+\.0[,}]/);
});
