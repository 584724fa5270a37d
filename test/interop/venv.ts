// The judges' Python: a virtual environment for each family of programs, made when first asked for and kept.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';

const run = promisify(execFile);

/**
 * Where environments are kept; git ignores it. Delete it to install everything anew. INTEROP_CACHE names another
 * folder, for several checkouts to share.
 */
const cache = process.env.INTEROP_CACHE ?? new URL('../../.interop', import.meta.url).pathname;

/** Apart from each other, as their pins contradict: singer-tools wants jsonschema 2.6, Meltano 4.26. */
export type Family =
  | 'airbyte'
  | 'airflow'
  | 'meltano'
  | 'singer-sdk'
  | 'singer-tools'
  | 'tableau'
  | 'tap-singer-jsonl'
  | 'target-duckdb'
  | 'target-jsonl';

export interface Venv {
  /** Folder of its programs. */
  readonly bin: string;
  /** Folder of its packages. */
  readonly packages: string;
  /** Path of one of its programs. */
  program(name: string): string;
}

const installMinutes = 10;

/**
 * The environment of a family with exactly the versions of requirements/<family>.txt, from PyPI. Throws when something
 * cannot be installed: there is no substitute for a judge.
 */
export async function venv(family: Family): Promise<Venv> {
  const folder = join(cache, family);
  await mkdir(cache, { recursive: true });
  // Two test files may want the same family at once.
  const release = await lock(folder, {
    realpath: false,
    stale: 60_000,
    retries: { retries: installMinutes * 60, minTimeout: 1_000, maxTimeout: 1_000 },
  });
  try {
    const list = new URL(`requirements/${family}.txt`, import.meta.url).pathname;
    const python = await findPython();
    const wanted = `${python.version}\n${await readFile(list, 'utf8')}`;
    const marker = join(folder, 'installed.txt');
    const found = await readFile(marker, 'utf8').catch(() => '');
    if (found !== wanted) {
      await install(family, { folder, list, python: python.command });
      await writeFile(marker, wanted);
    }
    const bin = join(folder, 'bin');
    const packages = join(folder, 'lib', `python${python.version.split('.', 2).join('.')}`, 'site-packages');
    return { bin, packages, program: (name) => join(bin, name) };
  } finally {
    await release();
  }
}

async function install(
  family: Family,
  { folder, list, python }: { readonly folder: string; readonly list: string; readonly python: string },
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  try {
    await run(python, ['-m', 'venv', folder]);
    const pip = ['install', '--quiet', '--disable-pip-version-check', '--no-input', '--requirement', list];
    await run(join(folder, 'bin', 'pip'), pip, { timeout: installMinutes * 60_000 });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const { stderr = '', killed = false } = error as { stderr?: string; killed?: boolean };
    const reason = killed ? `it took more than ${installMinutes} minutes` : stderr.trim() || String(error);
    throw new Error(`Cannot install the judges of "${family}" from PyPI: ${reason.slice(-2_000)}`);
  }
}

/** PyAirbyte runs on 3.10, 3.11 and 3.12 only. INTEROP_PYTHON names another command than the usual ones. */
async function findPython(): Promise<{ readonly command: string; readonly version: string }> {
  const named = process.env.INTEROP_PYTHON;
  const commands = named ? [named] : ['python3', 'python3.12', 'python3.11', 'python3.10'];
  const found: string[] = [];
  for (const command of commands) {
    const version = await versionOf(command);
    if (/^3\.1[012]\./.test(version)) return { command, version };
    found.push(`${command} ${version || 'missing'}`);
  }
  throw new Error(`Cannot run the judges: Python 3.10 to 3.12 is needed, found ${found.join(', ')}`);
}

async function versionOf(command: string): Promise<string> {
  try {
    const { stdout } = await run(command, ['-c', 'import platform; print(platform.python_version())']);
    return stdout.trim();
  } catch {
    return '';
  }
}
