// Quotas and money: limits kept without a refusal, a budget of the month that is never exceeded, a count that is told.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { source } from '../../source-quickbooks/index.ts';
import { reading } from '../conformance/in-process.ts';
import { UNLIMITED } from '../emulators/quickbooks/index.ts';
import { type Bench, openBench, realmState, run, tableOf, truthOf } from './bench.ts';

const throttled = (bench: Bench) => bench.quickbooks.requests.filter(({ status }) => status === 429);
const small = { page_size: 3, batch_size: 3 };

test('more than forty batches pass under forty a minute without one refusal, and waits are told', async () => {
  const bench = await openBench({ documents: 300, config: small, rate: 60 });
  const outcome = await run(bench, { streams: ['invoices', 'bills'] });
  expect(bench.quickbooks.calls('batch')).toBeGreaterThan(45);
  expect(throttled(bench)).toEqual([]);
  const waits = outcome.messages.flatMap((message) =>
    message.type === 'TRACE' ? (message.trace.stream_status?.reasons ?? []) : [],
  );
  expect(waits[0]).toEqual({ type: 'RATE_LIMITED', rate_limited: { quota_reset: expect.any(Number) } });
  expect(outcome.errors).toEqual([]);
}, 20_000);

test.each([429, 403] as const)(
  'a throttle answered with %i is waited out for a minute',
  async (throttleStatus) => {
    const bench = await openBench({ switches: { throttleStatus }, rate: 2_000 });
    bench.quickbooks.spend({ minute: 500 });
    const began = bench.clock.now();
    const outcome = await run(bench, { streams: ['customers', 'items'] });
    expect(outcome.errors).toEqual([]);
    expect(bench.clock.now() - began).toBeGreaterThan(30_000);
  },
);

test('a month that is spent at Intuit ends the run after a few waits, naming the quota', async () => {
  const bench = await openBench({ limits: { monthlyReads: 0 }, rate: 5_000 });
  await expect(run(bench, { streams: ['customers'] })).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringMatching(/monthly quota of the app may be spent/),
  });
  expect(bench.quickbooks.calls()).toBeLessThanOrEqual(5);
});

test('the budget of a month ends the run before it is exceeded, and the next month goes on from its states', async () => {
  const bench = await openBench({
    documents: 120,
    limits: UNLIMITED,
    config: { ...small, monthly_reads: 12 },
  });
  const states = new Map<string, Record<string, unknown>>();
  const streams = ['invoices', 'bills', 'customers'];
  const records: Record<string, unknown>[] = [];
  let ended = false;
  for (let month = 0; month < 30 && !ended; month += 1) {
    const before = bench.quickbooks.calls();
    const outcome = await runUntilSpent(bench, { streams, states });
    records.push(...outcome.records);
    ended = outcome.ended;
    expect(bench.quickbooks.calls() - before).toBeLessThanOrEqual(12);
    if (ended) break;
    expect(outcome.message).toMatch(
      /12 of the 12 calls of "monthly_reads" are spent until \d{4}-\d{2}-01T00:00:00/,
    );
    // Within the month nothing more is asked for.
    const spent = bench.quickbooks.calls();
    await runUntilSpent(bench, { streams, states });
    expect(bench.quickbooks.calls()).toBe(spent);
    bench.clock.advance(31 * 86_400_000);
  }
  expect(ended).toBe(true);
  const invoices = records.filter((data) => data.DueDate !== undefined && data.CustomerRef !== undefined);
  expect(tableOf(invoices).size).toBe(truthOf(bench, 'invoices').size);
}, 20_000);

async function runUntilSpent(
  bench: Bench,
  { streams, states }: { streams: readonly string[]; states: Map<string, Record<string, unknown>> },
) {
  const messages: Message[] = [];
  let message = '';
  try {
    for await (const _ of reading(source, { ...bench, streams, states: new Map(states) }, messages));
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  const records: Record<string, unknown>[] = [];
  for (const one of messages) {
    if (one.type === 'STATE' && one.state.stream)
      states.set(one.state.stream.stream_descriptor.name, one.state.stream.stream_state ?? {});
    if (one.type === 'RECORD') records.push(one.record.data);
    if (one.type === 'CONTROL' && one.control.connectorConfig)
      bench.config = one.control.connectorConfig.config;
  }
  return { ended: message === '', message, records };
}

const toldQuotas = (logs: readonly string[]): readonly unknown[] =>
  logs.filter((line) => line.startsWith('{"event":"quota"')).map((line) => JSON.parse(line));

test('what a budget of the month still allows is told at the end', async () => {
  const bench = await openBench({ config: { monthly_reads: 5_000 } });
  const { logs } = await run(bench, { streams: ['customers', 'vendors'] });
  const left = 5_000 - bench.quickbooks.calls();
  expect(left).toBeLessThan(5_000);
  expect(toldQuotas(logs).at(-1)).toEqual({ event: 'quota', tenant: bench.realm, limit: 'month', left });
});

test('without a budget nothing is told: QuickBooks says nothing of what is left', async () => {
  const bench = await openBench();
  const { logs } = await run(bench, { streams: ['customers', 'vendors'] });
  expect(bench.quickbooks.calls()).toBeGreaterThan(0);
  expect(toldQuotas(logs)).toEqual([]);
});

test.each(['one', 'each'] as const)(
  'the count of the month is in states and log (a batch counts %s)',
  async (batch_counts) => {
    const bench = await openBench({ config: { batch_counts, monthly_reads: 5_000 } });
    const streams = ['customers', 'vendors', 'tax_codes'];
    const first = await run(bench, { streams });
    const calls = bench.quickbooks.calls();
    const month = new Date(bench.clock.now()).toISOString().slice(0, 7);
    // One batch of five statements, and the captured changes.
    const made = batch_counts === 'one' ? calls : 6;
    expect(realmState(first.states, 'vendors', bench.realm).reads).toEqual({ month, count: made });
    expect(first.logs).toContainEqual(`Made ${made} calls to QuickBooks; ${made} of 5000 in ${month}`);
    const second = await run(bench, { streams, states: first.states });
    expect(second.logs).toContainEqual(`Made 2 calls to QuickBooks; ${made + 2} of 5000 in ${month}`);
  },
);
