// The commands of the vault and the backup as people type them: what they print, and what they never print.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseKey } from '../../runner/vault/key.ts';
import { start, temporaryFolder } from '../program.ts';

const environment = { LEDGERPIPE_KEY: '', LEDGERPIPE_KEY_FILE: '' };

const ledgerpipe = (args: readonly string[], input = '') =>
  start('./runner/vault-program.ts', args, { input, env: environment }).ended;

test('a secret is set from standard input, listed by name, resealed, backed up and deleted', async () => {
  const folder = await temporaryFolder();
  const store = ['--store', join(folder, 'store.db')];
  const set = await ledgerpipe(['vault', 'set', 'xero', ...store], 'the-secret-value\n');
  expect(set).toMatchObject({ code: 0, stdout: 'Kept "xero": write "vault:xero" in the settings\n' });
  expect((await ledgerpipe(['vault', 'list', ...store])).stdout).toBe('xero\n');
  const rotated = await ledgerpipe(['vault', 'rotate-key', ...store]);
  expect(rotated.stdout).toMatch(
    /^Sealed 1 secrets with key "\w{16}" instead of "\w{16}"\nThe former key is in /,
  );
  const copy = join(folder, 'copy.db');
  expect((await ledgerpipe(['backup', copy, ...store])).stdout).toMatch(
    /^Wrote .*copy\.db \(0\.\d MB\): keep/,
  );
  expect((await readFile(copy)).includes('the-secret')).toBe(false);
  expect((await ledgerpipe(['vault', 'delete', 'xero', ...store])).stdout).toBe('Deleted "xero"\n');
  expect((await ledgerpipe(['vault', 'list', ...store])).stdout).toBe('');
  const again = await ledgerpipe(['vault', 'delete', 'xero', ...store]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such secret') });
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
});

test('a new key can be used, and an empty secret is refused', async () => {
  const { stdout } = await ledgerpipe(['vault', 'new-key']);
  expect(parseKey(stdout, 'the output').bytes).toHaveLength(32);
  const store = ['--store', join(await temporaryFolder(), 'store.db')];
  const empty = await ledgerpipe(['vault', 'set', 'xero', ...store], '\n');
  expect(empty).toMatchObject({ code: 1, stderr: expect.stringContaining('standard input is empty') });
});

test('the store is found through the settings', async () => {
  const missing = await ledgerpipe(['vault', 'list', '--file', '/nowhere/ledgerpipe.yaml']);
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such file') });
});
