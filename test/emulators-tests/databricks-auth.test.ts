// Tokens and refusals of the Databricks emulator.
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './databricks-client.ts';

const me = '/api/2.0/preview/scim/v2/Me';

function tokenRequest(
  workspace: Workspace,
  { id, secret, scope = 'all-apis' }: { id?: string; secret?: string; scope?: string } = {},
) {
  const { clientId, clientSecret } = workspace.emulator.credentials;
  const basic = Buffer.from(`${id ?? clientId}:${secret ?? clientSecret}`).toString('base64');
  return fetch(`${workspace.emulator.url}/oidc/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=client_credentials&scope=${scope}`,
  });
}

test('a service principal gets a bearer token that opens the API for one hour', async () => {
  const workspace = await openWorkspace();
  const answer = await tokenRequest(workspace);
  const token = (await answer.json()) as Record<string, unknown>;
  expect(answer.status).toBe(200);
  expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'all-apis' });
  const headers = { authorization: `Bearer ${token.access_token}` };
  expect(await workspace.json('GET', me, { headers })).toMatchObject({
    userName: workspace.emulator.credentials.clientId,
  });
  workspace.clock.advance(3600_000);
  const late = await workspace.call('GET', me, { headers });
  expect(late.status).toBe(403);
  expect(await late.json()).toEqual({ error_code: 403, message: 'Invalid access token.' });
  await workspace.emulator.close();
});

test('a wrong secret or id is refused as invalid_client', async () => {
  const workspace = await openWorkspace();
  for (const wrong of [{ secret: 'dose-wrong' }, { id: 'nobody' }]) {
    const answer = await tokenRequest(workspace, wrong);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({
      error: 'invalid_client',
      error_description: 'Client authentication failed',
    });
  }
  await workspace.emulator.close();
});

test('a scope other than all-apis is refused', async () => {
  const workspace = await openWorkspace();
  const answer = await tokenRequest(workspace, { scope: 'sql' });
  expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, 'invalid_scope']);
  await workspace.emulator.close();
});

test('a call without a bearer is told which credential is missing', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.call('GET', me, { headers: { authorization: 'Basic eDp5' } });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="DatabricksRealm"');
  expect(await answer.json()).toEqual({
    error_code: 401,
    message: 'Credential was not sent or was of an unsupported type for this API.',
  });
  await workspace.emulator.close();
});

test('expired tokens fail until a new one is fetched, and a personal token stays refused', async () => {
  const workspace = await openWorkspace();
  workspace.emulator.grants.expireToken();
  expect((await workspace.call('GET', me)).status).toBe(403);
  const { access_token } = (await (await tokenRequest(workspace)).json()) as { access_token: string };
  const answer = await workspace.call('GET', me, { headers: { authorization: `Bearer ${access_token}` } });
  expect(answer.status).toBe(200);
  await workspace.emulator.close();
});

test('discovery names the token endpoint without a credential', async () => {
  const workspace = await openWorkspace();
  for (const path of ['/oidc/.well-known/oauth-authorization-server', '/.well-known/databricks-config']) {
    const answer = await fetch(`${workspace.emulator.url}${path}`);
    expect(await answer.json()).toMatchObject({ token_endpoint: `${workspace.emulator.url}/oidc/v1/token` });
  }
  await workspace.emulator.close();
});

test('an unknown path is a JSON 404 with a request id', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.call('GET', '/api/2.0/nothing');
  expect(answer.status).toBe(404);
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await answer.json()).toMatchObject({
    error_code: 'ENDPOINT_NOT_FOUND',
    details: [{ request_id: expect.any(String) }],
  });
  await workspace.emulator.close();
});

test('switches change the token answer: text expiry, and 400 for a refused client', async () => {
  const workspace = await openWorkspace({ switches: { expiresIn: 'text', invalidClientStatus: 400 } });
  expect(await (await tokenRequest(workspace)).json()).toMatchObject({ expires_in: '3600' });
  expect((await tokenRequest(workspace, { secret: 'x' })).status).toBe(400);
  await workspace.emulator.close();
});
