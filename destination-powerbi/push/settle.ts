// What became of a batch whose answer was lost: asked by its sequence number, else by its id in the model.
import { countBatch, countRows, scalar } from '../api/queries.ts';
import { lastSequence } from '../api/rows.ts';
import { syncTable } from '../model/calendar.ts';
import type { ModelTable } from '../model/layout.ts';
import type { Intent } from '../store/store.ts';
import { addressOf, type Session } from './session.ts';

export type Fate = 'arrived' | 'absent' | 'unknown';

/** Rows show in queries within seconds, without a promise: how long is waited before each look, in milliseconds. */
const looks = [2_000, 5_000, 10_000, 15_000];

export async function fateOf(session: Session, table: ModelTable, intent: Intent): Promise<Fate> {
  const { clock, signal } = session.run.context;
  await clock.sleep(looks[0] ?? 0, signal);
  const told = await byNumber(session, table, intent);
  return told ?? (await byBatch(session, table, intent));
}

/**
 * A number that has come is proof. One just below it proves the contrary only where the service is known to keep
 * numbers at all: some take the header and forget it.
 */
async function byNumber(
  session: Session,
  table: ModelTable,
  { sequence }: Intent,
): Promise<Fate | undefined> {
  if (sequence === 0) return undefined;
  const last = await sequenceOf(session, table);
  if (last === undefined) return undefined;
  if (last >= sequence) return 'arrived';
  if (last !== sequence - 1) return undefined;
  return last > 0 || (await keepsNumbers(session)) ? 'absent' : undefined;
}

async function keepsNumbers(session: Session): Promise<boolean> {
  const sync = session.model.tables.find(({ name }) => name === syncTable);
  if (!sync || session.store.state(syncTable).sequence < 1) return false;
  return ((await sequenceOf(session, sync)) ?? 0) >= 1;
}

export const sequenceOf = (session: Session, table: ModelTable): Promise<number | undefined> =>
  lastSequence(session.run.api, addressOf(session, table), session.run.context.config.client_id);

async function byBatch(session: Session, table: ModelTable, { batch, rows }: Intent): Promise<Fate> {
  const { clock, signal } = session.run.context;
  let seen: number | undefined;
  for (const wait of looks.slice(1)) {
    await clock.sleep(wait, signal);
    seen = await scalar(session.run.api, session, countBatch(table.name, batch));
    if (seen === undefined) return 'unknown';
    if (seen >= rows) return 'arrived';
  }
  return seen === 0 ? 'absent' : 'unknown';
}

/** Whether the log of deliveries in the model is as this store left it; undefined: nobody can tell. */
export async function matchesReplica(session: Session): Promise<boolean | undefined> {
  const sync = session.model.tables.find(({ name }) => name === syncTable);
  const state = session.store.find(syncTable);
  if (!sync || !state) return undefined;
  const last = await sequenceOf(session, sync);
  if (last !== undefined && last >= state.sequence && (last > 0 || state.sequence > 0))
    return last === state.sequence;
  const count = await scalar(session.run.api, session, countRows(syncTable));
  return count === undefined ? undefined : count === state.pushed;
}
