// The store with its vault, as the settings and the environment describe them: what every command opens.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { openStore, type Store } from '../store/index.ts';
import { defaultKeyFile, type Environment, type KeyPlaces, openKey } from './source.ts';

/** The part of the settings that says where things are. */
export interface StoreSettings {
  /** Path of a SQLite file, or a `postgres://` URL. */
  readonly store: string;
  readonly key_file?: string | undefined;
}

export const keyPlaces = ({ store, key_file: file }: StoreSettings, environment: Environment): KeyPlaces => ({
  environment,
  file: file ?? (environment.LEDGERPIPE_KEY_FILE || defaultKeyFile(store)),
});

/** Opens both. A key that is not the store's is refused; a missing one is, when a secret is asked for. */
export function openVaultedStore(
  settings: StoreSettings,
  { environment, clock }: { readonly environment: Environment; readonly clock: Clock },
): Promise<Store> {
  return openStore({ url: settings.store, key: openKey(keyPlaces(settings, environment)), clock });
}
