// What a read delivers, in how many calls: the first one, the next ones, and a full refresh.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { bookTotals } from '../books/index.ts';
import { statusesOf } from '../conformance/in-process.ts';
import { captured, openBench, plain, realmState, refreshOf, run, tableOf, tables, truthOf } from './bench.ts';

const names = tables.map(({ name }) => name);
const cents = (value: unknown): number => Math.round(Number(value ?? 0) * 100);
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

test('a first read delivers every record of every table as QuickBooks has it, in three calls', async () => {
  const bench = await openBench({ documents: 200 });
  const outcome = await run(bench, { streams: names });
  expect(outcome.errors).toEqual([]);
  for (const stream of names) {
    const table = tableOf(outcome.of(stream));
    const truth = truthOf(bench, stream);
    expect([stream, [...table.keys()].sort()]).toEqual([stream, [...truth.keys()].sort()]);
    for (const [id, row] of truth) expect(plain(table.get(id) ?? {})).toEqual(row);
    expect(statusesOf(outcome.messages, stream).at(-1)).toBe('COMPLETE');
  }
  expect(bench.quickbooks.calls()).toBe(3);
});

test('rare streams are read where they are asked for', async () => {
  const more = [
    'recurring_transactions',
    'reimburse_charges',
    'inventory_adjustments',
    'credit_card_payments',
  ];
  const bench = await openBench({ documents: 120, config: { more_streams: more } });
  const outcome = await run(bench, { streams: more });
  expect(outcome.errors).toEqual([]);
  expect(outcome.live('recurring_transactions')).toHaveLength(
    bench.quickbooks.records('RecurringTransaction').length,
  );
  expect(outcome.live('recurring_transactions')[0]).toMatchObject({
    Id: expect.stringMatching(/^\d+$/),
    TransactionType: expect.any(String),
  });
  expect(outcome.live('reimburse_charges')).toHaveLength(bench.quickbooks.records('ReimburseCharge').length);
});

test('receivables, payables and lines add up to the books, to the cent', async () => {
  const bench = await openBench({ documents: 400 });
  const streams = ['invoices', 'bills', 'credit_memos', 'vendor_credits', 'accounts'];
  const outcome = await run(bench, { streams });
  const totals = bookTotals(bench.books);
  const open = (stream: string) => {
    const byCurrency: Record<string, number> = {};
    for (const { CurrencyRef, Balance } of outcome.live(stream)) {
      const currency = String(isObject(CurrencyRef) ? CurrencyRef.value : '');
      byCurrency[currency] = (byCurrency[currency] ?? 0) + cents(Balance);
    }
    return Object.fromEntries(Object.entries(byCurrency).filter(([, value]) => value !== 0));
  };
  expect(open('invoices')).toEqual(totals.accountsReceivable.byCurrency);
  expect(open('bills')).toEqual(totals.accountsPayable.byCurrency);
  const documents = [...bench.books.invoices, ...bench.books.bills].filter(
    ({ status }) => status === 'authorised' || status === 'paid',
  );
  const total = [...outcome.live('invoices'), ...outcome.live('bills')].map(({ TotalAmt }) =>
    cents(TotalAmt),
  );
  expect(sum(total)).toBe(sum(documents.map((document) => document.total)));
});

test('nothing changed: all streams cost two calls and give no record', async () => {
  const bench = await openBench({ documents: 120 });
  const first = await run(bench);
  const before = bench.quickbooks.calls();
  const second = await run(bench, { states: first.states });
  expect(second.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
  expect(second.errors).toEqual([]);
  expect(bench.quickbooks.calls() - before).toBe(2);
  expect(captured.length).toBeGreaterThan(20);
});

test('a hundred pages of ten tables take six calls', async () => {
  // Pages of 40 rows instead of 1,000, so that 4,000 rows are as many pages as 100,000.
  const bench = await openBench({ documents: 2_700, config: { page_size: 40 } });
  const streams = [
    'customers',
    'vendors',
    'accounts',
    'items',
    'invoices',
    'bills',
    'payments',
    'bill_payments',
  ];
  const more = ['deposits', 'purchases'];
  const outcome = await run(bench, { streams: [...streams, ...more] });
  const rows = outcome.messages.filter(({ type }) => type === 'RECORD').length;
  expect(rows).toBeGreaterThan(3_500);
  expect(Math.ceil(rows / 40)).toBeGreaterThan(85);
  expect(bench.quickbooks.calls()).toBeLessThanOrEqual(7);
});

test('a table of rows that all changed in one second is read through', async () => {
  const bench = await openBench({ documents: 20, config: { page_size: 3, batch_size: 4 } });
  const ids = Array.from({ length: 23 }, (_, index) =>
    bench.quickbooks.addRecord('RefundReceipt', { TxnDate: '2026-01-05', TotalAmt: index }),
  );
  const outcome = await run(bench, { streams: ['refund_receipts'] });
  expect(outcome.live('refund_receipts').map(({ Id }) => Id)).toEqual(ids);
});

test('a full refresh delivers everything again, without tombstones, and its state is good to go on from', async () => {
  const bench = await openBench({ documents: 100 });
  const first = await run(bench, { streams: ['invoices', 'tax_codes'] });
  const catalog = refreshOf(['invoices', 'tax_codes']);
  const again = await run(bench, { catalog, states: first.states });
  for (const stream of ['invoices', 'tax_codes'])
    expect(again.of(stream).length).toBe(truthOf(bench, stream).size);
  const next = await run(bench, { streams: ['invoices', 'tax_codes'], states: again.states });
  expect(next.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('a start date leaves out what was last changed before it, and later changes still come', async () => {
  const bench = await openBench({ documents: 300 });
  const dates = bench.quickbooks
    .records('Invoice')
    .map((row) => Date.parse(String(isObject(row.MetaData) ? row.MetaData.LastUpdatedTime : '')))
    .sort((a, b) => a - b);
  const start = new Date(dates[Math.floor(dates.length / 2)] ?? 0).toISOString().slice(0, 10);
  bench.config = { ...bench.config, start_date: start };
  const outcome = await run(bench, { streams: ['invoices'] });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('invoices')).toHaveLength(dates.filter((at) => at >= Date.parse(start)).length);
  const second = await run(bench, { streams: ['invoices'], states: outcome.states });
  expect(second.of('invoices')).toEqual([]);
});

test('records carry company and time of change in UTC, and the text of QuickBooks beside it', async () => {
  const bench = await openBench();
  const { live, states } = await run(bench, { streams: ['invoices'] });
  const [invoice] = live('invoices');
  const text = String(isObject(invoice?.MetaData) ? invoice.MetaData.LastUpdatedTime : '');
  expect(text).toMatch(/-0[78]:00$/);
  expect(invoice).toMatchObject({ RealmID: bench.realm, LastUpdatedTime: new Date(text).toISOString() });
  expect(realmState(states, 'invoices', bench.realm)).toMatchObject({
    cursor: expect.stringMatching(/Z$/),
    reads: { month: expect.stringMatching(/^\d{4}-\d{2}$/), count: expect.any(Number) },
  });
});

test('a stream that is added later is read from its beginning while the others go on', async () => {
  const bench = await openBench({ documents: 150 });
  const first = await run(bench, { streams: ['invoices'] });
  const before = bench.quickbooks.calls();
  const second = await run(bench, { streams: ['invoices', 'payments'], states: first.states });
  expect(second.of('invoices')).toEqual([]);
  expect(second.of('payments')).toHaveLength(truthOf(bench, 'payments').size);
  expect(bench.quickbooks.calls() - before).toBeLessThanOrEqual(3);
});
