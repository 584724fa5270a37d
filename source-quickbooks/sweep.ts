// Reads a table in the order of change, page by page and by value, so that no row is missed while rows move.
import type { Answers } from './api.ts';
import { IdSet } from './ids.ts';
import { type Ask, answersTo, type Course, changedFrom, countOf, idOf, type Step } from './reading.ts';
import type { Track } from './track.ts';
import { type Row, updatedAt } from './values.ts';

const ATTEMPTS = 4;
/** Pages asked for at once grow by this factor while it is unknown how many there are. */
const GROWTH = 4;

export interface SweepOptions {
  /** Rows of a page, and statements of a call. */
  readonly size: number;
  readonly width: number;
  /** Change data capture will tell later which rows were deleted meanwhile. */
  readonly deletionsFollow: boolean;
}

export interface Swept {
  /** The server's clock before the first page: later changes may be missing. */
  readonly since: number;
  /** Rows that were delivered but exist no more. */
  readonly excess: number;
}

/**
 * Lower bound: `floor` (inclusive) of the track. Upper bound: the moment of the last page. A row that changes meanwhile
 * moves to the end, and is read again there. Every page begins with the last row of the page before: when it does not,
 * rows moved between the two, and the sweep goes on by value from the last row it has. At the end the rows are counted.
 * Fewer rows than that: the tail is read again, then everything. More: some were deleted; unless these will be told,
 * the ids of all rows are read and compared.
 */
export function* sweep(track: Track, options: SweepOptions): Course<Swept> {
  const { stream, ids, start } = track;
  const from = track.backfill?.from ?? track.floor;
  const pass = new Pass(track, options);
  yield* pass.run(from, track.scratch && !track.refresh ? { since: track.backfill?.since } : undefined);
  // Deletions of before this sweep are either told since the first read began, or found below.
  const since = options.deletionsFollow ? (track.backfill?.since ?? pass.began) : pass.began;
  for (let attempt = 1; attempt < ATTEMPTS && ids.size < pass.count; attempt += 1)
    yield* pass.run(attempt === 1 ? pass.reached : start);
  if (ids.size < pass.count)
    yield warning(
      track,
      `QuickBooks counts ${pass.count} records of stream "${stream.name}" but shows ${ids.size}: look for records that the person who gave consent may not see`,
    );
  const excess = ids.size - pass.count;
  if (excess <= 0 || track.refresh || options.deletionsFollow) return { since, excess: Math.max(0, excess) };
  yield* compare(track, options);
  return { since, excess: 0 };
}

/** Reads the ids of all rows and deletes those that are gone. Deletions during the reading are left to the next run. */
export function* compare(track: Track, options: SweepOptions): Course<void> {
  const { stream, ids } = track;
  yield {
    stream,
    level: 'INFO',
    note: `Reading all ids of stream "${stream.name}", as some of its ${ids.size} known records were deleted and QuickBooks does not say which`,
  };
  const alive = new IdSet();
  const pass = new Pass(track, options, alive);
  yield* pass.run(track.start);
  for (const id of [...ids]) {
    if (alive.has(id)) continue;
    const data = track.bury(id, pass.began);
    if (data) yield { stream, data };
  }
}

const warning = ({ stream }: Track, note: string): Step => ({ stream, level: 'WARN', note });

/** Readings of one table, one after the other. */
class Pass {
  readonly #track: Track;
  readonly #options: SweepOptions;
  readonly #found: IdSet;
  /** The server's clock before the first page of all. */
  began = 0;
  /** Rows that QuickBooks counted, in the same call as the last page. */
  count = 0;
  /** Rows that changed before this were read; undefined: no row has a time. */
  reached: number | undefined;
  #started = false;

  constructor(track: Track, options: SweepOptions, found: IdSet = track.ids) {
    this.#track = track;
    this.#options = options;
    this.#found = found;
  }

  /** From a moment to the end; `states` on the way only for a first read, which has no other place to go on from. */
  *run(from: number | undefined, states?: { readonly since: number | undefined }): Course<void> {
    let place: Place = { since: from, position: 1, last: undefined };
    for (let pages = 1; ; ) {
      const { given, count } = yield* this.#ask(place, pages);
      const before = place.since;
      const { ended, place: next } = yield* this.#deliver(given, place);
      place = next;
      if (place.since !== undefined && place.since !== before)
        yield* this.#pass(place.since, states ? (states.since ?? this.began) : undefined);
      if (ended && count) return;
      pages = ended ? 1 : this.#pagesNext(pages);
    }
  }

  /** The next pages and the count of all rows; a call without room for all of it leaves out the count. */
  *#ask(place: Place, pages: number): Generator<Ask, { given: (readonly Row[])[]; count: boolean }, Answers> {
    const { stream, start } = this.#track;
    const { size } = this.#options;
    const statements = pagesFrom(place, { pages, size }).map((page) => changedFrom(stream, page));
    const { answers, at } = yield* answersTo([...statements, countOf(stream, start)], 2);
    if (!this.#started) this.began = at;
    this.#started = true;
    const count = answers[pages]?.count;
    if (count !== undefined) this.count = count;
    return { given: answers.slice(0, pages).map(({ rows }) => rows), count: count !== undefined };
  }

  *#pass(reached: number, since: number | undefined): Generator<Step> {
    this.reached = reached;
    this.#track.passed(reached, since ?? this.began);
    if (since === undefined) return;
    yield { stream: this.#track.stream, state: this.#track.within({ since, from: reached }) };
  }

  /** As many pages as are left, the short last one included, where that can be told; else more and more. */
  #pagesNext(pages: number): number {
    const { size, width } = this.#options;
    const known = this.#track.scratch || this.#found !== this.#track.ids;
    const left = Math.floor((this.count - this.#found.size) / (size - 1)) + 1;
    return Math.min(Math.max(1, known ? left : pages * GROWTH), width - 1);
  }

  *#deliver(
    pages: readonly (readonly Row[])[],
    from: Place,
  ): Generator<Step, { ended: boolean; place: Place }> {
    const { stream } = this.#track;
    let place = from;
    for (const [index, rows] of pages.entries()) {
      const [first] = rows;
      const overlaps = place.last === undefined || (first && idOf(stream, first) === place.last);
      // Rows moved between two pages: on by value from the last row that is certain.
      if (!overlaps) return { ended: false, place: { ...byValue(place), position: 1, last: undefined } };
      for (const row of rows) {
        this.#found.add(idOf(stream, row));
        const data = this.#track.take(row);
        if (data) yield { stream, data };
      }
      const last = rows.at(-1);
      if (last) {
        const position = from.position + index * (this.#options.size - 1) + rows.length - 1;
        place = { since: from.since, at: updatedAt(last), position, last: idOf(stream, last) };
      }
      if (rows.length < this.#options.size) return { ended: true, place: byValue(place) };
    }
    return { ended: false, place: byValue(place) };
  }
}

/** Where to go on: `position` among the rows changed at or after `since`, where the row `last` is expected. */
interface Place {
  readonly since: number | undefined;
  /** When the last row changed. */
  readonly at?: number | undefined;
  readonly position: number;
  readonly last: string | undefined;
}

/** Positions are kept only within one moment: of rows that all changed in the same second, or have no time at all. */
function byValue({ since, at, position, last }: Place): Place {
  const moved = at !== undefined && (since === undefined || at > since);
  return moved ? { since: at, position: 1, last: undefined } : { since, position, last };
}

const pagesFrom = ({ since, position }: Place, { pages, size }: { pages: number; size: number }) =>
  Array.from({ length: pages }, (_, index) => ({ since, position: position + index * (size - 1), size }));
