// Dimensions at home: every stream has a data source of its own, from which stars take the rows that a run does not bring.
import { contentOf } from './content.ts';
import { type FoundTable, readTables } from './hyper/catalog.ts';
import type { Workbench } from './hyper/engine.ts';
import type { Filling } from './hyper/file.ts';
import { qualified, quoted } from './hyper/text.ts';
import { type FileTable, type SourceTable, streamOf, type WantedSource } from './layout/model.ts';
import { fullName } from './layout/names.ts';
import type { Run, Target } from './run.ts';

/** Where the rows of dimensions are found. */
export interface Homes {
  /** The stream whose own source is made or changed. */
  readonly stream: string;
  readonly wanted: readonly WantedSource[];
  /** Sources, by name, that were there before this segment: the rows of others are all in it. */
  readonly before: ReadonlySet<string>;
}

/** A file that a workbench has opened. */
export interface Attached {
  readonly alias: string;
  readonly tables: readonly FoundTable[];
}

export async function attach(workbench: Workbench, file: string, alias: string): Promise<Attached> {
  await workbench.attach(file, alias);
  return { alias, tables: await readTables(workbench, alias) };
}

/** Opens several files, one per stream. */
export async function attachAll(
  workbench: Workbench,
  files: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Attached>> {
  const attached = new Map<string, Attached>();
  for (const [stream, file] of files)
    attached.set(stream, await attach(workbench, file, `home${attached.size}`));
  return attached;
}

/** Downloads the homes of these tables' streams; none for streams that this segment has whole. */
export async function homeFiles(
  run: Run,
  target: Target,
  { tables, stream, wanted, before }: Homes & { readonly tables: readonly SourceTable[] },
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const foreign of new Set(tables.map(streamOf).filter((other) => other !== stream))) {
    const home = wanted.find((candidate) => candidate.stream === foreign);
    const name = home && fullName(target.place.prefix, home.name);
    if (name === undefined || !before.has(name.toLowerCase())) continue;
    const there = await target.sources.find(target.site, target.project.id, name);
    if (there) files.set(foreign, await contentOf(run, target, there));
  }
  return files;
}

/** Rows as another file has them; columns that it lacks stay empty. */
export function copied(
  table: Pick<FileTable, 'name' | 'columns'>,
  { alias, tables }: Attached,
): readonly Filling[] {
  const found = tables.find(({ name }) => name === table.name);
  if (!found) return [];
  const shared = table.columns.filter(({ name }) => found.columns.some((column) => column.name === name));
  const values = shared.map(({ name, type }) => `CAST(${quoted(name)} AS ${type})`);
  const from = qualified(alias, found.schema, found.name);
  return [{ columns: shared.map(({ name }) => name), select: `SELECT ${values.join(', ')} FROM ${from}` }];
}
