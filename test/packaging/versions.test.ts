// Versions: the packages of the workspace know each other by those that they have.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { connectors } from '../../runner/registry.ts';

const root = resolve(import.meta.dirname, '../..');

test('packages depend on each other in the version that they have', async () => {
  const { workspaces } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    readonly workspaces: readonly string[];
  };
  expect(workspaces).toEqual(expect.arrayContaining([...connectors, 'runner']));
  const packages = await Promise.all(
    workspaces.map(
      async (name) => JSON.parse(await readFile(join(root, name, 'package.json'), 'utf8')) as PackageFile,
    ),
  );
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const wanted = packages.flatMap(({ dependencies, devDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies }).filter(([name]) => versions.has(name)),
  );
  expect(wanted.length).toBeGreaterThan(10);
  for (const [name, version] of wanted) expect([name, version]).toEqual([name, versions.get(name)]);
});

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
