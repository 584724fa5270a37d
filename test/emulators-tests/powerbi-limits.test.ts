// Quotas of the Power BI emulator, on its clock: rows per hour, requests per minute and hour, sizes, caps of tables and queries.
import { expect, test } from 'vitest';
import { type OpenTenant, openTenant } from './powerbi-setup.ts';

const dataset = { name: 'D', tables: [{ name: 'T', columns: [{ name: 'n', dataType: 'Int64' }] }] };
const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
const batch = JSON.stringify({ rows: rows(10_000) });

/** Posts so many full batches, a second apart. */
async function fill(tenant: OpenTenant, id: string, batches: number): Promise<void> {
  for (let at = 0; at < batches; at += 1) {
    const { status, text } = await tenant.inWorkspace('POST', `/datasets/${id}/tables/T/rows`, {
      body: batch,
    });
    if (status !== 200) throw new Error(`Batch ${at}: ${status} ${text}`);
    tenant.clock.advance(1_000);
  }
}

test('the 121st request of a minute waits for Retry-After, and no longer', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(dataset);
  for (let at = 0; at < 120; at += 1) expect((await tenant.post(id, 'T', [])).status).toBe(200);
  const { status, headers, body } = await tenant.post(id, 'T', []);
  expect([status, Object.keys(body)]).toEqual([429, ['message']]);
  const wait = Number(headers.get('retry-after'));
  expect(wait).toBeGreaterThan(50);
  expect(body.message).toContain(`Retry in ${wait} seconds.`);
  expect(tenant.emulator.throttled()).toBe(1);
  tenant.clock.advance(wait * 1_000);
  expect((await tenant.post(id, 'T', [])).status).toBe(200);
  await tenant.emulator.close();
});

test.each(['sliding', 'fixed'] as const)(
  'a million rows fill the hour (%s window), the next row waits for it',
  async (quotaWindow) => {
    const tenant = await openTenant({ switches: { quotaWindow }, keepBodies: false });
    const id = await tenant.create(dataset);
    await fill(tenant, id, 100);
    const refused = await tenant.post(id, 'T', rows(1));
    expect([refused.status, refused.body.error.code]).toEqual([429, 'TooManyRequests']);
    expect(refused.body.error.message).toContain('1000000 rows per hour');
    tenant.clock.advance(Number(refused.headers.get('retry-after')) * 1_000);
    expect((await tenant.post(id, 'T', rows(1))).status).toBe(200);
    await tenant.emulator.close();
  },
);

test('a table of 250,000 rows takes 120 requests per hour, other tables go on', async () => {
  const tenant = await openTenant({ keepBodies: false });
  const small = { name: 'Small', columns: [{ name: 'n', dataType: 'Int64' }] };
  const id = await tenant.create({ name: 'D', tables: [...dataset.tables, small] });
  await fill(tenant, id, 25);
  for (let at = 0; at < 120; at += 1) {
    expect((await tenant.post(id, 'T', rows(1))).status).toBe(200);
    tenant.clock.advance(1_000);
  }
  expect((await tenant.post(id, 'T', rows(1))).status).toBe(429);
  expect((await tenant.post(id, 'Small', rows(1))).status).toBe(200);
  tenant.clock.advance(3_600_000);
  expect((await tenant.post(id, 'T', rows(1))).status).toBe(200);
  await tenant.emulator.close();
});

test('requests to small tables may count for the hour of large ones too', async () => {
  const tenant = await openTenant({ keepBodies: false, switches: { largeTableQuota: 'whole dataset' } });
  const small = { name: 'Small', columns: [{ name: 'n', dataType: 'Int64' }] };
  const id = await tenant.create({ name: 'D', tables: [...dataset.tables, small] });
  await fill(tenant, id, 25);
  for (let at = 0; at < 95; at += 1) await tenant.post(id, 'Small', rows(1));
  tenant.clock.advance(60_000);
  expect((await tenant.post(id, 'T', rows(1))).status).toBe(429);
  expect((await tenant.post(id, 'Small', rows(1))).status).toBe(200);
  await tenant.emulator.close();
});

test('five requests may be pending; the sixth is refused, unless the switch lets it pass', async () => {
  for (const pendingLimit of [true, false]) {
    const tenant = await openTenant({
      switches: { postTakes: 300, pendingLimit, retryAfter: false, throttleEnvelope: 'A' },
    });
    const id = await tenant.create(dataset);
    const answers = await Promise.all(Array.from({ length: 6 }, () => tenant.post(id, 'T', rows(1))));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(pendingLimit ? 1 : 0);
    for (const { body, headers } of refused)
      expect([body.error.code, headers.get('retry-after')]).toEqual(['TooManyRequests', null]);
    await tenant.emulator.close();
  }
});

test('10,001 rows, and 16 MB, are too much for one request', async () => {
  const tenant = await openTenant({ switches: { tooManyRowsStatus: 413 } });
  const id = await tenant.create(dataset);
  expect((await tenant.post(id, 'T', rows(10_000))).status).toBe(200);
  expect((await tenant.post(id, 'T', rows(10_001))).status).toBe(413);
  const body = `{"rows":[]${' '.repeat(16 * 1024 * 1024)}}`;
  expect(await tenant.inWorkspace('POST', `/datasets/${id}/tables/T/rows`, { body })).toMatchObject({
    status: 413,
    text: '',
  });
  await tenant.emulator.close();
});

test('basicFIFO lets a table grow to 210,000 rows and then keeps the newest 200,000', async () => {
  const tenant = await openTenant({ keepBodies: false });
  const id = await tenant.create(dataset, '?defaultRetentionPolicy=basicFIFO');
  await fill(tenant, id, 21);
  expect(tenant.emulator.dataset('D').tables[0]?.size).toBe(210_000);
  await tenant.post(id, 'T', [{ n: -1 }]);
  expect(await tenant.emulator.dax('EVALUATE ROW("n", COUNTROWS(T), "least", MIN(T[n]))')).toEqual([
    { '[n]': 200_000, '[least]': -1 },
  ]);
  await tenant.emulator.close();
});

test('a free owner has 10,000 rows per hour', async () => {
  const tenant = await openTenant({ switches: { ownerLicence: 'free' } });
  const id = await tenant.create(dataset);
  await fill(tenant, id, 1);
  expect((await tenant.post(id, 'T', rows(1))).status).toBe(429);
  await tenant.emulator.close();
});

test('five million rows fill a table', async () => {
  const tenant = await openTenant({ keepBodies: false });
  const id = await tenant.create(dataset);
  const [table] = tenant.emulator.dataset('D').tables;
  table?.append(new Array(5_000_000).fill([1]), 0);
  const { status, body } = await tenant.post(id, 'T', rows(1));
  expect([status, body.error.code]).toEqual([400, 'InvalidRequest']);
  await tenant.emulator.close();
}, 30_000);

test('rows show in queries only after the delay of the switch', async () => {
  const tenant = await openTenant({ switches: { visibleAfter: 5_000 } });
  const id = await tenant.create(dataset);
  await tenant.post(id, 'T', rows(3));
  const count = () => tenant.emulator.dax('EVALUATE ROW("n", COUNTROWS(T))');
  expect(await count()).toEqual([{ '[n]': null }]);
  tenant.clock.advance(5_000);
  expect(await count()).toEqual([{ '[n]': 3 }]);
  await tenant.emulator.close();
});

test('a query answers 100,000 rows and says that it left some out; 120 queries fill a minute', async () => {
  const tenant = await openTenant({ keepBodies: false });
  const id = await tenant.create(dataset);
  await fill(tenant, id, 11);
  const ask = (query: string) =>
    tenant.inWorkspace('POST', `/datasets/${id}/executeQueries`, { body: { queries: [{ query }] } });
  const { status, body } = await ask('EVALUATE T');
  const [table] = body.results[0]?.tables ?? [];
  expect([status, table?.rows.length, table?.error?.code]).toEqual([200, 100_000, 'ResultTruncated']);
  for (let at = 1; at < 120; at += 1) await ask('EVALUATE ROW("n", 1)');
  const refused = await ask('EVALUATE ROW("n", 1)');
  expect([refused.status, refused.headers.get('retry-after') === null]).toEqual([429, false]);
  await tenant.emulator.close();
});

test('queries are refused by the tenant, by the switch, and with the error of DAX', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(dataset);
  const ask = (body: object) => tenant.inWorkspace('POST', `/datasets/${id}/executeQueries`, { body });
  const wrong = await ask({ queries: [{ query: 'EVALUATE ROW("n", SUM(T[x]))' }] });
  expect([wrong.status, wrong.body.error.code]).toEqual([400, 'DatasetExecuteQueriesError']);
  expect(wrong.body.error['pbi.error']?.details[0]?.detail.value).toContain(
    "Column 'x' in table 'T' cannot be found",
  );
  expect((await ask({ queries: [{ query: 'EVALUATE T' }, { query: 'EVALUATE T' }] })).status).toBe(400);
  tenant.emulator.tenant.executeQueries = false;
  expect((await ask({ queries: [{ query: 'EVALUATE T' }] })).status).toBe(401);
  await tenant.emulator.close();
  const other = await openTenant({ switches: { queriesOnPush: false } });
  const of = await other.create(dataset);
  const refused = await other.inWorkspace('POST', `/datasets/${of}/executeQueries`, {
    body: { queries: [{ query: 'EVALUATE T' }] },
  });
  expect(refused.status).toBe(403);
  await other.emulator.close();
});
