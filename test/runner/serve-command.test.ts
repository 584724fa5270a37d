// `ledgerpipe serve` as a program: what it refuses to start with, how it stops, and what a kill leaves.
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseOf } from '../../runner/store/database.ts';
import { openStore } from '../../runner/store/index.ts';
import { run, temporaryFolder } from '../program.ts';
import { startServe, writePrograms, writeServed } from './serve-program.ts';
import { ended, until } from './serving.ts';
import { emptyDatabase } from './store-open.ts';

async function setUp(milliseconds: number) {
  const folder = await temporaryFolder();
  const programs = await writePrograms(folder);
  const pipelines = { one: programs.pipeline('one', milliseconds) };
  const url = join(folder, 'store', 'ledgerpipe.db');
  const store = await openStore({ url, clock: systemClock });
  onTestFinished(() => store.close());
  return { folder, programs, pipelines, store, file: await writeServed(folder, { pipelines }) };
}

test('the first signal lets it finish in order, and the next start goes on from there', async () => {
  const { file, store, programs } = await setUp(1_200);
  const { id } = await store.jobs.add({ pipeline: 'one', cause: 'manual', dueAt: 0 });
  const first = await startServe(file);
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  await until(async () => (await store.states.of('one'))[0]);
  const began = Date.now();
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0, stderr: '' });
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(first.log().at(-1)).toMatchObject({ message: 'stopped', level: 'info' });
  const given = await store.jobs.get(id);
  expect(given).toMatchObject({ state: 'waiting', attempt: 1 });
  const arrived = await programs.arrived();
  expect(given?.committed).toBe(arrived.length);

  const second = await startServe(file);
  expect(await ended(store, id)).toMatchObject({ attempt: 2, committed: 3 });
  expect(await programs.arrived()).toEqual(['one 1', 'one 2', 'one 3']);
  second.child.kill('SIGINT');
  expect((await second.ended).code).toBe(0);
});

test('the second signal ends it at once; so does a kill, and the job is taken up when the lease is over', async () => {
  const { file, store, programs } = await setUp(700);
  const { id } = await store.jobs.add({ pipeline: 'one', cause: 'manual', dueAt: 0 });
  const args = ['--lease', '2'];
  const first = await startServe(file, { args });
  await until(async () => (await store.states.of('one'))[0]);
  first.child.kill('SIGTERM');
  await until(async () => first.log().find(({ message }) => message === 'stopping'));
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(1);

  const second = await startServe(file, { args });
  await until(async () => second.log().find(({ message, job }) => message === 'job began' && job === id));
  second.child.kill('SIGKILL');
  await second.ended;
  expect((await store.jobs.get(id))?.state).toBe('running');
  const third = await startServe(file, { args });
  expect(await ended(store, id)).toMatchObject({ attempt: 3 });
  expect(new Set(await programs.arrived())).toEqual(new Set(['one 1', 'one 2', 'one 3']));
  third.child.kill('SIGTERM');
  expect((await third.ended).code).toBe(0);
});

test.each([
  [
    'settings that are wrong',
    { pipelines: { one: { source: { connector: 'source-xera' }, destination: { connector: '/bin/true' } } } },
    /^error: Cannot use ".*": line \d+, column \d+: Unknown source "source-xera": did you mean "source-xero"\?/,
  ],
  [
    'schedules that never fire',
    { reconcile: { cron: '0 0 31 2 *' } },
    /^error: Cannot use ".*": line \d+, column \d+: "0 0 31 2 \*" never fires/,
  ],
  [
    'an address that this machine does not have',
    { http: { listen: '203.0.113.7', token: 't', port: 7460 } },
    /^error: Cannot listen on 203\.0\.113\.7:7460: this machine has no such address/,
  ],
  [
    'a token that the vault does not have',
    { http: { token: 'vault:page' } },
    /^error: Cannot use "vault:page": the vault has no such secret, put it there with/,
  ],
])('%s are refused with a line that says what to do', async (_, settings, message) => {
  const folder = await temporaryFolder();
  const programs = await writePrograms(folder);
  const file = await writeServed(folder, { pipelines: { one: programs.pipeline('one', 1) }, ...settings });
  const { code, stderr } = await run('../runner/main.ts', ['serve', '--file', file]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
});

test('a store of a newer version is refused', async () => {
  const { file, folder } = await setUp(1);
  const { db } = await openDatabaseOf(join(folder, 'store', 'ledgerpipe.db'), systemClock);
  await db.updateTable('ledgerpipe_version').set({ version: 99 }).execute();
  await db.destroy();
  const { code, stderr } = await run('../runner/main.ts', ['serve', '--file', file]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('a newer ledgerpipe made it (version 99')]);
});

test('a shared store without the key of the vault is refused, whether secrets are in it or not', async () => {
  const folder = await temporaryFolder();
  const programs = await writePrograms(folder);
  const store = await emptyDatabase('postgres');
  const file = await writeServed(folder, { store, pipelines: { one: programs.pipeline('one', 1) } });
  const { code, stderr } = await run('../runner/main.ts', ['serve', '--file', file], {
    env: { LEDGERPIPE_KEY: '' },
  });
  expect([code, stderr]).toEqual([
    1,
    'error: Cannot open the vault: there is no key, make one with "ledgerpipe vault new-key" and set LEDGERPIPE_KEY\n',
  ]);
});
