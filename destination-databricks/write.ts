// `write`: for each segment that staging closes, deliver it, then give back the states it covers.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { type StagedTable, segments } from '@ledgerpipe/staging';
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
  const { config } = context;
  const run = openRun(context);
  const loaded = new Map<string, StagedTable>();
  const options = {
    segmentBytes: config.segment_megabytes * 1024 * 1024,
    segmentMilliseconds: config.segment_minutes * 60_000,
    names: config.names,
    onReject: config.on_reject,
    job: run.job,
    ...(config.reject_file === undefined ? {} : { rejectFile: config.reject_file }),
    ...(config.working_folder === undefined ? {} : { folder: config.working_folder }),
  };
  for await (const segment of segments(arrivals, options, context)) {
    try {
      await deliver(run, segment);
      for (const table of segment.tables) if (table.rows > 0) loaded.set(tableOf(table), table);
      yield* segment.settle();
    } finally {
      await segment.discard();
    }
  }
  await resolveReferences(run, [...loaded.values()]);
}
