// Books that move while they are read: edits, inserts and deletions between all calls, and within batches.
import { expect, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import type { QuickbooksOptions } from '../emulators/quickbooks/index.ts';
import {
  type Bench,
  captured,
  type Outcome,
  openBench,
  plain,
  run,
  tableOf,
  tables,
  truthOf,
} from './bench.ts';

/** Edits the books before every call, so often as `edits` says. */
function stir(bench: Bench, { seed, edits, within }: { seed: number; edits: number; within: boolean }) {
  let calls = 0;
  const act = () => {
    calls += 1;
    bench.clock.advance(1_500);
    editBooks(bench.books, { seed: seed * 1_000 + calls, edits, at: bench.clock.now() });
  };
  const stops = [bench.quickbooks.beforeCall(act)];
  if (within) stops.push(bench.quickbooks.beforeBatchItem(act));
  return () => {
    for (const stop of stops) stop();
  };
}

function expectEqual(bench: Bench, outcomes: readonly Outcome[], streams: readonly string[]) {
  for (const stream of streams) {
    const table = tableOf(outcomes.flatMap((outcome) => outcome.of(stream)));
    const truth = truthOf(bench, stream);
    expect([stream, [...table.keys()].sort()]).toEqual([stream, [...truth.keys()].sort()]);
    for (const [id, row] of truth) expect([stream, plain(table.get(id) ?? {})]).toEqual([stream, row]);
  }
}

const names = tables.map(({ name }) => name);
/** Names in references change without a change of the record, so they are left out where people are renamed. */
const switches: QuickbooksOptions['switches'] = { refNames: 'none' };

/** SEEDS=100 for a long look. */
const seeds = (usual: number) =>
  Array.from({ length: Number(process.env.SEEDS ?? usual) }, (_, seed) => seed);

test.each(seeds(12))(
  'books edited between all calls of a first read arrive as they are at its end (seed %i)',
  async (seed) => {
    const bench = await openBench({
      documents: 150,
      seed: 30 + seed,
      switches,
      config: { page_size: 7, batch_size: 12 },
    });
    const stop = stir(bench, { seed, edits: 3, within: false });
    const first = await run(bench, { streams: names });
    stop();
    expect(first.errors).toEqual([]);
    expectEqual(bench, [first], captured);
    const second = await run(bench, { streams: names, states: first.states });
    expectEqual(bench, [first, second], names);
  },
);

test.each(seeds(8))(
  'books edited even within batches are whole after one quiet run (seed %i)',
  async (seed) => {
    const bench = await openBench({
      documents: 80,
      seed: 60 + seed,
      switches,
      config: { page_size: 9, batch_size: 20 },
    });
    const stop = stir(bench, { seed, edits: 1, within: true });
    const first = await run(bench, { streams: names });
    stop();
    expect(first.errors).toEqual([]);
    const second = await run(bench, { streams: names, states: first.states });
    expectEqual(bench, [first, second], names);
  },
);
