// Backups: consistent while runners write, private, without the key, and stores themselves, whichever database they copy.
import { readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stateMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { backUp } from '../../runner/store/backup.ts';
import type { AuditRow, Store } from '../../runner/store/index.ts';
import { newKey } from '../../runner/vault/key.ts';
import { fastClock } from '../emulators/clock.ts';
import { temporaryFolder } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const clock = fastClock();

const row = (key: string, job: number): AuditRow => ({
  ...{ pipeline: 'p', tenant: 't', stream: 's', key, hash: 'h', job, attempt: 1 },
  ...{ outcome: 'delivered', readAt: 1, deliveredAt: 2 },
});

async function fill(store: Store): Promise<void> {
  await store.secrets.put('xero', { token: 'the-secret-token' });
  const message = stateMessage('s', { cursor: 1 }, 1);
  if (message.type === 'STATE') await store.states.keep('p', message.state, 1);
  await store.jobs.add({
    pipeline: 'p',
    cause: 'manual',
    dueAt: 0,
    records: [{ stream: 's', tenant: 't', id: '1' }],
  });
  await store.events.take([
    {
      id: 'e',
      source: 'xero',
      tenant: 't',
      record: 'r',
      type: 'u',
      happenedAt: 1,
      receivedAt: 2,
      sequence: 3,
    },
  ]);
  await store.overview.keepQuota({ pipeline: 'p', tenant: 't', limit: 'day', left: 1.5, at: 2 });
  await store.audit.add(Array.from({ length: 2_300 }, (_, index) => row(String(index), 1)));
}

const rowsOf = async (store: Store): Promise<number> => {
  let count = 0;
  for await (const _ of store.audit.find({})) count += 1;
  return count;
};

test.each(kinds)('%s: a backup is a store with everything in it, opened by the same key', async (kind) => {
  const [url, key] = [await emptyDatabase(kind), newKey()];
  const store = await storeOf(kind, { url, key });
  await fill(store);
  const to = join(await temporaryFolder(), 'backup.db');
  const backup = await backUp(url, { to, clock });
  expect(backup).toEqual({ file: to, bytes: (await stat(to)).size });
  expect((await stat(to)).mode & 0o777).toBe(0o600);
  expect(await readdir(dirname(to))).toEqual(['backup.db']);
  const copy = await storeOf('sqlite', { url: to, key });
  expect(await copy.secrets.get('xero')).toEqual({ token: 'the-secret-token' });
  expect(await copy.states.of('p')).toEqual(await store.states.of('p'));
  expect(await copy.jobs.list()).toEqual(await store.jobs.list());
  expect(await copy.events.get('e')).toEqual(await store.events.get('e'));
  expect(await copy.overview.quotas()).toEqual(await store.overview.quotas());
  expect(await copy.overview.freshness()).toEqual(await store.overview.freshness());
  expect(await rowsOf(copy)).toBe(2_300);
  expect((await copy.jobs.add({ pipeline: 'q', cause: 'manual', dueAt: 0 })).id).toBe(2);
});

test.each(kinds)('%s: a backup that is made while a runner works holds whole batches', async (kind) => {
  const [url, key] = [await emptyDatabase(kind), newKey()];
  const store = await storeOf(kind, { url, key });
  await fill(store);
  let busy = true;
  const work = (async () => {
    for (let job = 2; busy; job += 1) {
      await store.audit.add(Array.from({ length: 700 }, (_, index) => row(String(index), job)));
      await delay(5);
    }
  })();
  const folder = await temporaryFolder();
  const counts: number[] = [];
  try {
    for (const name of ['one', 'two', 'three']) {
      const { file } = await backUp(url, { to: join(folder, name), clock });
      counts.push(await rowsOf(await storeOf('sqlite', { url: file, key })));
    }
  } finally {
    busy = false;
    await work;
  }
  expect(counts.map((count) => (count - 2_300) % 700)).toEqual([0, 0, 0]);
});

test('a backup does not replace a file, and leaves nothing behind where it cannot be made', async () => {
  const url = await emptyDatabase('sqlite');
  await storeOf('sqlite', { url });
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'there'), 'precious');
  await expect(backUp(url, { to: join(folder, 'there'), clock })).rejects.toThrow(
    'it exists, give the name of a new',
  );
  await expect(backUp(url, { to: join(folder, 'no', 'where'), clock })).rejects.toThrow(
    'write access to its folder',
  );
  expect(await readdir(folder)).toEqual(['there']);
});
