// Lays the queue of a table into the landing zone: Parquet with row markers, numbered in order, each number once.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tableStatuses } from '../api/fabric.ts';
import { deleteFolder, listNames, putFile, renameFile } from '../api/onelake.ts';
import type { ModelTable } from '../model/layout.ts';
import { identifier, literal, own, replicaOf } from '../store/sql.ts';
import type { Intent } from '../store/store.ts';
import { deltaNames } from './layout.ts';
import { fileName, folderOf, type MirrorSession } from './session.ts';

/** What a row's marker asks for ("Open mirroring landing zone format"). */
const markers = { insert: 0, delete: 2, upsert: 4 } as const;

/** Rows of one file. */
const rowsPerFile = 1_000_000;

/** Parquet is written group by group, and each is in memory until it is whole. */
const rowsPerGroup = 20_480;

/** How long a folder that was deleted may stay in the mirror, in milliseconds. */
const forgetting = 10 * 60_000;

/** Resolves when everything that waits is in the landing zone. Gives the number of rows. */
export async function layDown(session: MirrorSession, table: ModelTable): Promise<number> {
  const { store } = session;
  if (!store.state(table.name).truncating && (await store.pending(table.name)) === 0) return 0;
  if (await typesChanged(session, table)) await store.update(table.name, { truncating: true });
  if (store.state(table.name).truncating) await begin(session, table);
  let rows = 0;
  for (;;) {
    const { acked, sequence, posts } = store.state(table.name);
    const through = await store.database.number(
      `SELECT coalesce(max(o), 0) FROM (SELECT ${own.ord} AS o FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${acked} ORDER BY ${own.ord} LIMIT ${rowsPerFile})`,
    );
    if (through === 0) return rows;
    const count = await store.database.number(
      `SELECT count(*) FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${acked} AND ${own.ord} <= ${through}`,
    );
    if (sequence === 0) await describe(session, table);
    const intent: Intent = {
      sequence: sequence + 1,
      batch: `_${store.target.epoch}-${posts + 1}.parquet`,
      through,
      rows: count,
    };
    await store.update(table.name, { intent, posts: posts + 1 });
    await place(session, table, { intent, after: acked });
    await landed(session, table, intent);
    rows += count;
  }
}

/** The keys, which cannot be changed once the first file is there. */
async function describe(session: MirrorSession, table: ModelTable): Promise<void> {
  const names = deltaNames(table);
  const keyColumns = table.keyed ? (table.plan?.keys ?? []).map((key) => names.get(`c_${key}`) ?? key) : [];
  await putFile(session.run.api, folderOf(session, table), {
    name: '_metadata.json',
    content: JSON.stringify({ keyColumns }),
  });
  const shape = session.store.shape(table.name);
  const columns = table.stored.map(({ name }) => ({
    name,
    dataType: 'String' as const,
    formatString: shape.get(name) ?? '',
  }));
  await session.store.update(table.name, { deployed: { name: table.name, columns, measures: [] } });
}

async function place(
  { run, store, ...session }: MirrorSession,
  table: ModelTable,
  { intent, after }: { readonly intent: Intent; readonly after: number },
): Promise<void> {
  const local = join(store.folder, 'landing.parquet');
  const folder = folderOf(session, table);
  try {
    await store.database.run(await copyFile({ store }, table, { after, through: intent.through, local }));
    await store.database.release();
    await putFile(run.api, folder, { name: intent.batch, content: { local } });
    await renameFile(run.api, folder, { from: intent.batch, to: fileName(intent.sequence) });
  } finally {
    await rm(local, { force: true });
  }
}

async function copyFile(
  { store }: Pick<MirrorSession, 'store'>,
  table: ModelTable,
  { after, through, local }: { readonly after: number; readonly through: number; readonly local: string },
): Promise<string> {
  const names = deltaNames(table);
  const types = typesOf(store.state(table.name).deployed);
  const shape = store.shape(table.name);
  const columns = table.stored.map(({ name }) => {
    // A type is never changed in a table that has files: values that do not fit become NULL.
    const type = types.get(name) ?? shape.get(name) ?? 'VARCHAR';
    return `TRY_CAST(${identifier(name)} AS ${type}) AS ${identifier(names.get(name) ?? name)}`;
  });
  const marker = table.keyed
    ? `CASE WHEN ${own.gone} THEN ${markers.delete} ELSE ${markers.upsert} END`
    : String(markers.insert);
  return `COPY (SELECT ${[...columns, `CAST(${marker} AS INTEGER) AS "__rowMarker__"`].join(', ')} FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${after} AND ${own.ord} <= ${through} ORDER BY ${own.ord}) TO ${literal(local)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowsPerGroup})`;
}

const typesOf = (
  deployed: { readonly columns: readonly { readonly name: string; readonly formatString?: string }[] } | null,
) => new Map((deployed?.columns ?? []).map(({ name, formatString = '' }) => [name, formatString]));

/** A keyed table whose columns grew wider is made anew from the replica. */
async function typesChanged({ store }: MirrorSession, table: ModelTable): Promise<boolean> {
  const types = typesOf(store.state(table.name).deployed);
  if (!table.keyed || types.size === 0) return false;
  const shape = store.shape(table.name);
  return table.stored.some(
    ({ name }) => types.has(name) && shape.has(name) && types.get(name) !== shape.get(name),
  );
}

/** Deletes the table's folder, and waits until the mirror has seen that: a new one would be taken for the old. */
async function begin(session: MirrorSession, table: ModelTable): Promise<void> {
  const { run, store, workspace, database } = session;
  const { clock, signal } = run.context;
  await deleteFolder(run.api, folderOf(session, table));
  for (const began = clock.now(); clock.now() - began < forgetting; ) {
    const known = (await tableStatuses(run.api, workspace, database)).some(
      ({ sourceTableName, sourceSchemaName }) =>
        sourceTableName === table.name && sourceSchemaName === session.schema,
    );
    if (!known) break;
    await clock.sleep(10_000, signal);
  }
  await store.transaction(() => store.forgetDelivered(table.name));
  await store.update(table.name, { sequence: 0, deployed: null });
}

async function landed({ store, run }: MirrorSession, table: ModelTable, intent: Intent): Promise<void> {
  const { name } = table;
  const state = store.state(name);
  await store.transaction(async () => {
    if (state.mode === 'append')
      await store.database.run(
        `INSERT INTO batches SELECT ${literal(name)}, ${own.batch}, count(*), ${Math.round(run.context.clock.now())} FROM ${replicaOf(name)} WHERE ${own.ord} > ${state.acked} AND ${own.ord} <= ${intent.through} GROUP BY ${own.batch}`,
      );
    await store.update(name, {
      acked: intent.through,
      pushed: state.pushed + intent.rows,
      sequence: intent.sequence,
      stale: 0,
      intent: null,
    });
    const spent = state.mode === 'append' && !state.keeps ? 'true' : own.gone;
    await store.database.run(
      `DELETE FROM ${replicaOf(name)} WHERE ${own.ord} <= ${intent.through} AND ${spent}`,
    );
  });
}

/** Looks for the file that an earlier run was about to name; processed files lie in folders beside. */
export async function settleFile(session: MirrorSession, table: ModelTable): Promise<void> {
  const { store, run } = session;
  const { intent } = store.state(table.name);
  if (!intent) return;
  const names = (await listNames(run.api, folderOf(session, table))) ?? [];
  if (names.some((name) => name.endsWith(`/${fileName(intent.sequence)}`)))
    await landed(session, table, intent);
  else await store.update(table.name, { intent: null });
}
