// Reads the tables that have a time of change: first reads in batches, then what changed, in one call for all of them.
import { type Ended, type Runner, runAll } from './batches.ts';
import { applyChanges, type Captured, capture, isInReach } from './changes.ts';
import type { Course, Reading, Selected, Step } from './reading.ts';
import { compare, type Swept, sweep } from './sweep.ts';
import { OVERLAP, openTrack, type Track } from './track.ts';

interface TablesOptions {
  readonly reading: Reading;
  /** Strategies of other streams, to share the calls. */
  readonly others: readonly Runner<void>[];
}

/**
 * Streams with a cursor are asked for their changes since it, in one call. Those without one, or with one out of reach
 * (30 days), are swept, and then asked for the changes since the sweep began, as deletions leave no other trace.
 * A state means: everything up to its cursor was delivered, deletions included.
 */
export async function* readTables(
  selected: readonly Selected[],
  { reading, others }: TablesOptions,
): AsyncGenerator<Step | Ended<unknown>> {
  const tracks = selected.map((one) => openTrack(one, reading));
  const now = reading.clock.now();
  const isCaptured = ({ stream, floor, scratch, backfill }: Track): boolean =>
    stream.how.by === 'changes' &&
    (scratch ? backfill === undefined || isInReach(backfill.since, now) : isInReach(floor ?? 0, now));
  const current = tracks.filter((track) => !track.scratch && isCaptured(track));
  const swept = tracks.filter((track) => !current.includes(track));
  for (const track of swept) yield* announce(track);
  const done = new Map<Track, Swept>();
  const runners = swept.map((track) => {
    const deletionsFollow = track.scratch && !track.refresh && isCaptured(track);
    return { track, ...runner(track, sweep(track, { ...sizes(reading), deletionsFollow })) };
  });
  for await (const step of all([...others, ...runners], reading)) {
    const track = tracks.find(({ stream }) => stream === step.stream);
    if ('result' in step && track) {
      const result = step.result as Swept;
      if (needsChanges(track)) done.set(track, result);
      else yield* finish(track, result.since);
    } else yield step;
  }
  if (current.length > 0) yield* readCurrent(current, reading);
  if (done.size > 0) yield* readSince(done, reading);
}

/** Fresh and full readings of captured tables; others need nothing more. */
const needsChanges = ({ stream, refresh }: Track): boolean => stream.how.by === 'changes' && !refresh;

const sizes = ({ config }: Reading) => ({ size: config.page_size, width: config.batch_size });

const runner = (track: Track, course: Course<Swept>): Runner<Swept> => ({ stream: track.stream, course });

const all = (runners: readonly Runner<unknown>[], { api, config }: Reading) =>
  runAll(runners, { ask: api.ask, width: config.batch_size });

function* announce({ stream, scratch, floor }: Track): Generator<Step> {
  if (scratch || stream.how.by !== 'changes') return;
  yield {
    stream,
    level: 'WARN',
    note: `The last read of stream "${stream.name}" was more than 30 days ago (${new Date((floor ?? 0) + OVERLAP).toISOString()}), which is as far back as QuickBooks tells changes: reading what changed by its time, and all ids if some were deleted`,
  };
}

function* finish(track: Track, cursor: number): Generator<Step | Ended<unknown>> {
  yield { stream: track.stream, state: track.upTo(cursor) };
  yield { stream: track.stream, result: undefined };
}

/** The changes of streams that have a cursor. */
async function* readCurrent(
  tracks: readonly Track[],
  reading: Reading,
): AsyncGenerator<Step | Ended<unknown>> {
  const since = Math.min(...tracks.map(({ floor }) => floor ?? 0));
  const captured = await captureFor(tracks, { reading, since });
  const cut = tracks.filter(({ stream }) => captured.cut.has(stream.entity));
  for (const track of tracks) {
    yield* applyChanges(track, captured);
    if (!cut.includes(track)) yield* finish(track, captured.at);
  }
  const [first] = cut;
  if (!first) return;
  yield { stream: first.stream, level: 'WARN', note: cutNote(cut, captured.refusal) };
  const runners = cut.map((track) =>
    runner(track, sweep(track, { ...sizes(reading), deletionsFollow: false })),
  );
  for await (const step of all(runners, reading)) {
    const track = cut.find((one) => one.stream === step.stream);
    if ('result' in step && track) yield* finish(track, (step.result as Swept).since);
    else yield step;
  }
}

const cutNote = (cut: readonly Track[], refusal: string | undefined): string => {
  const names = cut.map(({ stream }) => `"${stream.name}"`).join(', ');
  const why = refusal
    ? `QuickBooks refused to tell changes (${refusal})`
    : 'More than 1,000 records have changed, which is all that QuickBooks tells at once';
  return `${why}: reading ${names} by the time of change, and all ids if some were deleted`;
};

/** What happened while tables were swept: edits and, above all, deletions. */
async function* readSince(
  done: ReadonlyMap<Track, Swept>,
  reading: Reading,
): AsyncGenerator<Step | Ended<unknown>> {
  const since = Math.min(...[...done.values()].map((swept) => swept.since)) - OVERLAP;
  const captured = await captureFor([...done.keys()], { reading, since });
  const unsure: Track[] = [];
  for (const [track, { excess, since: began }] of done) {
    const buried = yield* applyChanges(track, captured);
    const isCut = captured.cut.has(track.stream.entity);
    // Rows are missing that nobody says were deleted.
    if (excess > buried) unsure.push(track);
    else yield* finish(track, isCut ? began : captured.at);
  }
  const runners = unsure.map(
    (track): Runner<void> => ({
      stream: track.stream,
      course: compare(track, { ...sizes(reading), deletionsFollow: false }),
    }),
  );
  for await (const step of all(runners, reading)) {
    const track = unsure.find((one) => one.stream === step.stream);
    const began = track && done.get(track)?.since;
    if ('result' in step && track && began !== undefined) yield* finish(track, began);
    else yield step;
  }
}

const captureFor = (
  tracks: readonly Track[],
  { reading, since }: { reading: Reading; since: number },
): Promise<Captured & { readonly refusal?: string }> =>
  capture(
    reading.api,
    tracks.map(({ stream }) => stream.entity),
    since,
  );
