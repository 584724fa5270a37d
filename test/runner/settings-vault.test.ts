// What the vault adds to the file: secrets by name, and what a login or a rotation put in another value's place.
import { expect, test } from 'vitest';
import { keepRotations, withRotations, withVault } from '../../runner/settings/index.ts';
import type { Secrets } from '../../runner/store/contract.ts';

function secretsOf(values: Record<string, unknown> = {}): Secrets {
  const kept = new Map(Object.entries(values));
  return {
    get: async (name) => structuredClone(kept.get(name)),
    put: async (name, value) => void kept.set(name, structuredClone(value)),
    delete: async (name) => void kept.delete(name),
    names: async () => [...kept.keys()],
    prove: async () => undefined,
  };
}

test('secrets take the place of their names, however deep', async () => {
  const secrets = secretsOf({ 'xero-secret': 's3cret' });
  const config = {
    credentials: { client_secret: 'vault:xero-secret' },
    list: ['vault:xero-secret', 'plain', 5],
  };
  expect(await withVault(config, secrets)).toEqual({
    credentials: { client_secret: 's3cret' },
    list: ['s3cret', 'plain', 5],
  });
});

test('a secret that is not there, or is more than a text, is refused with the remedy', async () => {
  const secrets = secretsOf({ 'config:books': [{ path: [], value: 1 }] });
  await expect(withVault({ a: 'vault:nothing' }, secrets)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/^Cannot use "vault:nothing": .*"ledgerpipe vault set nothing"$/),
  });
  await expect(withVault('vault:config:books', secrets)).rejects.toThrow(/the vault has no such secret/);
});

const written = { credentials: { client_id: 'id', refresh_token: 'first' }, tenant_ids: [] };

test('rotated values come back over the file, until the person writes others', async () => {
  const secrets = secretsOf();
  expect(await withRotations(secrets, 'config:p', written)).toEqual(written);
  const rotated = { ...written, credentials: { ...written.credentials, refresh_token: 'second' } };
  await keepRotations(secrets, 'config:p', { written, rotated });
  expect(await withRotations(secrets, 'config:p', written)).toEqual(rotated);

  const edited = { ...written, credentials: { client_id: 'id', refresh_token: 'mine' }, tenant_ids: ['a'] };
  expect(await withRotations(secrets, 'config:p', edited)).toEqual(edited);
  const other = { ...written, tenant_ids: ['a'] };
  expect(await withRotations(secrets, 'config:p', other)).toEqual({ ...rotated, tenant_ids: ['a'] });
});

test('what a login brings fills in what the file leaves out', async () => {
  const secrets = secretsOf();
  const bare = { credentials: { client_id: 'id' } };
  const rotated = {
    credentials: { client_id: 'id', auth_type: 'oauth2', refresh_token: 'new' },
    tenant_ids: ['a', 'b'],
  };
  await keepRotations(secrets, 'config:p', { written: bare, rotated });
  expect(await withRotations(secrets, 'config:p', bare)).toEqual(rotated);
  expect(bare).toEqual({ credentials: { client_id: 'id' } });
});
