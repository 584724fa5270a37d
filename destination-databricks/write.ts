// `write`: each segment that staging closes is delivered; then keys without a row are looked at.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { deliverSegments, type StagedTable } from '@ledgerpipe/staging';
import { deliver } from './deliver.ts';
import { openRun } from './run.ts';
import type { Config } from './spec.ts';
import { tableOf } from './sql/layout.ts';
import { resolveReferences } from './unmatched.ts';

/** Yields each state once its rows are durable, in order. Throws when nothing more can be delivered. */
export async function* write(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
): AsyncGenerator<Message> {
  const run = openRun(context);
  const loaded = new Map<string, StagedTable>();
  yield* deliverSegments(context, arrivals, {
    job: run.job,
    deliver: async (segment) => {
      await deliver(run, segment);
      for (const table of segment.tables) if (table.rows > 0) loaded.set(tableOf(table), table);
    },
  });
  await resolveReferences(run, [...loaded.values()]);
}
