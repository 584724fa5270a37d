// Opens the store: everything the runner keeps, in one database.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { sql } from 'kysely';
import type { KeySource, VaultKey } from '../vault/key.ts';
import { createAudit } from './audit.ts';
import type { Store } from './contract.ts';
import { openDatabaseOf } from './database.ts';
import { createEvents } from './events.ts';
import { createFirings } from './firings.ts';
import { createJobs } from './jobs.ts';
import { createOverview } from './overview.ts';
import { openSecrets } from './secrets.ts';
import { createStates } from './states.ts';

export interface StoreOptions {
  /** `sqlite:<path>`, a path (a folder stands for `ledgerpipe.db` in it), or `postgres://user:password@host/database`. */
  readonly url: string;
  /**
   * The vault's key, or where it is found. Without one everything works but the secrets, whose use is then refused
   * with the way to restore it; a key that is not the store's is refused at once.
   */
  readonly key?: VaultKey | KeySource | undefined;
  readonly clock: Clock;
}

/** Throws a ConnectorError: `config` for what the user must mend, `transient` for a server or disk that may recover. */
export async function openStore({ url, key, clock }: StoreOptions): Promise<Store> {
  const database = await openDatabaseOf(url, clock);
  const { db, kind } = database;
  try {
    return {
      kind,
      jobs: createJobs(database),
      states: createStates(database),
      secrets: await openSecrets(database, key && 'find' in key ? key : { find: async () => key }),
      events: createEvents(database),
      firings: createFirings(database),
      audit: createAudit(database),
      overview: createOverview(database),
      async ping() {
        await sql`select 1`.execute(db);
      },
      close: () => db.destroy(),
    };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}
