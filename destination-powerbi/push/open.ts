// Opens a push: the model is found or made, and the replica is shown to be its replica, or refused.
import { configError, type Declaration } from '@airbyte/cdk-typescript-shim';
import { type Dataset, getDataset, listTables } from '../api/datasets.ts';
import { countRows, scalar } from '../api/queries.ts';
import { lastSequence } from '../api/rows.ts';
import { syncTable } from '../model/calendar.ts';
import { deployedTable } from '../model/definition.ts';
import { type Model, type ModelTable, modelOf } from '../model/layout.ts';
import { findWorkspace, type Run } from '../run.ts';
import { own, replicaOf } from '../store/sql.ts';
import { Store } from '../store/store.ts';
import { rememberDeclared, withEarlier } from './earlier.ts';
import { findDataset, makeDataset, type Place, requirePush } from './find.ts';
import { settleLeftover } from './outcome.ts';
import { fillCalendar, noteEvent } from './own-rows.ts';
import { Quota } from './quota.ts';
import { sendQueue } from './send.ts';
import type { Session } from './session.ts';
import type { PushSettings } from './settings.ts';
import { matchesReplica } from './settle.ts';

/** Memory of the replica's database, in MiB, beside what staging uses. */
export const replicaMemory = 96;

/** The store's lock is held until `session.store.close()`. */
export async function openPush(
  run: Run,
  settings: PushSettings,
  declared: readonly Declaration[],
): Promise<Session> {
  const { config } = run.context;
  const workspace = await findWorkspace(run.api, config);
  const target = [run.api.addresses.api, workspace, settings.id ?? settings.name, 'push'];
  const store = await Store.open(config.replica_folder, target, replicaMemory);
  try {
    const all = await withEarlier(store, declared);
    const model = modelOf(all, {
      names: config.names,
      strategy: settings.strategy,
      overLimit: config.over_limit,
      fiscalYearEnd: settings.fiscalYearEnd,
    });
    for (const sentence of model.left) await run.log('WARN', sentence);
    const session = await withDataset({ run, workspace, settings }, { store, model });
    await rememberDeclared(store, all);
    return session;
  } catch (error) {
    store.close();
    throw error;
  }
}

interface Opening {
  readonly store: Store;
  readonly model: Model;
}

async function withDataset(place: Place, opening: Opening): Promise<Session> {
  const { store } = opening;
  const known = store.target.id;
  const found = known ? await getDataset(place.run.api, place.workspace, known) : await findDataset(place);
  if (found) requirePush(found);
  const session = found
    ? await sessionOf(place, opening, found)
    : await begin(place, opening, known === null ? undefined : 'it was deleted');
  if (found) await (known ? rejoin(session) : adopt(session));
  const missing = session.model.tables.filter(({ name }) => !store.find(name)?.deployed);
  const complete =
    missing.length > 0
      ? await begin(place, opening, `it has no table ${missing.map(({ name }) => `"${name}"`).join(', ')}`)
      : session;
  await fillCalendar(store, complete.model, {
    start: complete.settings.calendarStart,
    now: place.run.context.clock.now(),
  });
  return complete;
}

async function sessionOf(place: Place, { store, model }: Opening, dataset: Dataset): Promise<Session> {
  const { run, settings, workspace } = place;
  const { clock, signal, config } = run.context;
  await store.transaction(() => beginTables(store, model));
  return {
    run,
    store,
    settings,
    model,
    workspace,
    dataset: dataset.id,
    sent: new Map(),
    taken: new Set(),
    refused: new Map(),
    mended: new Set(),
    quota: await Quota.open({
      clock,
      signal,
      store,
      interval: settings.interval,
      longest: config.max_wait_minutes * 60_000,
      announce: (message) => run.log('INFO', message),
    }),
  };
}

async function beginTables(store: Store, { tables }: Model): Promise<void> {
  for (const { name, plan } of tables) {
    const about = { stream: plan?.declaration.stream ?? '', mode: plan?.mode ?? ('own' as const) };
    const { mode, pushed, next } = await store.begin(name, about);
    if (mode === about.mode) continue;
    // Rows that were appended are in no replica: they cannot be told from others any more.
    if (mode === 'append' && (pushed > 0 || next > 1))
      throw configError(
        `Cannot change stream "${about.stream}" from append to another mode: its rows are in no replica, set "lost_replica" to "restart" for one run with an empty replica folder and the state of the source cleared`,
      );
    await store.update(name, { mode: about.mode });
  }
}

/** Makes the model, the first time or in place of one that cannot serve any more. */
async function begin(place: Place, opening: Opening, reason: string | undefined): Promise<Session> {
  const { run, settings } = place;
  const { store, model } = opening;
  const old = store.target.id;
  if (reason !== undefined) refuseRecreation({ run, settings, store }, reason);
  await store.transaction(() => beginTables(store, model));
  const versioned = (table: ModelTable): boolean =>
    table.versionable && settings.strategy === 'append_versions';
  const dataset = await makeDataset(place, model, { versioned, not: old === null ? [] : [old] });
  await store.retarget({ id: dataset.id, name: settings.name, ...(old === null ? {} : { replacing: old }) });
  await store.transaction(async () => {
    for (const table of model.tables) {
      await store.forgetDelivered(table.name);
      await store.update(table.name, {
        sequence: 0,
        versioned: versioned(table),
        deployed: deployedTable(table, model.measures(table, versioned(table))),
      });
    }
  });
  const session = await sessionOf(place, opening, dataset);
  await run.log('INFO', `Created the semantic model "${settings.name}" (${dataset.id})`);
  // The first row of the log shows a later run without a replica that this model is in use.
  await noteEvent(store, model, { event: 'created', job: run.job, at: run.context.clock.now() });
  const sync = model.tables.find(({ name }) => name === syncTable);
  if (sync) await sendQueue(session, sync, { whole: true });
  return session;
}

function refuseRecreation(
  { run, settings, store }: { readonly run: Run; readonly settings: PushSettings; readonly store: Store },
  reason: string,
): void {
  if (!run.context.config.allow_destructive_schema_change)
    throw configError(
      `Cannot use the semantic model "${settings.name}": ${reason}, and a table cannot be added to one; choose another "delivery.dataset_name", or set "allow_destructive_schema_change" to make it again (reports are bound to the new one, dashboard tiles go)`,
    );
  const gone = [...store.tables].filter(([, { mode, pushed }]) => mode === 'append' && pushed > 0);
  if (gone.length > 0 && run.context.config.lost_replica !== 'restart')
    throw configError(
      `Cannot make the semantic model "${settings.name}" again: rows of ${gone.map(([name]) => `"${name}"`).join(', ')} were appended and are in no replica, clear the state of these streams and set "lost_replica" to "restart" for one run`,
    );
}

/** The model is the one this store knows: whatever was on its way is settled, and the two are compared. */
async function rejoin(session: Session): Promise<void> {
  const { store, model } = session;
  for (const table of model.tables) await settleLeftover(session, table);
  for (const { name } of model.tables) {
    const { mode, acked, keeps } = store.state(name);
    // Rows of append streams whose states never went back come again.
    if (mode === 'append' && !keeps && store.hasReplica(name))
      await store.database.run(`DELETE FROM ${replicaOf(name)} WHERE ${own.ord} > ${acked}`);
  }
  if ((await matchesReplica(session)) === false)
    await lost(session, 'the model was written to by another run than this replica knows of');
}

/** A model that this store does not know: nothing in it may be unknown. Tables that are missing stay without a definition. */
async function adopt(session: Session): Promise<void> {
  const { run, store, model, workspace, dataset, settings } = session;
  const there = new Set((await listTables(run.api, workspace, dataset)).map(({ name }) => name));
  await store.retarget({ id: dataset, name: settings.name });
  for (const { name } of model.tables)
    if (there.has(name))
      await store.update(name, { sequence: -1, deployed: { name, columns: [], measures: [] } });
  try {
    const unused = there.has(syncTable) && (await isEmpty(session));
    if (!unused) await lost(session, 'there is no replica of it in "replica_folder"');
  } catch (error) {
    await store.retarget({ id: null });
    throw error;
  }
}

async function isEmpty(session: Session): Promise<boolean> {
  const { run, workspace, dataset } = session;
  const last = await lastSequence(
    run.api,
    { workspace, dataset, table: syncTable },
    run.context.config.client_id,
  );
  if (last !== undefined && last > 0) return false;
  return (await scalar(run.api, session, countRows(syncTable))) === 0;
}

/** The replica says nothing of what the model holds: refuse, or begin anew where the setting says so. */
async function lost(session: Session, reason: string): Promise<void> {
  const { run, store, model, settings } = session;
  if (run.context.config.lost_replica === 'fail')
    throw configError(
      `Cannot write to the semantic model "${settings.name}": ${reason}, so changed rows could not be told from new ones; restore the folder, or set "lost_replica" to "restart" for one run with the state of the source cleared, which empties the tables and loads them again`,
    );
  await run.log('WARN', `Begins anew with the semantic model "${settings.name}": ${reason}`);
  for (const { name } of model.tables) {
    if (store.hasReplica(name)) await store.database.run(`DELETE FROM ${replicaOf(name)}`);
    await store.update(name, {
      truncating: true,
      acked: 0,
      pushed: 0,
      stale: 0,
      sequence: -1,
      batch: null,
      oldest: null,
      intent: null,
      next: 1,
    });
  }
  await store.database.run('DELETE FROM batches');
}
