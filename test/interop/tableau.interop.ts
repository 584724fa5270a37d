// Tableau's own Python client drives the Tableau emulator, and Tableau's own Hyper API writes and reads its files.
import { copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { SignJWT } from 'jose';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { startTableau, type TableauEmulator } from '../emulators/tableau/index.ts';
import { answerOf, judge } from './judge.ts';
import { type Venv, venv } from './venv.ts';
import { verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('tableau');
});

const script = (name: string): string => new URL(`judges/${name}`, import.meta.url).pathname;

type Rows = readonly (readonly [id: string, amount?: string])[];

interface Bench {
  readonly emulator: TableauEmulator;
  readonly folder: string;
  /** What the Hyper API reads in a copy of a file. */
  read(file: string | undefined): Promise<Record<string, { columns: string[]; rows: (string | null)[][] }>>;
  /** What tableauserverclient was told, step by step. */
  drive(): Promise<Record<string, unknown>>;
}

async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'tableau-judged-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const clock = fastClock({ rate: 10 });
  const site = { contentUrl: 'books', projects: [{ name: 'Finance' }] };
  const emulator = await startTableau({ clock, sites: [site], indexDelay: 0 });
  onTestFinished(() => emulator.close());
  const run = async <T>(name: string, ...args: string[]): Promise<T> =>
    answerOf<T>(await judge(python.program('python'), [script(name), ...args], { folder }));
  const write = async (name: string, rows: Rows): Promise<string> => {
    const path = join(folder, name);
    await run('hyper_file.py', 'write', path, JSON.stringify(rows));
    return path;
  };
  const settings = async () => {
    const { url, pat, user } = emulator.config;
    const torn = await write('torn.hyper', [['a']]);
    await truncate(torn, 4_096);
    const server = { url, site: site.contentUrl, token_name: pat.name, token_secret: pat.secret, ...user };
    return {
      ...server,
      first: await write('first.hyper', [
        ['a', '1.5'],
        ['b', '2'],
      ]),
      more: await write('more.hyper', [
        ['b', '-99999999999999.9999'],
        ['c', '30.0001'],
      ]),
      keys: await write('keys.hyper', [['a']]),
      torn,
      folder,
      jwt: await appToken(emulator, clock),
    };
  };
  return {
    emulator,
    folder,
    read: async (file) => {
      const copy = join(folder, `copy${extname(file ?? '')}`);
      await copyFile(file ?? '', copy);
      return run('hyper_file.py', 'read', copy);
    },
    drive: async () => {
      const path = join(folder, 'settings.json');
      await writeFile(path, JSON.stringify(await settings()));
      return run('tableau_client.py', path);
    },
  };
}

/** A Connected App's token for reading content. */
function appToken({ config }: TableauEmulator, clock: FastClock): Promise<string> {
  const { clientId, secretId, secretValue, username } = config.connectedApp;
  return (
    new SignJWT({ scp: ['tableau:content:read'] })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: secretId, iss: clientId })
      .setIssuer(clientId)
      .setSubject(username)
      .setAudience('tableau')
      .setJti('of-the-judge')
      // The clock runs while Python starts.
      .setExpirationTime(Math.floor(clock.now() / 1_000) + 9 * 60)
      .sign(new TextEncoder().encode(secretValue))
  );
}

test('tableauserverclient signs in, publishes, updates and follows jobs', async () => {
  const { emulator, folder, drive, read } = await openBench();
  const told = await drive();
  const [renamed] = emulator.sources();
  expect(told).toEqual({
    version: '3.29',
    password: ['Default', 'Finance'],
    jwt: ['Default', 'Finance'],
    refused: '401001',
    published: { id: renamed?.id, name: 'Lines & "more"', project: 'Finance' },
    taken: '403007',
    same_job: true,
    job: { type: 'UpdateUploadedFile', finish_code: 0, progress: '100' },
    deleted: 0,
    failed: { notes: [expect.stringContaining('errorCode=410012')], finish_code: 1 },
    as_job: 0,
    torn: '400011',
    connections: ['hyper'],
    content: 'Linesmore.tdsx',
    tags: ['ledger'],
    renamed: 'Renamed',
    refresh: '409090',
    revisions: ['1', '2'],
    listed: ['As a job', 'Renamed'],
    schedules: '404003',
    tasks: 0,
    left: ['Renamed'],
    named: 0,
  });
  expect(emulator.signIns().map(({ method }) => method)).toEqual(['password', 'jwt', 'pat']);
  expect(emulator.sessions.live).toBe(0);
  await verdict('tableauserverclient', `It ended with ${JSON.stringify(told.job)}`);

  // Published: a and b; appended: b and c; upserted: both b, and c; deleted: a.
  const found = await read(renamed?.file);
  expect(found).toEqual({
    'Extract.lines': {
      columns: ['id TEXT', 'amount NUMERIC(18, 4)'],
      rows: [
        ['b', '-99999999999999.9999'],
        ['b', '-99999999999999.9999'],
        ['c', '30.0001'],
      ],
    },
  });
  // Downloaded when all of that was done.
  expect(await read(join(folder, 'Linesmore.tdsx'))).toEqual(found);
  const rows = await emulator.rows('Renamed', 'lines', 'SELECT * FROM {table} ORDER BY id');
  expect(rows.map((row) => Object.values(row))).toEqual(found['Extract.lines']?.rows);
  await verdict('tableauhyperapi', `It read ${rows.length} rows of the published file`);
});
