// `write`: each segment that staging closes is delivered; then keys without a row are looked at.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { openDelivery } from '@ledgerpipe/databricks';
import { deliverSegments } from '@ledgerpipe/staging';
import type { Config } from './spec.ts';
import { agent } from './version.ts';

/** Yields each state once its rows are durable, in order. Throws when nothing more can be delivered. */
export async function* write(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
): AsyncGenerator<Message> {
  const delivery = openDelivery(context, { agent });
  yield* deliverSegments(context, arrivals, delivery);
  await delivery.finish();
}
