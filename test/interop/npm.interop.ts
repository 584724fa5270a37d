// npm as a judge: the packages as it makes them, installed into an empty folder, run without anything of the workspace.
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { connectors } from '../../runner/registry.ts';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openStores } from '../images/stores.ts';
import { fileOf, temporaryFolder } from '../program.ts';
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

test.each(['xero', 'quickbooks'])(
  'the package of source-%s holds one program, needs no other package, and runs under both names',
  async (name) => {
    const { folder, packed, run } = await installed([`source-${name}`]);
    expect(packed[0]?.files.map(({ path }) => path).sort()).toEqual([
      'README.md',
      'dist/main.js',
      'icon.svg',
      'metadata.yaml',
      'package.json',
    ]);
    expect(await packagesIn(folder)).toEqual(['@ledgerpipe']);
    expect(await run(`source-${name}`, 'spec')).toBe(
      (await start('node', [bundleOf(`source-${name}`), 'spec'])).stdout,
    );
    expect(await run(`tap-${name}`, '--version')).toMatch(new RegExp(`^tap-${name} v\\d+\\.\\d+\\.\\d+\n$`));
  },
);

/** The client of S3 is sixty packages: npm may have none of them yet. */
const downloads = { timeout: 240_000 };

const duckdb = ['@duckdb', '@ledgerpipe', 'detect-libc'];

test.each([
  ['databricks', duckdb],
  ['powerbi', duckdb],
  // The server is left out where npm finds none for this platform or this version of Node.
  ['tableau', [...duckdb, 'hyperdb-mcp-linux-x64-gnu']],
] as const)(
  'the package of destination-%s brings native packages for this platform alone, and runs under both names',
  async (name, expected) => {
    const { folder, run } = await installed([`destination-${name}`]);
    const found = await packagesIn(folder);
    expect(expected).toEqual(expect.arrayContaining([...found]));
    expect(found).toEqual(expect.arrayContaining(duckdb));
    await runsAsInstalled(`destination-${name}`, { folder, run });
  },
);

test(
  'the package of destination-looker brings the clients of its stores too, which reach them',
  downloads,
  async () => {
    const { folder, run } = await installed(['destination-looker']);
    expect(await packagesIn(folder)).toEqual(
      expect.arrayContaining([...duckdb, '@aws-sdk', 'ssh2-sftp-client']),
    );
    expect(await packagesIn(folder, '@ledgerpipe')).toEqual(['destination-looker']);
    await runsAsInstalled('destination-looker', { folder, run });
    await using stores = await openStores();
    for (const [kind, config] of Object.entries(stores.configs)) {
      const answer = await run('destination-looker', 'check', '--config', await fileOf(folder, kind, config));
      expect(JSON.parse(answer)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
    }
  },
);

/** One binding of DuckDB, and the program of the workspace under both of its names. */
async function runsAsInstalled(
  name: string,
  { folder, run }: Pick<Awaited<ReturnType<typeof installed>>, 'folder' | 'run'>,
): Promise<void> {
  const native = (await packagesIn(folder, '@duckdb')).filter((one) => one.startsWith('node-bindings-'));
  expect(native).toEqual([expect.stringContaining(`${process.platform}-${process.arch}`)]);
  expect(await run(name, 'spec')).toBe((await start('node', [bundleOf(name), 'spec'])).stdout);
  const target = name.replace('destination-', 'target-');
  expect(await run(target, '--version')).toMatch(new RegExp(`^${target} v\\d+\\.\\d+\\.\\d+\n$`));
}

test('the installed runner finds the installed connectors and carries the books', downloads, async () => {
  const { folder, run } = await installed([...connectors, 'runner']);
  const sandbox = await openSandbox({ folder, documents: 40, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  for (const connector of connectors) expect(await run(connector, 'spec')).toMatch(/^\{"type":"SPEC"/);
  await writePipeline(sandbox, { folder });
  await run('ledgerpipe', 'sync', 'xero-to-databricks');
  expect(compare(sandbox.books, await landed(sandbox.databricks))).toMatchObject({ agrees: true });
});
