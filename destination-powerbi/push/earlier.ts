// Streams of earlier runs: one of some streams, as webhooks and schedules make it, must see the model of all.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { Store } from '../store/store.ts';

const entry = 'declared';

/**
 * The declared streams, and behind them those that only earlier runs of this model declared: what rows refer to, and
 * which tables had room, does not depend on what else a run brings.
 */
export async function withEarlier(
  store: Store,
  declared: readonly Declaration[],
): Promise<readonly Declaration[]> {
  const earlier = ((await store.recall(entry)) ?? []) as readonly Declaration[];
  const now = new Set(declared.map(({ stream }) => stream));
  const others = earlier.filter(({ stream }) => !now.has(stream));
  // In the order of old, so that names that collide and tables that are left out stay the same.
  const place = new Map(earlier.map(({ stream }, index) => [stream, index]));
  const placeOf = ({ stream }: Declaration): number => place.get(stream) ?? earlier.length;
  return [...declared, ...others].sort((one, other) => placeOf(one) - placeOf(other));
}

/** For the runs to come; once the model serves these streams. */
export const rememberDeclared = (store: Store, declared: readonly Declaration[]): Promise<void> =>
  store.remember(entry, declared);
