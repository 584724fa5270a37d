// Single records by their ids: the fewest calls, tombstones for what is gone, and no cursor moved.
import { expect, test } from 'vitest';
import { deletePayment } from '../books/index.ts';
import { openBench, plain, run, truthOf } from './bench.ts';

test('five hundred ids of one kind are one call', async () => {
  const bench = await openBench({ documents: 1_600 });
  const truth = truthOf(bench, 'invoices');
  const ids = [...truth.keys()].slice(0, 500);
  expect(ids).toHaveLength(500);
  const only = ids.map((id) => ({ stream: 'invoices', tenant: bench.realm, id }));
  const outcome = await run(bench, { streams: ['invoices'], only });
  expect(bench.quickbooks.calls()).toBe(1);
  expect(outcome.states.size).toBe(0);
  expect(
    outcome
      .of('invoices')
      .map(({ Id }) => Id)
      .sort(),
  ).toEqual([...ids].sort());
  for (const data of outcome.of('invoices')) expect(plain(data)).toEqual(truth.get(String(data.Id)));
});

test('ids of several kinds share a call; deleted ones are tombstones, strangers are told', async () => {
  const bench = await openBench({ documents: 200 });
  const payment = bench.books.payments.find(
    (one) => one.status === 'authorised' && one.target.kind === 'invoice' && !one.batch,
  );
  const before = new Set(truthOf(bench, 'payments').keys());
  if (payment) deletePayment(bench.books, payment, { at: bench.clock.now() });
  const after = truthOf(bench, 'payments');
  const [gone = ''] = [...before].filter((id) => !after.has(id));
  const [kept = ''] = after.keys();
  const [customer = ''] = truthOf(bench, 'customers').keys();
  const only = [
    { stream: 'payments', tenant: bench.realm, id: gone },
    { stream: 'payments', tenant: bench.realm, id: kept },
    { stream: 'payments', tenant: bench.realm, id: kept },
    { stream: 'customers', tenant: bench.realm, id: customer },
    { stream: 'customers', tenant: '123', id: '1' },
    { stream: 'report_balance_sheet', tenant: bench.realm, id: '1' },
  ];
  const streams = ['payments', 'customers', 'report_balance_sheet'];
  const outcome = await run(bench, { streams, only });
  expect(bench.quickbooks.calls()).toBe(1);
  expect(outcome.gone('payments').map(({ Id }) => Id)).toEqual([gone]);
  expect(outcome.live('payments').map(({ Id }) => Id)).toEqual([kept]);
  expect(outcome.live('customers').map(({ Id }) => Id)).toEqual([customer]);
  expect(outcome.logs.filter((text) => text.startsWith('Nothing was read for record "1"'))).toHaveLength(2);
});

test('an id with a quote in it stays inside its quotes', async () => {
  const bench = await openBench();
  const only = [{ stream: 'invoices', tenant: bench.realm, id: "1') OR Id IN ('2" }];
  const outcome = await run(bench, { streams: ['invoices'], only });
  expect(outcome.live('invoices')).toEqual([]);
  expect(outcome.gone('invoices')).toHaveLength(1);
});
