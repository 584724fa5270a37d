// Brings the model up to what the replica holds: appends, rewrites or versions, table by table.
import { configError } from '@airbyte/cdk-typescript-shim';
import { truncateTable } from '../api/rows.ts';
import { syncTable } from '../model/calendar.ts';
import type { ModelTable } from '../model/layout.ts';
import { own, replicaOf } from '../store/sql.ts';
import { deployed } from './deploy.ts';
import { QueueChanged } from './outcome.ts';
import { noteEvent } from './own-rows.ts';
import { sendQueue } from './send.ts';
import { addressOf, type Session } from './session.ts';
import { sequenceOf } from './settle.ts';

/** Rows of a table ("Push datasets limitations"): as many as may be, and where the first come first go policy cuts. */
const mostRows = { None: 5_000_000, basicFIFO: 200_000 } as const;

/** A versioned table is rewritten when it holds so many times its living rows. */
const compactFrom = 2;

/** Times that a table is begun anew within one flush before the run gives up. */
const rounds = 6;

/** Sends what makes full batches and changes nothing that is there: the rest can wait for what follows. */
export async function sendFull(session: Session): Promise<void> {
  for (const table of session.model.tables) {
    const { stale, truncating } = session.store.state(table.name);
    if (stale > 0 || truncating || table.name === syncTable) continue;
    const waiting = await session.store.pending(table.name);
    if (waiting >= session.run.context.config.max_rows) await send(session, table, { whole: false });
  }
}

/** Sends everything. What the replica holds is in the model when this resolves. */
export async function flush(session: Session): Promise<void> {
  const { model, store, run } = session;
  for (const table of model.tables) if (table.name !== syncTable) await send(session, table, { whole: true });
  const rows = [...session.sent.values()].reduce((sum, sent) => sum + sent.rows, 0);
  const batches = [...session.sent.values()].reduce((sum, sent) => sum + sent.batches, 0);
  const sync = model.tables.find(({ name }) => name === syncTable);
  if (!sync || session.sent.size === 0) return;
  const event = { job: run.job, rows, batches };
  await noteEvent(store, model, { event: 'delivered', at: run.context.clock.now(), ...event });
  await send(session, sync, { whole: true });
  const tables = Object.fromEntries(session.sent);
  await run.log('INFO', JSON.stringify({ event: 'delivered', dataset: session.dataset, ...event, tables }));
  session.sent.clear();
}

async function send(session: Session, table: ModelTable, how: { readonly whole: boolean }): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      return await bringUp(session, table, how);
    } catch (error) {
      if (!(error instanceof QueueChanged) || round === rounds) throw error;
    }
  }
}

async function bringUp(session: Session, table: ModelTable, how: { readonly whole: boolean }): Promise<void> {
  const { store } = session;
  const state = store.state(table.name);
  if (!state.truncating && state.stale === 0 && (await store.pending(table.name)) === 0) return;
  const versions = await takesVersions(session, table);
  const target = await deployed(session, table, { versioned: state.versioned || versions });
  if (state.sequence < 0)
    await store.update(table.name, { sequence: (await sequenceOf(session, table)) ?? 0 });
  if (state.truncating || (state.stale > 0 && !versions)) await empty(session, table);
  await checkRoom(session, table);
  await sendQueue(session, target, how);
  if (how.whole) await store.update(table.name, { stale: 0 });
}

/** Whether changed rows go as new versions: where nothing relates to the table's key and it is too large to rewrite. */
async function takesVersions({ store, settings }: Session, table: ModelTable): Promise<boolean> {
  const { stale, pushed, truncating, versioned } = store.state(table.name);
  if (!table.versionable || truncating) return versioned;
  if (stale === 0) return versioned;
  const living = await store.living(table.name);
  const after = pushed + (await store.pending(table.name));
  if (after > compactFrom * Math.max(living, 1) || after > mostRows.None) return false;
  return settings.strategy === 'append_versions' || living >= settings.versionsFrom;
}

/** Repeating this does no harm: the store forgets what was delivered only when the table is empty. */
async function empty(session: Session, table: ModelTable): Promise<void> {
  const { store, run } = session;
  await store.update(table.name, { truncating: true });
  await truncateTable(run.api, addressOf(session, table));
  await store.transaction(() => store.forgetDelivered(table.name));
}

async function checkRoom({ store, settings }: Session, table: ModelTable): Promise<void> {
  const { pushed, mode } = store.state(table.name);
  const after = pushed + (await store.pending(table.name));
  const most = mostRows[settings.retention];
  if (after <= most) return;
  if (settings.retention === 'None')
    throw configError(
      `Cannot add rows to table "${table.name}": it would hold ${after} and Power BI keeps ${most}, choose fewer streams or set "delivery.mode" to "open_mirroring"`,
    );
  if (mode !== 'append' && mode !== 'own')
    throw configError(
      `Cannot add rows to table "${table.name}": it would hold ${after}, and with "retention" set to "basicFIFO" the oldest of ${most} are dropped, set it to "None" in a new semantic model`,
    );
}

/** Rows that are no longer wanted as the last ones of a refresh leave. */
export async function dropKept({ store }: Session, table: ModelTable): Promise<void> {
  const { acked } = store.state(table.name);
  await store.update(table.name, { keeps: false });
  if (store.hasReplica(table.name))
    await store.database.run(`DELETE FROM ${replicaOf(table.name)} WHERE ${own.ord} <= ${acked}`);
}
