// The rules of who may import whom, and of what may touch the world: each breach is printed with file, line and remedy.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const skipped = new Set(['node_modules', 'dist', 'generated', '.git', '.interop']);

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [relative(root, path)] : [];
  });
}

interface Line {
  readonly file: string;
  readonly number: number;
  readonly text: string;
}

const lines: readonly Line[] = sources(root).flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => ({ file, number: index + 1, text })),
);

interface Import extends Line {
  /** `protocol`, `kit`, `staging`, `source-xero`, ... or `package:<name>`. */
  readonly target: string;
  /** Path from the root, for imports inside the repository. */
  readonly path?: string;
}

const byPackage: Record<string, string> = {
  '@airbyte/cdk-typescript-shim': 'protocol',
  '@airbyte/cdk-typescript-shim/kit': 'kit',
  '@ledgerpipe/staging': 'staging',
  '@ledgerpipe/staging/settings': 'staging',
  '@ledgerpipe/databricks': 'databricks',
  '@ledgerpipe/databricks/settings': 'databricks',
};

const folderOf = (path: string): string =>
  path.startsWith('protocol/kit/') ? 'kit' : (path.split('/')[0] ?? path);

const imports: readonly Import[] = lines.flatMap((line) => {
  const found = /(?:\bfrom|^\s*import|\bimport\()\s*'([^']+)'/.exec(line.text)?.[1];
  if (!found) return [];
  if (!found.startsWith('.')) return [{ ...line, target: byPackage[found] ?? `package:${found}` }];
  const path = relative(root, resolve(root, line.file, '..', found));
  return [{ ...line, target: folderOf(path), path }];
});

const isConnector = (folder: string): boolean => /^(source|destination)-/.test(folder);

/** What the code of a folder may import from the repository, besides itself. */
const allowed = (folder: string): readonly string[] => {
  if (folder === 'protocol') return [];
  if (folder === 'kit') return ['protocol'];
  if (folder === 'staging') return ['protocol'];
  if (folder.startsWith('source-')) return ['protocol', 'kit'];
  if (folder === 'databricks') return ['protocol', 'kit', 'staging'];
  if (folder.startsWith('destination-')) return ['protocol', 'kit', 'staging', 'databricks'];
  if (folder === 'runner') return ['protocol', 'kit'];
  return [
    'protocol',
    'kit',
    'staging',
    'databricks',
    'runner',
    'source-xero',
    'source-quickbooks',
    'destination-databricks',
    'destination-looker',
    'destination-powerbi',
    'destination-tableau',
  ];
};

const told = (breaches: readonly Line[], remedy: string): readonly string[] =>
  breaches.map(({ file, number, text }) => `${file}:${number}: ${text.trim()} -- ${remedy}`);

test('dependencies point one way: protocol, kit, staging, databricks, connectors, runner', () => {
  const breaches = imports.filter(({ file, target }) => {
    const folder = folderOf(file);
    if (folder === 'test' || target.startsWith('package:') || target === folder) return false;
    return !allowed(folder).includes(target);
  });
  expect(told(breaches, 'move the shared part to a folder both may import')).toEqual([]);
});

test('nothing imports test', () => {
  const breaches = imports.filter(({ file, target }) => target === 'test' && folderOf(file) !== 'test');
  expect(told(breaches, 'tests know the code, never the other way')).toEqual([]);
});

test('the protocol does no I/O and needs no package', () => {
  const breaches = imports.filter(
    ({ file, target }) => folderOf(file) === 'protocol' && target.startsWith('package:'),
  );
  expect(told(breaches, 'put it into protocol/kit')).toEqual([]);
});

test('inside a connector each file imports only from its left: spec, streams, values, api, read or write, index, main', () => {
  const rank = (path: string): number | undefined => {
    const name = path.split('/').at(-1)?.replace('.ts', '') ?? '';
    const order = ['values', 'streams', 'spec', 'api', 'read', 'write', 'index', 'main'];
    const place = order.indexOf(name);
    if (place === -1) return undefined;
    return Math.max(place, 2);
  };
  const breaches = imports.filter(({ file, target, path }) => {
    if (!isConnector(folderOf(file)) || target !== folderOf(file) || !path) return false;
    const from = rank(file);
    const to = rank(path);
    return from !== undefined && to !== undefined && to > from;
  });
  expect(told(breaches, 'the right may know the left, not the other way')).toEqual([]);
});

test('time, process and network are touched only by the kit, the runner and tests', () => {
  const touches =
    /\bprocess\.(?!emitWarning)\w+|\bDate\.now\(|\bsetTimeout\(|\bsetInterval\(|\bfetch\(|\bconsole\./;
  const breaches = lines.filter(({ file, text }) => {
    const folder = folderOf(file);
    if (['kit', 'runner', 'test'].includes(folder) || !file.includes('/')) return false;
    return touches.test(text) && !/^\s*(\/\/|\*|\/\*)/.test(text);
  });
  expect(told(breaches, 'take it from the context')).toEqual([]);
});

test('only the runner names all connectors, and only in its registry', () => {
  const breaches = imports.filter(
    ({ file, target }) =>
      isConnector(target) &&
      folderOf(file) !== target &&
      folderOf(file) !== 'test' &&
      file !== 'runner/registry.ts',
  );
  expect(told(breaches, 'name it in runner/registry.ts')).toEqual([]);
});

test('every file says in its first line what it is responsible for', () => {
  const breaches = lines.filter(({ number, text }) => number === 1 && !/^\/\/ \S.{10,}/.test(text));
  expect(told(breaches, 'begin it with a one-line comment')).toEqual([]);
});
