// Tableau's engine as the tests use it: found, started, asked, and gone when nobody holds it.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileVersion, findHyperd, readTables, startHyperd } from '../emulators/hyperd/index.ts';

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hyperd-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openHyperd(options: Parameters<typeof startHyperd>[0] = {}) {
  const hyperd = await startHyperd(options);
  onTestFinished(() => hyperd.close());
  return hyperd;
}

/** A file "kept.hyper" with a table of every type that matters. */
async function makeFile(folder: string, options: Parameters<typeof startHyperd>[0] = {}) {
  const hyperd = await openHyperd(options);
  const path = join(folder, 'kept "so".hyper');
  const session = await hyperd.connect();
  await session.query(`CREATE DATABASE "${path.replaceAll('"', '""')}"`);
  await session.attach(path, 'made');
  await session.query(
    `CREATE TABLE "made"."public"."t" (n numeric(18,4) NOT NULL, i bigint, d date, at timestamp, z timestamptz,
       b boolean, f double precision, s text, ASSUMED PRIMARY KEY (n))`,
  );
  await session.query(
    `INSERT INTO "made"."public"."t" VALUES (99999999999999.9999, 9007199254740993, '2026-01-31',
       '2026-01-31 12:00:00.123456', '2026-01-31 12:00:00+02', true, 0.1, 'it''s')`,
  );
  await session.detach('made');
  await session.close();
  return { hyperd, path };
}

test('the binary is the same for all who ask at once, and HYPERD_PATH must name one', async () => {
  const [first, second] = await Promise.all([findHyperd(), findHyperd()]);
  expect(first).toBe(second);
  await expect(findHyperd({ path: '/nowhere/hyperd' })).rejects.toThrow(
    'Cannot run hyperd: HYPERD_PATH names "/nowhere/hyperd", which is not an executable file',
  );
  expect(await findHyperd({ path: first })).toBe(first);
});

test('values come out of a file as they went in', async () => {
  const { hyperd, path } = await makeFile(await openFolder());
  const { rows } = await hyperd.open(path, (session) => session.query('SELECT * FROM "db"."public"."t"'));
  expect(rows).toEqual([
    {
      n: '99999999999999.9999',
      i: '9007199254740993',
      d: '2026-01-31',
      at: '2026-01-31 12:00:00.123456',
      z: '2026-01-31 10:00:00+00',
      b: true,
      f: 0.1,
      s: "it's",
    },
  ]);
});

test('a file tells its tables, keys and version', async () => {
  const { hyperd, path } = await makeFile(await openFolder());
  const [table, ...more] = await hyperd.open(path, (session) => readTables(session));
  expect(more).toEqual([]);
  expect(table).toMatchObject({ schema: 'public', name: 't', key: ['n'], references: [] });
  expect(table?.columns.slice(0, 2)).toEqual([
    { name: 'n', type: 'numeric(18,4)', nullable: false },
    { name: 'i', type: 'bigint', nullable: true },
  ]);
  const head = Buffer.alloc(16);
  const file = await open(path);
  await file.read(head, 0, 16, 0);
  await file.close();
  expect(fileVersion(head)).toBe(2);
  expect(fileVersion(Buffer.from('PAR1 is no such file'))).toBeUndefined();
});

test('version 2 refuses numbers of more than 18 digits, version 3 takes them', async () => {
  const create = 'CREATE TEMPORARY TABLE t (n numeric(38,4))';
  for (const version of [2, 3] as const) {
    const hyperd = await openHyperd({ fileVersion: version });
    const path = join(await openFolder(), 'wide.hyper');
    const session = await hyperd.connect();
    await session.query(`CREATE DATABASE "${path}"`);
    await session.attach(path, 'db');
    const made = session.query(create.replace('TEMPORARY TABLE t', 'TABLE "db"."public"."t"'));
    if (version === 2) await expect(made).rejects.toMatchObject({ code: '0A000' });
    else await made;
    await session.close();
  }
});

test('a file that is open here can be opened nowhere else, and afterwards it can', async () => {
  const { hyperd, path } = await makeFile(await openFolder());
  const other = await openHyperd();
  await hyperd.open(path, async () => {
    await expect(other.open(path, (session) => session.query('SELECT 1'))).rejects.toMatchObject({
      code: '55006',
    });
  });
  const { rows } = await other.open(path, (session) =>
    session.query('SELECT count(*) AS n FROM "db"."public"."t"'),
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('closing ends the process; a server that dies fails the query under way', async () => {
  const hyperd = await startHyperd();
  const { pid = 0 } = hyperd;
  const session = await hyperd.connect();
  const pending = session.query('SELECT count(*) FROM generate_series(1, 100000000000) AS s(x)');
  process.kill(pid, 'SIGKILL');
  await expect(pending).rejects.toThrow();
  await hyperd.close();
  expect(() => process.kill(pid, 0)).toThrow();
});

test('a program that is no hyperd is told apart with its own words', async () => {
  await expect(startHyperd({ program: '/bin/ls' })).rejects.toThrow(
    /^Cannot start hyperd: it ended with code/,
  );
});
