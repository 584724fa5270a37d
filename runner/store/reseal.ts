// Seals every secret with another key, all of them or none, and leaves no trace of the former seals.
import { configError, transientError } from '@airbyte/cdk-typescript-shim';
import { type Kysely, sql } from 'kysely';
import type { VaultKey } from '../vault/key.ts';
import { seal, unseal } from '../vault/seal.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

export interface Reseal {
  readonly from: VaultKey;
  readonly to: VaultKey;
  /** True where running jobs find the new key by themselves; else they must have ended. */
  readonly whileRunning: boolean;
}

/** Gives the number of secrets. Secrets that are put meanwhile wait for it. */
export async function reseal(database: Database, { from, to, whileRunning }: Reseal): Promise<number> {
  const { db, kind, clock } = database;
  const count = await db.transaction().execute(async (transaction) => {
    const held = await transaction
      .selectFrom('ledgerpipe_vault')
      .select('key_id')
      .$if(kind === 'postgres', (query) => query.forUpdate())
      .executeTakeFirst();
    if (held && held.key_id !== from.id)
      throw configError(
        `Cannot change the key: the vault is sealed with key "${held.key_id}" by now, try again`,
      );
    if (!whileRunning) await refuseRunning(transaction, clock.now());
    const rows = await transaction.selectFrom('ledgerpipe_secret').select(['name', 'sealed']).execute();
    for (const { name, sealed } of rows)
      await transaction
        .updateTable('ledgerpipe_secret')
        .set({ sealed: await seal(to, name, await unseal(from, name, sealed)), kept_at: clock.now() })
        .where('name', '=', name)
        .execute();
    await transaction
      .insertInto('ledgerpipe_vault')
      .values({ id: 1, key_id: to.id })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ key_id: to.id }))
      .execute();
    return rows.length;
  });
  // The log still holds pages from before.
  if (kind === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db);
  return count;
}

/** A job that loses its key could not keep a token that its source rotates. */
async function refuseRunning(db: Kysely<Tables>, now: number): Promise<void> {
  const running = await db
    .selectFrom('ledgerpipe_job')
    .select(['id', 'pipeline'])
    .where('state', '=', sql.lit('running'))
    .where('lease_until', '>=', now)
    .executeTakeFirst();
  if (running)
    throw transientError(
      `Cannot change the key now: job ${running.id} of pipeline "${running.pipeline}" is running, stop the runners first`,
    );
}

/** Deletes every secret, for a vault whose key is lost: another key may begin it anew. Gives how many there were. */
export function forgetSecrets({ db }: Database): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('ledgerpipe_vault').execute();
    const { numDeletedRows } = await transaction.deleteFrom('ledgerpipe_secret').executeTakeFirst();
    return Number(numDeletedRows);
  });
}
