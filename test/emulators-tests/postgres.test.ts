// The PostgreSQL of the sandbox: roles that differ, several at once, and nothing left behind by a killed process.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from '../emulators/postgres/index.ts';

test('the writer owns the database, the reader sees what it is granted, and a wrong password is refused', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.close());
  const writer = await postgres.client('writer');
  await writer.query('CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 1.10::numeric AS amount, 7::bigint AS n');
  const reader = await postgres.client('reader');
  await expect(reader.query('SELECT * FROM s.t')).rejects.toThrow('permission denied');
  await writer.query('GRANT USAGE ON SCHEMA s TO looker_reader; GRANT SELECT ON s.t TO looker_reader');
  expect((await reader.query('SELECT * FROM s.t')).rows).toEqual([{ amount: '1.10', n: 7 }]);
  await expect(reader.query('CREATE SCHEMA mine')).rejects.toThrow('permission denied');
  const { host, port, database } = postgres;
  const stranger = new pg.Client({ host, port, database, user: postgres.writer.user, password: 'guessed' });
  await expect(stranger.connect()).rejects.toThrow('password authentication failed');
});

test('two run at once and know nothing of each other', async () => {
  const [one, other] = await Promise.all([startPostgres(), startPostgres()]);
  onTestFinished(async () => {
    await one.close();
    await other.close();
  });
  await one.query('CREATE TABLE only_here (id int)');
  await expect(other.query('SELECT * FROM only_here')).rejects.toThrow('does not exist');
});

test('a process that is killed takes its server and its folder along', async () => {
  const module = fileURLToPath(new URL('../emulators/postgres/index.ts', import.meta.url));
  const program = `import(${JSON.stringify(module)}).then(async ({ startPostgres }) => {
    const postgres = await startPostgres();
    const [{ data_directory }] = await postgres.query('SHOW data_directory');
    console.log(JSON.stringify({ url: postgres.url('admin'), folder: data_directory }));
    setInterval(() => undefined, 1000);
  })`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk) => resolve(String(chunk))),
  );
  const { url, folder } = JSON.parse(line) as { url: string; folder: string };
  const reach = async (): Promise<boolean> => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    const reached = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    return reached;
  };
  expect(await reach()).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(reach, { timeout: 15_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 15_000 }).toBe(false);
});

test('a server that was killed comes back with what was committed', async () => {
  const postgres = await startPostgres({ settings: { fsync: 'on', synchronous_commit: 'on' } });
  onTestFinished(() => postgres.close());
  await postgres.query('CREATE TABLE kept (id int)');
  const lost = await postgres.client();
  for (const id of [1, 2]) {
    await postgres.query('INSERT INTO kept VALUES ($1)', [id]);
    await postgres.crash();
  }
  expect(await postgres.query('SELECT id FROM kept ORDER BY 1')).toEqual([{ id: 1 }, { id: 2 }]);
  await expect(lost.query('SELECT 1')).rejects.toThrow();
});
