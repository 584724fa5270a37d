// What both modes have in common: segments go in as they close, states come out once everything they cover is in place.
import type { Arrival, Context, Declaration, Message } from '@airbyte/cdk-typescript-shim';
import { type Segment, type StagingOptions, segments } from '@ledgerpipe/staging';
import { withRefused } from './held.ts';
import type { Config } from './spec.ts';

/** A way to Power BI. */
export interface Carrier {
  /** Holds the segment durably on this side; may already send what needs nothing more. */
  take(segment: Segment): Promise<void>;
  /** Resolves when everything taken is in the product; gives how many records of each stream it refused, if any. */
  flush(): Promise<ReadonlyMap<string, number>>;
  close(): void;
}

export interface Carrying {
  readonly job: string;
  /** Opens the way when there is something to carry, knowing every stream that was declared by then. */
  readonly open: (declared: readonly Declaration[]) => Promise<Carrier>;
}

/** Memory of staging's database, in MiB: the replica needs some of its own. */
export const stagingMemory = 112;

/**
 * Requests are scarce and a changed table may have to be sent whole: what segments bring is sent together, at the end or
 * after `segment_minutes`. Yields the states after that, in order.
 */
export async function* carry(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
  { job, open }: Carrying,
): AsyncGenerator<Message> {
  const { config, clock } = context;
  const declared = new Map<string, Declaration>();
  const gathered = segments(noting(arrivals, declared), stagingOptions(config, job), context);
  const longest = config.segment_minutes * 60_000;
  let carrier: Carrier | undefined;
  let held: Message[] = [];
  let since: number | undefined;
  async function* release(): AsyncGenerator<Message> {
    const refused = await carrier?.flush();
    yield* refused && refused.size > 0 ? withRefused(held, refused) : held;
    held = [];
    since = undefined;
  }
  try {
    let next = gathered.next();
    for (;;) {
      const late = since === undefined ? undefined : since + longest - clock.now();
      if (late !== undefined && (late <= 0 || !(await comesWithin(next, late, context)))) {
        yield* release();
        continue;
      }
      const { done, value: segment } = await next;
      if (done) break;
      try {
        if (carrier || needsCarrier(segment)) {
          carrier ??= await open([...declared.values()]);
          since ??= clock.now();
          await carrier.take(segment);
        }
        held.push(...segment.settle());
      } finally {
        await segment.discard();
      }
      if (!carrier) {
        yield* held;
        held = [];
      }
      next = gathered.next();
    }
    yield* release();
  } finally {
    await gathered.return(undefined).catch(() => undefined);
    carrier?.close();
  }
}

/** A segment of nothing but states costs no request. */
const needsCarrier = ({ tables, completed }: Segment): boolean =>
  tables.length > 0 || completed.some(({ retireBelow }) => retireBelow > 0);

async function* noting(
  arrivals: AsyncIterable<Arrival>,
  declared: Map<string, Declaration>,
): AsyncGenerator<Arrival> {
  for await (const arrival of arrivals) {
    if (arrival.kind === 'declare') declared.set(arrival.declaration.stream, arrival.declaration);
    yield arrival;
  }
}

/** Whether the promise settles within so many milliseconds. */
async function comesWithin(
  promise: Promise<unknown>,
  milliseconds: number,
  { clock, signal }: Pick<Context<Config>, 'clock' | 'signal'>,
): Promise<boolean> {
  const timer = new AbortController();
  const stop = (): void => timer.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const slept = clock.sleep(milliseconds, timer.signal).then(() => false);
    slept.catch(() => undefined);
    return await Promise.race([promise.then(() => true), slept]);
  } finally {
    signal.removeEventListener('abort', stop);
    timer.abort();
  }
}

function stagingOptions(config: Config, job: string): StagingOptions {
  return {
    segmentBytes: config.segment_megabytes * 1024 * 1024,
    segmentMilliseconds: config.segment_minutes * 60_000,
    names: config.names,
    onReject: config.on_reject,
    memory: stagingMemory,
    job,
    ...(config.reject_file === undefined ? {} : { rejectFile: config.reject_file }),
    ...(config.working_folder === undefined ? {} : { folder: config.working_folder }),
  };
}
