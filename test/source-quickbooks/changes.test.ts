// Change data capture and its irregularities: tombstones, cuts at 1,000, duplicates, order, and the 30 days.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { source } from '../../source-quickbooks/index.ts';
import { addInvoice, archiveContact, deletePayment, editBooks, payInvoice } from '../books/index.ts';
import { reading, recordsOf, statesOf } from '../conformance/in-process.ts';
import type { QuickbooksOptions } from '../emulators/quickbooks/index.ts';
import {
  type Bench,
  type BenchOptions,
  captured,
  DAY,
  type Outcome,
  openBench,
  plain,
  realmState,
  run,
  tableOf,
  tables,
  truthOf,
} from './bench.ts';

type Switches = NonNullable<QuickbooksOptions['switches']>;

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('The books lack what the test needs');
  return value;
};

const open = (options: BenchOptions = {}) =>
  openBench({ documents: 150, ...options, switches: { refNames: 'none', ...options.switches } });

function expectEqual(bench: Bench, outcomes: readonly Outcome[], streams: readonly string[] = captured) {
  for (const stream of streams) {
    const table = tableOf(outcomes.flatMap((outcome) => outcome.of(stream)));
    const truth = truthOf(bench, stream);
    expect([stream, [...table.keys()].sort()]).toEqual([stream, [...truth.keys()].sort()]);
    for (const [id, row] of truth) expect([stream, plain(table.get(id) ?? {})]).toEqual([stream, row]);
  }
}

const paid = (bench: Bench) =>
  found(
    bench.books.payments.find(
      (one) => one.status === 'authorised' && !one.batch && one.target.kind === 'invoice',
    ),
  );

test.each([
  { tombstoneMetaData: true },
  { tombstoneMetaData: false },
  { cdcSince: 'exclusive' },
  { cdcDuplicates: true },
  { cdcElements: 'as asked' },
  { cdcCap: 'per entity' },
  { propagationMovesSyncToken: true },
  { propagation: false },
  { projections: true, idComparison: 'text', idOrder: 'text' },
  { gatewayCasing: 'upper', paddedCodes: true },
] satisfies Switches[])('a week of edits arrives in one call, whatever %o', async (switches) => {
  const bench = await open({ switches });
  const first = await run(bench, { streams: captured });
  bench.clock.advance(2 * DAY);
  editBooks(bench.books, { seed: 3, edits: 60, at: bench.clock.now() });
  bench.clock.advance(5_000);
  const before = bench.quickbooks.calls();
  const second = await run(bench, { streams: captured, states: first.states });
  expect(bench.quickbooks.calls() - before).toBe(1);
  // Without propagation the balances of lists change in silence.
  const silent = 'propagation' in switches ? ['accounts', 'customers', 'vendors', 'items'] : [];
  const seen = captured.filter((stream) => !silent.includes(stream));
  expectEqual(bench, [first, second], seen);
  const third = await run(bench, { streams: captured, states: second.states });
  expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('a hard delete is a tombstone of key and time, once', async () => {
  const bench = await open();
  const first = await run(bench, { streams: captured });
  bench.clock.advance(DAY);
  deletePayment(bench.books, paid(bench), { at: bench.clock.now() });
  bench.clock.advance(2_000);
  const second = await run(bench, { streams: captured, states: first.states });
  expect(second.gone('payments')).toEqual([
    {
      RealmID: bench.realm,
      Id: expect.stringMatching(/^\d+$/),
      LastUpdatedTime: expect.stringMatching(/^2\d{3}-.*Z$/),
      _ab_cdc_deleted_at: expect.stringMatching(/^2\d{3}-.*Z$/),
    },
  ]);
  const third = await run(bench, { streams: captured, states: second.states });
  expect(third.gone('payments')).toEqual([]);
});

test('what was made and deleted between two runs leaves no tombstone', async () => {
  const bench = await open();
  const first = await run(bench, { streams: ['payments', 'invoices'] });
  bench.clock.advance(DAY);
  const invoice = addInvoice(bench.books, { at: bench.clock.now() });
  const payment = payInvoice(bench.books, invoice, { at: bench.clock.now() + 1_000, amount: 100 });
  bench.clock.advance(5_000);
  deletePayment(bench.books, payment, { at: bench.clock.now() });
  const second = await run(bench, { streams: ['payments', 'invoices'], states: first.states });
  expect(second.gone('payments')).toEqual([]);
});

test.each([
  ['per call', 'newest'],
  ['per call', 'oldest'],
  ['per entity', 'newest'],
  ['per entity', 'oldest'],
] as const)(
  'changes that are cut %s, keeping the %s, are all found, deletions too',
  async (cdcCap, cdcKeeps) => {
    const bench = await open({
      switches: { cdcCap, cdcKeeps },
      limits: { cdcObjects: 1_000 },
      documents: 1_700,
    });
    const first = await run(bench, { streams: captured });
    bench.clock.advance(DAY);
    let at = bench.clock.now();
    const due = bench.books.invoices.filter(
      ({ status, open: left }) => status === 'authorised' && left > 1_000,
    );
    for (const invoice of due) payInvoice(bench.books, invoice, { at: at++, amount: 100 });
    for (let count = 0; count < 1_050; count += 1) addInvoice(bench.books, { at: at++ });
    for (const payment of bench.books.payments
      .filter((one) => one.status === 'authorised' && !one.batch)
      .slice(0, 40))
      deletePayment(bench.books, payment, { at: at++ });
    bench.clock.advance(10_000);
    const before = bench.quickbooks.calls();
    const second = await run(bench, { streams: captured, states: first.states });
    expect(second.errors).toEqual([]);
    expect(second.logs.some((text) => /More than 1,000 records have changed.*"invoices"/.test(text))).toBe(
      true,
    );
    expectEqual(bench, [first, second]);
    expect(bench.quickbooks.calls() - before).toBeLessThanOrEqual(14);
    const third = await run(bench, { streams: captured, states: second.states });
    expectEqual(bench, [first, second, third]);
  },
  30_000,
);

test.each(['fault', 'silently cut to 30 days'] as const)(
  'a state older than 30 days goes on by time of change and by ids, and says so (%s)',
  async (cdcTooOld) => {
    const bench = await open({ switches: { cdcTooOld } });
    const first = await run(bench, { streams: captured });
    bench.clock.advance(DAY);
    editBooks(bench.books, { seed: 9, edits: 80, at: bench.clock.now() });
    deletePayment(bench.books, paid(bench), { at: bench.clock.now() });
    bench.clock.advance(44 * DAY);
    const second = await run(bench, { streams: captured, states: first.states });
    expect(second.errors).toEqual([]);
    expect(second.gone('payments').length).toBeGreaterThan(0);
    expect(second.logs).toContainEqual(expect.stringMatching(/"payments" was more than 30 days ago/));
    expect(second.logs).toContainEqual(expect.stringMatching(/Reading all ids of stream "payments"/));
    expectEqual(bench, [first, second]);
    bench.clock.advance(DAY);
    const before = bench.quickbooks.calls();
    const third = await run(bench, { streams: captured, states: second.states });
    expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
    expect(bench.quickbooks.calls() - before).toBe(1);
  },
);

test.each([2, 40])(
  'a first read that was broken off goes on %i days later, past edits and deletions',
  async (days) => {
    const bench = await open({ config: { page_size: 5, batch_size: 4, monthly_reads: 9 } });
    const streams = ['customers', 'invoices', 'payments'];
    const messages: Message[] = [];
    const broken = async () => {
      for await (const _ of reading(source, { ...bench, streams }, messages));
    };
    await expect(broken()).rejects.toThrow(/monthly_reads/);
    const states = statesOf(messages);
    expect(states.size).toBeGreaterThan(1);
    bench.clock.advance(days * DAY);
    editBooks(bench.books, { seed: 12, edits: 60, at: bench.clock.now() });
    for (const payment of bench.books.payments
      .filter((one) => one.status === 'authorised' && !one.batch)
      .slice(0, 6))
      deletePayment(bench.books, payment, { at: bench.clock.now() });
    bench.clock.advance(5_000);
    const { monthly_reads: _, ...config } = bench.config;
    bench.config = config;
    const second = await run(bench, { streams, states });
    expect(second.errors).toEqual([]);
    const records = recordsOf(messages);
    for (const stream of streams) {
      const before = records.filter((record) => record.stream === stream).map(({ data }) => data);
      const table = tableOf([...before, ...second.of(stream)]);
      expect([stream, [...table.keys()].sort()]).toEqual([stream, [...truthOf(bench, stream).keys()].sort()]);
    }
    const third = await run(bench, { streams, states: second.states });
    expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
  },
);

test('captured changes that are refused are read by time of change instead', async () => {
  const bench = await open();
  const first = await run(bench, { streams: captured });
  bench.clock.advance(DAY);
  editBooks(bench.books, { seed: 4, edits: 40, at: bench.clock.now() });
  const body = JSON.stringify({
    Fault: {
      Error: [{ Message: 'Unsupported entity', Detail: 'Budget', code: '4000' }],
      type: 'ValidationFault',
    },
  });
  bench.quickbooks.faults.add({ path: /\/cdc/, does: { kind: 'answer', status: 400, body } });
  const second = await run(bench, { streams: captured, states: first.states });
  expect(second.logs).toContainEqual(expect.stringMatching(/refused to tell changes/));
  expectEqual(bench, [first, second]);
});

test('time activities that were deleted are found by their count', async () => {
  const bench = await open();
  const { quickbooks } = bench;
  const ids = Array.from({ length: 5 }, (_, index) =>
    quickbooks.addRecord('TimeActivity', {
      TxnDate: '2026-01-05',
      NameOf: 'Employee',
      Hours: index,
      Minutes: 0,
    }),
  );
  const first = await run(bench, { streams: ['time_activities'] });
  bench.clock.advance(DAY);
  quickbooks.deleteRecord('TimeActivity', ids[1] ?? '');
  quickbooks.changeRecord('TimeActivity', ids[2] ?? '', { fields: { Hours: 7 } });
  bench.clock.advance(2_000);
  const second = await run(bench, { streams: ['time_activities'], states: first.states });
  expect(second.gone('time_activities').map(({ Id }) => Id)).toEqual([ids[1]]);
  expect(second.live('time_activities').map(({ Hours }) => Hours)).toEqual([7]);
  expectEqual(bench, [first, second], ['time_activities']);
});

test('small tables are compared: a changed tax rate comes, a vanished row is deleted', async () => {
  const bench = await open();
  const names = tables.filter(({ how }) => how.by === 'whole').map(({ name }) => name);
  const id = bench.quickbooks.addRecord('TaxAgency', { DisplayName: 'Customs' });
  const first = await run(bench, { streams: names });
  bench.quickbooks.deleteRecord('TaxAgency', id);
  const second = await run(bench, { streams: names, states: first.states });
  expect(second.gone('tax_agencies').map((data) => data.Id)).toEqual([id]);
  expectEqual(bench, [first, second], names);
});

test('a deactivated customer stays, as inactive', async () => {
  const bench = await open();
  const first = await run(bench, { streams: ['customers'] });
  bench.clock.advance(DAY);
  const contact = found(bench.books.contacts.find(({ status }) => status === 'active'));
  archiveContact(bench.books, contact, { at: bench.clock.now() });
  bench.clock.advance(2_000);
  const second = await run(bench, { streams: ['customers'], states: first.states });
  expect(second.gone('customers')).toEqual([]);
  expect(second.live('customers').map(({ Active }) => Active)).toContain(false);
  expectEqual(bench, [first, second], ['customers']);
});

test('a cursor crosses a change of daylight saving without loss', async () => {
  // 8 March 2026, 10:00 UTC: clocks of US Pacific go from -08:00 to -07:00.
  const bench = await open();
  const start = Date.parse('2026-03-08T09:30:00Z');
  if (bench.clock.now() < start) bench.clock.advance(start - bench.clock.now());
  const outcomes = [await run(bench, { streams: captured })];
  for (let step = 0; step < 4; step += 1) {
    editBooks(bench.books, { seed: step, edits: 6, at: bench.clock.now() });
    bench.clock.advance(20 * 60_000);
    outcomes.push(await run(bench, { streams: captured, states: found(outcomes.at(-1)).states }));
  }
  expectEqual(bench, outcomes);
  expect(realmState(found(outcomes.at(-1)).states, 'invoices', bench.realm).cursor).toMatch(/Z$/);
});
