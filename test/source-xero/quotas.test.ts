// Quotas: kept without provoking a refusal, and a spent day ends the run where the next can go on.
import { expect, test } from 'vitest';
import { statusesOf } from '../conformance/in-process.ts';
import { beforeEachCall, type Outcome, openBench, run } from './bench.ts';

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

const toldQuotas = ({ logs }: Outcome): readonly Record<string, unknown>[] =>
  logs.filter((line) => line.startsWith('{"event":"quota"')).map((line) => JSON.parse(line));

test('what Xero says is left of each limit is told once at the end, for each organisation and for the app', async () => {
  // A clock of the world's own pace: the run is over before half a minute is.
  const bench = await openBench({ companies: 2, documents: 40, rate: 1 });
  const ids = bench.books.map(({ company }) => company.id);
  const outcome = await run(bench, { streams: ['contacts', 'invoices'] });
  const told = toldQuotas(outcome);
  expect(told).toHaveLength(5);
  for (const id of ids) {
    const { dayLeft, minuteLeft } = bench.xero.quota(id);
    expect(dayLeft).toBeLessThan(5_000);
    expect(told).toContainEqual({ event: 'quota', tenant: id, limit: 'day', left: dayLeft });
    expect(told).toContainEqual({ event: 'quota', tenant: id, limit: 'minute', left: minuteLeft });
  }
  expect(told).toContainEqual({ event: 'quota', limit: 'minute of the app', left: expect.any(Number) });
  expect(outcome.messages.at(-1)).toMatchObject({ type: 'LOG' });
});

test('a long run tells of a limit every half minute', async () => {
  const bench = await openBench({ documents: 60, config: { page_size: 4 }, rate: 1 });
  // Each call takes forty seconds.
  beforeEachCall(bench.xero, () => bench.clock.advance(40_000));
  const outcome = await run(bench, { streams: ['invoices'] });
  const days = toldQuotas(outcome).filter(({ limit }) => limit === 'day');
  expect(days.length).toBeGreaterThan(3);
  const lefts = days.map(({ left }) => Number(left));
  expect(lefts).toEqual([...lefts].sort((one, other) => other - one));
  expect(new Set(lefts).size).toBe(lefts.length);
});

test('a day that is spent is told as spent', async () => {
  const bench = await openBench({ documents: 20 });
  bench.xero.spend({ day: 4_999 });
  const outcome = await run(bench, { streams: ['contacts', 'invoices'] });
  expect(outcome.errors.length).toBeGreaterThan(0);
  expect(toldQuotas(outcome).findLast(({ limit }) => limit === 'day')).toMatchObject({ left: 0 });
});

test('each organisation has a quota of its own', async () => {
  const bench = await openBench({ companies: 2, documents: 100 });
  const [first, second] = bench.books.map(({ company }) => company.id);
  bench.xero.spend({ day: 5_000 }, first);
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(outcome.errors).toHaveLength(1);
  expect(new Set(outcome.of('contacts').map(({ TenantID }) => TenantID))).toEqual(new Set([second]));
});
