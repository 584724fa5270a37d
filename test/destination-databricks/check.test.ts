// `check`: every step named when it holds, each failure with its own remedy, and the warehouse left asleep.
import { expect, test } from 'vitest';
import destination from '../../destination-databricks/index.ts';
import type { Privilege } from '../emulators/databricks/index.ts';
import { openWorkspace } from './workspace.ts';

test('everything that was verified is named, schema and volume are made, the warehouse sleeps on', async () => {
  await using workspace = await openWorkspace({ warehouse: { state: 'STOPPED' } });
  const { ok, message } = await destination.check(workspace.context());
  expect(message).toMatchInlineSnapshot(
    `"Verified: token of "8a1f2c3d-4e5f-4a6b-9c7d-0e1f2a3b4c5d"; SQL warehouse "Ledger warehouse" (stopped, starts with the first statement); catalog "workspace"; schema "workspace.finance" (made); volume "workspace.finance.ledgerpipe" (made); USE CATALOG on catalog "workspace"; USE SCHEMA on schema "workspace.finance"; CREATE TABLE on schema "workspace.finance"; READ VOLUME on volume "workspace.finance.ledgerpipe"; WRITE VOLUME on volume "workspace.finance.ledgerpipe"; a file written to the volume and deleted"`,
  );
  expect(ok).toBe(true);
  expect(workspace.emulator.warehouse.state).toBe('STOPPED');
  expect(workspace.emulator.files()).toEqual([]);
  expect(workspace.emulator.statements).toEqual([]);
  expect((await destination.check(workspace.context())).message).not.toContain('(made)');
});

test('a personal access token and an HTTP path do as well', async () => {
  await using workspace = await openWorkspace();
  const { warehouse_id: _, ...config } = workspace.config;
  const { token } = workspace.emulator.credentials;
  const context = {
    ...workspace.context(),
    config: {
      ...config,
      http_path: workspace.emulator.httpPath,
      authentication: { auth_type: 'token', personal_access_token: token } as const,
    },
  };
  expect(await destination.check(context)).toMatchObject({ ok: true });
});

const failures: readonly (readonly [string, Parameters<typeof settings>[0], RegExp])[] = [
  ['a wrong secret', { secret: 'no' }, /client id and secret/],
  ['a wrong token', { token: 'dapi-no' }, /refused the access token, check the setting "authentication"/],
  [
    'a warehouse that is not there',
    { warehouse_id: 'ffff' },
    /use the SQL warehouse "ffff": .*check its name/,
  ],
  ['no warehouse', { warehouse_id: '' }, /"warehouse_id" is missing: add the ID/],
  [
    'a catalog that is not there',
    { catalog: 'nowhere' },
    /find the catalog "nowhere": check the setting "catalog"/,
  ],
  ['an address that is none', { host: 'not a host' }, /Cannot use host "not a host"/],
  ['an address without TLS', { host: 'http://example.com' }, /leave "http:\/\/" out/],
];

function settings({
  secret,
  token,
  ...config
}: { secret?: string; token?: string } & Record<string, string>) {
  if (token)
    return { ...config, authentication: { auth_type: 'token', personal_access_token: token } as const };
  if (!secret) return config;
  return {
    ...config,
    authentication: { auth_type: 'oauth_m2m', client_id: 'me', client_secret: secret } as const,
  };
}

test.each(failures)('%s fails with its remedy', async (_, changes, message) => {
  await using workspace = await openWorkspace();
  const result = await destination.check(workspace.context(settings(changes)));
  expect(result.ok).toBe(false);
  expect(result.message).toMatch(message);
});

const remedies: readonly (readonly [Privilege, RegExp])[] = [
  ['USE CATALOG', /USE CATALOG/],
  ['USE SCHEMA', /GRANT USE SCHEMA ON SCHEMA `workspace`\.`finance`/],
  [
    'CREATE TABLE',
    /lacks CREATE TABLE on schema "workspace.finance", ask its owner to run: GRANT CREATE TABLE ON SCHEMA/,
  ],
  ['WRITE VOLUME', /WRITE VOLUME/],
];

test.each(remedies)('a missing %s is named with what to run', async (privilege, message) => {
  await using workspace = await openWorkspace();
  expect(await destination.check(workspace.context())).toMatchObject({ ok: true });
  workspace.emulator.grants.revoke(privilege);
  const result = await destination.check(workspace.context());
  expect(result.ok).toBe(false);
  expect(result.message).toMatch(message);
});

test('a schema and volume that may not be made are told with what to grant', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.grants.revoke('CREATE SCHEMA');
  expect((await destination.check(workspace.context())).message).toMatch(
    /GRANT CREATE SCHEMA ON CATALOG `workspace`/,
  );
  workspace.emulator.grants.grant('CREATE SCHEMA');
  workspace.emulator.grants.revoke('CREATE VOLUME');
  expect((await destination.check(workspace.context())).message).toMatch(
    /GRANT CREATE VOLUME ON SCHEMA `workspace`\.`finance`/,
  );
});

test('privileges that may not be looked at are said to be untold, and the written file decides', async () => {
  await using workspace = await openWorkspace();
  workspace.emulator.faults.add({
    path: /effective-permissions/,
    times: 9,
    does: { kind: 'answer', status: 403, body: '{"error_code":"PERMISSION_DENIED","message":"no"}' },
  });
  const { ok, message } = await destination.check(workspace.context());
  expect(ok).toBe(true);
  expect(message).toContain('CREATE TABLE on schema "workspace.finance" (not told)');
});
