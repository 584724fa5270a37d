// Changes the vault's key: the new one is on disk before the store is sealed with it, the former one is kept for backups.
import { rm } from 'node:fs/promises';
import { type Clock, configError } from '@airbyte/cdk-typescript-shim';
import { type Database, openDatabaseOf } from '../store/database.ts';
import { reseal } from '../store/reseal.ts';
import { keyIdIn } from '../store/secrets.ts';
import { keyVariable, newKey, parseKey, type VaultKey } from './key.ts';
import { moveKeyFile, readKeyFile, writeKeyFile } from './key-file.ts';
import { keyPlaces, type StoreSettings } from './open.ts';
import { comingKeyFile, type Environment, formerKeyFile, openKey } from './source.ts';

/** Holds the new key for a rotation of LEDGERPIPE_KEY. */
export const newKeyVariable = 'LEDGERPIPE_NEW_KEY';

export interface Rotated {
  readonly secrets: number;
  readonly former: VaultKey;
  readonly current: VaultKey;
  /** Where the former key was put; absent: the environment had it. */
  readonly formerFile?: string;
}

/** Seals the store with a new key. May be run again after it was cut short at any point. */
export async function rotateKey(
  settings: StoreSettings,
  { environment, clock }: { readonly environment: Environment; readonly clock: Clock },
): Promise<Rotated> {
  const places = keyPlaces(settings, environment);
  const database = await openDatabaseOf(settings.store, clock);
  try {
    const id = await keyIdIn(database.db);
    const former = await openKey(places).find(id);
    if (!former || (id !== undefined && former.id !== id)) throw noFormerKey(id);
    if (environment[keyVariable] || places.file === undefined)
      return await rotateVariable(database, { former, environment });
    return await rotateFile(database, { former, file: places.file });
  } finally {
    await database.db.destroy();
  }
}

const noFormerKey = (id: string | undefined): Error =>
  configError(
    id === undefined
      ? 'Cannot change the key: the vault has none yet, it gets one with its first secret'
      : `Cannot change the key: key "${id}", which seals the secrets, is missing, ` +
          `put it back into ${keyVariable} or its key file`,
  );

async function rotateVariable(
  database: Database,
  { former, environment }: { readonly former: VaultKey; readonly environment: Environment },
): Promise<Rotated> {
  const text = environment[newKeyVariable];
  if (!text)
    throw configError(
      `Cannot change the key: set ${newKeyVariable} to the new one ("ledgerpipe vault new-key" makes it), ` +
        `and move it to ${keyVariable} afterwards`,
    );
  const current = parseKey(text, `the environment variable "${newKeyVariable}"`);
  if (current.id === former.id)
    throw configError(
      `Cannot change the key: ${newKeyVariable} is the same as ${keyVariable}, make a new one`,
    );
  // Programs that run keep the environment that they were started with.
  const secrets = await reseal(database, { from: former, to: current, whileRunning: false });
  return { secrets, former, current };
}

async function rotateFile(
  database: Database,
  { former, file }: { readonly former: VaultKey; readonly file: string },
): Promise<Rotated> {
  await finishFormerRotation(file, former);
  const current = newKey();
  const coming = comingKeyFile(file);
  await writeKeyFile(coming, current);
  try {
    const secrets = await reseal(database, { from: former, to: current, whileRunning: true });
    const formerFile = await promote(file, former);
    return { secrets, former, current, formerFile };
  } catch (error) {
    // A connection that broke at the commit leaves open which key it is: both files stay, and the next look decides.
    if ((await keyIdIn(database.db).catch(() => current.id)) === former.id) await rm(coming, { force: true });
    throw error;
  }
}

/** Cut short after the store was sealed: the key in use is still the coming one. Before it: that one never was. */
async function finishFormerRotation(file: string, inUse: VaultKey): Promise<void> {
  const written = await readKeyFile(file);
  const coming = await readKeyFile(comingKeyFile(file));
  if (coming?.id === inUse.id && written && written.id !== inUse.id) await promote(file, written);
}

/** The coming key file takes the place of the former key's, which is put aside. */
async function promote(file: string, former: VaultKey): Promise<string> {
  const aside = formerKeyFile(file, former.id);
  await writeKeyFile(aside, former);
  await moveKeyFile(comingKeyFile(file), file);
  return aside;
}
