// Publishes a data source over with the rows it has: where its tables grow, or one is replaced by more than an update takes.
import { join } from 'node:path';
import type { DataSource } from './api/data-sources.ts';
import { batchesOf } from './batches.ts';
import { contentOf } from './content.ts';
import { type Attached, attach, attachAll, copied, type Homes, homeFiles } from './homes.ts';
import type { FoundTable } from './hyper/catalog.ts';
import type { Engine } from './hyper/engine.ts';
import { type Filling, makeFile } from './hyper/file.ts';
import { qualified } from './hyper/text.ts';
import { type FileTable, type SourceTable, streamOf } from './layout/model.ts';
import { type Change, type RowsFrom, selectsOf } from './payload.ts';
import { push } from './push.ts';
import type { Run, Target } from './run.ts';

/** What a source holds now: its file on this machine, and the tables in it. */
export interface Present {
  readonly path: string;
  readonly there: readonly FoundTable[];
}

/** The present file, where it is opened. */
const alias = 'there';

export async function present(
  run: Run,
  target: Target,
  { source, engine }: { readonly source: DataSource; readonly engine: Engine },
): Promise<Present> {
  const path = await contentOf(run, target, source);
  const there = await engine.use(async (workbench) => {
    const { tables } = await attach(workbench, path, alias);
    await workbench.detach(alias);
    return tables;
  });
  return { path, there };
}

export interface Republish extends Present {
  readonly source: DataSource;
  /** All tables that the source is to have. */
  readonly tables: readonly FileTable[];
  /** Those of them that the declared streams fill. */
  readonly wanted: readonly SourceTable[];
  /** Tables whose rows come from the segment alone. */
  readonly replaced: readonly Change[];
  readonly homes?: Homes | undefined;
  readonly engine: Engine;
}

/** What people defined on the server is lost, and told: a bare file has none of it. */
export async function republish(run: Run, target: Target, request: Republish): Promise<DataSource> {
  const { source, there, wanted, replaced, homes, engine, ...rest } = request;
  const path = join(run.folder, `${source.id}-${run.sequence()}.hyper`);
  const added = wanted.filter(({ name }) => !there.some((table) => table.name === name));
  const files = homes ? await homeFiles(run, target, { ...homes, tables: added }) : new Map<string, string>();
  const made = await engine.use(async (workbench) => {
    await workbench.attach(rest.path, alias);
    const attached = await attachAll(workbench, files);
    const rowsOf = (table: FileTable) => rowsFor(table, { there, added, replaced, attached });
    const file = await makeFile(workbench, { path, tables: rest.tables, rowsOf });
    for (const opened of [{ alias }, ...attached.values()]) await workbench.detach(opened.alias);
    return file;
  });
  for (const file of files.values()) await run.discard(file);
  const why = replaced.length > 0 ? 'its rows are more than an update takes' : 'its tables have grown';
  await run.warnOnce(
    `Data source "${source.name}" is published over, because ${why}: calculated fields, aliases and folders that were added on the server are lost, an earlier revision has them`,
  );
  const published = await push(run, target, {
    name: source.name,
    existing: source,
    path,
    bytes: made.bytes,
    rows: [...made.rows.values()].reduce((sum, count) => sum + count, 0),
    fileType: 'hyper',
    batches: batchesOf(replaced),
  });
  await run.discard(path);
  return { ...published, tags: published.tags.length > 0 ? published.tags : source.tags };
}

interface Rows extends Pick<Republish, 'there' | 'replaced'> {
  /** Tables that the present file lacks. */
  readonly added: readonly SourceTable[];
  readonly attached: ReadonlyMap<string, Attached>;
}

function rowsFor(table: FileTable, { there, added, replaced, attached }: Rows): readonly Filling[] {
  const fresh = replaced.find((candidate) => candidate.table.name === table.name);
  if (fresh) return filled(fresh.table, fresh.slices);
  const addition = added.find(({ name }) => name === table.name);
  if (!addition) return copied(table, { alias, tables: there });
  if (addition.content.kind === 'bridge') return filled(addition, rowsThere(there));
  const home = attached.get(streamOf(addition));
  return home ? copied(addition, home) : [];
}

function filled(table: SourceTable, rows: readonly RowsFrom[]): readonly Filling[] {
  const columns = table.columns.map(({ name }) => name);
  return selectsOf(table, rows).map((select) => ({ columns, select }));
}

/** The tables of the present file, as rows for a new bridge. */
const rowsThere = (there: readonly FoundTable[]): readonly RowsFrom[] =>
  there.map(({ schema, name }) => ({
    table: { name },
    from: () => `FROM ${qualified(alias, schema, name)}`,
  }));
