// The token store: what is on disk, who may read it, and what is said when it cannot be read.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { openTokenStore, type StoredTokens } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { rejection } from './http-server.ts';

const tokens: StoredTokens = {
  refreshToken: 'refresh-plain',
  accessToken: 'access-plain',
  issuedAt: 1,
  expiresAt: 1_800_001,
  superseded: ['0123456789abcdef'],
  issuedFor: 'f'.repeat(64),
};

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'token-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const save = (path: string, options: { passphrase?: string } = {}): Promise<void> =>
  openTokenStore({ path, ...options }).locked((held) => held.write(tokens));

test('a store that was never written is empty, and opening it writes nothing', async () => {
  const folder = await newFolder();
  expect(await openTokenStore({ path: join(folder, 'deep', 'tokens') }).read()).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

test.each([{}, { passphrase: 'correct horse' }])(
  'tokens come back as they were stored (%o)',
  async (options) => {
    const path = join(await newFolder(), 'deep', 'tokens');
    await save(path, options);
    expect(await openTokenStore({ path, ...options }).read()).toEqual(tokens);
  },
);

test.each([{}, { passphrase: 'correct horse' }])(
  'nothing readable is on disk, for the owner alone (%o)',
  async (options) => {
    const folder = await newFolder();
    await save(join(folder, 'tokens'), options);
    const files = await readdir(folder);
    expect(files.toSorted()).toEqual(options.passphrase ? ['tokens'] : ['tokens', 'tokens.key']);
    for (const file of files) {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text).not.toMatch(/plain|correct|0123456789abcdef/);
      expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    }
  },
);

test('the same tokens are sealed differently each time', async () => {
  const path = join(await newFolder(), 'tokens');
  await save(path, { passphrase: 'p' });
  const first = await readFile(path, 'utf8');
  await save(path, { passphrase: 'p' });
  expect(await readFile(path, 'utf8')).not.toBe(first);
});

test('a wrong passphrase, a missing one or an extra one is a config error that names the file', async () => {
  const folder = await newFolder();
  const [sealed, open] = [join(folder, 'sealed'), join(folder, 'open')];
  await save(sealed, { passphrase: 'right' });
  await save(open);
  for (const [options, wanted] of [
    [{ path: sealed, passphrase: 'wrong' }, 'the passphrase does not open it'],
    [{ path: sealed }, 'configure the same passphrase'],
    [{ path: open, passphrase: 'extra' }, 'remove the passphrase'],
  ] as const) {
    const error = await rejection(openTokenStore(options).read());
    expect(error).toMatchObject({ kind: 'config' });
    expect(error.message).toContain(`Cannot read the token store "${options.path}"`);
    expect(error.message).toContain(wanted);
    expect(inspect(error, { depth: 9 })).not.toMatch(/wrong|extra|plain/);
  }
});

test.each([
  ['damaged', async (path: string) => writeFile(path, 'not a token store')],
  ['empty', async (path: string) => writeFile(path, '')],
  ['cut short', async (path: string) => writeFile(path, (await readFile(path, 'utf8')).slice(0, -9))],
  ['without its key', async (path: string) => rm(`${path}.key`)],
  ['with a damaged key', async (path: string) => writeFile(`${path}.key`, 'short')],
  [
    'with another key',
    async (path: string) => writeFile(`${path}.key`, Buffer.alloc(32, 7).toString('base64url')),
  ],
] as const)('a store that is %s is a config error, never a fresh start', async (_, damage) => {
  const path = join(await newFolder(), 'tokens');
  await save(path);
  await damage(path);
  const error = await rejection(openTokenStore({ path }).read());
  expect(error).toMatchObject({ kind: 'config' });
  expect(error.message).toContain(path);
  expect(error.message).toMatch(/log in again|restore/);
});

test('contents that are not tokens are a config error', async () => {
  const path = join(await newFolder(), 'tokens');
  await openTokenStore({ path }).locked((held) => held.write({ refreshToken: 5 } as unknown as StoredTokens));
  expect(await rejection(openTokenStore({ path }).read())).toMatchObject({ kind: 'config' });
});

test('one holder at a time has the lock, and a failure gives it back', async () => {
  const path = join(await newFolder(), 'tokens');
  let [inside, most] = [0, 0];
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  const store = openTokenStore({ path });
  expect((await rejection(store.locked(() => Promise.reject(new Error('failed'))))).message).toBe('failed');
  await Promise.all([1, 2, 3, 4].map(() => openTokenStore({ path }).locked(work)));
  expect(most).toBe(1);
});

test('many writers, one after another, leave whole files and nothing else', async () => {
  const folder = await newFolder();
  const path = join(folder, 'tokens');
  const names = Array.from({ length: 8 }, (_, index) => `refresh-${index}`);
  await Promise.all(
    names.map((refreshToken) =>
      openTokenStore({ path }).locked((held) => held.write({ ...tokens, refreshToken })),
    ),
  );
  expect(names).toContain((await openTokenStore({ path }).read())?.refreshToken);
  expect((await readdir(folder)).toSorted()).toEqual(['tokens', 'tokens.key']);
});

test('a lock left by a process that died is taken over', async () => {
  const path = join(await newFolder(), 'tokens');
  const { mkdir, utimes } = await import('node:fs/promises');
  await mkdir(`${path}.lock`);
  const longAgo = new Date(Date.now() - 40_000);
  await utimes(`${path}.lock`, longAgo, longAgo);
  await save(path);
  expect(await openTokenStore({ path }).read()).toEqual(tokens);
});

test('a folder that cannot be made is a config error before anything is locked', async () => {
  const folder = await newFolder();
  await writeFile(join(folder, 'file'), '');
  const error = await rejection(save(join(folder, 'file', 'tokens')));
  expect(error).toMatchObject({ kind: 'config' });
  expect(error.message).toContain(join(folder, 'file'));
});
