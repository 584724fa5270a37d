// What follows from an answer, or from none: a batch that arrived is noted, one that nobody knows of does no harm.
import type { ConnectorError } from '@airbyte/cdk-typescript-shim';
import type { ModelTable } from '../model/layout.ts';
import { literal, own, replicaOf } from '../store/sql.ts';
import type { Intent, TableState } from '../store/store.ts';
import { noteEvent } from './own-rows.ts';
import type { Session } from './session.ts';
import { fateOf, sequenceOf } from './settle.ts';

/** The table changed under the batches on their way: it must be looked at again. */
export class QueueChanged extends Error {}

export interface Failure {
  readonly intent: Intent;
  readonly error: ConnectorError;
  /** The number of an attempt before this one whose answer was lost. */
  readonly doubtful: number | undefined;
}

/** The rows of the batch are in the model. */
export async function arrived(session: Session, table: ModelTable, intent: Intent): Promise<void> {
  const { store, sent, run } = session;
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
      sequence: spent(state, intent),
      intent: null,
    });
  });
  const before = sent.get(name) ?? { rows: 0, batches: 0 };
  sent.set(name, { rows: before.rows + intent.rows, batches: before.batches + 1 });
}

/** The number of a batch is not used again: rows under a number that came before may be taken for done and dropped. */
const spent = ({ sequence: last }: TableState, { sequence }: Intent): number =>
  sequence === 0 ? last : sequence;

/** Whether the batch turned out to be there; false: send it again. Throws QueueChanged when the queue was changed. */
export async function settled(session: Session, table: ModelTable, intent: Intent): Promise<boolean> {
  const fate = await fateOf(session, table, intent);
  await session.run.log(
    'INFO',
    JSON.stringify({ event: 'lost answer settled', table: table.name, fate, ...intent }),
  );
  if (fate === 'arrived') await arrived(session, table, intent);
  else if (fate === 'unknown') await sendAnew(session, table, intent);
  return fate === 'arrived';
}

/**
 * Nobody knows whether the rows are there. A table that can be emptied is; newer versions outdate whatever arrived; rows
 * of an append stream go again, marked.
 */
async function sendAnew({ store, run, model }: Session, table: ModelTable, intent: Intent): Promise<void> {
  const { name } = table;
  const state = store.state(name);
  if (state.versioned) {
    const replica = replicaOf(name);
    await store.transaction(async () => {
      const span = `${own.ord} > ${state.acked} AND ${own.ord} <= ${intent.through}`;
      await store.database.run(
        `CREATE OR REPLACE TEMP TABLE again AS SELECT * FROM ${replica} WHERE ${span}`,
      );
      await store.database.run(`DELETE FROM ${replica} WHERE ${span}`);
      await store.database.run(
        `INSERT INTO ${replica} SELECT * REPLACE (${state.next - 1} + row_number() OVER () AS ${own.ord}, true AS ${own.known}) FROM again`,
      );
      await store.update(name, {
        next: state.next + intent.rows,
        pushed: state.pushed + intent.rows,
        sequence: spent(state, intent),
        intent: null,
      });
    });
    throw new QueueChanged(`Rows of "${name}" go again as newer versions`);
  }
  if (state.mode !== 'append' && name !== '_sync') {
    await store.update(name, { truncating: true, sequence: spent(state, intent), intent: null });
    throw new QueueChanged(`Table "${name}" is emptied and sent again`);
  }
  await store.update(name, { sequence: spent(state, intent), intent: null });
  const detail = `${intent.rows} rows may be there twice: nobody could tell what became of batch ${intent.batch}`;
  await run.log('WARN', `Table "${name}": ${detail}`);
  await noteEvent(store, model, {
    event: 'possible duplicate',
    job: run.job,
    at: run.context.clock.now(),
    table: name,
    batch: intent.batch,
    rows: 0,
    detail,
  });
}

/** A refusal that may mean the number and not the rows: the service's own count is taken over. */
export async function renumbered(
  session: Session,
  table: ModelTable,
  { intent, error, doubtful }: Failure,
): Promise<'arrived' | 'renumbered' | undefined> {
  if (intent.sequence === 0 || (error.status !== 400 && error.status !== 409)) return undefined;
  if (!/sequence/i.test(`${error.body ?? ''} ${error.detail ?? ''}`) && error.status !== 409)
    return undefined;
  const last = await sequenceOf(session, table);
  if (last === undefined && doubtful === intent.sequence) {
    // The number was taken by the attempt whose answer was lost.
    await arrived(session, table, intent);
    return 'arrived';
  }
  if (last === undefined) {
    await session.store.update(table.name, { unnumbered: true, intent: null });
    return 'renumbered';
  }
  if (last === intent.sequence - 1) return undefined;
  if (last === intent.sequence) {
    const fate = await fateOf(session, table, intent);
    if (fate === 'arrived') {
      await arrived(session, table, intent);
      return 'arrived';
    }
  }
  await session.store.update(table.name, { sequence: last, intent: null });
  return 'renumbered';
}

/** Settles a batch that an earlier run left behind, before anything else happens to its table. */
export async function settleLeftover(session: Session, table: ModelTable): Promise<void> {
  const intent = session.store.find(table.name)?.intent;
  if (!intent) return;
  try {
    if (!(await settled(session, table, intent))) await session.store.update(table.name, { intent: null });
  } catch (error) {
    if (!(error instanceof QueueChanged)) throw error;
  }
}
