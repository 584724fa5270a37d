// The ledger, where the app may read it: in order, a hundred a call, and never a journal twice.
import { expect, test } from 'vitest';
import { addInvoice, bookTotals, trialBalance } from '../books/index.ts';
import { openBench, refreshOf, run } from './bench.ts';

const open = (documents: number, more: Record<string, unknown> = {}) =>
  openBench({ documents, switches: { journals: true }, config: { journals: true, ...more } });

test('every journal arrives once, and their lines add up to the ledger', async () => {
  const bench = await open(300);
  const [books] = bench.books;
  const outcome = await run(bench, { streams: ['journals'] });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('journals')).toHaveLength(books.journals.length);
  expect(bench.xero.calls('Journals')).toBe(Math.floor(books.journals.length / 100) + 1);
  const balance: Record<string, number> = {};
  for (const { JournalLines } of outcome.of('journals'))
    for (const line of JournalLines as { AccountCode: string; NetAmount: number }[])
      balance[line.AccountCode] = (balance[line.AccountCode] ?? 0) + Math.round(line.NetAmount * 100);
  for (const [code, cents] of Object.entries(trialBalance(books)))
    expect([code, balance[code] ?? 0]).toEqual([code, cents]);
  expect(bookTotals(books).trialBalance).toEqual(trialBalance(books));
});

test('the next read goes on after the highest number, and a refresh begins anew', async () => {
  const bench = await open(60);
  const [books] = bench.books;
  const first = await run(bench, { streams: ['journals'] });
  const before = books.journals.length;
  addInvoice(books, { at: bench.clock.now() });
  const second = await run(bench, { streams: ['journals'], states: first.states });
  expect(second.of('journals')).toHaveLength(books.journals.length - before);
  const third = await run(bench, { streams: ['journals'], states: second.states });
  expect(third.of('journals')).toEqual([]);
  const refresh = await run(bench, { catalog: refreshOf(['journals']), states: third.states });
  expect(refresh.of('journals')).toHaveLength(books.journals.length);
});

test('a start date leaves out older journals on the first read', async () => {
  const bench = await open(200, { start_date: '2025-06-01' });
  const [books] = bench.books;
  const outcome = await run(bench, { streams: ['journals'] });
  const recent = books.journals.filter(({ createdAt }) => createdAt >= Date.UTC(2025, 5, 1));
  expect(recent.length).toBeLessThan(books.journals.length);
  expect(outcome.of('journals')).toHaveLength(recent.length);
});
