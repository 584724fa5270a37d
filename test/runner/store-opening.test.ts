// Opening a store, and what goes wrong with databases: newer versions, damage, full disks, servers that are away.
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseOf } from '../../runner/store/database.ts';
import { openStore } from '../../runner/store/index.ts';
import { createStates } from '../../runner/store/states.ts';
import { newKey } from '../../runner/vault/key.ts';
import { fastClock } from '../emulators/clock.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const clock = fastClock();

test.each(kinds)('%s: several runners that open an empty store at once make one', async (kind) => {
  const url = await emptyDatabase(kind);
  const stores = await Promise.all([1, 2, 3].map(() => storeOf(kind, { url })));
  await Promise.all(stores.map((store) => store.ping()));
  expect(stores.map((store) => store.kind)).toEqual([kind, kind, kind]);
  await stores[0]?.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 0 });
  expect(await stores[2]?.jobs.list()).toHaveLength(1);
});

test.each(kinds)(
  '%s: a store of a newer version is refused with both versions, and left alone',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const { db } = await openDatabaseOf(url, clock);
    await db.updateTable('ledgerpipe_version').set({ version: 99 }).execute();
    await db.destroy();
    await expect(openStore({ url, clock })).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/newer ledgerpipe made it \(version 99, this one knows up to \d+\)/),
    });
  },
);

test('a folder as the store means the database in it', async () => {
  const folder = await temporaryFolder();
  await (await openStore({ url: folder, clock })).close();
  expect((await stat(join(folder, 'ledgerpipe.db'))).isFile()).toBe(true);
});

test('a file that is no store is refused', async () => {
  const file = join(await temporaryFolder(), 'notes.txt');
  await writeFile(file, 'Something else altogether, and long enough to have a header. '.repeat(20));
  await expect(openStore({ url: file, clock })).rejects.toMatchObject({
    kind: 'config',
    message: `Cannot read the store "${file}": it is damaged or not a store, restore it from a backup`,
  });
});

test('a store in a folder that cannot be made is refused', async () => {
  const file = join(await temporaryFolder(), 'notes');
  await writeFile(file, '');
  await expect(openStore({ url: join(file, 'store.db'), clock })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringContaining('give the program write access'),
  });
});

test('an existing store that others may read is made private', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'data'));
  const file = join(folder, 'data', 'store.db');
  await (await openStore({ url: file, clock })).close();
  await chmod(file, 0o644);
  await (await openStore({ url: file, clock })).close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a full disk is told, what was there stays, and with room the store goes on', async () => {
  const database = await openDatabaseOf(await emptyDatabase('sqlite'), clock);
  onTestFinished(() => database.db.destroy());
  const states = createStates(database);
  const state = (text: string) => ({
    type: 'GLOBAL' as const,
    global: { stream_states: [], shared_state: { text } },
  });
  await states.keep('p', state('before'), 1);
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.db);
  await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count)}`.execute(database.db);
  await expect(states.keep('p', state('x'.repeat(50_000)), 1)).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringContaining('the disk is full, make room'),
  });
  expect(await states.of('p')).toEqual([state('before')]);
  await sql`pragma max_page_count = 100000`.execute(database.db);
  await states.keep('p', state('after'), 1);
  expect(await states.of('p')).toEqual([state('after')]);
});

test('a PostgreSQL that is not there, or refuses the login, is told without the password', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.close());
  const attempt = (url: string) =>
    openStore({ url, clock: fastClock({ rate: 1_000 }) }).catch((error: unknown) => error);
  const wrong = server.url('writer').replace(/:[^:@]*@/, ':not-the-password@');
  expect(await attempt(wrong)).toMatchObject({
    kind: 'config',
    message: expect.stringContaining('user and database'),
  });
  expect(await attempt(server.url('writer').replace(/warehouse$/, 'nowhere'))).toMatchObject({
    kind: 'config',
  });
  const away = await attempt('postgres://user:not-the-password@127.0.0.1:1/warehouse');
  expect(away).toMatchObject({
    kind: 'transient',
    message: 'Cannot reach the store "127.0.0.1:1/warehouse": is PostgreSQL running?',
  });
  expect(String(await attempt(wrong))).not.toContain('not-the-password');
  await expect(openStore({ url: 'postgres://[', clock })).rejects.toMatchObject({ kind: 'config' });
});

test('what a source rotated is kept although PostgreSQL goes away in between', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.close());
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const url = server.url('writer').replace(`:${server.port}/`, `:${proxy.port}/`);
  const store = await storeOf('postgres', { url });
  await store.secrets.put('xero', 'first');
  const { id } = await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 0 });
  await store.jobs.claim('me', { now: 0, milliseconds: 1_000 });
  proxy.cut();
  const outcome = { state: 'done', read: 1, committed: 1, endedAt: 5 } as const;
  const kept = Promise.all([store.secrets.put('xero', 'second'), store.jobs.finish(id, 'me', outcome)]);
  await expect(store.jobs.claim('me', { now: 0, milliseconds: 1_000 })).rejects.toMatchObject({
    kind: 'transient',
  });
  await expect(store.ping()).rejects.toMatchObject({ kind: 'transient' });
  setTimeout(() => proxy.mend(), 500);
  expect(await kept).toEqual([undefined, true]);
  expect(await store.secrets.get('xero')).toBe('second');
  await store.ping();
});

/** Passes bytes on to `port`, until its connections are cut. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test('a key is no part of a store: states and jobs work without one', async () => {
  const url = await emptyDatabase('sqlite');
  const sealed = await storeOf('sqlite', { url, key: newKey() });
  await sealed.secrets.put('a', 1);
  const store = await openStore({ url, clock });
  onTestFinished(() => store.close());
  expect(await store.jobs.list()).toEqual([]);
  expect(await store.secrets.names()).toEqual(['a']);
});
