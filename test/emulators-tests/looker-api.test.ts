// The API around the queries: tokens, permissions, quotas, connections, SQL Runner.
import { expect, test } from 'vitest';
import { setUp } from './looker-setup.ts';

test('login takes a form, answers 404 to a wrong key, and its tokens end after an hour', async () => {
  const { looker, call, clock, login } = await setUp();
  const wrong = await fetch(`${looker.api}/login`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'a', client_secret: 'b' }),
  });
  expect([wrong.status, await wrong.json()]).toEqual([
    404,
    { message: 'Not found', documentation_url: expect.stringContaining('/err/4.0/404/post/login') },
  ]);
  expect((await call('GET', 'user')).json).toMatchObject({
    display_name: 'Ledger Loader',
    is_disabled: false,
  });
  clock.advance(3600_000);
  expect(await call('GET', 'user')).toMatchObject({
    status: 401,
    json: { message: 'Requires authentication.' },
  });
  await login();
  expect((await call('GET', 'user')).status).toBe(200);
  looker.expireTokens();
  expect((await call('GET', 'user')).status).toBe(401);
});

test('the dev workspace is of one session: the next login is in production again', async () => {
  const { call, login } = await setUp();
  await call('PATCH', 'session', { workspace_id: 'dev' });
  expect((await call('GET', 'session')).json).toMatchObject({ workspace_id: 'dev' });
  await login();
  expect((await call('GET', 'session')).json).toMatchObject({ workspace_id: 'production' });
  expect((await call('PATCH', 'session', { workspace_id: 'staging' })).status).toBe(422);
});

test('a missing permission answers 404 with nothing in it, 403 where the document lists it', async () => {
  const { looker, call } = await setUp({ permissions: 'Developer' });
  expect(await call('PATCH', 'datagroups/1', {})).toMatchObject({
    status: 404,
    json: { message: 'Not found' },
  });
  expect((await call('POST', 'lookml_models', {})).status).toBe(404);
  looker.grant(['access_data']);
  expect((await call('POST', 'sql_queries', {})).status).toBe(404);
  expect((await call('POST', 'queries/run/json', {})).status).toBe(403);
  expect((await call('GET', 'users/1/roles')).status).toBe(404);
});

test('quotas count by activity, refuse beyond the limit, and start anew with the month', async () => {
  const { looker, call, clock, login } = await setUp({ quota: { db_query: 2, non_query: 100 } });
  const before = looker.quotaCalls();
  const body = { connection_name: 'warehouse', sql: 'SELECT 1 AS one' };
  const { slug } = (await call('POST', 'sql_queries', body)).json as { slug: string };
  await call('POST', `sql_queries/${slug}/run/json`);
  expect(looker.quotaCalls().db_query - before.db_query).toBe(2);
  expect(await call('POST', 'sql_queries', body)).toMatchObject({
    status: 429,
    json: { message: 'API quota exceeded.' },
  });
  expect((await call('GET', 'user')).status).toBe(200);
  clock.advance(31 * 86_400_000);
  await login();
  expect((await call('POST', 'sql_queries', body)).status).toBe(200);
});

test('connections tell their tests and tables, and hide their password', async () => {
  const { call } = await setUp();
  const connection = await call('GET', 'connections/warehouse');
  expect(connection.json).toMatchObject({
    name: 'warehouse',
    dialect_name: 'postgres',
    username: 'looker_reader',
    has_password: true,
  });
  expect(connection.text).not.toContain('password":"');
  expect((await call('PUT', 'connections/warehouse/test?tests=connect,query,nonsense')).json).toMatchObject([
    { name: 'connect', status: 'success', connection_string: expect.stringContaining('jdbc:postgresql://') },
    { name: 'query', status: 'success' },
  ]);
  expect((await call('PUT', 'connections/warehouse/test?tests=tmp_db')).json).toMatchObject([
    { status: 'error' },
  ]);
  expect((await call('GET', 'connections/nowhere')).status).toBe(404);
  expect(
    (await call('GET', 'connections/warehouse/tables?schema_name=books&cache=false')).json,
  ).toMatchObject([
    { name: 'books', tables: [{ name: 'contacts' }, { name: 'invoices' }, { name: 'lines' }] },
  ]);
  const [lines] = (await call('GET', 'connections/warehouse/columns?schema_name=books&table_names=lines'))
    .json as {
    columns: { name: string; data_type_looker: string }[];
  }[];
  expect(lines?.columns.map(({ name, data_type_looker }) => `${name} ${data_type_looker}`)).toEqual([
    'id string',
    'invoice_id string',
    'account string',
    'amount number',
  ]);
});

const run = async (call: Awaited<ReturnType<typeof setUp>>['call'], sql: string, format = 'json') => {
  const made = await call('POST', 'sql_queries', { connection_name: 'warehouse', sql });
  if (made.status !== 200) return made;
  return call('POST', `sql_queries/${(made.json as { slug: string }).slug}/run/${format}`);
};

test("SQL Runner writes as the connection's user: the reader may not, the writer may", async () => {
  const reader = await setUp();
  const insert = `WITH w AS (INSERT INTO books.contacts VALUES ('c9', 'New') RETURNING 1) SELECT count(*) AS n FROM w`;
  expect((await run(reader.call, insert)).json).toEqual([
    { looker_error: expect.stringContaining('permission denied') },
  ]);
  const { call, looker, postgres } = await setUp({ connectionRole: 'writer' });
  expect((await run(call, insert)).json).toEqual([{ n: 1 }]);
  expect((await run(call, 'CREATE TABLE books.made (id int)')).json).toEqual([]);
  expect(await postgres.query(`SELECT name FROM books.contacts WHERE id = 'c9'`)).toEqual([{ name: 'New' }]);
  expect(looker.sqlRuns.map(({ rows, error }) => [rows, error])).toEqual([
    [1, undefined],
    [0, undefined],
  ]);
});

test('SQL Runner takes one statement of 65,535 characters, answers 5,000 rows, and may answer from its cache', async () => {
  const { call, looker } = await setUp();
  expect(await run(call, `SELECT 1 -- ${'x'.repeat(65_535)}`)).toMatchObject({
    status: 422,
    json: { message: 'Validation Failed' },
  });
  expect((await run(call, 'SELECT 1; SELECT 2')).json).toEqual([
    { looker_error: expect.stringContaining('one statement') },
  ]);
  expect((await run(call, `SELECT ';' AS semicolon -- ; not a second;`)).json).toEqual([{ semicolon: ';' }]);
  expect((await run(call, 'SELECT generate_series(1, 6000) AS n')).json).toHaveLength(5000);
  const before = looker.sqlRuns.length;
  expect((await run(call, 'SELECT 123456789012345.6789 AS exact')).text).toBe(
    '[{"exact":123456789012345.6789}]',
  );
  await run(call, 'SELECT 123456789012345.6789 AS exact');
  expect(looker.sqlRuns.length).toBe(before + 1);
  expect((await run(call, 'SELECT 1 AS a, NULL AS b', 'csv')).text).toBe('a,b\n1,\n');
});

test('the settings of a statement do not outlive it', async () => {
  const { call } = await setUp({ connectionRole: 'writer' });
  await run(call, 'CREATE TEMPORARY TABLE gone (id int)');
  expect((await run(call, 'SELECT * FROM gone')).json).toEqual([
    { looker_error: expect.stringContaining('does not exist') },
  ]);
});

test('switches change what nobody has confirmed: errors as 400, a row for statements without rows, Liquid passed on', async () => {
  const { call } = await setUp({
    connectionRole: 'writer',
    switches: {
      sqlErrorInJson: '400',
      withoutResultSet: 'message',
      liquidInSql: 'passed',
      sqlRunnerCache: false,
    },
  });
  expect((await run(call, 'SELECT nonsense')).status).toBe(400);
  expect((await run(call, 'CREATE TABLE books.other (id int)')).json).toEqual([
    { message: 'Query executed.' },
  ]);
  expect((await run(call, `SELECT '{{ 7 }}' AS text`)).json).toEqual([{ text: '{{ 7 }}' }]);
});

test('a scripted loss of the answer leaves the effect of the statement', async () => {
  const { call, looker, postgres } = await setUp({ connectionRole: 'writer' });
  looker.faults.add({ path: /\/run\/json/, does: { kind: 'cut', when: 'after' } });
  await expect(run(call, `INSERT INTO books.contacts VALUES ('c8', 'Kept')`)).rejects.toThrow();
  expect(await postgres.query(`SELECT name FROM books.contacts WHERE id = 'c8'`)).toEqual([{ name: 'Kept' }]);
});
