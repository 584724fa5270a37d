// Projects, permissions, listing and changing data sources, workbooks.
import { crc32, inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Files, openFiles } from './tableau-files.ts';
import { type Body, type Client, openClient, signedIn } from './tableau-setup.ts';

let files: Files;
let file: Buffer;
beforeAll(async () => {
  files = await openFiles();
  file = await files.lines(['a', '1']);
});
afterAll(() => files.close());

const admin = {
  name: 'admin@example.com',
  siteRole: 'SiteAdministratorCreator',
  tokens: [{ name: 'admin', secret: 'YWRtaW4=:one' }],
} as const;

const books = {
  contentUrl: 'books',
  projects: [
    { name: 'Finance', projects: [{ name: 'GL' }, { name: 'Closed', writeable: false }] },
    { name: 'Sales', projects: [{ name: 'GL' }] },
  ],
};

async function list(client: Client, path: string, [outer, inner]: [string, string]): Promise<Body[]> {
  const { status, text, json } = await client.on('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`);
  return ((json[outer] as Body)[inner] as Body[] | undefined) ?? [];
}

const projects = (client: Client, query = '') => list(client, `/projects?${query}`, ['projects', 'project']);
const sources = (client: Client, query = '') =>
  list(client, `/datasources?${query}`, ['datasources', 'datasource']);

test('projects are a tree in which names repeat', async () => {
  const client = await openClient({ sites: [books] });
  const all = await projects(client);
  expect(all.map(({ name }) => name)).toEqual(['Default', 'Finance', 'GL', 'Closed', 'Sales', 'GL']);
  const named = await projects(client, 'filter=name:eq:GL');
  expect(named.map(({ parentProjectId }) => all.find(({ id }) => id === parentProjectId)?.name)).toEqual([
    'Finance',
    'Sales',
  ]);
});

test('writeable shows only when all fields are asked for, from 3.25 on', async () => {
  const client = await openClient({ sites: [books] });
  expect(await projects(client)).not.toContainEqual(
    expect.objectContaining({ writeable: expect.anything() }),
  );
  const all = await projects(client, 'fields=_all_');
  expect(all.map(({ name, writeable }) => `${name} ${writeable}`)).toContain('Closed false');
  expect(all.map(({ name, writeable }) => `${name} ${writeable}`)).toContain('GL true');
  const closed = all.find(({ name }) => name === 'Closed');
  const reply = await client.publish('Lines', file, { project: String(closed?.id) });
  expect(reply).toMatchObject({ status: 403, code: '403004' });
  const older = await openClient({ version: '3.24' });
  expect((await projects(older, 'fields=_all_'))[0]).not.toHaveProperty('writeable');
  const never = await openClient({ switches: { writeableSince: 'never' } });
  expect((await projects(never, 'fields=_all_'))[0]).not.toHaveProperty('writeable');
});

test('creating a project is for leaders, and its name is unique below its parent', async () => {
  const client = await openClient({
    sites: [books],
    users: [admin, { name: 'loader@example.com', tokens: [{ name: 'l', secret: 's' }] }],
  });
  const create = (by: Client, name: string, parentProjectId?: string) =>
    by.on('POST', '/projects', {
      json: { project: { name, ...(parentProjectId ? { parentProjectId } : {}) } },
    });
  expect(await create(client, 'finance')).toMatchObject({ status: 409, code: '409006' });
  const made = await create(client, 'Ledgers');
  expect(made.status).toBe(201);
  const parent = (made.json.project as { id: string }).id;
  expect((await create(client, 'Ledgers', parent)).status).toBe(201);
  expect((await create(client, 'X', 'no-such-project')).code).toBe('404005');
  const loader = await signedIn(client.emulator, client.clock, { pat: { name: 'l', secret: 's' } });
  expect(await create(loader, 'Mine')).toMatchObject({ status: 403, code: '403045' });
  const id = (await create(client, 'Gone')).json.project as { id: string };
  expect((await client.on('DELETE', `/projects/${id.id}`)).status).toBe(204);
  expect(await projects(client, 'filter=name:eq:Gone')).toEqual([]);
});

test("a project's permissions are hidden from those who do not lead it", async () => {
  const loader = { name: 'loader@example.com', tokens: [{ name: 'l', secret: 's' }] };
  const client = await openClient({ sites: [books], users: [loader, admin] });
  const [finance] = await projects(client, 'filter=name:eq:Finance');
  const path = `/projects/${finance?.id}/permissions`;
  expect((await client.on('GET', path)).status).toBe(403);
  const boss = await signedIn(client.emulator, client.clock, { pat: admin.tokens[0] });
  expect((await boss.on('GET', path)).json.permissions).toMatchObject({
    project: { name: 'Finance' },
    granteeCapabilities: [
      { capabilities: { capability: expect.arrayContaining([{ name: 'Write', mode: 'Allow' }]) } },
    ],
  });
  const me = (await client.call('GET', '/sessions/current')).json.session as { user: { id: string } };
  const grant = (name: string) => ({
    permissions: {
      granteeCapabilities: [
        { user: { id: me.user.id }, capabilities: { capability: [{ name, mode: 'Allow' }] } },
      ],
    },
  });
  expect((await boss.on('PUT', path, { json: grant('Lead') })).code).toBe('400009');
  expect((await boss.on('PUT', path, { json: grant('ProjectLeader') })).status).toBe(200);
  expect((await client.on('GET', path)).status).toBe(200);
});

test('lists come in pages, sorted and filtered as asked', async () => {
  const client = await openClient({ indexDelay: 0 });
  for (const name of ['C', 'A', 'B']) await client.published(name, file);
  const page = await client.on('GET', '/datasources?pageSize=2&pageNumber=2&sort=name:asc');
  expect(page.json.pagination).toEqual({ pageNumber: '2', pageSize: '2', totalAvailable: '3' });
  expect((page.json.datasources as { datasource: Body[] }).datasource.map(({ name }) => name)).toEqual(['C']);
  expect((await sources(client, 'sort=name:desc')).map(({ name }) => name)).toEqual(['C', 'B', 'A']);
  expect((await sources(client, 'filter=name:in:[A,C]')).map(({ name }) => name)).toEqual(['C', 'A']);
  expect(await sources(client, 'filter=name:eq:A,type:eq:hyper')).toHaveLength(1);
  expect(await sources(client, 'filter=name:eq:A,type:eq:postgres')).toEqual([]);
  expect(await sources(client, 'filter=projectName:eq:Default')).toHaveLength(3);
  expect((await client.on('GET', '/datasources?pageSize=0')).code).toBe('400007');
  expect((await client.on('GET', '/datasources?pageSize=1001')).code).toBe('400007');
  expect((await client.on('GET', '/datasources?pageNumber=0')).code).toBe('400006');
  expect((await client.on('GET', '/datasources?filter=nonsense')).status).toBe(400);
});

test('an empty list has no inner key in JSON', async () => {
  const client = await openClient();
  const { json } = await client.on('GET', '/datasources');
  expect(json.datasources).toEqual({});
});

test.each([
  ['numbers', { pageSize: '100', isCertified: false }],
  ['numbers and booleans', { pageSize: '100', isCertified: 'false' }],
  ['none', { pageSize: 100, isCertified: false }],
] as const)(
  'with jsonStrings "%s" scalars come accordingly',
  async (jsonStrings, { pageSize, isCertified }) => {
    const client = await openClient({ switches: { jsonStrings }, indexDelay: 0 });
    await client.published('Lines', file);
    const { json } = await client.on('GET', '/datasources');
    expect((json.pagination as Body).pageSize).toBe(pageSize);
    expect((json.datasources as { datasource: Body[] }).datasource[0]?.isCertified).toBe(isCertified);
  },
);

test('a source can be renamed, moved, described, tagged and deleted', async () => {
  const client = await openClient({ sites: [books], indexDelay: 0 });
  const id = await client.published('Lines', file, { description: 'Made &quot;here&quot;' });
  const [sales] = await projects(client, 'filter=name:eq:Sales');
  const changed = await client.on('PUT', `/datasources/${id}`, {
    json: { datasource: { name: 'Journal', project: { id: sales?.id }, isCertified: true } },
  });
  expect(changed.json.datasource).toMatchObject({
    name: 'Journal',
    project: { name: 'Sales' },
    isCertified: true,
    description: 'Made "here"',
  });
  const tags = { tags: { tag: [{ label: 'a b' }, { label: 'ledger' }] } };
  expect((await client.on('PUT', `/datasources/${id}/tags`, { json: tags })).json).toEqual(tags);
  expect((await client.on('DELETE', `/datasources/${id}/tags/a%20b`)).status).toBe(204);
  expect(client.emulator.sources()).toMatchObject([{ project: 'Sales', tags: ['ledger'] }]);
  await client.published('Other', file, { project: String(sales?.id) });
  const twin = await client.on('PUT', `/datasources/${id}`, { json: { datasource: { name: 'Other' } } });
  expect(twin.status).toBe(409);
  expect((await client.on('DELETE', `/datasources/${id}`)).status).toBe(204);
  expect(await client.on('GET', `/datasources/${id}`)).toMatchObject({ status: 404 });
});

test('a workbook knows the sources it stands on and how fresh it is to be', async () => {
  const client = await openClient();
  const source = await client.published('Lines', file);
  const workbook = client.emulator.addWorkbook({ name: 'Ageing', sources: [source], hasExtracts: false });
  const connections = await list(client, `/workbooks/${workbook}/connections`, ['connections', 'connection']);
  expect(connections).toMatchObject([{ datasource: { id: source, name: 'Lines' } }]);
  const put = (option: string) =>
    client.on('PUT', `/workbooks/${workbook}`, { json: { workbook: { dataFreshnessPolicy: { option } } } });
  expect((await put('Always')).status).toBe(400);
  expect((await put('AlwaysLive')).json.workbook).toMatchObject({
    dataFreshnessPolicy: { option: 'AlwaysLive' },
  });
  expect((await list(client, '/workbooks', ['workbooks', 'workbook'])).map(({ name }) => name)).toEqual([
    'Ageing',
  ]);
  expect((await client.on('GET', '/workbooks/none')).status).toBe(404);
});

test('users see themselves, administrators everybody', async () => {
  const loader = { name: 'loader@example.com', tokens: [{ name: 'l', secret: 's' }] };
  const client = await openClient({ users: [loader, admin] });
  const { session } = (await client.call('GET', '/sessions/current')).json as {
    session: { user: { id: string } };
  };
  const own = await client.on('GET', `/users/${session.user.id}`);
  expect(own.json.user).toMatchObject({ name: 'loader@example.com', siteRole: 'Creator' });
  expect((await client.on('GET', '/users')).status).toBe(403);
  const boss = await signedIn(client.emulator, client.clock, { pat: admin.tokens[0] });
  expect((await list(boss, '/users', ['users', 'user'])).map(({ name }) => name)).toEqual([
    'loader@example.com',
    'admin@example.com',
  ]);
});

/** The entries of an archive, by path. */
function entriesOf(archive: Buffer): Record<string, Buffer> {
  const entries: Record<string, Buffer> = {};
  for (let at = 0; archive.readUInt32LE(at) === 0x04034b50; ) {
    const [packed, nameLength] = [archive.readUInt32LE(at + 18), archive.readUInt16LE(at + 26)];
    const start = at + 30 + nameLength;
    const content = inflateRawSync(archive.subarray(start, start + packed));
    expect(crc32(content)).toBe(archive.readUInt32LE(at + 14));
    entries[archive.subarray(at + 30, start).toString()] = content;
    at = start + packed;
  }
  return entries;
}

async function download(client: Client, source: string, query = ''): Promise<Response> {
  return fetch(
    `${client.emulator.url}/api/3.29/sites/${client.site}/datasources/${source}/content?${query}`,
    {
      headers: { 'x-tableau-auth': client.token },
    },
  );
}

test('a download holds the stored file and what people added', async () => {
  const client = await openClient();
  const source = await client.published('My lines', file);
  client.emulator.addCalculatedField(source, 'Margin <1>');
  const reply = await download(client, source);
  expect(reply.headers.get('content-disposition')).toBe('attachment; filename="Mylines.tdsx"');
  const entries = entriesOf(Buffer.from(await reply.arrayBuffer()));
  expect(Object.keys(entries)).toEqual(['Mylines.tds', 'Data/Extracts/Mylines.hyper']);
  expect(entries['Data/Extracts/Mylines.hyper']?.equals(file)).toBe(true);
  expect(entries['Mylines.tds']?.toString()).toContain('caption="Margin &lt;1&gt;"');
  const bare = await download(client, source, 'includeExtract=False');
  expect(Object.keys(entriesOf(Buffer.from(await bare.arrayBuffer())))).toEqual(['Mylines.tds']);
});

test('a download needs ExportXml, and its folder follows the switch', async () => {
  const loader = { name: 'loader@example.com', tokens: [{ name: 'l', secret: 's' }] };
  const reader = {
    name: 'reader@example.com',
    siteRole: 'Explorer' as const,
    tokens: [{ name: 'r', secret: 's' }],
  };
  const client = await openClient({ users: [loader, reader], switches: { contentFolder: 'Datasources' } });
  const source = await client.published('Lines', file);
  const other = await signedIn(client.emulator, client.clock, { pat: { name: 'r', secret: 's' } });
  expect((await download(other, source)).status).toBe(403);
  const entries = entriesOf(Buffer.from(await (await download(client, source)).arrayBuffer()));
  expect(Object.keys(entries)).toContain('Data/Datasources/Lines.hyper');
});
