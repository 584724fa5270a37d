// Changing the vault's key: nothing is lost at any point, no former seal stays in the store, running jobs go on.
import { copyFile, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabaseOf } from '../../runner/store/database.ts';
import { reseal } from '../../runner/store/reseal.ts';
import { keyText, newKey, parseKey } from '../../runner/vault/key.ts';
import { readKeyFile, writeKeyFile } from '../../runner/vault/key-file.ts';
import { openVaultedStore } from '../../runner/vault/open.ts';
import { rotateKey } from '../../runner/vault/rotate.ts';
import { fastClock } from '../emulators/clock.ts';
import { temporaryFolder } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const clock = fastClock();
const none = { environment: {}, clock };

async function filledVault() {
  const folder = await temporaryFolder();
  const settings = { store: join(folder, 'store.db') };
  const store = await openVaultedStore(settings, none);
  await store.secrets.put('a', 'first');
  await store.secrets.put('b', { deep: ['second'] });
  return { folder, settings, store, file: join(folder, 'vault.key') };
}

test('a key file is changed under a runner that goes on, and the former key opens former copies', async () => {
  const { folder, settings, store, file } = await filledVault();
  const former = parseKey(await readFile(file, 'utf8'), 'the file');
  await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 0 });
  await store.jobs.claim('me', { now: clock.now(), milliseconds: 60_000 });
  const copy = join(folder, 'copy.db');
  await copyFile(settings.store, copy);
  await copyFile(`${settings.store}-wal`, `${copy}-wal`);
  const rotated = await rotateKey(settings, none);
  expect(rotated).toMatchObject({ secrets: 2, former, formerFile: `${file}.${former.id}` });
  expect(await readKeyFile(file)).toEqual(rotated.current);
  expect(rotated.current.id).not.toBe(former.id);
  expect((await stat(`${file}.${former.id}`)).mode & 0o777).toBe(0o600);
  expect(await store.secrets.get('a')).toBe('first');
  await store.secrets.put('a', 'rotated by the source');
  await store.close();
  const again = await openVaultedStore(settings, none);
  expect(await again.secrets.get('a')).toBe('rotated by the source');
  expect(await again.secrets.get('b')).toEqual({ deep: ['second'] });
  await again.close();
  const restored = await openVaultedStore({ store: copy, key_file: file }, none);
  expect(await restored.secrets.get('a')).toBe('first');
  await restored.close();
});

test('nothing that the former key opens is left in the file of the store', async () => {
  const { settings, store } = await filledVault();
  for (let round = 0; round < 50; round += 1) await store.secrets.put('a', `value ${round}`);
  await store.close();
  const { current } = await rotateKey(settings, none);
  const text = (await readFile(settings.store)).toString('latin1');
  const heads = text.match(/eyJ[\w-]{20,}(?=\.\.)/g) ?? [];
  const ids = heads.map(
    (head) => (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid,
  );
  expect(new Set(ids)).toEqual(new Set([current.id]));
});

test('a rotation that was cut short before or after the store was sealed is as good as none, or whole', async () => {
  const { settings, store, file } = await filledVault();
  const former = parseKey(await readFile(file, 'utf8'), 'the file');
  const [unused, coming] = [newKey(), newKey()];
  await writeKeyFile(`${file}.new`, unused);
  expect(await store.secrets.get('a')).toBe('first');
  const database = await openDatabaseOf(settings.store, clock);
  await writeKeyFile(`${file}.new`, coming);
  await reseal(database, { from: former, to: coming, whileRunning: true });
  await database.db.destroy();
  expect(await store.secrets.get('a')).toBe('first');
  await store.close();
  const { former: second } = await rotateKey(settings, none);
  expect(second).toEqual(coming);
  expect(await readKeyFile(`${file}.${former.id}`)).toEqual(former);
  expect(await readKeyFile(`${file}.${coming.id}`)).toEqual(coming);
  const again = await openVaultedStore(settings, none);
  expect(await again.secrets.get('b')).toEqual({ deep: ['second'] });
  await again.close();
});

test.each(kinds)(
  '%s: a key of the environment is changed to the new one that is given, between runs',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const [old, fresh] = [newKey(), newKey()];
    const store = await storeOf(kind, { url, key: old });
    await store.secrets.put('a', 1);
    const rotate = (environment: Record<string, string>) => rotateKey({ store: url }, { environment, clock });
    const environment = { LEDGERPIPE_KEY: keyText(old) };
    await expect(rotate(environment)).rejects.toThrow('set LEDGERPIPE_NEW_KEY to the new one');
    await expect(rotate({ ...environment, LEDGERPIPE_NEW_KEY: keyText(old) })).rejects.toThrow(
      'is the same as',
    );
    await expect(rotate({ LEDGERPIPE_KEY: keyText(fresh) })).rejects.toThrow(`key "${old.id}", which seals`);
    await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 0 });
    await store.jobs.claim('me', { now: clock.now(), milliseconds: 60_000 });
    const both = { ...environment, LEDGERPIPE_NEW_KEY: keyText(fresh) };
    await expect(rotate(both)).rejects.toThrow('job 1 of pipeline "p" is running, stop the runners first');
    await store.jobs.finish(1, 'me', { state: 'done', read: 0, committed: 0, endedAt: 1 });
    expect(await rotate(both)).toEqual({ secrets: 1, former: old, current: fresh });
    await expect(store.secrets.put('a', 2)).rejects.toThrow(`its secrets need key "${fresh.id}"`);
    expect(await (await storeOf(kind, { url, key: fresh })).secrets.get('a')).toBe(1);
  },
);

test('without its key a vault is not changed, and a vault without secrets has none to change', async () => {
  const { settings, store, file } = await filledVault();
  await store.close();
  await rename(file, `${file}.away`);
  await expect(rotateKey(settings, none)).rejects.toThrow('is missing, put it back');
  const empty = { store: join(await temporaryFolder(), 'store.db') };
  await expect(rotateKey(empty, none)).rejects.toThrow('the vault has none yet');
});

test('a damaged secret stops the change, and everything stays as it was', async () => {
  const { settings, store, file } = await filledVault();
  const before = await readFile(file, 'utf8');
  const { db } = await openDatabaseOf(settings.store, clock);
  await db.updateTable('ledgerpipe_secret').set({ sealed: 'nonsense' }).where('name', '=', 'b').execute();
  await db.destroy();
  await expect(rotateKey(settings, none)).rejects.toThrow('Cannot read the secret "b": it is damaged');
  expect(await readFile(file, 'utf8')).toBe(before);
  await expect(stat(`${file}.new`)).rejects.toThrow('ENOENT');
  expect(await store.secrets.get('a')).toBe('first');
  await writeFile(`${file}.new`, 'what a crash left', { mode: 0o600 });
  expect(await store.secrets.get('a')).toBe('first');
  await store.close();
});
