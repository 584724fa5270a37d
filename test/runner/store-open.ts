// Opens stores for tests: on SQLite in a folder of its own, and on a PostgreSQL of its own.
import { join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import { openStore, type Store } from '../../runner/store/index.ts';
import { newKey, type VaultKey } from '../../runner/vault/key.ts';
import { fastClock } from '../emulators/clock.ts';
import { startPostgres } from '../emulators/postgres/index.ts';
import { temporaryFolder } from '../program.ts';

export const kinds = ['sqlite', 'postgres'] as const;
export type Kind = (typeof kinds)[number];

/** URL of an empty database, gone when the test is over. */
export async function emptyDatabase(kind: Kind): Promise<string> {
  if (kind === 'sqlite') return `sqlite:${join(await temporaryFolder(), 'store.db')}`;
  const server = await startPostgres();
  onTestFinished(() => server.close());
  return server.url('writer');
}

export interface StoreSetUp {
  readonly url?: string;
  readonly key?: VaultKey;
  readonly clock?: Clock;
}

/** An open store, closed when the test is over. */
export async function storeOf(
  kind: Kind,
  { url, key = newKey(), clock = fastClock() }: StoreSetUp = {},
): Promise<Store> {
  const store = await openStore({ url: url ?? (await emptyDatabase(kind)), key, clock });
  onTestFinished(() => store.close().catch(() => undefined));
  return store;
}
