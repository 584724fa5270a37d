// The statement life cycle of the Databricks emulator: warehouse, waiting, cancelling, results, faults, lost answers.
import { expect, test } from 'vitest';
import { openWorkspace, readAnswer, type Workspace } from './databricks-client.ts';

const statements = '/api/2.0/sql/statements';
const poll = async (workspace: Workspace, id: string) =>
  readAnswer(await workspace.call('GET', `${statements}/${id}`));

async function pollUntil(workspace: Workspace, id: string, state: string) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await poll(workspace, id);
    if (answer.state === state) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Statement ${id} never reached ${state}`);
}

test('a statement on a stopped warehouse is PENDING while it starts, then SUCCEEDED', async () => {
  const workspace = await openWorkspace({ warehouse: { state: 'STOPPED', startSeconds: 300 } });
  const { emulator, clock } = workspace;
  expect(emulator.warehouse.state).toBe('STOPPED');
  const first = await workspace.sql('SELECT 1 AS one', { wait_timeout: '0s' });
  expect([first.http, first.state, first.columns, emulator.warehouse.state]).toEqual([
    200,
    'PENDING',
    [],
    'STARTING',
  ]);
  clock.advance(299_000);
  expect((await poll(workspace, first.id)).state).toBe('PENDING');
  clock.advance(2_000);
  const done = await pollUntil(workspace, first.id, 'SUCCEEDED');
  expect([done.rows, emulator.warehouse.state, emulator.warehouse.starts]).toEqual([[['1']], 'RUNNING', 1]);
  await emulator.close();
});

test('waiting on a starting warehouse answers within the wait, on the clock', async () => {
  const workspace = await openWorkspace({ rate: 100, warehouse: { state: 'STOPPED', startSeconds: 4 } });
  const answer = await workspace.sql('SELECT 1', { wait_timeout: '30s' });
  expect(answer.state).toBe('SUCCEEDED');
  await workspace.emulator.close();
});

test('on_wait_timeout CONTINUE leaves a statement running, CANCEL ends it without its effect', async () => {
  const workspace = await openWorkspace({ rate: 20, warehouse: { statementSeconds: 40 } });
  await workspace.rows('CREATE TABLE workspace.ledger.t (a INT)');
  const kept = await workspace.sql('INSERT INTO workspace.ledger.t VALUES (1)', { wait_timeout: '5s' });
  expect(kept.state).toBe('RUNNING');
  const ended = await workspace.sql('INSERT INTO workspace.ledger.t VALUES (2)', {
    wait_timeout: '5s',
    on_wait_timeout: 'CANCEL',
  });
  expect(ended.state).toBe('CANCELED');
  await pollUntil(workspace, kept.id, 'SUCCEEDED');
  expect(await workspace.emulator.query('SELECT a FROM ledger.t')).toEqual([{ a: 1 }]);
  await workspace.emulator.close();
});

test('cancel answers an empty object and wins only before the commit', async () => {
  const workspace = await openWorkspace({ rate: 10, warehouse: { statementSeconds: 30 } });
  const running = await workspace.sql('SELECT 1', { wait_timeout: '0s' });
  expect(await workspace.json('POST', `${statements}/${running.id}/cancel`, { body: '{}' })).toEqual({});
  expect((await pollUntil(workspace, running.id, 'CANCELED')).rows).toEqual([]);
  await workspace.emulator.close();
  const quick = await openWorkspace();
  const done = await quick.sql('SELECT 1');
  await quick.call('POST', `${statements}/${done.id}/cancel`);
  expect((await poll(quick, done.id)).state).toBe('SUCCEEDED');
  await quick.emulator.close();
});

test('the warehouse API shows and drives the states', async () => {
  const workspace = await openWorkspace({ warehouse: { startSeconds: 60, autoStopMinutes: 10 } });
  const { emulator, clock } = workspace;
  const path = `/api/2.0/sql/warehouses/${emulator.warehouseId}`;
  expect(await workspace.json('GET', path)).toMatchObject({
    id: emulator.warehouseId,
    state: 'RUNNING',
    warehouse_type: 'PRO',
    auto_stop_mins: 10,
  });
  await workspace.call('POST', `${path}/stop`);
  expect(await workspace.json('GET', path)).toMatchObject({ state: 'STOPPED', num_clusters: 0 });
  await workspace.call('POST', `${path}/start`);
  expect(await workspace.json('GET', '/api/2.0/sql/warehouses')).toMatchObject({
    warehouses: [{ state: 'STARTING' }],
  });
  clock.advance(61_000);
  expect(emulator.warehouse.state).toBe('RUNNING');
  clock.advance(11 * 60_000);
  expect(emulator.warehouse.state).toBe('STOPPED');
  expect((await workspace.call('GET', '/api/2.0/sql/warehouses/none')).status).toBe(404);
  await emulator.close();
});

test('metadata calls and uploads never start a stopped warehouse', async () => {
  const workspace = await openWorkspace({ warehouse: { state: 'STOPPED' } });
  await workspace.json('GET', '/api/2.1/unity-catalog/tables?catalog_name=workspace&schema_name=ledger');
  await workspace.stage('workspace/ledger/stage/a.parquet', 'SELECT 1 AS a');
  expect([workspace.emulator.warehouse.state, workspace.emulator.warehouse.starts]).toEqual(['STOPPED', 0]);
  await workspace.emulator.close();
});

test('malformed requests are refused with 400 before anything runs', async () => {
  const workspace = await openWorkspace();
  const refused: [Record<string, unknown>, string][] = [
    [{ warehouse_id: 'other' }, 'other is not a valid endpoint id.'],
    [{ warehouse_id: undefined }, 'warehouse_id is required.'],
    [{ wait_timeout: '60s' }, 'wait_timeout must be'],
    [{ wait_timeout: '3s' }, 'wait_timeout must be'],
    [{ wait_timeout: 10 }, 'wait_timeout must be'],
    [{ on_wait_timeout: 'WAIT' }, 'on_wait_timeout must be'],
    [{ format: 'CSV' }, 'The format CSV is not supported'],
    [{ parameters: [{ value: 'x' }] }, 'Each parameter takes name'],
    [{ parameters: [{ name: 'x', type: 'ARRAY<INT>' }] }, 'is not supported'],
    [{ row_limit: 0 }, 'row_limit must be'],
    [{ statement: '' }, 'statement is required'],
    [{ statement: `SELECT '${'x'.repeat(16 * 1024 * 1024)}'` }, 'exceeds the limit of 16777216 bytes'],
  ];
  for (const [fields, message] of refused) {
    const answer = await workspace.sql('SELECT 1', fields);
    expect([answer.http, answer.error]).toEqual([400, expect.stringContaining(message)]);
  }
  const notJson = await workspace.call('POST', statements, { body: 'SELECT 1' });
  expect([notJson.status, await notJson.json()]).toEqual([
    400,
    expect.objectContaining({ error_code: 'MALFORMED_REQUEST' }),
  ]);
  expect(workspace.emulator.statements).toEqual([]);
  await workspace.emulator.close();
});

test('a failed statement is HTTP 200 with the class in brackets and the SQLSTATE twice', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.sql('SELECT * FROM workspace.ledger.nowhere');
  expect([answer.http, answer.state, answer.sqlState]).toEqual([200, 'FAILED', '42P01']);
  expect(answer.error).toMatch(
    /^\[TABLE_OR_VIEW_NOT_FOUND\] .*`workspace`\.`ledger`\.`nowhere`.* SQLSTATE: 42P01$/,
  );
  expect(answer.body).not.toHaveProperty('manifest');
  await workspace.emulator.close();
});

test('sql_state may be only in the message, as older recordings have it', async () => {
  const workspace = await openWorkspace({ switches: { sqlStateField: false } });
  const answer = await workspace.sql('SELECT * FROM workspace.ledger.nowhere');
  expect([answer.sqlState, answer.error]).toEqual([undefined, expect.stringContaining('SQLSTATE: 42P01')]);
  await workspace.emulator.close();
});

test('results carry every value as text, with types in the manifest', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.sql(
    `SELECT CAST(1 AS BIGINT) AS l, 12.50BD AS d, true AS b, DATE '2024-01-31' AS day, TIMESTAMP '2024-01-31 10:00:00.123456' AS ts,
     CAST('2024-01-31 10:00:00' AS TIMESTAMP_NTZ) AS ntz, CAST(NULL AS STRING) AS n, 1.5D AS f, X'00ff' AS bin, count(*) FROM VALUES (1), (2) AS v(x)
     GROUP BY ALL`,
  );
  expect(answer.rows).toEqual([
    [
      '1',
      '12.50',
      'true',
      '2024-01-31',
      '2024-01-31T10:00:00.123Z',
      '2024-01-31T10:00:00.000',
      null,
      '1.5',
      '00FF',
      '2',
    ],
  ]);
  expect(answer.columns.map(({ name, type_text, type_name }) => [name, type_text, type_name])).toEqual([
    ['l', 'BIGINT', 'LONG'],
    ['d', 'DECIMAL(4,2)', 'DECIMAL'],
    ['b', 'BOOLEAN', 'BOOLEAN'],
    ['day', 'DATE', 'DATE'],
    ['ts', 'TIMESTAMP', 'TIMESTAMP'],
    ['ntz', 'TIMESTAMP_NTZ', 'TIMESTAMP_NTZ'],
    ['n', 'STRING', 'STRING'],
    ['f', 'DOUBLE', 'DOUBLE'],
    ['bin', 'BINARY', 'BINARY'],
    ['count(1)', 'BIGINT', 'LONG'],
  ]);
  await workspace.emulator.close();
});

test('definitions answer with no columns, and INSERT with two counts', async () => {
  const workspace = await openWorkspace();
  const created = await workspace.sql('CREATE TABLE workspace.ledger.t (a INT)');
  expect(created.body).toMatchObject({
    manifest: { schema: { column_count: 0 }, total_chunk_count: 0 },
    result: {},
  });
  const inserted = await workspace.sql('INSERT INTO workspace.ledger.t VALUES (1), (2)');
  expect([inserted.columns.map(({ name }) => name), inserted.rows]).toEqual([
    ['num_affected_rows', 'num_inserted_rows'],
    [['2', '2']],
  ]);
  await workspace.emulator.close();
});

test('a long result comes in chunks that link to each other', async () => {
  const workspace = await openWorkspace();
  await workspace.stage('workspace/ledger/stage/r.parquet', 'SELECT i FROM range(12000) r(i)');
  const first = await workspace.sql('SELECT i FROM parquet.`/Volumes/workspace/ledger/stage/r.parquet`');
  expect(first.body).toMatchObject({
    manifest: { total_chunk_count: 3, total_row_count: 12000, truncated: false },
  });
  const rows = [...first.rows];
  let link = (first.body.result as { next_chunk_internal_link?: string }).next_chunk_internal_link;
  while (link) {
    const chunk = await workspace.json('GET', link);
    rows.push(...(chunk.data_array as string[][]));
    link = chunk.next_chunk_internal_link as string | undefined;
  }
  expect(new Set(rows.map(([value]) => value)).size).toBe(12000);
  expect((await workspace.call('GET', `${statements}/${first.id}/result/chunks/3`)).status).toBe(404);
  await workspace.emulator.close();
});

test('row_limit truncates and says so', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.sql('SELECT * FROM VALUES (1), (2), (3)', { row_limit: 2 });
  expect([answer.rows, answer.body]).toEqual([
    [['1'], ['2']],
    expect.objectContaining({ manifest: expect.objectContaining({ truncated: true }) }),
  ]);
  await workspace.emulator.close();
});

test('a result is gone after an hour and the statement after twelve', async () => {
  const workspace = await openWorkspace();
  const { id } = await workspace.sql('SELECT 1');
  workspace.clock.advance(61 * 60_000);
  expect(await poll(workspace, id)).toMatchObject({ state: 'CLOSED', rows: [] });
  workspace.clock.advance(12 * 60 * 60_000);
  expect((await workspace.call('GET', `${statements}/${id}`)).status).toBe(404);
  await workspace.emulator.close();
});

test('named parameters are cast to their types, and a missing one fails', async () => {
  const workspace = await openWorkspace();
  const parameters = [
    { name: 'text', value: "o'clock" },
    { name: 'money', value: '12.5', type: 'DECIMAL(10,2)' },
    { name: 'none', type: 'DATE' },
  ];
  const answer = await workspace.sql('SELECT :text AS t, :money + 1 AS m, :none IS NULL AS n', {
    parameters,
  });
  expect(answer.rows).toEqual([["o'clock", '13.50', 'true']]);
  const bad = await workspace.sql('SELECT :n', { parameters: [{ name: 'n', value: '12.7', type: 'INT' }] });
  expect(bad.sqlState).toBe('22018');
  expect((await workspace.sql('SELECT :absent')).sqlState).toBe('42P02');
  await workspace.emulator.close();
});

test('catalog and schema of the request complete shorter names', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t AS SELECT 7 AS a');
  expect((await workspace.sql('SELECT a FROM t', { schema: 'ledger' })).rows).toEqual([['7']]);
  expect((await workspace.sql('SELECT a FROM ledger.t')).rows).toEqual([['7']]);
  expect((await workspace.sql('SELECT a FROM t', { schema: 'default' })).sqlState).toBe('42P01');
  expect(
    (await workspace.sql('SELECT a FROM t', { catalog: 'elsewhere', schema: 'ledger' })).error,
  ).toContain('NO_SUCH_CATALOG_EXCEPTION');
  await workspace.emulator.close();
});

test('an answer lost after the commit leaves its effect, and replaying an idempotent MERGE changes nothing', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (id STRING NOT NULL, a INT)');
  const merge = `MERGE INTO workspace.ledger.t AS t USING (SELECT 'k' AS id, 1 AS a) AS s ON t.id = s.id
    WHEN MATCHED AND t.a IS DISTINCT FROM s.a THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, s.a)`;
  workspace.emulator.faults.add({
    method: 'POST',
    path: /\/sql\/statements/,
    does: { kind: 'cut', when: 'after' },
  });
  await expect(workspace.sql(merge)).rejects.toThrow();
  expect(await workspace.emulator.query('SELECT * FROM ledger.t')).toEqual([{ id: 'k', a: 1 }]);
  expect((await workspace.sql(merge)).rows).toEqual([['0', '0', '0', '0']]);
  await workspace.emulator.close();
});

test('scripted conflicts fail statements of one kind, before or after the commit', async () => {
  const workspace = await openWorkspace();
  const { emulator } = workspace;
  await workspace.rows('CREATE TABLE workspace.ledger.t (a INT)');
  emulator.failNext({ kind: 'insert', errorClass: 'DELTA_CONCURRENT_APPEND', sqlState: '2D521', times: 1 });
  emulator.failNext({ kind: 'insert', errorClass: 'TEMPORARILY_UNAVAILABLE', when: 'after' });
  const insert = 'INSERT INTO workspace.ledger.t VALUES (1)';
  expect(await workspace.rows('SELECT count(*) FROM workspace.ledger.t')).toEqual([['0']]);
  const before = await workspace.sql(insert);
  expect([before.state, before.sqlState, before.error]).toEqual([
    'FAILED',
    '2D521',
    expect.stringMatching(/^\[DELTA_CONCURRENT_APPEND\].*SQLSTATE: 2D521$/),
  ]);
  expect(await emulator.query('SELECT count(*) AS n FROM ledger.t')).toEqual([{ n: 0 }]);
  const after = await workspace.sql(insert);
  expect(after.body).toMatchObject({
    status: { state: 'FAILED', error: { error_code: 'TEMPORARILY_UNAVAILABLE' } },
  });
  expect(await emulator.query('SELECT count(*) AS n FROM ledger.t')).toEqual([{ n: 1 }]);
  expect((await workspace.sql(insert)).state).toBe('SUCCEEDED');
  await emulator.close();
});

test('the log keeps every statement with its kind, state and counts', async () => {
  const workspace = await openWorkspace();
  await workspace.sql('CREATE TABLE workspace.ledger.t (a INT)');
  await workspace.sql('INSERT INTO workspace.ledger.t VALUES (1), (2)');
  await workspace.sql('DELETE FROM workspace.ledger.t WHERE a = 1');
  await workspace.sql('NONSENSE');
  expect(
    workspace.emulator.statements.map(({ kind, state, affected }) => [kind, state, affected.rows]),
  ).toEqual([
    ['create table', 'SUCCEEDED', 0],
    ['insert', 'SUCCEEDED', 2],
    ['delete', 'SUCCEEDED', 1],
    ['unknown', 'FAILED', 0],
  ]);
  expect(workspace.emulator.statements.at(-1)?.sqlState).toBe('42601');
  await workspace.emulator.close();
});

test('without execution every valid statement succeeds with zero counts, and definitions reach the catalog', async () => {
  const workspace = await openWorkspace({ execute: false, switches: { discardUploads: true } });
  await workspace.rows('CREATE TABLE workspace.ledger.t (id STRING NOT NULL, a INT)');
  await workspace.rows('ALTER TABLE workspace.ledger.t ADD COLUMNS (b DATE)');
  expect(
    await workspace.rows(
      'MERGE INTO workspace.ledger.t AS t USING (SELECT 1 AS id) AS s ON t.id = s.id WHEN NOT MATCHED THEN INSERT (id) VALUES (s.id)',
    ),
  ).toEqual([['0', '0', '0', '0']]);
  expect(await workspace.rows('SELECT count(*) FROM workspace.ledger.t')).toEqual([['0']]);
  expect((await workspace.sql('MERGE INTO nonsense')).sqlState).toBe('42601');
  const columns = (await workspace.json('GET', '/api/2.1/unity-catalog/tables/workspace.ledger.t'))
    .columns as { name: string }[];
  expect(columns.map(({ name }) => name)).toEqual(['id', 'a', 'b']);
  await workspace.stage('workspace/ledger/stage/a.parquet', 'SELECT 1 AS a');
  expect([workspace.emulator.files(), workspace.emulator.counted.files]).toEqual([[], 1]);
  await workspace.emulator.close();
});

test('writers to one table take turns and none is lost', async () => {
  const workspace = await openWorkspace();
  await workspace.rows('CREATE TABLE workspace.ledger.t (a INT)');
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      workspace.sql(`INSERT INTO workspace.ledger.t VALUES (${index})`),
    ),
  );
  expect(answers.map(({ state }) => state)).toEqual(Array(8).fill('SUCCEEDED'));
  expect(await workspace.emulator.query('SELECT count(*) AS n FROM ledger.t')).toEqual([{ n: 8 }]);
  await workspace.emulator.close();
});
