// The push mode: segments are taken into the replica, and the model is brought up to it as seldom as states allow.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { Segment } from '@ledgerpipe/staging';
import type { Carrier } from '../carry.ts';
import type { Run } from '../run.ts';
import type { PushMode } from '../spec.ts';
import { take } from '../take.ts';
import { dropKept, flush, sendFull } from './flush.ts';
import { openPush } from './open.ts';
import { takeRefused } from './refused.ts';
import { finishReplacement } from './replace.ts';
import { pushSettings } from './settings.ts';
import { resolveReferences } from './unmatched.ts';
import { verify } from './verify.ts';

export async function openPushCarrier(
  run: Run,
  mode: PushMode,
  declared: readonly Declaration[],
): Promise<Carrier> {
  const session = await openPush(run, pushSettings(mode), declared);
  const touched = new Set<string>();
  return {
    async take(segment: Segment) {
      await take({ store: session.store, tables: session.model.tables }, segment);
      for (const staged of segment.tables) {
        touched.add(`${staged.declaration.stream}\u0000${staged.name}`);
        session.taken.add(staged.batch);
      }
      await sendFull(session);
    },
    async flush() {
      await resolveReferences(session, touched);
      touched.clear();
      const before = new Map([...session.store.tables].map(([name, { pushed }]) => [name, pushed]));
      await flush(session);
      const changed = [...session.store.tables].filter(([name, { pushed }]) => pushed !== before.get(name));
      await verify(session, new Set(changed.map(([name]) => name)));
      await finishReplacement(session);
      for (const table of session.model.tables)
        if (
          session.store.state(table.name).keeps &&
          isRefreshed(session.store.state(table.name).oldest, table)
        )
          await dropKept(session, table);
      return takeRefused(session);
    },
    close: () => session.store.close(),
  };
}

/** The older generations went: what was kept to send again may go. */
const isRefreshed = (
  oldest: number | null,
  { plan }: { readonly plan?: { readonly declaration: Declaration } },
): boolean => oldest !== null && oldest >= (plan?.declaration.retireBelow ?? 0);
