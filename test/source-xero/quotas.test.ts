// Quotas: kept without provoking a refusal, and a spent day ends the run where the next can go on.
import { expect, test } from 'vitest';
import { statusesOf } from '../conformance/in-process.ts';
import { openBench, run } from './bench.ts';

const refused = (bench: Awaited<ReturnType<typeof openBench>>) =>
  bench.xero.requests.filter(({ status }) => status === 429);

test('two hundred calls pass under sixty a minute without one refusal, and waits are told', async () => {
  const bench = await openBench({ documents: 250, config: { page_size: 1 }, rate: 60 });
  const outcome = await run(bench, { streams: ['invoices', 'bills'] });
  expect(bench.xero.calls()).toBeGreaterThan(180);
  expect(refused(bench)).toEqual([]);
  const waits = outcome.messages.flatMap((message) =>
    message.type === 'TRACE' ? (message.trace.stream_status?.reasons ?? []) : [],
  );
  expect(waits.length).toBeGreaterThan(0);
  expect(waits[0]).toEqual({ type: 'RATE_LIMITED', rate_limited: { quota_reset: expect.any(Number) } });
  expect(outcome.errors).toEqual([]);
});

test('a day that others have spent ends the run before it is refused, and the next day goes on', async () => {
  const bench = await openBench({ documents: 400, config: { page_size: 4, daily_reserve: 10 } });
  const whole = await run(bench, { streams: ['invoices', 'bills', 'contacts'] });
  bench.clock.advance(86_400_000);
  bench.xero.spend({ day: 5_000 - 45 });
  const first = await run(bench, { streams: ['invoices', 'bills', 'contacts'] });
  expect(refused(bench)).toEqual([]);
  expect(bench.xero.quota().dayLeft).toBeGreaterThanOrEqual(10);
  expect(first.errors.length).toBeGreaterThan(0);
  for (const error of first.errors)
    expect(error).toMatchObject({ failure_type: 'transient_error', message: expect.stringMatching(/day/) });
  bench.clock.advance(86_400_000);
  const second = await run(bench, { streams: ['invoices', 'bills', 'contacts'], states: first.states });
  expect(second.errors).toEqual([]);
  const ids = (outcomes: (typeof whole)[], stream: string, key: string) =>
    new Set(outcomes.flatMap((one) => one.of(stream).map((data) => data[key])));
  expect(ids([first, second], 'invoices', 'InvoiceID')).toEqual(ids([whole], 'invoices', 'InvoiceID'));
  expect(ids([first, second], 'contacts', 'ContactID')).toEqual(ids([whole], 'contacts', 'ContactID'));
  expect(statusesOf(second.messages, 'invoices').at(-1)).toBe('COMPLETE');
});

test('each organisation has a quota of its own', async () => {
  const bench = await openBench({ companies: 2, documents: 100 });
  const [first, second] = bench.books.map(({ company }) => company.id);
  bench.xero.spend({ day: 5_000 }, first);
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(outcome.errors).toHaveLength(1);
  expect(new Set(outcome.of('contacts').map(({ TenantID }) => TenantID))).toEqual(new Set([second]));
});
