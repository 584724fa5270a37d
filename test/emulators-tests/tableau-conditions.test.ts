// Conditions and columns of Hyper updates: what they match, and what they refuse.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { action, byId, type Files, openFiles } from './tableau-files.ts';
import { linesServer, notesOf, rowsOf, untouched } from './tableau-lines.ts';
import { openClient } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

const withLines = (options: Parameters<typeof linesServer>[1] = {}) => linesServer(files, options);

test.each([
  ['a string', { op: 'eq', 'target-col': 'id', const: { type: 'string', v: 'b' } }, ['a', 'c']],
  ['a double', { op: 'gte', 'target-col': 'amount', const: { type: 'double', v: 1.75 } }, ['a', 'c']],
  ['an integer', { op: 'lt', 'target-col': 'amount', const: { type: 'integer', v: '2' } }, ['b', 'c']],
  [
    'either of two',
    {
      op: 'or',
      args: [
        { op: 'eq', 'target-col': 'id', const: { type: 'string', v: 'a' } },
        { op: 'eq', 'target-col': 'id', const: { type: 'string', v: 'c' } },
      ],
    },
    ['b'],
  ],
  [
    'the opposite',
    { op: 'not', args: [{ op: 'eq', 'target-col': 'id', const: { type: 'string', v: 'a' } }] },
    ['a'],
  ],
])('a delete without a source compares to %s', async (_, condition, left) => {
  const { client, source } = await withLines();
  const only = { action: 'delete', 'target-schema': 'Extract', 'target-table': 'lines', condition };
  expect(await client.updated(source, [only])).toMatchObject({ finishCode: '0' });
  expect((await rowsOf(client)).map((row) => row.slice(0, 1))).toEqual(left);
});

test('a datetime is an instant, compared in UTC to columns with and without a zone', async () => {
  const client = await openClient();
  const table = '{db}."Extract"."lines"';
  const file = await files.hyper(
    'CREATE SCHEMA {db}."Extract"',
    `CREATE TABLE ${table} (id text, at timestamp, day date)`,
    `INSERT INTO ${table} VALUES ('a', '2026-01-31 22:59:59', '2026-01-30'), ('b', '2026-01-31 23:00:00', '2026-01-31')`,
  );
  const source = await client.published('Lines', file);
  const until = (column: string) => ({
    action: 'delete',
    'target-table': 'lines',
    condition: {
      op: 'lt',
      'target-col': column,
      const: { type: 'datetime', v: '2026-02-01T00:00:00+01:00' },
    },
  });
  const left = () => client.emulator.rows('Lines', 'lines', 'SELECT id FROM {table}');
  await client.updated(source, [until('at')]);
  expect(await left()).toEqual([{ id: 'b' }]);
  await client.updated(source, [until('day')]);
  expect(await left()).toEqual([{ id: 'b' }]);
});

test('a key of several columns matches only where all of them do, and never on NULL', async () => {
  const client = await openClient();
  const table = '{db}."Extract"."lines"';
  const define = `CREATE TABLE ${table} (tenant text, id text, amount numeric(18,4))`;
  const make = (rows: string) =>
    files.hyper('CREATE SCHEMA {db}."Extract"', define, `INSERT INTO ${table} VALUES ${rows}`);
  const source = await client.published('Lines', await make(`('x','1',1), ('y','1',1), (NULL,'1',1)`));
  const eq = (name: string) => ({ op: 'eq', 'target-col': name, 'source-col': name });
  const condition = { op: 'and', args: [eq('tenant'), eq('id')] };
  await client.updated(source, [action('upsert', { condition })], {
    payload: await make(`('x','1',5), (NULL,'1',7)`),
  });
  const rows = await client.emulator.rows('Lines', 'lines', 'SELECT * FROM {table} ORDER BY amount, tenant');
  expect(rows.map(({ tenant, amount }) => `${tenant} ${amount}`)).toEqual([
    'y 1.0000',
    'null 1.0000',
    'x 5.0000',
    'null 7.0000',
  ]);
});

test.each([
  ['an unknown action', [action('merge', byId)]],
  ['an upsert without a condition', [action('upsert')]],
  ['an insert with a condition', [action('insert', byId)]],
  ['a key in camel case', [{ ...action('insert'), targetTable: 'x' }]],
  ['an unknown operator', [action('delete', { condition: { op: 'like', 'target-col': 'id' } })]],
  [
    'a constant of an unknown type',
    [action('delete', { condition: { op: 'eq', 'target-col': 'id', const: { type: 'text', v: '1' } } })],
  ],
  ['an empty list', []],
])('%s is refused before any job exists', async (_, actions) => {
  const { client, source } = await withLines();
  const reply = await client.patch(source, actions, { payload: await files.ids('a') });
  expect(reply.status).toBe(400);
  expect(client.emulator.jobs.log).toEqual([]);
});

test('a delete whose source has columns beside the key fails', async () => {
  const { client, source } = await withLines();
  const job = await client.updated(source, [action('delete', byId)], {
    payload: await files.lines(['a', '1']),
  });
  expect(job.finishCode).toBe('1');
  expect(notesOf(job)).toContain('"amount"');
  expect(await rowsOf(client)).toEqual(untouched);
});

test('source columns that the target lacks fail the job, or are left out by the switch', async () => {
  const payload = await files.hyper(
    'CREATE SCHEMA {db}."Extract"',
    `CREATE TABLE {db}."Extract"."lines" AS (SELECT 'd' AS id, 'x' AS "Amount")`,
  );
  const strict = await withLines();
  const job = await strict.client.updated(strict.source, [action('insert')], { payload });
  expect(notesOf(job)).toContain('has no column "Amount"');
  const loose = await withLines({ switches: { unknownColumns: 'ignore' } });
  await loose.client.updated(loose.source, [action('insert')], { payload });
  expect(await rowsOf(loose.client)).toEqual([...untouched, 'd=null']);
});

test('a value that does not fit its column fails the job with a SQLSTATE', async () => {
  const { client, source } = await withLines();
  const payload = await files.hyper(
    'CREATE SCHEMA {db}."Extract"',
    `CREATE TABLE {db}."Extract"."lines" AS (SELECT 'd' AS id, 'much' AS amount)`,
  );
  const job = await client.updated(source, [action('insert')], { payload });
  expect(notesOf(job)).toMatch(/SQLSTATE 22P02/);
});

test('several source rows for one target row are taken anyhow, or refused by the switch', async () => {
  const payload = await files.lines(['b', '20'], ['b', '21']);
  const loose = await withLines();
  expect(await loose.client.updated(loose.source, [action('upsert', byId)], { payload })).toMatchObject({
    finishCode: '0',
  });
  const strict = await withLines({ switches: { repeatedMatches: 'fail' } });
  const job = await strict.client.updated(strict.source, [action('upsert', byId)], { payload });
  expect(notesOf(job)).toContain('Several source rows');
  expect(await rowsOf(strict.client)).toEqual(untouched);
});

test('operators besides eq can be switched off for upserts', async () => {
  const condition = { op: 'gte', 'target-col': 'id', 'source-col': 'id' };
  const { client, source } = await withLines({ switches: { otherOperators: false } });
  const reply = await client.patch(source, [action('upsert', { condition })], {
    payload: await files.lines(['b', '1']),
  });
  expect(reply.status).toBe(400);
  const loose = await withLines();
  await loose.client.updated(loose.source, [action('delete', { condition })], {
    payload: await files.ids('b'),
  });
  expect(await rowsOf(loose.client)).toEqual(['a=1.5000']);
});

test('a schema may be left out when the file has one, unless the switch says otherwise', async () => {
  const bare = { action: 'insert', 'target-table': 'lines', 'source-table': 'lines' };
  const payload = await files.lines(['d', '4']);
  const loose = await withLines();
  expect(await loose.client.updated(loose.source, [bare], { payload })).toMatchObject({ finishCode: '0' });
  const strict = await withLines({ switches: { schemaMayBeOmitted: false } });
  expect(notesOf(await strict.client.updated(strict.source, [bare], { payload }))).toContain('410012');
});

test('a Parquet payload fails, or is taken by the switch', async () => {
  const payload = await files.parquet(`SELECT 'd' AS id, CAST(4 AS numeric(18,4)) AS amount`);
  const into = action('insert', { 'source-table': 'Extract' });
  const strict = await withLines();
  expect(notesOf(await strict.client.updated(strict.source, [into], { payload }))).toContain('400011');
  const loose = await withLines({ switches: { parquetPayload: true } });
  await loose.client.updated(loose.source, [into], { payload });
  expect(await rowsOf(loose.client)).toEqual([...untouched, 'd=4.0000']);
});

test('a list of constants too long for the engine kills it', async () => {
  const { client, source } = await withLines();
  const args = Array.from({ length: 20_000 }, (_, index) => ({
    op: 'eq',
    'target-col': 'id',
    const: { type: 'string', v: `k${index}` },
  }));
  const only = { action: 'delete', 'target-table': 'lines', condition: { op: 'or', args } };
  expect(notesOf(await client.updated(source, [only]))).toContain('08006');
});
