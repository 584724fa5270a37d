// Datasets of the Power BI emulator: creation and its rules, schema changes, reports that go with them.
import { expect, test } from 'vitest';
import { ledger, openTenant } from './powerbi-setup.ts';

const column = (name: string, dataType = 'String') => ({ name, dataType });
const oneTable = (table: object) => ({
  name: 'One',
  tables: [{ name: 'T', columns: [column('a')], ...table }],
});
const many = (count: number) => Array.from({ length: count }, (_, at) => column(`c${at}`));

test('names are not unique: two creates make two datasets', async () => {
  const tenant = await openTenant();
  const ids = [await tenant.create(ledger), await tenant.create(ledger)];
  const { body } = await tenant.inWorkspace('GET', '/datasets');
  expect(body.value.map(({ id }) => id)).toEqual(ids);
  expect(body.value[0]).toMatchObject({ name: 'Ledger', addRowsAPIEnabled: true, isRefreshable: false });
  expect(() => tenant.emulator.dataset('Ledger')).toThrow('There are 2 datasets "Ledger", not one.');
  await tenant.emulator.close();
});

test.each([
  ['75 columns', { columns: many(75) }, 201, ''],
  ['76 columns', { columns: many(76) }, 400, '76 columns; 75 are allowed'],
  [
    'a miscased property',
    { columns: [{ name: 'a', datatype: 'String' }] },
    400,
    "'datatype' does not exist on type",
  ],
  ['an unknown type', { columns: [column('a', 'Text')] }, 400, "Data type 'Text'"],
  [
    'types in any case',
    { columns: [column('a', 'dateTime'), column('b', 'bool'), column('c', 'int64')] },
    201,
    '',
  ],
  ['columns that differ by case', { columns: [column('a'), column('A')] }, 400, "has 'A' twice"],
  ['a measure called like a column', { measures: [{ name: 'A', expression: '1' }] }, 400, "has 'A' twice"],
  [
    'a sort by a column that is not there',
    { columns: [{ ...column('a'), sortByColumn: 'b' }] },
    400,
    "sorted by 'b'",
  ],
  ['a name with a dot', { name: 'a.b' }, 400, "Table name 'a.b' is not valid"],
  ['a name in another script', { name: '売上 #1' }, 201, ''],
  ['the name Date', { name: 'Date' }, 400, "'Date' is reserved"],
])('a table with %s is answered %s', async (_, table, status, message) => {
  const tenant = await openTenant();
  const answer = await tenant.inWorkspace('POST', '/datasets', { body: oneTable(table) });
  expect([answer.status, answer.text.includes(message)]).toEqual([status, true]);
  await tenant.emulator.close();
});

test('more than 75 tables, and streaming columns with a format, are refused', async () => {
  const tenant = await openTenant();
  const tables = Array.from({ length: 76 }, (_, at) => ({ name: `T${at}`, columns: [column('a')] }));
  const tooMany = await tenant.inWorkspace('POST', '/datasets', { body: { name: 'Many', tables } });
  expect([tooMany.status, tooMany.body.error.code]).toEqual([400, 'InvalidRequest']);
  const streaming = {
    ...oneTable({ columns: [{ ...column('a'), isHidden: true }] }),
    defaultMode: 'PushStreaming',
  };
  const refused = await tenant.inWorkspace('POST', '/datasets', { body: streaming });
  expect([refused.status, refused.body.error.code]).toEqual([400, 'InvalidRequest']);
  await tenant.emulator.close();
});

test('a second way between two tables is ambiguous, and types of a relationship must agree', async () => {
  const tenant = await openTenant();
  const tables = ['A', 'B', 'C'].map((name) => ({ name, columns: [column('k'), column('n', 'Int64')] }));
  const relate = (from: string, to: string, toColumn = 'k') => ({
    name: `${from} ${to}`,
    fromTable: from,
    fromColumn: 'k',
    toTable: to,
    toColumn,
  });
  const create = (...relationships: object[]) =>
    tenant.inWorkspace('POST', '/datasets', { body: { name: 'R', tables, relationships } });
  expect((await create(relate('A', 'B'), relate('B', 'C'))).status).toBe(201);
  expect((await create(relate('A', 'B'), relate('B', 'C'), relate('A', 'C'))).text).toContain(
    'ambiguous paths between',
  );
  expect((await create(relate('A', 'B', 'n'))).text).toContain('type String to one of type Int64');
  expect((await create(relate('A', 'D'))).text).toContain("'D'[k] does not exist");
  await tenant.emulator.close();
});

test('creation ends on 31 October 2027, existing datasets go on', async () => {
  const tenant = await openTenant({ start: Date.UTC(2027, 9, 30, 23, 59, 59) });
  const id = await tenant.create(ledger);
  tenant.clock.advance(1_000);
  const { status, body } = await tenant.inWorkspace('POST', '/datasets', { body: ledger });
  expect([status, body.error.code]).toEqual([400, 'FeatureDeprecatedError']);
  expect(body.error['pbi.error']?.details.map((one: { code: string }) => one.code)).toEqual([
    'LearnMoreLink',
    'FeatureDeprecatedMessage',
  ]);
  expect((await tenant.post(id, 'Contacts', [{ ContactID: 'a' }])).status).toBe(200);
  await tenant.emulator.close();
});

test('a new dataset answers to its id at once and shows in the list later', async () => {
  const tenant = await openTenant({ switches: { listedAfter: 30_000 } });
  const id = await tenant.create(ledger, '?defaultRetentionPolicy=basicFIFO');
  expect((await tenant.inWorkspace('GET', '/datasets')).body.value).toEqual([]);
  expect((await tenant.inWorkspace('GET', `/datasets/${id}`)).body.name).toBe('Ledger');
  tenant.clock.advance(30_000);
  expect((await tenant.inWorkspace('GET', '/datasets')).body.value).toHaveLength(1);
  await tenant.emulator.close();
});

test('PUT replaces a schema: added columns are blank for old rows, an unknown table is ItemNotFound', async () => {
  const tenant = await openTenant();
  const id = await tenant.create(oneTable({}));
  await tenant.post(id, 'T', [{ a: '1' }]);
  const schema = {
    name: 'T',
    columns: [column('a'), column('b', 'Int64')],
    measures: [{ name: 'M', expression: "SUM('T'[b])" }],
  };
  expect((await tenant.inWorkspace('PUT', `/datasets/${id}/tables/T`, { body: schema })).body).toMatchObject({
    name: 'T',
  });
  await tenant.post(id, 'T', [{ a: '2', b: 5 }]);
  expect(tenant.emulator.rows('T')).toEqual([
    { a: '1', b: null },
    { a: '2', b: 5 },
  ]);
  expect(await tenant.emulator.dax('EVALUATE ROW("m", [M])')).toEqual([{ '[m]': 5 }]);
  const unknown = await tenant.inWorkspace('PUT', `/datasets/${id}/tables/U`, {
    body: { ...schema, name: 'U' },
  });
  expect([unknown.status, unknown.body.error.code]).toEqual([404, 'ItemNotFound']);
  expect(unknown.body.error.message).toBe('Table <pi>U</pi> not found in dataset <pi>One</pi>.');
  expect((await tenant.inWorkspace('GET', `/datasets/${id}/tables`)).body.value).toEqual([{ name: 'T' }]);
  await tenant.emulator.close();
});

test.each([
  ['dropped', 'converted', [{ b: 7 }]],
  ['kept', 'blank', [{ b: null, a: '1' }]],
  ['refused', 'converted', undefined],
  ['dropped', 'refused', undefined],
] as const)(
  'a schema without a column (%s) and with another type (%s) does what the switches say',
  async (droppedColumn, retypedColumn, rows) => {
    const tenant = await openTenant({ switches: { droppedColumn, retypedColumn } });
    const id = await tenant.create(oneTable({ columns: [column('a'), column('b')] }));
    await tenant.post(id, 'T', [{ a: '1', b: '7' }]);
    const { status } = await tenant.inWorkspace('PUT', `/datasets/${id}/tables/T`, {
      body: { name: 'T', columns: [column('b', 'Int64')] },
    });
    expect(status).toBe(rows ? 200 : 400);
    expect(tenant.emulator.rows('T')).toEqual(rows ?? [{ a: '1', b: '7' }]);
    await tenant.emulator.close();
  },
);

test('measures left out of a schema are removed, or kept by the switch', async () => {
  for (const omittedMeasures of ['removed', 'kept'] as const) {
    const tenant = await openTenant({ switches: { omittedMeasures } });
    const id = await tenant.create(oneTable({ measures: [{ name: 'M', expression: '1 + 1' }] }));
    await tenant.inWorkspace('PUT', `/datasets/${id}/tables/T`, {
      body: { name: 'T', columns: [column('a')] },
    });
    const asked = tenant.emulator.dax('EVALUATE ROW("m", [M])');
    if (omittedMeasures === 'kept') expect(await asked).toEqual([{ '[m]': 2 }]);
    else await expect(asked).rejects.toThrow("A single value for column 'M'");
    await tenant.emulator.close();
  }
});

test('deleting a dataset takes its reports along, rebinding saves them', async () => {
  const tenant = await openTenant();
  const [old, next] = [await tenant.create(ledger), await tenant.create({ ...ledger, name: 'Next' })];
  const { emulator } = tenant;
  emulator.addReport('Lost', emulator.dataset(old));
  const saved = emulator.addReport('Saved', emulator.dataset(old));
  expect(
    (await tenant.inWorkspace('POST', `/reports/${saved.id}/Rebind`, { body: { datasetId: next } })).status,
  ).toBe(200);
  expect((await tenant.inWorkspace('DELETE', `/datasets/${old}`)).status).toBe(200);
  const { body } = await tenant.inWorkspace('GET', '/reports');
  expect(body.value).toMatchObject([{ name: 'Saved', datasetId: next }]);
  await tenant.emulator.close();
});

test('a dataset that is not push takes no rows, and refreshes; a push dataset the other way round', async () => {
  const tenant = await openTenant();
  const { id } = tenant.emulator.addImportDataset('Imported');
  const rows = await tenant.post(id, 'T', []);
  expect([rows.status, rows.body.error]).toEqual([
    404,
    { code: 'ItemNotFound', message: 'Dataset <pi>Imported</pi> is not Push API dataset.' },
  ]);
  const refresh = await tenant.inWorkspace('POST', `/datasets/${id}/refreshes`, {
    body: { notifyOption: 'NoNotification' },
  });
  expect([
    refresh.status,
    refresh.headers.get('location')?.endsWith(String(refresh.headers.get('x-ms-request-id'))),
  ]).toEqual([202, true]);
  expect((await tenant.inWorkspace('GET', `/datasets/${id}/refreshes`)).body.value).toMatchObject([
    { status: 'Completed' },
  ]);
  const push = await tenant.create(ledger);
  expect((await tenant.inWorkspace('POST', `/datasets/${push}/refreshes`, { body: {} })).status).toBe(400);
  await tenant.emulator.close();
});
