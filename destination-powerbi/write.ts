// `write`: into a push semantic model, or into the landing zone of a mirrored database.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { carry } from './carry.ts';
import { openRun } from './run.ts';
import type { Config } from './spec.ts';

/** Yields each state once its rows are in Power BI, in order. Throws when nothing more can be delivered. */
export async function* write(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
): AsyncGenerator<Message> {
  const run = openRun(context);
  const { delivery } = context.config;
  yield* carry(context, arrivals, {
    job: run.job,
    open: async (declared) => {
      if (delivery.mode === 'push') {
        const { openPushCarrier } = await import('./push/write.ts');
        return await openPushCarrier(run, delivery, declared);
      }
      const { openMirrorCarrier } = await import('./mirror/write.ts');
      return await openMirrorCarrier(run, delivery, declared);
    },
  });
}
