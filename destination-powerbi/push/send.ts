// Sends the queue of one table, batch by batch: each is noted before it leaves and again when it has arrived.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asConnectorError, type ConnectorError } from '@airbyte/cdk-typescript-shim';
import { tooLarge } from '../api/errors.ts';
import { postRows, putTable } from '../api/rows.ts';
import { definitionOf } from '../model/definition.ts';
import type { ModelTable } from '../model/layout.ts';
import { own, replicaOf } from '../store/sql.ts';
import type { Intent } from '../store/store.ts';
import { arrived, type Failure, renumbered, settled } from './outcome.ts';
import { quarantine } from './quarantine.ts';
import { batchIdLength, writeLines } from './serialise.ts';
import { addressOf, type Session } from './session.ts';
import { type Limits, type Slice, slices } from './slices.ts';
import { longestText } from './survey.ts';
import { checkTexts } from './texts.ts';

/** Attempts for one batch whose answers get lost. */
const attempts = 6;

/** Full batches whose lines are made at a time: those of a first load would fill memory and disk. */
const batchesPerStretch = 10;

/** Sends what waits; with `whole` false only full batches, so that what follows can fill the last one. */
export async function sendQueue(
  session: Session,
  table: ModelTable,
  { whole }: { readonly whole: boolean },
): Promise<void> {
  const { store, run } = session;
  const { max_rows, max_megabytes } = run.context.config;
  const path = join(store.folder, 'lines.jsonl');
  const limits = { rows: max_rows, bytes: Math.floor(max_megabytes * 1024 * 1024) };
  try {
    for (;;) {
      const waiting = await store.pending(table.name);
      if (waiting === 0 || (!whole && waiting < max_rows)) break;
      const through =
        waiting > batchesPerStretch * max_rows
          ? await endOf(session, table, batchesPerStretch * max_rows)
          : undefined;
      // A batch at the end of a stretch that is not full waits for the next.
      await sendStretch(session, table, {
        path,
        limits,
        through,
        whole: whole && through === undefined,
      });
      if (through === undefined) break;
    }
    await forgetSent(session, table);
  } finally {
    await rm(path, { force: true });
  }
}

/** The `$ord` of the last of so many rows that wait. */
const endOf = async ({ store }: Session, { name }: ModelTable, rows: number): Promise<number> =>
  await store.database.number(
    `SELECT max(o) FROM (SELECT ${own.ord} AS o FROM ${replicaOf(name)} WHERE ${own.ord} > ${store.state(name).acked} ORDER BY o LIMIT ${rows})`,
  );

interface Stretch {
  readonly path: string;
  readonly limits: Limits;
  /** The last `$ord`; undefined: all that wait. */
  readonly through: number | undefined;
  readonly whole: boolean;
}

async function sendStretch(session: Session, table: ModelTable, stretch: Stretch): Promise<void> {
  const { store } = session;
  for (const sorted of [false, true]) {
    const { acked } = store.state(table.name);
    await writeLines(store, { table, after: acked, through: stretch.through, sorted }, stretch.path);
    await store.database.release();
    if (await sendLines(session, table, stretch)) return;
  }
}

/** False: the lines are not in the order of the queue. */
async function sendLines(
  session: Session,
  table: ModelTable,
  { path, limits, whole }: Stretch,
): Promise<boolean> {
  for await (const slice of slices(path, limits)) {
    const { acked } = session.store.state(table.name);
    if (!inOrder(slice.ords, acked)) return false;
    if (slice.last && !whole && slice.ords.length < limits.rows) break;
    if (slice.longest > longestText) await checkTexts(session, table, acked);
    await sendRange(session, { table, slice, from: 0, to: slice.ords.length });
  }
  return true;
}

const inOrder = (ords: readonly number[], after: number): boolean =>
  ords.every((ord, index) => ord > (index === 0 ? after : (ords[index - 1] ?? after)));

interface Range {
  readonly table: ModelTable;
  readonly slice: Slice;
  readonly from: number;
  readonly to: number;
}

async function sendRange(session: Session, range: Range): Promise<void> {
  const { table, slice, from, to } = range;
  const refusal = await sendBatch(session, range);
  if (refusal === undefined) return;
  const rows = to - from;
  if (refusal.status === 400 && !session.mended.has(table.name)) {
    session.mended.add(table.name);
    await mend(session, table);
    return await sendRange(session, range);
  }
  if (rows > 1) {
    const middle = from + Math.ceil(rows / 2);
    await sendRange(session, { ...range, to: middle });
    await sendRange(session, { ...range, from: middle });
    return;
  }
  await quarantine(session, { table, row: slice.row(from), ord: slice.ords[from] ?? 0, refusal });
}

/** The definition again: somebody may have changed the table. */
async function mend(session: Session, table: ModelTable): Promise<void> {
  const { deployed } = session.store.state(table.name);
  if (deployed) await putTable(session.run.api, addressOf(session, table), definitionOf(deployed));
}

/** Undefined once the rows are in the model; the refusal when Power BI does not take them as they are. */
async function sendBatch(session: Session, range: Range): Promise<ConnectorError | undefined> {
  const { run } = session;
  let doubtful: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const intent = await promise(session, range, doubtful);
    const error = await post(session, range, intent);
    if (error === undefined) {
      await arrived(session, range.table, intent);
      return undefined;
    }
    const next = await afterFailure(session, range.table, { intent, error, doubtful });
    doubtful = isAmbiguous(error) ? intent.sequence : undefined;
    if (next === 'arrived') return undefined;
    if (next === 'refused') return error;
    if (attempt >= attempts) throw error;
    await run.context.clock.sleep(1_000 * 2 ** attempt, run.context.signal);
  }
}

/** `again`: the batch is not there, or its number was wrong. Throws what nothing can be done about. */
async function afterFailure(
  session: Session,
  table: ModelTable,
  { intent, error, doubtful }: Failure,
): Promise<'arrived' | 'again' | 'refused'> {
  if (isAmbiguous(error)) return (await settled(session, table, intent)) ? 'arrived' : 'again';
  const renumbering = await renumbered(session, table, { intent, error, doubtful });
  if (renumbering !== undefined) return renumbering === 'arrived' ? 'arrived' : 'again';
  await session.store.update(table.name, { intent: null });
  if (error.status === 400 || tooLarge(error)) return 'refused';
  throw error;
}

/** One request, within the quotas; what went wrong with it, if anything did. */
async function post(
  session: Session,
  { table, slice, from, to }: Range,
  intent: Intent,
): Promise<ConnectorError | undefined> {
  const { quota, run, store } = session;
  await quota.admit(intent.rows, store.state(table.name).pushed);
  if (run.context.config.token_per_batch) run.api.tokens.expire();
  try {
    const body = slice.body(intent.batch, from, to);
    await postRows(run.api, addressOf(session, table), { ...intent, body });
    quota.sent(intent.rows);
    return undefined;
  } catch (thrown) {
    if (run.context.signal.aborted) throw thrown;
    const error = asConnectorError(thrown);
    // Refused rows count for nothing but a request.
    quota.sent(isAmbiguous(error) ? intent.rows : 0);
    return error;
  }
}

/** Only these say nothing about the rows; whatever else was answered proves that they were not taken. */
const isAmbiguous = ({ kind, status }: ConnectorError): boolean =>
  kind === 'transient' &&
  status !== 429 &&
  (status === undefined || status >= 500 || status === 408 || status < 400);

/** The same rows go again under the same number, `doubtful`: where the service remembers it, they are there once. */
async function promise(
  { store }: Session,
  { table, slice, from, to }: Range,
  doubtful: number | undefined,
): Promise<Intent> {
  const state = store.state(table.name);
  const posts = state.posts + 1;
  const intent: Intent = {
    sequence: state.unnumbered ? 0 : (doubtful ?? Math.max(0, state.sequence) + 1),
    batch: `${store.target.epoch}-${String(posts).padStart(batchIdLength - store.target.epoch.length - 1, '0')}`,
    through: slice.ords[to - 1] ?? 0,
    rows: to - from,
  };
  await store.update(table.name, { intent, posts });
  return intent;
}

/** Rows of append streams are of no more use once they are sent, and neither are tombstones. */
async function forgetSent({ store }: Session, { name }: ModelTable): Promise<void> {
  const { mode, keeps, acked } = store.state(name);
  const spent = mode === 'append' || name === '_sync' ? (keeps ? 'false' : 'true') : own.gone;
  await store.database.run(`DELETE FROM ${replicaOf(name)} WHERE ${own.ord} <= ${acked} AND ${spent}`);
}
