// The vault: keys from the environment or a private file, wrong and missing ones refused, seals that cannot be moved.
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openDatabaseOf } from '../../runner/store/database.ts';
import { openStore } from '../../runner/store/index.ts';
import { keyText, newKey, parseKey } from '../../runner/vault/key.ts';
import { makeKeyFile } from '../../runner/vault/key-file.ts';
import { keyPlaces, openVaultedStore } from '../../runner/vault/open.ts';
import { resetVault } from '../../runner/vault/reset.ts';
import { keyIdOf, seal, unseal } from '../../runner/vault/seal.ts';
import { openKey } from '../../runner/vault/source.ts';
import { fastClock } from '../emulators/clock.ts';
import { temporaryFolder } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const clock = fastClock();
const none = { environment: {}, clock };

test('a key is read back from base64, base64url and hexadecimal text, and nothing else is a key', () => {
  const key = newKey();
  const bytes = Buffer.from(key.bytes);
  for (const text of [keyText(key), bytes.toString('base64'), `${bytes.toString('hex')}\n`])
    expect(parseKey(text, 'the test')).toEqual(key);
  for (const text of ['', 'secret', keyText(key).slice(1), `${keyText(key)}AA`, 'ä'.repeat(43)])
    expect(() => parseKey(text, 'the test')).toThrow(
      'Cannot use the key in the test: it must be 32 bytes in base64, make one with "ledgerpipe vault new-key"',
    );
  expect(newKey().id).not.toBe(key.id);
});

test('a seal opens with its key under its name alone', async () => {
  const key = newKey();
  const sealed = await seal(key, 'xero', { token: 'abc' });
  expect(await unseal(key, 'xero', sealed)).toEqual({ token: 'abc' });
  expect(keyIdOf(sealed)).toBe(key.id);
  expect(await seal(key, 'xero', { token: 'abc' })).not.toBe(sealed);
  const middle = sealed.length - 30;
  const changed = sealed.slice(0, middle) + (sealed[middle] === 'A' ? 'B' : 'A') + sealed.slice(middle + 1);
  for (const attempt of [
    () => unseal(key, 'quickbooks', sealed),
    () => unseal(newKey(), 'xero', sealed),
    () => unseal(key, 'xero', changed),
    () => unseal(key, 'xero', ''),
  ])
    await expect(attempt()).rejects.toThrow(
      /^Cannot read the secret "\w+": it is damaged, restore the store/,
    );
});

test.each(kinds)("%s: a secret that was put in another one's place is refused", async (kind) => {
  const url = await emptyDatabase(kind);
  const { secrets } = await storeOf(kind, { url });
  await secrets.put('mine', 'a');
  await secrets.put('theirs', 'b');
  const { db } = await openDatabaseOf(url, clock);
  await sql`update ledgerpipe_secret set sealed = (select sealed from ledgerpipe_secret where name = 'theirs')
    where name = 'mine'`.execute(db);
  await db.destroy();
  await expect(secrets.get('mine')).rejects.toThrow('Cannot read the secret "mine": it is damaged');
});

test('the first secret makes a key file that its owner alone may read, beside the store', async () => {
  const folder = await temporaryFolder();
  const settings = { store: join(folder, 'store.db') };
  const store = await openVaultedStore(settings, none);
  await expect(stat(join(folder, 'vault.key'))).rejects.toThrow('ENOENT');
  await Promise.all(['a', 'b'].map((name) => store.secrets.put(name, name)));
  await store.close();
  expect((await stat(join(folder, 'vault.key'))).mode & 0o777).toBe(0o600);
  const again = await openVaultedStore(settings, none);
  expect(await again.secrets.get('a')).toBe('a');
  await again.close();
});

test('of programs that make the key file at once, all get the same key', async () => {
  const file = join(await temporaryFolder(), 'vault.key');
  const keys = await Promise.all([1, 2, 3, 4].map(() => makeKeyFile(file)));
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
  expect(parseKey(await readFile(file, 'utf8'), 'the file')).toEqual(keys[0]);
});

test('a key file that others may read is refused, and so is one that holds no key', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'vault.key');
  await makeKeyFile(file);
  await chmod(file, 0o640);
  const open = () => openVaultedStore({ store: join(folder, 'store.db') }, none);
  await expect(open()).rejects.toThrow(
    `Cannot use the key file "${file}": others may read it (mode 0640), run "chmod 600 ${file}"`,
  );
  await writeFile(file, 'nothing');
  await chmod(file, 0o600);
  await expect(open()).rejects.toThrow(`Cannot use the key in "${file}": it must be 32 bytes`);
});

test('the key comes from the environment, then the named file, then the one beside the store', async () => {
  const settings = { store: '/data/store.db', key_file: '/keys/named' };
  const fileOf = (given: object, environment: Record<string, string> = {}) =>
    keyPlaces({ store: '/data/store.db', ...given }, environment).file;
  expect(fileOf(settings, { LEDGERPIPE_KEY_FILE: '/keys/other' })).toBe('/keys/named');
  expect(fileOf({}, { LEDGERPIPE_KEY_FILE: '/keys/other' })).toBe('/keys/other');
  expect(fileOf({})).toBe('/data/vault.key');
  expect(fileOf({ store: 'postgres://host/db' })).toBeUndefined();
  const key = newKey();
  const source = openKey({ environment: { LEDGERPIPE_KEY: keyText(key) }, file: '/keys/named' });
  expect(await source.find()).toEqual(key);
  await expect(openKey({ environment: { LEDGERPIPE_KEY: 'short' } }).find()).rejects.toThrow(
    'Cannot use the key in the environment variable "LEDGERPIPE_KEY"',
  );
});

test.each(kinds)(
  '%s: a wrong key is refused at once, a missing one when a secret is asked for, with the remedy',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const key = newKey();
    await (await storeOf(kind, { url, key })).secrets.put('a', 1);
    const other = newKey();
    await expect(openStore({ url, key: other, clock })).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(
        `key "${other.id}" was given, its secrets need key "${key.id}", put it back into LEDGERPIPE_KEY or its key file`,
      ),
    });
    const keyless = await openStore({ url, clock });
    for (const attempt of [() => keyless.secrets.get('a'), () => keyless.secrets.put('b', 1)])
      await expect(attempt()).rejects.toThrow(
        `Cannot open the vault: key "${key.id}" is missing, put it back`,
      );
    expect(await keyless.secrets.names()).toEqual(['a']);
    await keyless.close();
  },
);

test('a store that was never given a secret says how to make a key', async () => {
  const store = await openStore({ url: await emptyDatabase('sqlite'), clock });
  await expect(store.secrets.put('a', 1)).rejects.toThrow(
    'there is no key, make one with "ledgerpipe vault new-key" and set LEDGERPIPE_KEY',
  );
  expect(await store.secrets.get('a')).toBeUndefined();
  await store.close();
});

test.each(kinds)(
  '%s: a vault whose key is lost begins anew after a reset, and nothing else is gone',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const before = await storeOf(kind, { url });
    await before.secrets.put('a', 1);
    await before.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 0 });
    await expect(resetVault(url, { sure: false, clock })).rejects.toThrow('add --yes to do it');
    expect(await before.secrets.names()).toEqual(['a']);
    expect(await resetVault(url, { sure: true, clock })).toBe(1);
    const store = await storeOf(kind, { url, key: newKey() });
    await store.secrets.put('b', 2);
    expect(await store.secrets.names()).toEqual(['b']);
    expect(await store.jobs.list()).toHaveLength(1);
  },
);
