// `write`: each segment that staging closes is delivered; then what is built on the data sources is refreshed.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { deliverSegments } from '@ledgerpipe/staging';
import { deliver } from './deliver.ts';
import { refreshDependents } from './dependents.ts';
import { openRun, type Run } from './run.ts';
import type { Config } from './spec.ts';

/** Yields each state once its rows are durable, in order. Throws when nothing more can be delivered. */
export async function* write(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
): AsyncGenerator<Message> {
  const run = await openRun(context);
  try {
    yield* deliverSegments(context, noted(run, arrivals), {
      job: run.job,
      // Tableau compares nothing by hashes, and its jobs take time in which the next rows can be made ready.
      rowHashes: false,
      ahead: true,
      deliver: (segment) => deliver(run, segment),
    });
    await refreshDependents(run);
  } finally {
    await run.close();
  }
}

/** Notes the declared streams as they pass: a star needs to know them before their first row. */
async function* noted({ declared }: Run, arrivals: AsyncIterable<Arrival>): AsyncGenerator<Arrival> {
  for await (const arrival of arrivals) {
    if (arrival.kind === 'declare') declared.set(arrival.declaration.stream, arrival.declaration);
    yield arrival;
  }
}
