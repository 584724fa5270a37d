// Where the store and its key are, for commands that need nothing else of the settings.
import { isPostgres } from '../store/database.ts';
import { sqliteFile } from '../store/sqlite.ts';
import type { StoreSettings } from './open.ts';
import type { Environment } from './source.ts';

export interface StorePlace {
  /** The settings file. */
  readonly file: string;
  /** Takes the place of what the file says, which is then not read. */
  readonly store?: string | undefined;
}

export async function readStoreSettings(
  { file, store }: StorePlace,
  environment: Environment,
): Promise<StoreSettings> {
  if (store !== undefined) return { store: isPostgres(store) ? store : await sqliteFile(store) };
  const { readSettings } = await import('../settings/index.ts');
  return await readSettings(file, environment);
}
