// Publishing: modes, files that are refused, and what an overwrite costs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatewayTimeout } from '../emulators/tableau/index.ts';
import { type Files, openFiles } from './tableau-files.ts';
import { type Body, type Client, jobOf, openClient, payloadPart, signedIn } from './tableau-setup.ts';

let files: Files;
beforeAll(async () => {
  files = await openFiles();
});
afterAll(() => files.close());

const countOf = async ({ emulator }: Client, name = 'Lines'): Promise<number> =>
  (await emulator.rows(name)).length;

test('a name is taken within its project only, and the answer says 403007', async () => {
  const client = await openClient({ sites: [{ contentUrl: 'books', projects: [{ name: 'Finance' }] }] });
  const file = await files.lines(['a', '1']);
  await client.published('Lines', file);
  expect(await client.publish('LINES', file)).toMatchObject({ status: 403, code: '403007' });
  const { json } = await client.on('GET', '/projects?filter=name:eq:Finance');
  const [finance] = (json.projects as { project: [{ id: string }] }).project;
  expect(await client.publish('Lines', file, { project: finance.id })).toMatchObject({ status: 201 });
  expect(client.emulator.sources().map(({ project }) => project)).toEqual(['Default', 'Finance']);
});

test('an overwrite keeps the LUID, makes a revision and loses what people added', async () => {
  const client = await openClient();
  const source = await client.published('Lines', await files.lines(['a', '1']));
  client.emulator.addCalculatedField('Lines', 'Margin');
  const again = await client.publish('Lines', await files.lines(['b', '1'], ['c', '2']), {
    query: 'overwrite=true',
  });
  expect((again.json.datasource as { id: string }).id).toBe(source);
  expect(client.emulator.sources()).toMatchObject([{ revisions: 2, calculatedFields: [] }]);
  expect(await countOf(client)).toBe(2);
  const revisions = await client.on('GET', `/datasources/${source}/revisions`);
  const { revision } = revisions.json.revisions as { revision: Body[] };
  expect(revision).toMatchObject([
    { revisionNumber: '1', current: false },
    { revisionNumber: '2', current: true },
  ]);
});

test('a replace keeps what people added, or is no known parameter', async () => {
  const loose = await openClient();
  await loose.published('Lines', await files.lines(['a', '1']));
  loose.emulator.addCalculatedField('Lines', 'Margin');
  await loose.publish('Lines', await files.lines(['b', '1'], ['c', '2']), { query: 'replace=true' });
  expect(loose.emulator.sources()).toMatchObject([{ calculatedFields: ['Margin'] }]);
  expect(await countOf(loose)).toBe(2);
  const strict = await openClient({ switches: { replaceParameter: 'unknown' } });
  await strict.published('Lines', await files.lines(['a', '1']));
  const refused = await strict.publish('Lines', await files.lines(['b', '1']), { query: 'replace=true' });
  expect(refused.code).toBe('403007');
});

test('an append adds rows each time it is sent', async () => {
  const client = await openClient();
  await client.published('Lines', await files.lines(['a', '1']));
  const more = await files.lines(['b', '2']);
  expect(await client.publish('Lines', more, { query: 'append=true' })).toMatchObject({ status: 201 });
  expect(await client.publish('Lines', more, { query: 'append=true' })).toMatchObject({ status: 201 });
  expect(await countOf(client)).toBe(3);
});

test('an append needs a target of the same single table', async () => {
  const client = await openClient();
  const file = await files.lines(['a', '1']);
  expect((await client.publish('Lines', file, { query: 'append=true' })).status).toBe(404);
  await client.published('Lines', file);
  const other = await client.publish('Lines', await files.ids('b'), { query: 'append=true' });
  expect(other).toMatchObject({ status: 400, code: '400011' });
  const both = await client.publish('Lines', file, { query: 'append=true&overwrite=true' });
  expect(both.status).toBe(400);
  await client.published('Star', await star());
  const multi = await client.publish('Star', await star(), { query: 'append=true' });
  expect(multi.code).toBe('400011');
  const strict = await openClient({ switches: { appendToMissingStatus: 400 } });
  expect((await strict.publish('Lines', file, { query: 'append=true' })).status).toBe(400);
});

const dimension = (name: string) =>
  `CREATE TABLE {db}."public"."${name}" (id text NOT NULL, ASSUMED PRIMARY KEY (id))`;
const fact = (name: string, ...dimensions: readonly string[]) =>
  `CREATE TABLE {db}."public"."${name}" (id text NOT NULL${dimensions.map((one) => `, ${one} text`).join('')}${dimensions
    .map((one) => `, ASSUMED FOREIGN KEY (${one}) REFERENCES {db}."public"."${one}" (id)`)
    .join('')})`;

const star = () =>
  files.hyper(dimension('accounts'), dimension('contacts'), fact('journal', 'accounts', 'contacts'));

test('several tables are published when their keys join them to one fact', async () => {
  const client = await openClient();
  await client.published('Star', await star());
  expect((await client.emulator.tables('Star')).map(({ name }) => name)).toEqual([
    'accounts',
    'contacts',
    'journal',
  ]);
});

test.each([
  ['two facts', [dimension('accounts'), fact('invoices', 'accounts'), fact('payments', 'accounts')]],
  ['a table apart', [dimension('accounts'), dimension('contacts'), fact('journal', 'accounts')]],
  ['no keys', [dimension('accounts'), dimension('contacts')]],
  [
    'a dimension reached twice',
    [
      dimension('accounts'),
      `CREATE TABLE {db}."public"."journal" (debit text, credit text,
         ASSUMED FOREIGN KEY (debit) REFERENCES {db}."public"."accounts" (id),
         ASSUMED FOREIGN KEY (credit) REFERENCES {db}."public"."accounts" (id))`,
    ],
  ],
])('a file with %s is refused', async (_, statements) => {
  const client = await openClient();
  const reply = await client.publish('Star', await files.hyper(...statements));
  expect(reply).toMatchObject({ status: 400, code: '400011' });
  expect(reply.text).toContain('exactly one fact table (0x5CE10192)');
  expect(client.emulator.sources()).toEqual([]);
});

test('what is no Hyper file, or too new a one, is refused', async () => {
  const client = await openClient({ fileVersion: 2 });
  const text = await client.publish('Lines', Buffer.from('id,amount\na,1\n'));
  expect(text.code).toBe('400011');
  const newer = await files.lines(['a', '1']);
  newer.writeUInt16LE(3, 10);
  const reply = await client.publish('Lines', newer);
  expect(reply.code).toBe('400011');
  expect(reply.text).toContain('0AS01');
  const torn = (await files.lines(['a', '1'])).subarray(0, 4_096);
  expect((await client.publish('Lines', torn)).code).toBe('400011');
});

test('a Parquet file becomes a Hyper source of one table, whose name the switch decides', async () => {
  const file = await files.parquet(`SELECT 'a' AS id, CAST(12345678901234.5678 AS numeric(18,4)) AS amount`);
  const client = await openClient();
  await client.published('Lines', file, { fileName: 'lines.parquet' });
  expect(await client.emulator.rows('Lines', 'Extract.Extract')).toEqual([
    { id: 'a', amount: '12345678901234.5678' },
  ]);
  const other = await openClient({ switches: { parquetTable: 'file name' } });
  await other.published('Lines', file, { fileName: 'lines.parquet' });
  expect(await other.emulator.rows('Lines', 'public.lines')).toHaveLength(1);
  const broken = await client.publish('More', Buffer.from('PAR1 and no end'), { fileName: 'x.parquet' });
  expect(broken.code).toBe('400011');
});

test('appending Parquet is refused unless the switch allows it', async () => {
  const file = await files.parquet(`SELECT 'a' AS id`);
  const strict = await openClient();
  const options = { fileName: 'x.parquet', query: 'append=true' };
  await strict.published('Lines', file, { fileName: 'x.parquet' });
  expect((await strict.publish('Lines', file, options)).code).toBe('400011');
  const loose = await openClient({ switches: { parquetAppend: true } });
  await loose.published('Lines', file, { fileName: 'x.parquet' });
  expect((await loose.publish('Lines', file, options)).status).toBe(201);
  expect(await countOf(loose)).toBe(2);
});

test('old servers take neither several tables nor Parquet', async () => {
  const client = await openClient({ version: '3.13' });
  const reply = await client.call('POST', `/sites/${client.site}/datasources`, {
    parts: [payloadPart('Star'), { name: 'tableau_datasource', fileName: 'a.hyper', body: await star() }],
  });
  expect(reply.text).toContain('2021.4');
  const parquet = await client.call('POST', `/sites/${client.site}/datasources`, {
    parts: [
      payloadPart('Lines'),
      { name: 'tableau_datasource', fileName: 'a.parquet', body: await files.parquet('SELECT 1 AS one') },
    ],
  });
  expect(parquet.text).toContain('2022.1');
});

test('a publish as a job answers at once and shows in name filters a little later', async () => {
  const client = await openClient({ rate: 1, pace: { queue: 0, run: 0 }, indexDelay: 60_000 });
  const reply = await client.publish('Lines', await files.lines(['a', '1']), { query: 'asJob=true' });
  expect(reply.json.job).toMatchObject({ type: 'PublishDatasource', progress: '0', finishCode: '1' });
  const job = await client.finished(jobOf(reply));
  expect(job).toMatchObject({ finishCode: '0', progress: '100' });
  const named = async () => {
    const { json } = await client.on('GET', '/datasources?filter=name:eq:Lines');
    return (json.pagination as { totalAvailable: string }).totalAvailable;
  };
  expect(await named()).toBe('0');
  const all = await client.on('GET', '/datasources');
  expect((all.json.pagination as { totalAvailable: string }).totalAvailable).toBe('1');
  client.clock.advance(60_000);
  expect(await named()).toBe('1');
});

test('a publish as a job fails by its notes', async () => {
  const client = await openClient();
  const reply = await client.publish('Lines', Buffer.from('nothing'), { query: 'asJob=true' });
  const job = await client.finished(jobOf(reply));
  expect(job.finishCode).toBe('1');
  expect(JSON.stringify(job.statusNotes)).toContain('400011');
});

test('of two jobs that create one name, the second fails', async () => {
  const client = await openClient();
  const file = await files.lines(['a', '1']);
  const jobs = [
    jobOf(await client.publish('Lines', file, { query: 'asJob=true' })),
    jobOf(await client.publish('Lines', file, { query: 'asJob=true' })),
  ];
  const [first, second] = [await client.finished(jobs[0] ?? ''), await client.finished(jobs[1] ?? '')];
  expect(first.finishCode).toBe('0');
  expect(second.finishCode).toBe('1');
  expect(JSON.stringify(second.statusNotes)).toContain('403007');
  expect(client.emulator.sources()).toMatchObject([{ revisions: 1 }]);
});

test('the answer of a publish that worked can be lost', async () => {
  const client = await openClient();
  client.emulator.lose({ method: 'POST', path: /\/datasources$/, answer: gatewayTimeout });
  const reply = await client.publish('Lines', await files.lines(['a', '1']));
  expect(reply.status).toBe(504);
  expect(reply.text).toContain('<html>');
  expect(await countOf(client)).toBe(1);
});

test('roles below ExplorerCanPublish can neither upload nor publish', async () => {
  const client = await openClient({ users: [explorer] });
  const file = await files.lines(['a', '1']);
  expect(await client.on('POST', '/fileUploads')).toMatchObject({ status: 403, code: '403004' });
  expect(await client.publish('Lines', file)).toMatchObject({ status: 403 });
  client.emulator.setRole(explorer.name, 'books', 'ExplorerCanPublish');
  expect(await client.publish('Lines', file)).toMatchObject({ status: 201 });
});

const explorer = {
  name: 'reader@example.com',
  siteRole: 'Explorer',
  tokens: [{ name: 'reader', secret: 'cmVhZGVy:one' }],
} as const;

test("somebody else's source needs the capability Write", async () => {
  const other = {
    name: 'other@example.com',
    tokens: [{ name: 'other', secret: 'b3RoZXI=:one' }],
  };
  const owner = { name: 'owner@example.com', tokens: [{ name: 'owner', secret: 'b3duZXI=:one' }] };
  const client = await openClient({ users: [owner, other] });
  const source = await client.published('Lines', await files.lines(['a', '1']));
  const stranger = await signedIn(client.emulator, client.clock, { pat: other.tokens[0] });
  const overwrite = () =>
    files.lines(['b', '1']).then((file) => stranger.publish('Lines', file, { query: 'overwrite=true' }));
  expect(await overwrite()).toMatchObject({ status: 403 });
  expect(await stranger.patch(source, [])).toMatchObject({ status: 403 });
  const { json } = await stranger.call('GET', '/sessions/current');
  const { user } = json.session as { user: { id: string } };
  const granted = await client.on('PUT', `/datasources/${source}/permissions`, {
    xml: `<tsRequest><permissions><granteeCapabilities><user id="${user.id}"/><capabilities><capability name="Write" mode="Allow"/></capabilities></granteeCapabilities></permissions></tsRequest>`,
  });
  expect(granted.status).toBe(200);
  expect(await overwrite()).toMatchObject({ status: 201 });
});

test('a Cloud site takes 600 publishes and updates an hour, a Server any number', async () => {
  const file = await files.lines(['a', '1']);
  const cloud = await openClient({ quotas: { publish: 2 }, switches: { retryAfterHeader: true } });
  await cloud.published('One', file);
  await cloud.published('Two', file);
  const refused = await cloud.publish('Three', file);
  expect(refused).toMatchObject({ status: 429, code: '429000' });
  expect(refused.text).toMatch(/Please retry after \d+ minutes/);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
  cloud.clock.advance(3_600_000);
  expect(await cloud.publish('Three', file)).toMatchObject({ status: 201 });
  const server = await openClient({ kind: 'server', quotas: { publish: 1 } });
  await server.published('One', file);
  expect(await server.publish('Two', file)).toMatchObject({ status: 201 });
});
