// Runs git: the repository behind a project is a real one, and so is its remote.
import { spawn } from 'node:child_process';
import { ApiFailure } from '../answers.ts';

const IDENTITY = [
  'user.name=Looker',
  'user.email=looker@localhost',
  'safe.directory=*',
  'core.autocrlf=false',
  // Housekeeping is a process or two after every command, for repositories that live for seconds.
  'gc.auto=0',
  'maintenance.auto=false',
];

/** Standard output of a git command in a bare repository; a failure is what Looker answers for git: 400. */
export async function git(
  repository: string,
  parameters: readonly string[],
  { input = '' }: { input?: string | Buffer } = {},
): Promise<Buffer> {
  const settings = IDENTITY.flatMap((setting) => ['-c', setting]);
  const child = spawn('git', [...settings, '--git-dir', repository, ...parameters], {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' },
    stdio: 'pipe',
  });
  const output: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new ApiFailure(400, `git ${parameters[0]} failed: ${complaint.trim().slice(0, 500)}`);
  return Buffer.concat(output);
}

export type Files = ReadonlyMap<string, string>;

/** The files of a commit by path. */
export async function filesAt(repository: string, commit: string): Promise<Files> {
  const listed = (await git(repository, ['ls-tree', '-r', '-z', commit])).toString();
  const entries = listed
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [meta = '', path = ''] = line.split('\t');
      return { path, id: meta.split(' ')[2] ?? '' };
    });
  const input = entries.map(({ id }) => `${id}\n`).join('');
  const output = await git(repository, ['cat-file', '--batch'], { input });
  let at = 0;
  return new Map(
    entries.map(({ path }) => {
      const end = output.indexOf(10, at);
      const size = Number(output.subarray(at, end).toString().split(' ')[2]);
      const content = output.subarray(end + 1, end + 1 + size).toString();
      at = end + 1 + size + 1;
      return [path, content];
    }),
  );
}

/** Writes a commit that holds exactly these files; answers its id. */
export async function commitFiles(
  repository: string,
  { files, parent, message, at }: { files: Files; parent: string | undefined; message: string; at: number },
): Promise<string> {
  const ref = `refs/looker/commit-${Math.random().toString(36).slice(2)}`;
  const data = (content: string): string => `data ${Buffer.byteLength(content)}\n${content}\n`;
  const stream = [
    `commit ${ref}\n`,
    'mark :1\n',
    `committer Looker <looker@localhost> ${Math.floor(at / 1000)} +0000\n`,
    data(message),
    parent === undefined ? '' : `from ${parent}\n`,
    'deleteall\n',
    ...[...files].map(([path, content]) => `M 100644 inline ${JSON.stringify(path)}\n${data(content)}`),
    'get-mark :1\n',
    `reset ${ref}\nfrom ${'0'.repeat(40)}\n`,
  ].join('');
  return (await git(repository, ['fast-import', '--quiet', '--force'], { input: stream })).toString().trim();
}

/** The commit a name stands for, or undefined. */
export async function commitOf(repository: string, name: string): Promise<string | undefined> {
  const found = await git(repository, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(
    () => undefined,
  );
  return found?.toString().trim();
}

/** Whether `ancestor` is part of the history of `commit`. */
export const contains = (repository: string, ancestor: string, commit: string): Promise<boolean> =>
  git(repository, ['merge-base', '--is-ancestor', ancestor, commit]).then(
    () => true,
    () => false,
  );
