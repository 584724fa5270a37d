// The call table beside the peers': the formula of this source is what the emulator counts.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { quickbooksIdle, quickbooksPeers } from '../bench/calls.ts';
import { UNLIMITED } from '../emulators/quickbooks/index.ts';
import { openBench, run, tables } from './bench.ts';

test.each([0, 100, 999, 1_000, 1_001, 1_999, 2_000, 10_000, 32_000])(
  'a first read of %i rows of one table takes the calls that the table says',
  async (rows) => {
    const bench = await openBench({ limits: UNLIMITED });
    for (let row = 0; row < rows; row += 1) {
      if (row % 40 === 0) bench.clock.advance(1_000);
      bench.quickbooks.addRecord('RefundReceipt', { TotalAmt: row });
    }
    bench.clock.advance(60_000);
    const { errors, live } = await run(bench, { streams: ['refund_receipts'] });
    expect([errors, live('refund_receipts').length]).toEqual([[], rows]);
    expect(bench.quickbooks.calls()).toBe(quickbooksPeers['source-quickbooks'](rows));
  },
);

test('a run of all tables in which nothing has changed takes the calls that the table says', async () => {
  const bench = await openBench({ limits: UNLIMITED });
  const streams = tables.map(({ name }) => name);
  const { states } = await run(bench, { streams });
  bench.clock.advance(3_600_000);
  const before = bench.quickbooks.calls();
  await run(bench, { streams, states });
  expect(bench.quickbooks.calls() - before).toBe(quickbooksIdle['source-quickbooks']);
});

test('the README shows the numbers of the table', async () => {
  const text = await readFile(new URL('../../source-quickbooks/README.md', import.meta.url), 'utf8');
  const cellsOf = (start: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`| ${start}`))
      ?.split('|')
      .slice(2, -1)
      .map((cell) => cell.trim());
  const written = (calls: readonly number[]) => calls.map((one) => one.toLocaleString('en-US'));
  for (const [start, rows] of [
    ['first read of 1,000 rows', 1_000],
    ['first read of 10,000 ', 10_000],
    ['first read of 100,000', 100_000],
  ] as const)
    expect([start, cellsOf(start)]).toEqual([
      start,
      written(Object.values(quickbooksPeers).map((formula) => formula(rows))),
    ]);
  expect(cellsOf('nothing new')).toEqual(written(Object.values(quickbooksIdle)));
});
