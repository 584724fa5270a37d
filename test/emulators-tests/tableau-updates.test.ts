// Updates of Hyper data: what each action does to the stored file, and how its job ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { action, byId, type Files, openFiles } from './tableau-files.ts';
import { abc, linesServer, notesOf, rowsOf, untouched } from './tableau-lines.ts';
import { jobOf, openClient } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

const withLines = (options: Parameters<typeof linesServer>[1] = {}) => linesServer(files, options);

test('an insert adds rows, and its job ends with code 0', async () => {
  const { client, source } = await withLines();
  const job = await client.updated(source, [action('insert')], { payload: await files.lines(['d', '4']) });
  expect(job).toMatchObject({ finishCode: '0', progress: '100', type: 'UpdateUploadedFile' });
  expect(await rowsOf(client)).toEqual([...untouched, 'd=4.0000']);
});

test('a replace leaves exactly the rows of the payload', async () => {
  const { client, source } = await withLines();
  await client.updated(source, [action('replace')], { payload: await files.lines(['z', '9.99']) });
  expect(await rowsOf(client)).toEqual(['z=9.9900']);
});

test('an upsert changes the rows that match and adds the rest', async () => {
  const { client, source } = await withLines();
  const payload = await files.lines(['b', '20'], ['d', '40']);
  await client.updated(source, [action('upsert', byId)], { payload });
  expect(await rowsOf(client)).toEqual(['a=1.5000', 'b=20.0000', 'c=null', 'd=40.0000']);
});

test('an update changes the rows that match and adds none', async () => {
  const { client, source } = await withLines();
  const payload = await files.lines(['b', '20'], ['d', '40']);
  await client.updated(source, [action('update', byId)], { payload });
  expect(await rowsOf(client)).toEqual(['a=1.5000', 'b=20.0000', 'c=null']);
});

test('a delete takes the rows that match its source', async () => {
  const { client, source } = await withLines();
  await client.updated(source, [action('delete', byId)], { payload: await files.ids('a', 'c', 'x') });
  expect(await rowsOf(client)).toEqual(['b=2.0000']);
});

test('a batch that fails in its last action leaves nothing of the earlier ones', async () => {
  const { client, source } = await withLines();
  const actions = [action('replace'), action('insert', { 'source-table': 'nowhere' })];
  const job = await client.updated(source, actions, { payload: await files.lines(['z', '1']) });
  expect(job.finishCode).toBe('1');
  expect(notesOf(job)).toMatch(/errorCode=410012 There was a problem retrieving table information/);
  expect(await rowsOf(client)).toEqual(untouched);
});

test('one batch changes several tables of a star', async () => {
  const client = await openClient();
  const source = await client.published(
    'Star',
    await files.hyper(
      'CREATE TABLE {db}."public"."accounts" (id text NOT NULL, name text, ASSUMED PRIMARY KEY (id))',
      `CREATE TABLE {db}."public"."journal" (id text NOT NULL, account text, ASSUMED PRIMARY KEY (id),
         ASSUMED FOREIGN KEY (account) REFERENCES {db}."public"."accounts" (id))`,
    ),
  );
  const payload = await files.hyper(
    `CREATE TABLE {db}."public"."accounts" AS (SELECT '200' AS id, 'Sales' AS name)`,
    `CREATE TABLE {db}."public"."journal" AS (SELECT '1' AS id, '200' AS account)`,
  );
  const into = (table: string) => ({ action: 'insert', 'target-table': table, 'source-table': table });
  const job = await client.updated(source, [into('accounts'), into('journal')], { payload });
  expect(job.finishCode).toBe('0');
  expect(await client.emulator.rows('Star', 'journal')).toEqual([{ id: '1', account: '200' }]);
  expect(await client.emulator.rows('Star', 'accounts')).toEqual([{ id: '200', name: 'Sales' }]);
});

test('a RequestID runs once in 24 hours, whatever comes with it later', async () => {
  const { client, source } = await withLines();
  const options = { payload: await files.lines(['d', '4']), requestId: 'batch-1' };
  const first = jobOf(await client.patch(source, [action('insert')], options));
  expect(jobOf(await client.patch(source, [action('insert')], options))).toBe(first);
  await client.finished(first);
  expect(jobOf(await client.patch(source, 'not even a list', { requestId: 'batch-1' }))).toBe(first);
  expect(await rowsOf(client)).toEqual([...untouched, 'd=4.0000']);
  client.clock.advance(25 * 3_600_000);
  client.emulator.sessions.endAll();
  expect((await client.patch(source, [], { requestId: 'batch-1' })).code).toBe('401002');
});

test('after 24 hours a RequestID is new again', async () => {
  const { client, source } = await withLines({ sessionLife: 100 * 3_600_000 });
  const options = { payload: await files.lines(['d', '4']), requestId: 'batch-1' };
  const first = jobOf(await client.patch(source, [action('insert')], options));
  client.clock.advance(24 * 3_600_000 + 1);
  const second = jobOf(await client.patch(source, [action('insert')], options));
  expect(second).not.toBe(first);
  await client.finished(second);
  expect(await rowsOf(client)).toEqual([...untouched, 'd=4.0000', 'd=4.0000']);
});

test('with the switch, a repeated RequestID is a conflict', async () => {
  const { client, source } = await withLines({ switches: { duplicateRequest: 'conflict' } });
  const options = { payload: await files.lines(['d', '4']), requestId: 'batch-1' };
  await client.finished(jobOf(await client.patch(source, [action('insert')], options)));
  expect(await client.patch(source, [action('insert')], options)).toMatchObject({ status: 409 });
  expect(await rowsOf(client)).toEqual([...untouched, 'd=4.0000']);
});

test('a payload over the cap is refused with 413 and uses up neither session nor RequestID', async () => {
  const { client, source } = await withLines({ switches: { payloadCapMegabytes: 0.01 } });
  const options = { payload: await files.lines(['d', '4']), requestId: 'batch-1' };
  const reply = await client.patch(source, [action('insert')], options);
  expect(reply).toMatchObject({ status: 413, code: '413000' });
  expect(client.emulator.jobs.log).toEqual([]);
  const again = await client.patch(source, [action('insert')], { requestId: 'batch-1' });
  expect(again).toMatchObject({ status: 400 });
});

test('only sources that are live to a Hyper file, under their own connection, can be updated', async () => {
  const { client, source } = await withLines();
  const extract = client.emulator.addExtract({ name: 'From Desktop' });
  const payload = await files.lines(['d', '4']);
  expect(await client.patch(extract, [action('insert')], { payload })).toMatchObject({ status: 400 });
  const connections = await client.on('GET', `/datasources/${source}/connections`);
  const { connection } = connections.json.connections as { connection: [{ id: string; type: string }] };
  expect(connection).toHaveLength(1);
  expect(connection[0].type).toBe('hyper');
  const other = await client.patch(source, [action('insert')], { payload, connection: extract });
  expect(other.status).toBe(404);
  const right = await client.patch(source, [action('insert')], { payload, connection: connection[0].id });
  expect((await client.finished(jobOf(right))).finishCode).toBe('0');
});

test('without the header RequestID an update is refused', async () => {
  const { client, source } = await withLines();
  const reply = await client.on('PATCH', `/datasources/${source}/data`, { json: { actions: [] } });
  expect(reply).toMatchObject({ status: 400, code: '400003' });
});

test('updates of one source run one after another, those of two side by side', async () => {
  const { client, source } = await withLines({ pace: { queue: 0, run: 3_000 } });
  const other = await client.published('Others', await files.lines(...abc));
  const payload = await files.lines(['d', '4']);
  const ids = [
    jobOf(await client.patch(source, [action('insert')], { payload })),
    jobOf(await client.patch(source, [action('insert')], { payload })),
    jobOf(await client.patch(other, [action('insert')], { payload })),
  ];
  for (const id of ids) await client.finished(id);
  const [first, second, third] = client.emulator.jobs.log;
  expect(second?.startedAt).toBeGreaterThanOrEqual(first?.completedAt ?? Number.POSITIVE_INFINITY);
  expect(third?.startedAt).toBeLessThan(second?.startedAt ?? 0);
});

test('a scripted failure can end without any notes', async () => {
  const { client, source } = await withLines();
  client.emulator.jobs.failNext({ finishCode: 1 }, 'update');
  const job = await client.updated(source, [action('insert')], { payload: await files.lines(['d', '4']) });
  expect(job.finishCode).toBe('1');
  expect(job.statusNotes).toBeUndefined();
  expect(notesOf(job)).toBe('undefined');
  expect(await rowsOf(client)).toEqual(untouched);
});
