// Gives up the secrets of a store whose key is lost, so that the vault can begin anew.
import { type Clock, configError } from '@airbyte/cdk-typescript-shim';
import { openDatabaseOf } from '../store/database.ts';
import { forgetSecrets } from '../store/reseal.ts';

/** Gives how many secrets there were; states, jobs and the audit trail stay. */
export async function resetVault(
  url: string,
  { sure, clock }: { readonly sure: boolean; readonly clock: Clock },
): Promise<number> {
  if (!sure)
    throw configError('Cannot reset the vault: all its secrets would be gone for good, add --yes to do it');
  const database = await openDatabaseOf(url, clock);
  try {
    return await forgetSecrets(database);
  } finally {
    await database.db.destroy();
  }
}
