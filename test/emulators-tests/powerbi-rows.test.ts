// Rows of the Power BI emulator: what is stored, what is refused, and sequence numbers.
import { expect, test } from 'vitest';
import { ledger, openTenant } from './powerbi-setup.ts';

test('posted rows are counted and summed exactly by a query', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(ledger);
  const rows = [
    { InvoiceID: 'a', Type: 'ACCREC', Status: 'PAID', SubTotal: 0.1, AmountDue: null },
    { InvoiceID: 'b', Type: 'ACCREC', Status: 'DRAFT', SubTotal: 0.2 },
  ];
  expect((await tenant.post(id, 'Invoices', rows)).status).toBe(200);
  const query =
    'EVALUATE ROW("n", COUNTROWS(\'Invoices\'), "total", SUM(Invoices[SubTotal]), "revenue", [Revenue])';
  const { status, text, body } = await tenant.inWorkspace('POST', `/datasets/${id}/executeQueries`, {
    body: { queries: [{ query }], serializerSettings: { includeNulls: true } },
  });
  expect([status, text.charCodeAt(0)]).toEqual([200, 0xfeff]);
  expect(body).toEqual({
    results: [{ tables: [{ rows: [{ '[n]': 2, '[total]': 0.3, '[revenue]': 0.1 }] }] }],
  });
  expect(tenant.emulator.rowsPosted()).toBe(2);
  expect(tenant.emulator.rows('Invoices')[0]).toMatchObject({
    InvoiceID: 'a',
    SubTotal: '0.1000',
    DueDate: null,
  });
  await tenant.emulator.close();
});

const typed = (...columns: readonly [string, string][]) => ({
  name: 'Typed',
  tables: [{ name: 'T', columns: columns.map(([name, dataType]) => ({ name, dataType })) }],
});

test.each([
  ['Int64', 9_007_199_254_740_991, 9_007_199_254_740_991],
  ['Int64', 1.5, undefined],
  ['Int64', '5', undefined],
  ['Double', 1e-7, 1e-7],
  ['Double', 1.7976931348623157e308, undefined],
  ['Decimal', 12.34565, '12.3457'],
  ['Decimal', -0.00005, '-0.0001'],
  ['Decimal', '1.5', undefined],
  ['Boolean', true, true],
  ['Boolean', 1, undefined],
  ['Datetime', '2026-01-31T23:30:00-02:00', '2026-02-01T01:30:00'],
  ['Datetime', '2026-01-31T00:00:00.005Z', '2026-01-31T00:00:00.007'],
  ['Datetime', '01/31/2026', '2026-01-31T00:00:00'],
  ['Datetime', '2026-02-30', undefined],
  ['String', 'x'.repeat(4_000), 'x'.repeat(4_000)],
  ['String', 'x'.repeat(4_001), undefined],
  ['String', { nested: true }, undefined],
  ['String', 5, '5'],
])('a %s column takes %j as it should', async (type, sent, stored) => {
  const tenant = await openTenant();
  const id = await tenant.create(typed(['v', type]));
  const { status, body } = await tenant.post(id, 'T', [{ v: sent }]);
  if (stored === undefined) {
    expect([status, body.error.code, body.error.details?.[0]?.target]).toEqual([400, 'BadRequest', 'rows']);
    expect(body.error.details?.[0]?.message).toContain("of column 'v' cannot be converted");
  } else expect([status, tenant.emulator.rows('T')]).toEqual([200, [{ v: stored }]]);
  await tenant.emulator.close();
});

test('switches read numbers from text, cut long text, and keep 15 digits of a decimal', async () => {
  const tenant = await openTenant({
    switches: { numbersAsText: 'accepted', longString: 'cut', decimalDigits: '15' },
  });
  const id = await tenant.create(typed(['d', 'Decimal'], ['s', 'String'], ['n', 'Int64']));
  const row = `{"rows":[{"d":123456789012345.67,"s":"${'x'.repeat(4_001)}","n":"12"}]}`;
  expect((await tenant.inWorkspace('POST', `/datasets/${id}/tables/T/rows`, { body: row })).status).toBe(200);
  expect(tenant.emulator.rows('T')).toEqual([{ d: '123456789012346.0000', s: 'x'.repeat(4_000), n: 12 }]);
  await tenant.emulator.close();
});

test('all digits of a decimal are kept, also next to text that looks like one', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(typed(['d', 'Decimal'], ['s', 'String']));
  const body =
    '{"rows":[{"d":123456789012345.6789,"s":"say \\": 12345678901234567890"},{"d":12345678901234567.1}]}';
  expect((await tenant.inWorkspace('POST', `/datasets/${id}/tables/T/rows`, { body })).status).toBe(200);
  expect(tenant.emulator.rows('T')).toEqual([
    { d: '123456789012345.6789', s: 'say ": 12345678901234567890' },
    { d: '12345678901234567.1000', s: null },
  ]);
  expect(await tenant.emulator.dax('EVALUATE ROW("s", SUM(T[d]))')).toEqual([
    { '[s]': '12469135690246912.7789' },
  ]);
  await tenant.emulator.close();
});

test('one bad row refuses the whole request, in the code the switch says', async () => {
  const tenant = await openTenant({
    switches: { rowErrorCode: 'InvalidRequest', typesWithoutNull: ['Int64'] },
  });
  const id = await tenant.create(typed(['a', 'String'], ['n', 'Int64']));
  for (const bad of [{ b: 1 }, { A: 'x' }, { n: null }, 5]) {
    const { status, body } = await tenant.post(id, 'T', [{ a: 'good' }, bad as object]);
    expect([status, body.error.code]).toEqual([400, 'InvalidRequest']);
  }
  const bare = await tenant.inWorkspace('POST', `/datasets/${id}/tables/T/rows`, { body: [{ a: 'x' }] });
  expect(bare.status).toBe(400);
  expect(tenant.emulator.rows('T')).toEqual([]);
  await tenant.emulator.close();
});

test('DELETE empties a table, and a table in the wrong case is not there', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(typed(['a', 'String']));
  await tenant.post(id, 'T', [{ a: 'x' }]);
  expect((await tenant.post(id, 't', [{ a: 'x' }])).body.error.code).toBe('ItemNotFound');
  expect(await tenant.inWorkspace('DELETE', `/datasets/${id}/tables/T/rows`)).toMatchObject({
    status: 200,
    text: '',
  });
  expect(tenant.emulator.rows('T')).toEqual([]);
  await tenant.emulator.close();
});

test.each([
  ['refused', 400, 1],
  ['ignored', 200, 1],
  ['appended', 200, 2],
] as const)('a sequence number sent twice is %s', async (repeatedSequence, status, rows) => {
  const tenant = await openTenant({ switches: { repeatedSequence } });
  const id = await tenant.create(typed(['a', 'String']));
  const numbers = async () =>
    (await tenant.inWorkspace('GET', `/datasets/${id}/tables/T/sequenceNumbers`)).body.value;
  expect(await numbers()).toEqual([]);
  expect((await tenant.post(id, 'T', [{ a: 'x' }], 7)).status).toBe(200);
  expect(await numbers()).toEqual([{ clientId: tenant.emulator.clientId, sequenceNumber: 7 }]);
  expect((await tenant.post(id, 'T', [{ a: 'x' }], 7)).status).toBe(status);
  expect(tenant.emulator.rows('T')).toHaveLength(rows);
  await tenant.inWorkspace('DELETE', `/datasets/${id}/tables/T/rows`);
  expect(await numbers()).toEqual([{ clientId: tenant.emulator.clientId, sequenceNumber: 7 }]);
  await tenant.emulator.close();
});

test('sequence numbers: gaps refused, reset by DELETE, without an endpoint, or not looked at', async () => {
  const strict = await openTenant({ switches: { sequenceGaps: false, deleteResetsSequence: true } });
  const id = await strict.create(typed(['a', 'String']));
  expect((await strict.post(id, 'T', [], 2)).status).toBe(400);
  expect((await strict.post(id, 'T', [], 1)).status).toBe(200);
  await strict.inWorkspace('DELETE', `/datasets/${id}/tables/T/rows`);
  expect((await strict.post(id, 'T', [], 1)).status).toBe(200);
  expect((await strict.post(id, 'T', [{ wrong: 1 }], 2)).status).toBe(400);
  expect((await strict.post(id, 'T', [], 2)).status).toBe(200);
  await strict.emulator.close();
  for (const sequenceNumbers of ['no endpoint', 'ignored'] as const) {
    const tenant = await openTenant({ switches: { sequenceNumbers } });
    const of = await tenant.create(typed(['a', 'String']));
    const statuses = [(await tenant.post(of, 'T', [], 1)).status, (await tenant.post(of, 'T', [], 1)).status];
    expect(statuses).toEqual(sequenceNumbers === 'ignored' ? [200, 200] : [200, 400]);
    const read = await tenant.inWorkspace('GET', `/datasets/${of}/tables/T/sequenceNumbers`);
    expect(read.status).toBe(sequenceNumbers === 'ignored' ? 200 : 404);
    await tenant.emulator.close();
  }
});

test('work may be done although the answer is lost: cut after it, or a 503 in its place', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(typed(['a', 'String']));
  tenant.emulator.faults.add({ path: /\/rows$/, does: { kind: 'cut', when: 'after' } });
  await expect(tenant.post(id, 'T', [{ a: '1' }], 1)).rejects.toThrow();
  tenant.emulator.faultsAfter.add({ path: /\/rows$/, does: { kind: 'answer', status: 503 } });
  expect((await tenant.post(id, 'T', [{ a: '2' }], 2)).status).toBe(503);
  expect(tenant.emulator.rows('T')).toEqual([{ a: '1' }, { a: '2' }]);
  const { body } = await tenant.inWorkspace('GET', `/datasets/${id}/tables/T/sequenceNumbers`);
  expect(body.value[0]?.sequenceNumber).toBe(2);
  await tenant.emulator.close();
});

test('a key that relationships point at comes once, across requests and after a truncate', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(ledger);
  expect((await tenant.post(id, 'Contacts', [{ ContactID: 'a' }, { ContactID: 'b' }])).status).toBe(200);
  for (const rows of [[{ ContactID: 'A' }], [{ ContactID: 'c' }, { ContactID: 'c' }]]) {
    const { status, text } = await tenant.post(id, 'Contacts', rows);
    expect([status, text.includes('duplicate value')]).toEqual([400, true]);
  }
  expect((await tenant.post(id, 'Contacts', [{ ContactID: 'c' }])).status).toBe(200);
  await tenant.inWorkspace('DELETE', `/datasets/${id}/tables/Contacts/rows`);
  expect((await tenant.post(id, 'Contacts', [{ ContactID: 'a' }])).status).toBe(200);
  await tenant.emulator.close();
});
