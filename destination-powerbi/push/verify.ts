// Proof after a delivery, where it is asked for: rows counted by DAX against what was sent.
import { transientError } from '@airbyte/cdk-typescript-shim';
import { countRows, scalar } from '../api/queries.ts';
import type { Session } from './session.ts';

/** Rows show within seconds, without a promise: how long is waited before each look, in milliseconds. */
const looks = [0, 3_000, 10_000, 30_000];

/** `changed` are the tables that something was sent to. Throws a transient error when rows are missing. */
export async function verify(session: Session, changed: ReadonlySet<string>): Promise<void> {
  const { settings, store, model, run } = session;
  if (settings.verify === 'off' || settings.retention === 'basicFIFO') return;
  const wrong: string[] = [];
  for (const { name } of model.tables) {
    if (settings.verify === 'count' && !changed.has(name)) continue;
    const found = await counted(session, name);
    if (found === undefined) {
      await run.log(
        'WARN',
        'Cannot verify the rows: DAX queries are switched off in the tenant, or not possible',
      );
      return;
    }
    const { pushed, mode } = store.state(name);
    if (found === pushed) continue;
    wrong.push(`"${name}" has ${found} rows for ${pushed}`);
    if (mode !== 'append' && mode !== 'own') await store.update(name, { truncating: true });
  }
  if (wrong.length === 0) return;
  throw transientError(
    `Cannot confirm the delivery: ${wrong.join('; ')}; run again, tables that can be sent again will be`,
  );
}

async function counted({ run, store, ...session }: Session, table: string): Promise<number | undefined> {
  let found: number | undefined;
  for (const wait of looks) {
    if (wait > 0) await run.context.clock.sleep(wait, run.context.signal);
    found = await scalar(run.api, session, countRows(table));
    if (found === undefined || found === store.state(table).pushed) break;
  }
  return found;
}
