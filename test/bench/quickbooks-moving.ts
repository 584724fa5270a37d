// One first read of a QuickBooks company whose books move between all calls: does what arrived equal the books?
import { isDeepStrictEqual } from 'node:util';
import { type EditCounts, editBooks, generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { startQuickbooks, UNLIMITED } from '../emulators/quickbooks/index.ts';
import {
  type Bench,
  captured,
  configFor,
  DAY,
  entityOf,
  type Outcome,
  plain,
  run,
  tableOf,
  tables,
  truthOf,
} from '../source-quickbooks/outcome.ts';

export interface MovingRun {
  readonly seed: number;
  /** Rows of all tables when the reading begins. */
  readonly rows: number;
  /** Calls of the first read. */
  readonly calls: number;
  /** Tables that were compared at once, without a quiet run. */
  readonly atOnce: number;
  readonly inserts: number;
  readonly edits: number;
  readonly deletes: number;
  /** The first row that is not as in the books, and when it was found; undefined where all are equal. */
  readonly difference: string | undefined;
}

/** Documents for a row of the tables: payments, lists and what hangs on documents come on top. */
const DOCUMENTS = 0.62;
const names = tables.map(({ name }) => name);
const ADDED = ['invoice added', 'payment made', 'contact added', 'tracking option added'];
const DELETED = ['deleted', 'payment deleted', 'bank transaction deleted'];

/**
 * The seed decides the books, the edits, and how wide calls are (statements of a call: 30 as by default, 9 or 3); odd seeds edit
 * between the items of batches too. What the last call of all told about must equal the books at once, as nothing was edited since;
 * everything must after one quiet run, which reads no more than the changes.
 */
export async function readMoving({ seed, rows }: { seed: number; rows: number }): Promise<MovingRun> {
  const within = seed % 2 === 1;
  const books = generateBooks({ seed: 1_000 + seed, documents: Math.ceil(rows * DOCUMENTS) });
  const clock = fastClock({ start: books.lastTouched + 30 * DAY, rate: 300 });
  // Names in references change without a change of the record.
  const switches = { refNames: 'none' } as const;
  const quickbooks = await startQuickbooks({ companies: [books], clock, limits: UNLIMITED, switches });
  try {
    const realm = quickbooks.companies[0]?.realmId ?? '';
    const config = {
      ...configFor(quickbooks, quickbooks.issueTokens().refresh_token ?? ''),
      batch_size: [30, 9, 3][seed % 3],
    };
    const bench: Bench = { quickbooks, books, realm, clock, config };
    const whole = names.reduce((sum, name) => sum + truthOf(bench, name).size, 0);
    const stirring = stir(bench, { seed, within });
    const first = await run(bench, { streams: names });
    stirring.stop();
    const calls = quickbooks.calls();
    const told = toldLast(bench);
    const early = difference(bench, [first], told);
    const second = await run(bench, { streams: names, states: first.states });
    const failed = [...first.errors, ...second.errors][0]?.message;
    const late = early ?? failed ?? difference(bench, [first, second], names);
    return { seed, rows: whole, calls, atOnce: told.length, ...sums(stirring.counts), difference: late };
  } finally {
    await quickbooks.close();
  }
}

/** The streams that the last call of all told about: those of change data capture, where it was one. */
function toldLast({ quickbooks }: Bench): readonly string[] {
  const entities = quickbooks.requests.at(-1)?.url.searchParams.get('entities')?.split(',') ?? [];
  return captured.filter((stream) => entities.includes(entityOf(stream)));
}

/** Edits before every call, 25 of them, and 12 before every item of a batch where that is wanted. */
function stir(bench: Bench, { seed, within }: { seed: number; within: boolean }) {
  const counts: EditCounts = {};
  let times = 0;
  const act = (edits: number) => () => {
    times += 1;
    bench.clock.advance(1_500);
    const made = editBooks(bench.books, { seed: seed * 100_000 + times, edits, at: bench.clock.now() });
    for (const [name, count] of Object.entries(made)) counts[name] = (counts[name] ?? 0) + count;
  };
  const stops = [bench.quickbooks.beforeCall(act(25))];
  if (within) stops.push(bench.quickbooks.beforeBatchItem(act(12)));
  return {
    counts,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

function sums(counts: EditCounts): Pick<MovingRun, 'inserts' | 'edits' | 'deletes'> {
  const of = (chosen: (name: string) => boolean): number =>
    Object.entries(counts).reduce((sum, [name, count]) => sum + (chosen(name) ? count : 0), 0);
  return {
    inserts: of((name) => ADDED.includes(name)),
    deletes: of((name) => DELETED.includes(name)),
    edits: of((name) => !ADDED.includes(name) && !DELETED.includes(name)),
  };
}

function difference(
  bench: Bench,
  outcomes: readonly Outcome[],
  streams: readonly string[],
): string | undefined {
  for (const stream of streams) {
    const table = tableOf(outcomes.flatMap((outcome) => outcome.of(stream)));
    const truth = truthOf(bench, stream);
    const after = `after run ${outcomes.length}`;
    for (const id of table.keys())
      if (!truth.has(id)) return `${stream} ${id} is in the result and not in the books ${after}`;
    for (const [id, row] of truth) {
      const found = table.get(id);
      if (!found) return `${stream} ${id} is in the books and not in the result ${after}`;
      if (!isDeepStrictEqual(plain(found), row)) return `${stream} ${id} is not as in the books ${after}`;
    }
  }
  return undefined;
}
