// Reads a list that is ordered by change time, page by page, so that no row is missed while rows move.
import { transientError } from '@airbyte/cdk-typescript-shim';
import type { Row } from './values.ts';

/** A row with its id and its UpdatedDateUTC in milliseconds; -Infinity where Xero sent none. */
export interface Timed {
  readonly row: Row;
  readonly id: string;
  readonly updated: number;
}

export interface Page {
  readonly rows: readonly Timed[];
  /** The server's clock. */
  readonly at: number;
  /** Rows on all pages, where the endpoint counts them. */
  readonly count?: number;
  readonly last: boolean;
}

/** One page of what changed at or after `since`; `size` asks for fewer rows than usual. */
export type ListPage = (request: {
  readonly since: number | undefined;
  readonly page: number;
  readonly size?: number;
}) => Promise<Page>;

export type Swept =
  | { readonly rows: readonly Timed[] }
  /** Every row that changed up to `proven` was yielded; later changes are to be asked for again. */
  | { readonly proven: number | undefined; readonly done: boolean };

/** Pages between two proofs that nothing moved. */
const STRETCH = 25;
/** The server's clock and its rows may differ by this much. */
const SKEW = 2_000;
const ATTEMPTS = 5;

/** Where to ask from so that nothing at `cursor` is missed: the header knows seconds only, and whether it includes them is undocumented. */
export const windowStart = (cursor: number): number => Math.floor(cursor / 1_000) * 1_000 - 1_000;

/** The end of a page: rows between `after` and `before` may have slipped to the page before it while it was read. */
interface Seam {
  readonly after: number;
  before: Timed | undefined;
}

/**
 * Lower bound: `since`, as the server reads it. Upper bound: the moment the last page was read. Resumes by value: a
 * `proven` cursor given as the next `since` (through windowStart).
 *
 * A row that changes mid-read moves to the end, and every later row moves one place forward: one of them passes from a
 * page not yet read to one already read. Such a move shows itself at the end (a row newer than the start) or in the
 * count of rows. Then each seam between two pages is read again by value, which no move can hide from.
 */
export async function* sweep(list: ListPage, since: number | undefined): AsyncGenerator<Swept> {
  let from = since;
  for (let attempt = 1; attempt <= ATTEMPTS; ) {
    const end = yield* round(list, from);
    if (end === 'done') return;
    if (end === 'again') attempt += 1;
    else from = end;
  }
  throw transientError('Cannot read a list from Xero: it kept changing in disorder, try again later');
}

/** From the first page to the last, or to a place from which to go on by value. */
async function* round(
  list: ListPage,
  since: number | undefined,
): AsyncGenerator<Swept, 'done' | 'again' | number> {
  const watch = new Watch();
  for (let page = 1; ; page += 1) {
    const reply = await list({ since, page });
    watch.see(reply);
    yield { rows: reply.rows };
    if (reply.last) break;
    if (page % STRETCH > 0 || !watch.ordered) continue;
    const moved = watch.moved || (await anyChange(list, watch.start));
    const next = windowStart(watch.proven ?? 0);
    // A stretch of rows that changed within one second is no place to go on from by value.
    if (moved && next <= (since ?? Number.NEGATIVE_INFINITY)) continue;
    if (moved) yield* mend(list, watch.settled());
    yield { proven: watch.proven, done: false };
    if (moved) return next;
    watch.settled();
  }
  const seams = watch.settled();
  // In a list of another order a move leaves no place to look at: only a reading without moves is whole.
  if (watch.moved && !watch.ordered && seams.length > 0) return 'again';
  if (watch.moved) yield* mend(list, seams);
  yield { proven: watch.proven, done: true };
  return 'done';
}

/** What a round has seen so far. */
class Watch {
  #start: number | undefined;
  #count: number | undefined;
  #newest = Number.NEGATIVE_INFINITY;
  #previous: Timed | undefined;
  #seams: Seam[] = [];
  moved = false;
  ordered = true;

  /** Changes at or after this moment happened during the round. */
  get start(): number {
    return this.#start ?? 0;
  }

  /** The newest change seen, but none of those that happened during the round. */
  get proven(): number | undefined {
    return Number.isFinite(this.#newest) ? Math.min(this.#newest, this.start) : undefined;
  }

  see({ rows, at, count }: Page): void {
    this.#start ??= at - SKEW;
    this.#count ??= count;
    this.moved ||= count !== this.#count;
    const [first] = rows;
    if (this.#previous) this.#seams.push({ after: this.#previous.updated, before: first });
    for (const timed of rows) this.#row(timed);
  }

  #row(timed: Timed): void {
    if (this.#previous && timed.updated < this.#previous.updated) this.ordered = false;
    this.moved ||= timed.updated >= this.start;
    this.#newest = Math.max(this.#newest, timed.updated);
    this.#previous = timed;
  }

  /** The seams since the last call, which the caller has proved or is about to mend. */
  settled(): readonly Seam[] {
    const seams = this.#seams;
    this.#seams = [];
    return seams;
  }
}

const anyChange = async (list: ListPage, since: number): Promise<boolean> => {
  const { count, rows } = await list({ since, page: 1, size: 1 });
  return (count ?? rows.length) > 0;
};

async function* mend(list: ListPage, seams: readonly Seam[]): AsyncGenerator<Swept> {
  for (const seam of seams) yield* mendSeam(list, seam);
}

/**
 * Reads from the last row before the seam to the first row behind it. One page is one moment, so nothing can slip; only
 * where more rows than fit on a page changed within two seconds does it take several, which must then stand still.
 */
async function* mendSeam(list: ListPage, { after, before }: Seam): AsyncGenerator<Swept> {
  const since = Number.isFinite(after) ? windowStart(after) : undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    let start: number | undefined;
    for (let page = 1; ; page += 1) {
      const reply = await list({ since, page });
      start ??= reply.at - SKEW;
      yield { rows: reply.rows };
      if (!reply.last && !reaches(reply.rows, before)) continue;
      if (page === 1 || !(await anyChange(list, start))) return;
      break;
    }
  }
  throw transientError('Cannot read a list from Xero: too many records change at once, try again later');
}

/** Whether the rows go as far as `before`, or past the place where it was. */
function reaches(rows: readonly Timed[], before: Timed | undefined): boolean {
  const last = rows.at(-1);
  if (!before || !last) return !before && rows.length === 0;
  return (
    last.updated > before.updated ||
    rows.some(({ id, updated }) => id === before.id && updated === before.updated)
  );
}
