// Takes a segment into the replica: the tables of a stream together or none, so that a crash leaves nothing half done.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import type { ModelTable } from './model/layout.ts';
import { type Arriving, appendRows, replaceRows } from './store/ingest.ts';
import { own, replicaOf } from './store/sql.ts';
import type { Store } from './store/store.ts';
import { acceptParents, type Missing, remove, upsertRows } from './store/upsert.ts';

export interface Taking {
  readonly store: Store;
  readonly tables: readonly ModelTable[];
}

/** Resolves when the replica holds the segment durably. Taking the same segment again changes nothing. */
export async function take({ store, tables }: Taking, segment: Segment): Promise<void> {
  const due = segment.tables.flatMap((staged) => {
    const table = tables.find(({ plan }) => plan && isOf(plan, staged));
    return table ? [{ table, staged }] : [];
  });
  const folder = join(store.folder, `segment-${segment.number}`);
  await store.database.release();
  try {
    const written = new Map<StagedTable, readonly string[]>();
    for (const { staged } of due) {
      const files = await staged.write(folder, { format: 'parquet', times: 'text' });
      written.set(
        staged,
        files.map(({ path }) => path),
      );
    }
    // One by one: what a transaction adds to many wide tables stays in memory until it ends.
    for (const stream of byStream(due)) await store.transaction(() => takeStream(store, stream, written));
    for (const declaration of segment.completed)
      await store.transaction(() => retire({ store, tables }, declaration));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isOf = (plan: { name: string; declaration: Declaration }, staged: StagedTable): boolean =>
  plan.name === staged.name && plan.declaration.stream === staged.declaration.stream;

interface Due {
  readonly table: ModelTable;
  readonly staged: StagedTable;
}

/** The tables of each stream together, the main one first, as the segment has them. */
function byStream(due: readonly Due[]): readonly (readonly Due[])[] {
  const streams = new Map<string, Due[]>();
  for (const one of due) {
    const { stream } = one.staged.declaration;
    streams.set(stream, [...(streams.get(stream) ?? []), one]);
  }
  return [...streams.values()];
}

async function takeStream(
  store: Store,
  stream: readonly Due[],
  written: ReadonlyMap<StagedTable, readonly string[]>,
): Promise<void> {
  const main = stream.find(({ staged }) => !staged.parent);
  const arriving = ({ table, staged }: Due): Arriving => {
    const parent =
      staged.parent && main ? { staged: main.staged, files: written.get(main.staged) ?? [] } : undefined;
    return { table, staged, files: written.get(staged) ?? [], ...(parent ? { parent } : {}) };
  };
  if (main?.staged.mode !== 'upsert' || main.staged.keys.length === 0) {
    for (const due of stream) {
      await takeWhole(store, arriving(due));
      await store.database.release();
    }
    return;
  }
  // Before the parents change: lines of an outdated parent are as outdated.
  const accepted = await acceptParents(store, arriving(main));
  // Nothing in an empty replica is newer: every line is taken, and none needs to be looked for among the accepted.
  const all = await store.isEmpty(main.table.name);
  for (const due of stream) {
    const missing: Missing = due === main ? { kind: 'none' } : { kind: 'lines', accepted };
    await upsertRows(store, { ...arriving(due), ...(due === main || all ? {} : { accepted }) }, missing);
    await store.database.release();
  }
}

async function takeWhole(store: Store, arriving: Arriving): Promise<void> {
  const { table, staged } = arriving;
  if (staged.mode === 'append') {
    const { oldest, keeps } = store.state(table.name);
    const below = staged.declaration.retireBelow;
    if (below > 0 && !keeps && oldest !== null && oldest < below)
      await store.update(table.name, { keeps: true });
    await appendRows(store, arriving);
  } else if (table.keyed) await upsertRows(store, arriving, { kind: 'all' });
  else await replaceRows(store, arriving);
}

/** A refresh is complete: rows of older generations go. */
async function retire({ store, tables }: Taking, { stream, retireBelow }: Declaration): Promise<void> {
  if (retireBelow === 0) return;
  for (const table of tables) {
    if (table.plan?.declaration.stream !== stream || !store.hasReplica(table.name)) continue;
    const { oldest, pushed } = store.state(table.name);
    if (oldest === null || oldest >= retireBelow) continue;
    const replica = replicaOf(table.name);
    if (table.keyed) {
      await store.database.run(
        `CREATE OR REPLACE TEMP TABLE retired AS SELECT ${own.key} AS k FROM ${replica} WHERE ${own.generation} < ${retireBelow}`,
      );
      await remove(store, table, 'SELECT k FROM retired');
    } else {
      await store.database.run(`DELETE FROM ${replica} WHERE ${own.generation} < ${retireBelow}`);
      if (pushed > 0) await store.update(table.name, { truncating: true });
    }
    await store.update(table.name, { oldest: retireBelow });
  }
}
