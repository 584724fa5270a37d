// Where the vault's key is: the environment before the file; the file's older and coming keys by their names.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import { type KeySource, keyVariable, parseKey, type VaultKey } from './key.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface KeyPlaces {
  readonly environment: Environment;
  /** Path of the key file; absent: the key comes from the environment alone. */
  readonly file?: string | undefined;
}

/** The key that a rotation has written, before the store is sealed with it. */
export const comingKeyFile = (file: string): string => `${file}.new`;

/** The key that a rotation has put aside: backups from before it need it. */
export const formerKeyFile = (file: string, id: string): string => `${file}.${id}`;

/**
 * Looks for the key at each use: LEDGERPIPE_KEY, or the key file, which is made when the vault is first used. A
 * runner that works through a rotation of its key file finds the new key there.
 */
export function openKey({ environment, file }: KeyPlaces): KeySource {
  const text = environment[keyVariable];
  if (text) return { find: async () => parseKey(text, `the environment variable "${keyVariable}"`) };
  if (file === undefined) return { find: async () => undefined };
  return {
    find: (wanted) => findInFiles(file, wanted),
    async make() {
      await makeFolder(file);
      return await makeKeyFile(file);
    },
  };
}

async function findInFiles(file: string, wanted: string | undefined): Promise<VaultKey | undefined> {
  const current = await readKeyFile(file);
  if (wanted === undefined || current?.id === wanted) return current;
  for (const path of [comingKeyFile(file), formerKeyFile(file, wanted)]) {
    const key = await readKeyFile(path);
    if (key?.id === wanted) return key;
  }
  return current;
}

async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw configError(`Cannot write the key file "${file}": give the program write access to its folder`, {
      cause,
    });
  }
}

/** The key file of a store that names none: beside a SQLite file. Runners on other machines have no such file. */
export const defaultKeyFile = (store: string): string | undefined =>
  /^postgres(ql)?:/.test(store)
    ? undefined
    : join(dirname(store.replace(/^sqlite:(\/\/(?=\/))?/, '')), 'vault.key');
