// A Meltano project for one test: that of deploy/meltano, with our programs where npm puts them.
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Bench } from './bench.ts';
import { type Judged, judge } from './judge.ts';
import type { Venv } from './venv.ts';

interface Plugin {
  readonly name: string;
  config?: Record<string, unknown>;
  select?: readonly string[];
}

interface Project {
  readonly plugins: { readonly extractors: Plugin[]; readonly loaders: Plugin[] };
}

/** The deployed project with the sandbox's settings and addresses in place of a user's, and with another selection. */
export async function openProject(
  bench: Bench,
  python: Venv,
  { select }: { readonly select?: readonly string[] } = {},
): Promise<(...args: string[]) => Promise<Judged>> {
  const folder = join(bench.folder, 'meltano');
  const bin = join(folder, 'node_modules/.bin');
  await mkdir(bin, { recursive: true });
  for (const name of ['tap-xero', 'tap-quickbooks', 'target-databricks'] as const)
    await symlink(bench.programs[name], join(bin, name));
  const deployed = new URL('../../deploy/meltano/meltano.yml', import.meta.url);
  const project = parse(await readFile(deployed, 'utf8')) as Project;
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const tap = project.plugins.extractors.find(({ name }) => name === basename(bench.tap));
  const [target] = project.plugins.loaders;
  if (!tap || !target) throw new Error('Expected an extractor and a loader in deploy/meltano/meltano.yml');
  const { token_store: _kept, ...source } = await read(bench.source);
  tap.config = { ...tap.config, ...source };
  if (select) tap.select = select;
  target.config = { ...target.config, ...(await read(bench.destination)) };
  await writeFile(join(folder, 'meltano.yml'), stringify(project));
  return (...args) => judge(python.program('meltano'), args, { folder });
}
