// Tokens and permissions of the Power BI emulator: what Entra refuses, what the API refuses, in which shape.
import { expect, test } from 'vitest';
import { ledger, openTenant } from './powerbi-setup.ts';

test('a service principal gets a token with readable claims, and it works until it expires', async () => {
  const tenant = await openTenant({ renewAfter: Number.POSITIVE_INFINITY });
  const { status, body } = await tenant.token();
  expect([status, body.token_type, body.expires_in, body.ext_expires_in]).toEqual([
    200,
    'Bearer',
    3599,
    3599,
  ]);
  const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1] ?? '', 'base64url').toString());
  const { tenantId, clientId } = tenant.emulator;
  expect(claims).toMatchObject({ tid: tenantId, appid: clientId, oid: tenant.emulator.tenant.objectId });
  expect(claims.exp - claims.iat).toBe(3599);
  expect((await tenant.call('GET', '/groups')).status).toBe(200);
  tenant.clock.advance(3_599_000);
  const late = await tenant.call('GET', '/groups');
  expect([late.status, late.body.error.code]).toEqual([403, 'TokenExpired']);
  await tenant.emulator.close();
});

test.each([
  ['a wrong secret', { client_secret: 'secret-id' }, undefined, 401, 'invalid_client', 7000215],
  ['no secret', { client_secret: undefined }, undefined, 401, 'invalid_client', 7000216],
  ['an unknown application', { client_id: 'nobody' }, undefined, 400, 'unauthorized_client', 700016],
  ['an unknown tenant', {}, 'nowhere.onmicrosoft.com', 400, 'invalid_request', 90002],
  [
    'a scope without /.default',
    { scope: 'https://analysis.windows.net/powerbi/api' },
    undefined,
    400,
    'invalid_scope',
    70011,
  ],
  ['the tenant "common"', {}, 'common', 400, 'invalid_grant', 65001],
])('%s is refused with its AADSTS code', async (_, changes, path, status, error, code) => {
  const tenant = await openTenant();
  const answer = await tenant.token(changes, path);
  expect([answer.status, answer.body.error, answer.body.error_codes]).toEqual([status, error, [code]]);
  expect(answer.body.error_description).toMatch(
    new RegExp(`^AADSTS${code}: .*\r\nTrace ID: .*\r\nCorrelation ID: .*\r\nTimestamp: `),
  );
  await tenant.emulator.close();
});

test('switches change the status of a missing and of an expired secret', async () => {
  const tenant = await openTenant({ switches: { missingSecretStatus: 400, expiredSecretStatus: 400 } });
  const missing = await tenant.token({ client_secret: undefined });
  expect([missing.status, missing.body.error, missing.body.error_codes]).toEqual([
    400,
    'invalid_request',
    [7000218],
  ]);
  tenant.emulator.tenant.secretExpired = true;
  const expired = await tenant.token();
  expect([expired.status, expired.body.error_codes]).toEqual([400, [7000222]]);
  await tenant.emulator.close();
});

test('a token for Storage opens OneLake and not Power BI', async () => {
  const tenant = await openTenant();
  const { body } = await tenant.token({ scope: 'https://storage.azure.com/.default' });
  const headers = { authorization: `Bearer ${body.access_token}` };
  expect(await tenant.call('GET', '/groups', { headers })).toMatchObject({ status: 403, text: '' });
  const { oneLake } = tenant.emulator.endpoints;
  const listed = await fetch(
    `${oneLake}/${tenant.emulator.workspaceId}?resource=filesystem&recursive=false`,
    { headers },
  );
  expect([listed.status, await listed.json()]).toEqual([200, { paths: [] }]);
  await tenant.emulator.close();
});

test('service principals disabled in the tenant are refused in envelope B, or C by the switch', async () => {
  const tenant = await openTenant();
  tenant.emulator.tenant.servicePrincipals = false;
  const { status, body } = await tenant.call('GET', '/groups');
  expect([status, body.error.code, body.error['pbi.error']?.code]).toEqual([
    401,
    'PowerBINotAuthorizedException',
    'PowerBINotAuthorizedException',
  ]);
  expect(body.error.message).toBeUndefined();
  await tenant.emulator.close();
  const other = await openTenant({ switches: { tenantRefusal: 'C' } });
  other.emulator.tenant.servicePrincipals = false;
  expect((await other.call('GET', '/groups')).body).toEqual({
    message: 'API is not accessible for application.',
  });
  await other.emulator.close();
});

test('a permission that arrives late refuses so many calls, and RefreshUserPermissions brings it at once', async () => {
  const tenant = await openTenant();
  tenant.emulator.tenant.refusedCalls = 2;
  const statuses = [];
  for (let call = 0; call < 3; call += 1) statuses.push((await tenant.call('GET', '/groups')).status);
  expect(statuses).toEqual([401, 401, 200]);
  expect((await tenant.call('POST', '/RefreshUserPermissions')).status).toBe(200);
  expect((await tenant.call('POST', '/RefreshUserPermissions')).status).toBe(429);
  await tenant.emulator.close();
});

test('roles decide: a Viewer reads and does not write, without a role the workspace is not listed', async () => {
  const tenant = await openTenant({ role: 'Viewer' });
  expect((await tenant.inWorkspace('GET', '/datasets')).status).toBe(200);
  expect(await tenant.inWorkspace('POST', '/datasets', { body: ledger })).toMatchObject({
    status: 403,
    text: '',
  });
  const [workspace] = tenant.emulator.tenant.workspaces;
  if (workspace) workspace.role = 'Contributor';
  expect((await tenant.inWorkspace('POST', '/datasets', { body: ledger })).status).toBe(201);
  if (workspace) workspace.role = 'None';
  expect((await tenant.call('GET', '/groups')).body.value).toEqual([]);
  expect((await tenant.inWorkspace('GET', '/datasets')).body.error.code).toBe(
    'PowerBINotAuthorizedException',
  );
  await tenant.emulator.close();
});

test('My workspace is closed to a service principal, an unknown workspace is not found', async () => {
  const tenant = await openTenant();
  expect((await tenant.call('GET', '/datasets')).status).toBe(403);
  expect((await tenant.call('POST', '/datasets/x/tables/y/rows', { body: { rows: [] } })).status).toBe(403);
  const missing = await tenant.call('GET', '/groups/11111111-1111-4111-8111-111111111111/datasets');
  expect([missing.status, missing.body.error.code]).toEqual([404, 'PowerBIFolderNotFound']);
  await tenant.emulator.close();
});

test('workspaces are filtered by name, and list the principal by its object id', async () => {
  const tenant = await openTenant({ workspaceName: "Finance's" });
  tenant.emulator.addWorkspace('Sales and more', 'Admin');
  const named = async (filter: string): Promise<string[]> => {
    const { body } = await tenant.call('GET', `/groups?$filter=${encodeURIComponent(filter)}`);
    return body.value.map(({ name }) => String(name));
  };
  expect(await named("name eq 'Finance''s'")).toEqual(["Finance's"]);
  expect(await named("contains(name,'and') or tolower(name) eq 'finance''s'")).toEqual([
    "Finance's",
    'Sales and more',
  ]);
  expect(await named(`id eq '${tenant.emulator.workspaceId}'`)).toEqual(["Finance's"]);
  const { body } = await tenant.inWorkspace('GET', '/users');
  expect(body.value[1]).toMatchObject({
    identifier: tenant.emulator.tenant.objectId,
    principalType: 'App',
    groupUserAccessRight: 'Member',
  });
  await tenant.emulator.close();
});

test('the home cluster is reached by a 307 that keeps method and body', async () => {
  const tenant = await openTenant({ switches: { homeCluster: 'redirect' } });
  const { status, body } = await tenant.inWorkspace('POST', '/datasets?preferClientRouting=true', {
    body: ledger,
  });
  expect([status, body.name]).toEqual([201, 'Ledger']);
  expect(tenant.emulator.requests.filter(({ status: one }) => one === 307)).toHaveLength(1);
  await tenant.emulator.close();
});
