// What every destination's `write` has in common: each segment is delivered before its states go back.
import type { Arrival, Context, Message } from '@airbyte/cdk-typescript-shim';
import { segments } from './segments.ts';
import type { StagingSettings } from './settings.ts';
import type { Segment, StagingOptions } from './tables.ts';

export interface Deliveries extends Pick<StagingOptions, 'ahead' | 'rowHashes'> {
  readonly job: string;
  readonly deliver: (segment: Segment) => Promise<void>;
}

/**
 * Stages what arrives and hands `deliver` one segment at a time. Yields each state once `deliver` has resolved for the
 * rows it covers, in order. Throws what `deliver` throws, and a config error for a catalog that cannot be staged.
 */
export async function* deliverSegments(
  context: Context<StagingSettings>,
  arrivals: AsyncIterable<Arrival>,
  { deliver, ...wanted }: Deliveries,
): AsyncGenerator<Message> {
  const { names, on_reject, segment_megabytes, segment_minutes, ...places } = context.config;
  const options = {
    segmentBytes: segment_megabytes * 1024 * 1024,
    segmentMilliseconds: segment_minutes * 60_000,
    names,
    onReject: on_reject,
    ...wanted,
    ...(places.reject_file === undefined ? {} : { rejectFile: places.reject_file }),
    ...(places.working_folder === undefined ? {} : { folder: places.working_folder }),
  };
  for await (const segment of segments(arrivals, options, context)) {
    try {
      await deliver(segment);
      yield* segment.settle();
    } finally {
      await segment.discard();
    }
  }
}
