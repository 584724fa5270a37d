// Delivers one segment: files to the volume, then one statement for each changed table, then the commit log.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inParallel } from '@airbyte/cdk-typescript-shim/kit';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { explainFailure } from './execute.ts';
import { type Load, type Loaded, loadTable } from './load.ts';
import { retire } from './retire.ts';
import { jobOf, type Run, runFolder } from './run.ts';
import { type Commit, logCommits } from './sql/commits.ts';
import { tableOf } from './sql/layout.ts';
import { type Staged, type StageOptions, stageTables, unstage } from './stage.ts';

/**
 * Resolves when every row of the segment is durable. Whatever step failed, delivering the same segment again leaves
 * the tables as one delivery does. A segment without tables costs nothing.
 */
export async function deliver(run: Run, segment: Segment): Promise<void> {
  const due = await dueTables(run, segment.tables);
  const refreshed = segment.completed.filter(({ retireBelow }) => retireBelow > 0);
  if (due.length === 0 && refreshed.length === 0) return;
  await run.prepare();
  const staged = new Map<StagedTable, Staged>();
  const stage = stageOptions(run, segment);
  const withRows = due.filter(({ rows }) => rows > 0);
  let staging: Promise<void> | undefined;
  // Loads that find their files gone at the same moment share the one repetition.
  const restage = (): Promise<void> => {
    staging ??= stageTables(withRows, stage, staged);
    return staging;
  };
  try {
    await stageTables(withRows, stage, staged);
    const loads = due.map((table) => loadOf(table, { due, staged, restage }));
    const commits = await loadAll(run, { segment, loads });
    commits.push(...(await retire(run, { segment, refreshed })));
    await writeCommits(run, commits);
  } finally {
    await purge(run, { staged, folder: stage.remote });
  }
}

/** Tables with rows, and those without whose rows may have to go, if there is such a table at all. */
async function dueTables(run: Run, tables: readonly StagedTable[]): Promise<readonly StagedTable[]> {
  const due: StagedTable[] = [];
  for (const table of tables) {
    const parent = parentOf(table, tables);
    const mayShrink = table.mode === 'replace' || (table.mode === 'upsert' && (parent?.rows ?? 0) > 0);
    const isDue = table.rows > 0 || (mayShrink && (await run.tables.find(tableOf(table))));
    if (isDue) due.push(table);
  }
  return due;
}

const parentOf = (table: StagedTable, tables: readonly StagedTable[]): StagedTable | undefined =>
  tables.find(
    ({ name, declaration }) =>
      name === table.parent?.table && declaration.stream === table.declaration.stream,
  );

function stageOptions(run: Run, { number }: Segment): StageOptions {
  const { config, signal } = run.context;
  return {
    api: run.api,
    signal,
    folder: join(config.working_folder ?? tmpdir(), `ledgerpipe-upload-${run.job}-${number}`),
    remote: `${runFolder(run)}/${number}`,
    width: config.parallel,
  };
}

function loadOf(
  table: StagedTable,
  {
    due,
    staged,
    restage,
  }: {
    readonly due: readonly StagedTable[];
    readonly staged: ReadonlyMap<StagedTable, Staged>;
    readonly restage: () => Promise<void>;
  },
): Load {
  const parent = table.mode === 'upsert' ? parentOf(table, due) : undefined;
  const parentFiles = parent && staged.get(parent);
  return {
    table,
    staged: staged.get(table),
    ...(parent && parentFiles ? { parent: { table: parent, staged: parentFiles } } : {}),
    restage,
  };
}

/** All shapes first, in order, then the rows: tables that others refer to come before those. */
async function loadAll(
  run: Run,
  { segment, loads }: { segment: Segment; loads: readonly Load[] },
): Promise<Commit[]> {
  for (const { table } of loads) await run.tables.ensure(table);
  for (const { table } of loads) await run.tables.link(await run.tables.ensure(table));
  const commits: Commit[] = [];
  for (const wave of wavesOf(loads))
    await inParallel(wave, run.context.config.parallel, async (load) => {
      const loaded = await loadTable(run, load);
      const commit = commitOf(run, { segment, table: load.table, loaded });
      commits.push(commit);
      await run.log('INFO', JSON.stringify({ event: 'table loaded', ...commit }));
    });
  return commits;
}

/** Groups of loads, each referring only to tables of earlier groups (or, in a cycle, of its own). */
function wavesOf(loads: readonly Load[]): readonly (readonly Load[])[] {
  const levels = new Map<string, number>();
  for (const { table } of loads) {
    const before = [table.parent?.table, ...table.references.map((reference) => reference.table)];
    const highest = Math.max(-1, ...before.map((name) => levels.get(name ?? '') ?? -1));
    levels.set(table.name, highest + 1);
  }
  const count = Math.max(-1, ...levels.values()) + 1;
  return Array.from({ length: count }, (_, level) =>
    loads.filter(({ table }) => levels.get(table.name) === level),
  );
}

function commitOf(
  run: Run,
  { segment, table, loaded }: { segment: Segment; table: StagedTable; loaded: Loaded },
): Commit {
  return {
    job: jobOf(run, table.declaration),
    segment: segment.number,
    stream: table.declaration.stream,
    table: tableOf(table),
    batch: table.batch,
    mode: table.mode,
    rows: table.rows,
    tombstones: table.tombstones,
    ...loaded,
  };
}

async function writeCommits(run: Run, commits: readonly Commit[]): Promise<void> {
  if (commits.length === 0) return;
  const target = await run.tables.ensureCommitLog();
  const purpose = 'write the commit log';
  const outcome = await run.statements.run(logCommits(target, commits, run.context.clock.now()), purpose);
  if (!outcome.ok) throw explainFailure(outcome.failure, purpose);
}

/** Staged files are of no more use, loaded or not; that they cannot be deleted changes nothing about the delivery. */
async function purge(
  run: Run,
  { staged, folder }: { staged: ReadonlyMap<StagedTable, Staged>; folder: string },
): Promise<void> {
  const { config } = run.context;
  const files = [...staged.values()].flatMap((entry) => entry.files);
  if (!config.purge_staging || files.length === 0) return;
  try {
    await unstage(run.api, files, { width: config.parallel, folders: [folder, runFolder(run)] });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await run.log('WARN', `Staged files remain in "${folder}" and may be deleted by hand: ${why}`);
  }
}
