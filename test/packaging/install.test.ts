// The packages as npm makes them, installed into an empty folder: nothing of the workspace is needed to run them.
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { writePipeline } from '../sandbox/pipeline.ts';

const root = resolve(import.meta.dirname, '../..');
const start = promisify(execFile);

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the folders and installs them into an empty one; gives its path and what is in the packages. */
async function installed(folders: readonly string[]) {
  const folder = await temporaryFolder();
  const packed: Packed[] = [];
  for (const name of folders) {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await start('npm', args, { cwd: join(root, name) });
    packed.push(...(JSON.parse(stdout) as readonly Packed[]));
  }
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const tarballs = packed.map(({ filename }) => `./${filename}`);
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs];
  await start('npm', args, { cwd: folder });
  const run = async (program: string, ...rest: readonly string[]) =>
    (await start(join(folder, 'node_modules/.bin', program), [...rest], { cwd: folder })).stdout;
  return { folder, packed, run };
}

const packagesIn = async (folder: string, scope = ''): Promise<readonly string[]> =>
  (await readdir(join(folder, 'node_modules', scope))).filter((name) => !name.startsWith('.')).sort();

const bundleOf = (name: string): string => join(root, name, 'dist/main.js');

test('the package of source-xero holds one program, needs no other package, and runs under both names', async () => {
  const { folder, packed, run } = await installed(['source-xero']);
  expect(packed[0]?.files.map(({ path }) => path).sort()).toEqual([
    'README.md',
    'dist/main.js',
    'icon.svg',
    'metadata.yaml',
    'package.json',
  ]);
  expect(await packagesIn(folder)).toEqual(['@ledgerpipe']);
  expect(await run('source-xero', 'spec')).toBe(
    (await start('node', [bundleOf('source-xero'), 'spec'])).stdout,
  );
  expect(await run('tap-xero', '--version')).toMatch(/^tap-xero v\d+\.\d+\.\d+\n$/);
});

test('the package of destination-databricks brings DuckDB for this platform alone, and runs under both names', async () => {
  const { folder, run } = await installed(['destination-databricks']);
  expect(await packagesIn(folder)).toEqual(['@duckdb', '@ledgerpipe', 'detect-libc']);
  const native = (await packagesIn(folder, '@duckdb')).filter((name) => name.startsWith('node-bindings-'));
  expect(native).toEqual([expect.stringContaining(`${process.platform}-${process.arch}`)]);
  expect(await run('destination-databricks', 'spec')).toBe(
    (await start('node', [bundleOf('destination-databricks'), 'spec'])).stdout,
  );
  expect(await run('target-databricks', '--version')).toMatch(/^target-databricks v\d+\.\d+\.\d+\n$/);
});

test('the installed runner finds the installed connectors and carries the books', async () => {
  const { folder, run } = await installed([
    'source-xero',
    'source-quickbooks',
    'destination-databricks',
    'runner',
  ]);
  const sandbox = await openSandbox({ folder, documents: 40, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  await writePipeline(sandbox, { folder });
  await run('ledgerpipe', 'sync', 'xero-to-databricks');
  expect(compare(sandbox.books, await landed(sandbox.databricks))).toMatchObject({ agrees: true });
});

test('packages depend on each other in the version that they have', async () => {
  const folders = [
    'protocol',
    'staging',
    'source-xero',
    'source-quickbooks',
    'destination-databricks',
    'runner',
  ];
  const packages = await Promise.all(
    folders.map(
      async (name) => JSON.parse(await readFile(join(root, name, 'package.json'), 'utf8')) as PackageFile,
    ),
  );
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const wanted = packages.flatMap(({ dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => versions.has(name)),
  );
  expect(wanted.length).toBeGreaterThan(3);
  for (const [name, version] of wanted) expect([name, version]).toEqual([name, versions.get(name)]);
});

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
