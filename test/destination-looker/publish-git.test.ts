// The generated files through git: a real remote, and whoever else pushes to it.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { marker } from '../../destination-looker/model/index.ts';
import { explained, tryGit } from '../../destination-looker/publish/git.ts';
import { openRepository, type Repository } from '../../destination-looker/publish/repository.ts';
import { publicationFor } from './publish-setup.ts';

const run = promisify(execFile);
const content = (text: string): string => `${marker}\n\n${text}\n`;
const files = [{ path: 'ledger/ledger.model.lkml', content: content('connection: "c"') }];

interface Remote {
  readonly folder: string;
  readonly url: string;
  git(...args: string[]): Promise<string>;
  open(): Promise<Repository>;
  /** A commit of somebody else on the production branch. */
  theirs(path: string, text: string): Promise<void>;
}

async function withRemote(work: (remote: Remote) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-git-'));
  const url = join(folder, 'remote.git');
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', url, ...args])).stdout.trim();
  try {
    await run('git', ['init', '--quiet', '--bare', '--initial-branch', 'main', url]);
    await work({
      folder,
      url,
      git,
      open: () => openRepository({ ...publicationFor({ folder, model: { name: 'ledger' } }), url }),
      async theirs(path, text) {
        const copy = await mkdtemp(join(folder, 'theirs-'));
        await run('git', ['clone', '--quiet', url, copy]);
        await writeFile(join(copy, path), text);
        const as = ['-C', copy, '-c', 'user.name=T', '-c', 'user.email=t@localhost'];
        await run('git', [...as, 'add', '--all']);
        await run('git', [...as, 'commit', '--quiet', '-m', 'theirs']);
        await run('git', [...as, 'push', '--quiet', 'origin', 'HEAD:refs/heads/main']);
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('an empty repository gets its first commit, and the working copy goes', () =>
  withRemote(async ({ folder, git, open }) => {
    const repository = await open();
    const { commit, changed, deployed } = await repository.prepare(files);
    expect({ changed, deployed }).toEqual({ changed: true, deployed: false });
    expect(await repository.push(commit)).toBe(true);
    await repository.close();
    expect(await git('show', 'main:ledger/ledger.model.lkml')).toBe(files[0]?.content.trim());
    expect(await git('log', '--format=%an %s', 'main')).toBe('Ledgerpipe Ledgerpipe: 1 file generated');
    expect((await readdir(folder)).filter((name) => name.startsWith('ledgerpipe-'))).toEqual([]);
  }));

test('the same files make no commit, and the run after a deployment knows of it', () =>
  withRemote(async ({ git, open }) => {
    const first = await open();
    const { commit } = await first.prepare(files);
    await first.push(commit);
    // It died here: the next run has nothing to push, and must deploy.
    await first.close();
    const second = await open();
    expect(await second.prepare(files)).toEqual({ commit, changed: false, deployed: false, kept: [] });
    expect(await second.markDeployed(commit)).toBe(true);
    await second.close();
    const third = await open();
    expect(await third.prepare(files)).toEqual({ commit, changed: false, deployed: true, kept: [] });
    await third.close();
    expect(await git('rev-list', '--count', 'main')).toBe('1');
  }));

test('commits of others stay, and a push that comes too late is prepared again', () =>
  withRemote(async ({ git, open, theirs }) => {
    const repository = await open();
    await repository.push((await repository.prepare(files)).commit);
    const changed = [{ path: 'ledger/ledger.model.lkml', content: content('connection: "d"') }];
    const late = await repository.prepare(changed);
    await theirs('other.view.lkml', 'view: other {}\n');
    expect(await repository.push(late.commit)).toBe(false);
    expect(await repository.push((await repository.prepare(changed)).commit)).toBe(true);
    await repository.close();
    expect(await git('ls-tree', '-r', '--name-only', 'main')).toBe(
      'ledger/ledger.model.lkml\nother.view.lkml',
    );
    expect(await git('rev-list', '--count', 'main')).toBe('3');
  }));

test('a commit is offered on a branch of the model, whatever was there before', () =>
  withRemote(async ({ git, open }) => {
    const repository = await open();
    for (const text of ['connection: "a"', 'connection: "b"']) {
      const { commit } = await repository.prepare([
        { path: 'ledger/ledger.model.lkml', content: content(text) },
      ]);
      const branch = await repository.offer(commit);
      expect(await git('rev-parse', branch)).toBe(commit);
    }
    await repository.close();
    await expect(git('rev-parse', '--verify', 'main')).rejects.toThrow();
  }));

test('a file of somebody else in the way is a config error, and nothing is pushed', () =>
  withRemote(async ({ git, open, theirs }) => {
    await theirs('ledger.txt', 'x');
    const repository = await open();
    await repository.push((await repository.prepare([])).commit);
    const taken = [{ path: 'ledger.txt', content: content('x') }];
    await expect(repository.prepare(taken)).rejects.toMatchObject({ kind: 'config' });
    await repository.close();
    expect(await git('rev-list', '--count', 'main')).toBe('1');
  }));

test('a remote that is not there is a config error that names it, without its password', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-git-'));
  const publication = publicationFor({ folder, model: { name: 'ledger' } });
  const repository = await openRepository({ ...publication, url: `${folder}/nowhere.git` });
  await expect(repository.prepare(files)).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(
      /^Cannot publish the model to ".*nowhere\.git": git said "fatal: .*check "model\.git_remote"$/,
    ),
  });
  await repository.close();
  await rm(folder, { recursive: true, force: true });
});

test('user and password of an https remote travel in its header alone', async () => {
  const headers: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers.authorization);
    response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-git-'));
  const model = { name: 'ledger', git_user: 'bot', git_password: 'hunter2' };
  const url = `http://127.0.0.1:${port}/ledger.git`;
  const repository = await openRepository({ ...publicationFor({ folder, model }), url });
  await expect(repository.prepare(files)).rejects.toMatchObject({
    kind: 'config',
    message: expect.not.stringContaining('hunter2'),
  });
  expect(headers[0]).toBe(`Basic ${Buffer.from('bot:hunter2').toString('base64')}`);
  await repository.close();
  await rm(folder, { recursive: true, force: true });
  server.close();
});

test('a password is neither on the command line nor in an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-git-'));
  const options = { folder, signal: new AbortController().signal, purpose: 'push', secrets: ['hunter2'] };
  const { code, err } = await tryGit(['ls-remote', 'https://me:hunter2@127.0.0.1:9/x.git'], options);
  expect(code).not.toBe(0);
  expect(err).not.toContain('hunter2');
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['fatal: Authentication failed for "https://x/"', 'config'],
  ['remote: Permission denied to bot.', 'config'],
  ['fatal: repository "x" not found', 'config'],
  ['fatal: unable to access "https://x/": Could not resolve host: x', 'transient'],
  ['error: something else', 'system'],
])('git said %j: a %s error', (said, kind) => {
  expect(explained(said, 'push the model')).toMatchObject({
    kind,
    message: expect.stringMatching(/^Cannot push the model: git said "/),
  });
});
