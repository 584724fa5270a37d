// Lists beyond the limit of documents that Xero will scan: cut into ranges, whole, and resumable.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { addInvoice } from '../books/index.ts';
import { openBench, run, tenantState } from './bench.ts';

const guarded = [
  'invoices',
  'bills',
  'payments',
  'bank_transactions',
  'sales_credit_notes',
  'purchase_credit_notes',
];
const limits = { highVolume: 60 };

test('a first read beyond the guard is cut by date, and the next read goes on by its cursor', async () => {
  const bench = await openBench({ documents: 600, limits, config: { page_size: 50 } });
  const [books] = bench.books;
  const first = await run(bench, { streams: guarded });
  expect(first.errors).toEqual([]);
  expect(first.of('invoices')).toHaveLength(books.invoices.length);
  expect(first.of('bills')).toHaveLength(books.bills.length);
  expect(first.of('payments')).toHaveLength(books.payments.length);
  expect(bench.xero.requests.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
  bench.clock.advance(60_000);
  const before = bench.xero.calls();
  const added = addInvoice(books, { at: bench.clock.now() });
  const second = await run(bench, { streams: guarded, states: first.states });
  expect(second.of('invoices').map(({ InvoiceID }) => InvoiceID)).toEqual([added.id]);
  expect(bench.xero.calls() - before).toBe(4);
});

test('where If-Modified-Since does not narrow what is counted, every read is cut', async () => {
  const bench = await openBench({
    documents: 400,
    limits,
    switches: { highVolumeGuard: 'counts everything' },
  });
  const [books] = bench.books;
  const first = await run(bench, { streams: ['invoices', 'bills'] });
  expect(first.of('invoices')).toHaveLength(books.invoices.length);
  const added = addInvoice(books, { at: bench.clock.now() });
  const second = await run(bench, { streams: ['invoices', 'bills'], states: first.states });
  expect(second.errors).toEqual([]);
  expect(second.of('invoices').map(({ InvoiceID }) => InvoiceID)).toEqual([added.id]);
  const third = await run(bench, { streams: ['invoices', 'bills'], states: second.states });
  expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('a first read in ranges goes on where it was stopped', async () => {
  const bench = await openBench({ documents: 400, limits, config: { page_size: 20 } });
  const [books] = bench.books;
  bench.xero.faults.add({ path: /\/Invoices/, skip: 14, times: 5, does: { kind: 'answer', status: 500 } });
  const first = await run(bench, { streams: ['invoices', 'bills'] });
  expect(first.errors).toHaveLength(2);
  const state = tenantState(first.states, 'invoices', books.company.id);
  expect(isObject(state.backfill) && state.backfill.from).toMatch(/^20\d\d-\d\d-\d\d$/);
  // What changes before the reading goes on lies behind the place where it was stopped.
  const added = addInvoice(books, { at: bench.clock.now(), date: Date.UTC(2024, 0, 5) });
  bench.xero.faults.clear();
  const second = await run(bench, { streams: ['invoices', 'bills'], states: first.states });
  expect(second.errors).toEqual([]);
  expect(second.of('invoices').length).toBeLessThan(books.invoices.length);
  const third = await run(bench, { streams: ['invoices', 'bills'], states: second.states });
  const ids = [first, second, third].flatMap((one) => one.of('invoices').map(({ InvoiceID }) => InvoiceID));
  expect(new Set(ids)).toEqual(new Set(books.invoices.map(({ id }) => id)));
  expect(ids).toContain(added.id);
});

test('purchase orders are cut by their own parameters', async () => {
  const bench = await openBench({ documents: 900, limits: { highVolume: 3 } });
  const [books] = bench.books;
  expect(books.purchaseOrders.length).toBeGreaterThan(3);
  const outcome = await run(bench, { streams: ['purchase_orders'] });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('purchase_orders')).toHaveLength(books.purchaseOrders.length);
});

test('contacts beyond the guard fail with the one remedy there is, after few calls', async () => {
  const bench = await openBench({ limits: { highVolume: 10 } });
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(outcome.errors).toEqual([
    expect.objectContaining({
      failure_type: 'config_error',
      message: expect.stringMatching(/100,000.*"start_date"/),
    }),
  ]);
  expect(bench.xero.calls()).toBeLessThan(16);
});

test('what Xero warns of is passed on once', async () => {
  const bench = await openBench({
    documents: 100,
    limits: { highVolume: 60 },
    switches: { highVolumeWarnings: true },
    config: { page_size: 5 },
  });
  const outcome = await run(bench, { streams: ['payments'] });
  const warnings = outcome.messages.filter(
    (message) => message.type === 'LOG' && message.log.level === 'WARN',
  );
  expect(warnings).toEqual([
    { type: 'LOG', log: { level: 'WARN', message: expect.stringMatching(/^Xero warns of Payments: /) } },
  ]);
});
