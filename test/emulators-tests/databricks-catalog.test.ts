// Unity Catalog over REST on the Databricks emulator, and privileges wherever they are asked for.
import { expect, test } from 'vitest';
import type { Privilege } from '../emulators/databricks/index.ts';
import { openWorkspace, type Workspace } from './databricks-client.ts';

const unity = '/api/2.1/unity-catalog';
const post = (workspace: Workspace, path: string, body: unknown) =>
  workspace.call('POST', `${unity}/${path}`, { body: JSON.stringify(body) });

test('catalog, schemas and volumes are read, made and refused twice', async () => {
  const workspace = await openWorkspace();
  expect(await workspace.json('GET', `${unity}/catalogs/workspace`)).toMatchObject({
    name: 'workspace',
    catalog_type: 'MANAGED_CATALOG',
  });
  expect((await workspace.call('GET', `${unity}/catalogs/none`)).status).toBe(404);
  const schema = await post(workspace, 'schemas', { catalog_name: 'workspace', name: 'Books', comment: 'c' });
  expect([schema.status, await schema.json()]).toEqual([
    200,
    expect.objectContaining({ full_name: 'workspace.books', comment: 'c' }),
  ]);
  expect((await post(workspace, 'schemas', { catalog_name: 'workspace', name: 'books' })).status).toBe(409);
  expect((await post(workspace, 'schemas', { catalog_name: 'workspace', name: 'a b' })).status).toBe(400);
  const listed = (await workspace.json('GET', `${unity}/schemas?catalog_name=workspace`)).schemas as {
    name: string;
  }[];
  expect(listed.map(({ name }) => name)).toEqual(['books', 'default', 'information_schema', 'ledger']);
  expect((await workspace.call('GET', `${unity}/schemas/workspace.none`)).status).toBe(404);
  const volume = { catalog_name: 'workspace', schema_name: 'books', name: 'landing', volume_type: 'MANAGED' };
  expect(await (await post(workspace, 'volumes', volume)).json()).toMatchObject({
    full_name: 'workspace.books.landing',
    volume_type: 'MANAGED',
  });
  expect((await post(workspace, 'volumes', volume)).status).toBe(409);
  expect(
    (await workspace.json('GET', `${unity}/volumes?catalog_name=workspace&schema_name=books`)).volumes,
  ).toHaveLength(1);
  expect((await workspace.call('GET', `${unity}/volumes/workspace.books.none`)).status).toBe(404);
  expect((await workspace.call('DELETE', `${unity}/volumes/workspace.books.landing`)).status).toBe(200);
  expect((await workspace.call('GET', `${unity}/volumes/workspace.books.landing`)).status).toBe(404);
  await workspace.emulator.close();
});

test('a schema made over REST takes tables, and one made over SQL is seen over REST', async () => {
  const workspace = await openWorkspace({ switches: { alreadyExistsStatus: 400 } });
  await post(workspace, 'schemas', { catalog_name: 'workspace', name: 'a' });
  await workspace.rows('CREATE TABLE workspace.a.t (x INT)');
  await workspace.rows("CREATE SCHEMA workspace.b COMMENT 'made by SQL'");
  expect(await workspace.json('GET', `${unity}/schemas/workspace.b`)).toMatchObject({
    comment: 'made by SQL',
  });
  expect((await post(workspace, 'schemas', { catalog_name: 'workspace', name: 'a' })).status).toBe(400);
  await workspace.emulator.close();
});

test('tables are listed by pages and looked up by full name', async () => {
  const workspace = await openWorkspace({ switches: { catalogTypeCase: 'upper' } });
  for (const name of ['a', 'b', 'c'])
    await workspace.rows(`CREATE TABLE workspace.ledger.${name} (x DECIMAL(18,4) NOT NULL COMMENT 'n')`);
  const list = `${unity}/tables?catalog_name=workspace&schema_name=ledger`;
  const first = await workspace.json('GET', `${list}&max_results=2`);
  expect((first.tables as { name: string }[]).map(({ name }) => name)).toEqual(['a', 'b']);
  const second = await workspace.json('GET', `${list}&max_results=2&page_token=${first.next_page_token}`);
  expect((second.tables as { name: string }[]).map(({ name }) => name)).toEqual(['c']);
  expect(second).not.toHaveProperty('next_page_token');
  const [column] = (await workspace.json('GET', `${unity}/tables/workspace.ledger.A`)).columns as Record<
    string,
    unknown
  >[];
  expect(column).toEqual({
    name: 'x',
    type_text: 'DECIMAL(18,4)',
    type_name: 'DECIMAL',
    type_precision: 18,
    type_scale: 4,
    position: 0,
    nullable: false,
    comment: 'n',
    type_json: '{"name":"x","type":"decimal(18,4)","nullable":false,"metadata":{"comment":"n"}}',
  });
  expect(await workspace.json('GET', `${unity}/tables/workspace.ledger.a/exists`)).toEqual({
    table_exists: true,
  });
  expect(await workspace.json('GET', `${unity}/tables/workspace.ledger.z/exists`)).toEqual({
    table_exists: false,
  });
  expect((await workspace.call('GET', `${unity}/tables/workspace.ledger.z`)).status).toBe(404);
  expect(await workspace.json('GET', `${unity}/tables/workspace.ledger.z`)).toMatchObject({
    error_code: 'TABLE_DOES_NOT_EXIST',
  });
  expect((await workspace.call('GET', `${unity}/tables/z`)).status).toBe(400);
  await workspace.emulator.close();
});

test('effective permissions tell what the caller holds, and nobody else', async () => {
  const workspace = await openWorkspace({
    grants: ['CAN USE', 'USE CATALOG', 'USE SCHEMA', 'CREATE SCHEMA', 'CREATE VOLUME', 'SELECT'],
  });
  const { clientId } = workspace.emulator.credentials;
  const path = `${unity}/effective-permissions/schema/workspace.ledger`;
  const answer = await workspace.json('GET', `${path}?principal=${clientId}`);
  const [assignment] = answer.privilege_assignments as {
    principal: string;
    privileges: { privilege: string }[];
  }[];
  expect([assignment?.principal, assignment?.privileges.map(({ privilege }) => privilege)]).toEqual([
    clientId,
    ['USE_CATALOG', 'USE_SCHEMA', 'CREATE_SCHEMA', 'CREATE_VOLUME', 'SELECT'],
  ]);
  expect(await workspace.json('GET', `${path}?principal=someone`)).toEqual({ privilege_assignments: [] });
  await workspace.emulator.close();
});

const withoutPrivilege: readonly (readonly [Privilege, string])[] = [
  ['USE CATALOG', 'SELECT a FROM workspace.ledger.t'],
  ['USE SCHEMA', 'SELECT a FROM workspace.ledger.t'],
  ['SELECT', 'SELECT a FROM workspace.ledger.t'],
  ['MODIFY', 'INSERT INTO workspace.ledger.t VALUES (2)'],
  ['MODIFY', 'DELETE FROM workspace.ledger.t'],
  [
    'MODIFY',
    'MERGE INTO workspace.ledger.t AS t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN DELETE',
  ],
  ['CREATE TABLE', 'CREATE TABLE workspace.ledger.u (a INT)'],
  ['CREATE SCHEMA', 'CREATE SCHEMA workspace.fresh'],
  ['CREATE VOLUME', 'CREATE VOLUME workspace.ledger.fresh'],
  ['MANAGE', 'ALTER TABLE workspace.ledger.t ADD COLUMN b INT'],
  ['MANAGE', 'DROP TABLE workspace.ledger.t'],
  [
    'READ VOLUME',
    "SELECT * FROM read_files('/Volumes/workspace/ledger/stage/a.parquet', format => 'parquet')",
  ],
];

test('a statement without its privilege fails with 42501, changes nothing, and works once granted', async () => {
  const workspace = await openWorkspace();
  const { grants } = workspace.emulator;
  await workspace.rows('CREATE TABLE workspace.ledger.t AS SELECT 1 AS a');
  await workspace.stage('workspace/ledger/stage/a.parquet', 'SELECT 1 AS a');
  for (const [privilege, statement] of withoutPrivilege) {
    grants.revoke(privilege);
    const answer = await workspace.sql(statement);
    expect([statement, answer.sqlState]).toEqual([statement, '42501']);
    expect(answer.error).toContain(
      `[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have ${privilege} on`,
    );
    grants.grant(privilege);
  }
  expect(await workspace.rows('SELECT a FROM workspace.ledger.t')).toEqual([['1']]);
  for (const [, statement] of withoutPrivilege.filter(([privilege]) => privilege === 'CREATE TABLE'))
    await workspace.rows(statement);
  await workspace.emulator.close();
});

test('a privilege may be missing on one object only', async () => {
  const workspace = await openWorkspace();
  for (const name of ['t', 'u'])
    await workspace.rows(`CREATE TABLE workspace.ledger.${name} AS SELECT 1 AS a`);
  workspace.emulator.grants.revoke('SELECT', 'workspace.ledger.t');
  expect((await workspace.sql('SELECT a FROM workspace.ledger.t')).sqlState).toBe('42501');
  expect((await workspace.sql('SELECT a FROM workspace.ledger.u')).state).toBe('SUCCEEDED');
  expect((await workspace.call('GET', `${unity}/tables/workspace.ledger.t`)).status).toBe(403);
  await workspace.emulator.close();
});

test('REST calls without their privilege are PERMISSION_DENIED', async () => {
  const workspace = await openWorkspace();
  const volumes = { catalog_name: 'workspace', schema_name: 'ledger', name: 'v2', volume_type: 'MANAGED' };
  const file = '/api/2.0/fs/files/Volumes/workspace/ledger/stage/a.txt';
  const cases: [Privilege, () => Promise<Response>][] = [
    [
      'CAN USE',
      () =>
        workspace.call('POST', '/api/2.0/sql/statements', {
          body: JSON.stringify({ statement: 'SELECT 1', warehouse_id: workspace.emulator.warehouseId }),
        }),
    ],
    ['WRITE VOLUME', () => workspace.call('PUT', file, { body: 'x' })],
    ['READ VOLUME', () => workspace.call('GET', file)],
    ['CREATE VOLUME', () => post(workspace, 'volumes', volumes)],
    ['CREATE SCHEMA', () => post(workspace, 'schemas', { catalog_name: 'workspace', name: 's2' })],
    ['USE CATALOG', () => workspace.call('GET', `${unity}/tables?catalog_name=workspace&schema_name=ledger`)],
  ];
  for (const [privilege, call] of cases) {
    workspace.emulator.grants.revoke(privilege);
    const answer = await call();
    expect([privilege, answer.status, await answer.json()]).toEqual([
      privilege,
      403,
      expect.objectContaining({ error_code: 'PERMISSION_DENIED' }),
    ]);
    workspace.emulator.grants.grant(privilege);
  }
  expect([workspace.emulator.files(), workspace.emulator.statements.length]).toEqual([[], 0]);
  await workspace.emulator.close();
});

test('a catalog of any name works, even one the engine reserves', async () => {
  for (const catalog of ['main', 'finance-prod']) {
    const workspace = await openWorkspace({ catalog });
    await workspace.rows(`CREATE TABLE \`${catalog}\`.ledger.t AS SELECT 1 AS a`);
    await workspace.rows(`INSERT INTO \`${catalog}\`.\`ledger\`.\`t\` VALUES (2)`);
    expect(await workspace.rows(`SELECT sum(a) FROM \`${catalog}\`.ledger.t`)).toEqual([['3']]);
    expect(await workspace.emulator.query('SELECT sum(a) AS s FROM ledger.t')).toEqual([{ s: 3 }]);
    await workspace.emulator.close();
  }
});
