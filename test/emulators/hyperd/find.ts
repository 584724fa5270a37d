// Finds Tableau's `hyperd` on this machine, and installs it where it is missing: only tests need it to appear by itself.
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { lock } from 'proper-lockfile';
import { installPackage } from './install.ts';

/**
 * The npm packages in which Tableau ships the server (tableau.md 7.1). Their package.json says MIT OR Apache-2.0; the
 * enclosed LICENSE-HYPERD holds a GPLv2 text by a slip of packaging, the repository's copy of that file is Apache-2.0.
 * There is none for Linux on arm64 nor for musl.
 */
const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'hyperdb-mcp-linux-x64-gnu',
  'darwin-arm64': 'hyperdb-mcp-darwin-arm64',
  'win32-x64': 'hyperdb-mcp-win32-x64-msvc',
};

/** Exactly this one: it reports main.0.0.26359 and writes file versions 0 to 4. */
const version = '0.7.3';

const cache = new URL('../../../node_modules/.cache/ledgerpipe/', import.meta.url).pathname;
const installMinutes = 10;

const found = new Map<string, Promise<string>>();

/**
 * The path of a `hyperd` that can be run: `path` (HYPERD_PATH), else the npm package where it is installed, else the
 * cache below node_modules, filled from the configured npm registry (87 MB) when it is empty. Throws when there is none.
 */
export function findHyperd({ path = process.env.HYPERD_PATH ?? '' } = {}): Promise<string> {
  const before = found.get(path);
  if (before) return before;
  const search = path === '' ? shipped() : given(path);
  found.set(path, search);
  search.catch(() => found.delete(path));
  return search;
}

async function given(path: string): Promise<string> {
  if (await runnable(path)) return path;
  throw new Error(`Cannot run hyperd: HYPERD_PATH names "${path}", which is not an executable file`);
}

async function shipped(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`;
  const name = packages[platform];
  if (!name)
    throw new Error(
      `Cannot get hyperd: Tableau publishes none for "${platform}", set HYPERD_PATH to your own`,
    );
  const program = process.platform === 'win32' ? 'hyperd.exe' : 'hyperd';
  return (await installed(name, program)) ?? (await cached(name, program));
}

async function installed(name: string, program: string): Promise<string | undefined> {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), program);
    return (await runnable(path)) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Installs aside and renames, under a lock: test processes ask at once, and none may see half a file. */
async function cached(name: string, program: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`);
  const path = join(folder, 'node_modules', name, program);
  if (await runnable(path)) return path;
  await mkdir(cache, { recursive: true });
  const release = await lock(folder, {
    realpath: false,
    stale: 60_000,
    retries: { retries: installMinutes * 60, minTimeout: 1_000, maxTimeout: 1_000 },
  });
  try {
    if (await runnable(path)) return path;
    const aside = await mkdtemp(join(cache, 'installing-'));
    try {
      await installPackage(`${name}@${version}`, { folder: aside, minutes: installMinutes });
      await rm(folder, { recursive: true, force: true });
      await rename(aside, folder);
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } finally {
    await release();
  }
  if (await runnable(path)) return path;
  throw new Error(`Cannot run hyperd: "${name}@${version}" was installed but holds no "${program}"`);
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
