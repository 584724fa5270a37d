// Opens a mirror: the database is found or made and started, and the replica is shown to be its replica, or refused.
import {
  asConnectorError,
  type ConnectorError,
  configError,
  type Declaration,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import { createMirror, findMirror, type Mirror, mirrorStatus, startMirror } from '../api/fabric.ts';
import { listNames } from '../api/onelake.ts';
import { replicaMemory } from '../push/open.ts';
import { findWorkspace, type Run } from '../run.ts';
import type { MirrorMode } from '../spec.ts';
import { own, replicaOf } from '../store/sql.ts';
import { Store } from '../store/store.ts';
import { mirrorTables } from './layout.ts';
import { settleFile } from './send.ts';
import { folderOf, type MirrorSession } from './session.ts';

/** How long a new database may take to appear and to initialise, in milliseconds. */
const patience = 10 * 60_000;
const soon = 60_000;
const pause = 5_000;

export async function openMirror(
  run: Run,
  mode: MirrorMode,
  declared: readonly Declaration[],
): Promise<MirrorSession> {
  const { config } = run.context;
  const workspace = await findWorkspace(run.api, config);
  const name = mode.database_name ?? 'Ledgerpipe';
  const target = [
    run.api.addresses.fabric,
    workspace,
    mode.database_id ?? name,
    'mirror',
    mode.schema ?? 'dbo',
  ];
  const store = await Store.open(config.replica_folder, target, replicaMemory);
  try {
    const mirror = await found(run, workspace, mode);
    await started(run, workspace, mirror);
    const session: MirrorSession = {
      run,
      store,
      mode,
      workspace,
      database: mirror.id,
      schema: mode.schema ?? 'dbo',
      tables: mirrorTables(declared, config.names),
    };
    await compare(session, mirror);
    return session;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** How often the database is made again when no answer came and it does not appear. */
const attempts = 3;

async function found(run: Run, workspace: string, mode: MirrorMode): Promise<Mirror> {
  const existing = await findMirror(run.api, workspace, mode);
  if (existing) return existing;
  const name = mode.database_name ?? 'Ledgerpipe';
  for (let attempt = 1; ; attempt += 1) {
    const made = await make(run, workspace, { name, schema: mode.schema ?? 'dbo' });
    if (made.mirror) return made.mirror;
    const appeared = await appears(run, workspace, { mode, within: made.error ? soon : patience });
    if (appeared) return appeared;
    if (!made.error || attempt === attempts)
      throw transientError(`Cannot find the mirrored database "${name}" that was made: run again later`, {
        cause: made.error,
      });
  }
}

/** Neither: it is an operation that takes a while. An error: nobody knows whether it was made. */
async function make(
  { api }: Run,
  workspace: string,
  about: { readonly name: string; readonly schema: string },
): Promise<{ readonly mirror?: Mirror | undefined; readonly error?: ConnectorError }> {
  try {
    return { mirror: await createMirror(api, workspace, about) };
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.kind !== 'transient' || error.status === 429) throw error;
    return { error };
  }
}

async function appears(
  { api, context: { clock, signal } }: Run,
  workspace: string,
  { mode, within }: { readonly mode: MirrorMode; readonly within: number },
): Promise<Mirror | undefined> {
  for (const began = clock.now(); clock.now() - began < within; ) {
    await clock.sleep(pause, signal);
    const appeared = await findMirror(api, workspace, mode);
    if (appeared) return appeared;
  }
  return undefined;
}

/** Starting is refused while it initialises; nothing replicates before it runs. */
async function started(run: Run, workspace: string, { id, displayName }: Mirror): Promise<void> {
  const { clock, signal } = run.context;
  for (const began = clock.now(); ; ) {
    const status = await mirrorStatus(run.api, workspace, id);
    if (status === 'Running' || status === 'Starting') return;
    if (status !== 'Initializing' && (await startMirror(run.api, workspace, id))) return;
    if (clock.now() - began > patience)
      throw transientError(
        `Cannot start the mirrored database "${displayName}": it says "${status}", run again later`,
      );
    await clock.sleep(pause, signal);
  }
}

async function compare(session: MirrorSession, { id, displayName }: Mirror): Promise<void> {
  const { run, store, tables } = session;
  await store.transaction(async () => {
    for (const { name, plan } of tables)
      await store.begin(name, { stream: plan?.declaration.stream ?? '', mode: plan?.mode ?? 'own' });
  });
  if (store.target.id === id) return await rejoin(session);
  const files = (await listNames(run.api, folderOf(session))) ?? [];
  const ours = tables.filter(({ name }) => files.some((path) => path.endsWith(`/${name}/_metadata.json`)));
  if (store.target.id === null && ours.length === 0) return await store.retarget({ id, name: displayName });
  if (run.context.config.lost_replica === 'fail')
    throw configError(
      `Cannot write to the mirrored database "${displayName}": there is no replica of it in "replica_folder", so rows that are gone could not be told; restore the folder, or set "lost_replica" to "restart" for one run with the state of the source cleared`,
    );
  await run.log('WARN', `Begins anew with the mirrored database "${displayName}": its replica is lost`);
  for (const { name } of tables) {
    if (store.hasReplica(name)) await store.database.run(`DELETE FROM ${replicaOf(name)}`);
    await store.update(name, {
      truncating: true,
      acked: 0,
      pushed: 0,
      sequence: 0,
      batch: null,
      intent: null,
    });
  }
  await store.retarget({ id, name: displayName });
}

async function rejoin(session: MirrorSession): Promise<void> {
  const { store, tables } = session;
  for (const table of tables) {
    await settleFile(session, table);
    const { mode, acked, keeps } = store.state(table.name);
    if (mode === 'append' && !keeps && store.hasReplica(table.name))
      await store.database.run(`DELETE FROM ${replicaOf(table.name)} WHERE ${own.ord} > ${acked}`);
  }
}
