// Whole reads: what arrives is what the books hold, for the calls that the budget allows.
import { expect, test } from 'vitest';
import { streams } from '../../source-xero/streams.ts';
import { bookTotals, editBooks, trialBalance } from '../books/index.ts';
import { beforeEachCall, openBench, refreshOf, run, tableOf } from './bench.ts';

const cents = (value: unknown): number => Math.round(Number(value) * 100);

test('both ledgers add up to the books, and every stream has its rows', async () => {
  const bench = await openBench({ documents: 400 });
  const outcome = await run(bench);
  expect(outcome.errors).toEqual([]);
  const [books] = bench.books;
  const totals = bookTotals(books);
  const due = (stream: string) => {
    const sums: Record<string, number> = {};
    for (const { CurrencyCode, AmountDue, Status } of outcome.live(stream))
      if (Status === 'AUTHORISED')
        sums[String(CurrencyCode)] = (sums[String(CurrencyCode)] ?? 0) + cents(AmountDue);
    return sums;
  };
  expect(due('invoices')).toEqual(totals.accountsReceivable.byCurrency);
  expect(due('bills')).toEqual(totals.accountsPayable.byCurrency);
  for (const [stream, { rows }] of Object.entries(totals.streams))
    if (streams.some(({ name, how }) => name === stream && how.by !== 'journals'))
      expect([stream, tableOf(outcome.of(stream), keyOf(stream)).size + outcome.gone(stream).length]).toEqual(
        [stream, rows],
      );
});

test('ten thousand documents take one call for each thousand', async () => {
  const bench = await openBench({ documents: 13_500, rate: 60 });
  const [books] = bench.books;
  const documents = books.invoices.length + books.bills.length;
  expect(documents).toBeGreaterThan(10_000);
  const outcome = await run(bench, { streams: ['invoices', 'bills'] });
  expect(outcome.of('invoices').length + outcome.of('bills').length).toBe(documents);
  expect(bench.xero.calls('Invoices')).toBe(Math.ceil(documents / 1_000));
  // Bytes cost money: they come compressed.
  expect(bench.xero.egress.sent).toBeLessThan(bench.xero.egress.raw / 3);
  expect(
    outcome.live('invoices').every(({ LineItems }) => Array.isArray(LineItems) && LineItems.length > 0),
  ).toBe(true);
});

test('one of two streams of an endpoint is read without the rows of the other', async () => {
  const bench = await openBench({ documents: 120 });
  const outcome = await run(bench, { streams: ['bills'] });
  expect(outcome.of('bills')).toHaveLength(bench.books[0].bills.length);
  const [request] = bench.xero.requests.filter(({ url }) => url.pathname.endsWith('/Invoices'));
  expect(request?.url.searchParams.get('where')).toBe('Type=="ACCPAY"');
});

test('an idle run asks each incremental endpoint once and leaves snapshots alone', async () => {
  const bench = await openBench();
  const first = await run(bench);
  // A new run cannot know what the last one has used of the minute.
  bench.clock.advance(60_000);
  const before = bench.xero.calls();
  const second = await run(bench, { states: first.states });
  expect(second.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
  const asked = bench.xero.requests
    .slice(-(bench.xero.calls() - before))
    .map(({ url }) => url.pathname.replace('/api.xro/2.0/', ''));
  const incremental = streams.filter(({ how }) => how.by === 'modified' || how.by === 'census');
  expect([...asked].sort()).toEqual([...new Set(incremental.map(({ path }) => path))].sort());
});

test('snapshots are read again after their hours', async () => {
  const bench = await openBench({ config: { snapshot_hours: 6 } });
  const streams = ['tax_rates', 'linked_transactions', 'budgets', 'report_balance_sheet'];
  const first = await run(bench, { streams });
  bench.clock.advance(5 * 3_600_000);
  const early = bench.xero.calls();
  await run(bench, { streams, states: first.states });
  expect(bench.xero.calls()).toBe(early);
  bench.clock.advance(2 * 3_600_000);
  const late = await run(bench, { streams, states: first.states });
  // Tax rates, linked transactions, the list of budgets, and the latest three months of the report.
  expect(bench.xero.calls() - early).toBe(1 + 1 + 1 + 3);
  expect(late.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('contacts are read whole again after a week, as their balances change without a trace', async () => {
  const bench = await openBench();
  const streams = ['contacts'];
  const first = await run(bench, { streams });
  const [contact] = bench.books[0].contacts;
  if (contact) contact.open.receivable += 12_345;
  const idle = await run(bench, { streams, states: first.states });
  expect(idle.of('contacts')).toEqual([]);
  bench.clock.advance(8 * 86_400_000);
  const whole = await run(bench, { streams, states: idle.states });
  expect(whole.of('contacts')).toHaveLength(bench.books[0].contacts.length);
  const again = await run(bench, { streams, states: whole.states });
  expect(again.of('contacts')).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6])('edits between any two calls lose nothing (seed %i)', async (seed) => {
  const bench = await openBench({
    documents: 150,
    config: {
      page_size: 2 + seed * 3,
      snapshot_hours: 0,
      contacts_reread_days: 0,
      reports: { refresh_months: 13 },
    },
    switches: {
      modifiedSince: seed % 2 === 0 ? 'exclusive' : 'inclusive',
      quotesPageSize: seed % 3 === 0 ? 'ignored' : 'honoured',
    },
  });
  const [books] = bench.books;
  let edits = 0;
  let count = 0;
  beforeEachCall(bench.xero, (path) => {
    count += 1;
    if (!path.startsWith('/api.xro') || edits === 0 || count % 3 === 0) return;
    edits -= 1;
    editBooks(books, { seed: seed * 1_000 + edits, edits: 1 + (edits % 3), at: bench.clock.now() });
  });
  const runs = [];
  let states = new Map() as Awaited<ReturnType<typeof run>>['states'];
  for (const budget of [60, 40, 20, 0]) {
    edits = budget;
    const outcome = await run(bench, { states });
    // What changes with every call may have to wait for the next run; it must not be lost.
    for (const error of outcome.errors) expect(error.failure_type).toBe('transient_error');
    states = outcome.states;
    runs.push(outcome);
  }
  expect(runs.at(-1)?.errors).toEqual([]);
  const truth = await run(bench, {
    catalog: refreshOf(streams.map(({ name }) => name).filter((name) => name !== 'journals')),
  });
  for (const { name, key } of streams) {
    const arrived = tableOf(
      runs.flatMap((one) => one.of(name)),
      key,
    );
    expect([name, traced(arrived)]).toEqual([name, traced(tableOf(truth.of(name), key))]);
  }
});

/** What moves UpdatedDateUTC: the record's own values and lines. Copies of other records inside it grow old at Xero too. */
function traced(table: Map<string, Record<string, unknown>>): Record<string, unknown> {
  const untraced = ['IsCustomer', 'IsSupplier', 'SentToContact'];
  const own = (data: Record<string, unknown>) =>
    Object.entries(data).filter(
      ([name, value]) =>
        !untraced.includes(name) && (typeof value !== 'object' || /^(Line|JournalLine)/.test(name)),
    );
  const rows = [...table].map(([id, data]) => [id, Object.fromEntries(own(data))] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('a start date leaves out what was last changed before it', async () => {
  const bench = await openBench({ documents: 200, config: { start_date: '2025-06-01' } });
  const outcome = await run(bench, { streams: ['invoices', 'bills'] });
  const [books] = bench.books;
  const recent = books.invoices.filter(({ updatedAt }) => updatedAt >= Date.UTC(2025, 5, 1));
  expect(recent.length).toBeGreaterThan(0);
  expect(recent.length).toBeLessThan(books.invoices.length);
  expect(outcome.of('invoices')).toHaveLength(recent.length);
});

test('archived contacts and tracking options come unless they are left out', async () => {
  const bench = await openBench();
  const [books] = bench.books;
  const archived = books.contacts.filter(({ status }) => status === 'archived');
  const streams = ['contacts', 'tracking_options'];
  const all = await run(bench, { streams });
  expect(all.of('contacts')).toHaveLength(books.contacts.length);
  bench.config = { ...bench.config, include_archived: false };
  const active = await run(bench, { streams });
  expect(active.of('contacts')).toHaveLength(books.contacts.length - archived.length);
  expect(active.of('tracking_options').length).toBeLessThan(all.of('tracking_options').length);
});

test('a full refresh has every row, whatever the state says, and no tombstones', async () => {
  const bench = await openBench({ documents: 200 });
  const names = ['invoices', 'bills', 'accounts', 'tax_rates', 'report_trial_balance'];
  const first = await run(bench, { streams: names });
  const again = await run(bench, { catalog: refreshOf(names), states: first.states });
  for (const name of names) {
    expect([name, again.of(name)]).toEqual([name, first.live(name)]);
    expect(again.gone(name)).toEqual([]);
  }
  expect(first.gone('invoices').length + first.gone('bills').length).toBeGreaterThan(0);
});

test('one of two streams can be refreshed while the other goes on', async () => {
  const bench = await openBench({ documents: 120 });
  const first = await run(bench, { streams: ['invoices', 'bills'] });
  const states = new Map([...first.states].filter(([name]) => name === 'bills'));
  const second = await run(bench, { streams: ['invoices', 'bills'], states });
  expect(second.of('invoices')).toEqual(first.of('invoices'));
  expect(second.of('bills')).toEqual([]);
  expect(second.states).toEqual(first.states);
});

test('the rows of a trial balance add up to the ledger, month by month', async () => {
  const bench = await openBench({ documents: 200, config: { reports: { from: '2025-01-01' } } });
  const outcome = await run(bench, { streams: ['report_trial_balance', 'accounts'] });
  const accounts = new Map(outcome.of('accounts').map((account) => [account.AccountID, account]));
  const rows = outcome.of('report_trial_balance').filter(({ RowType }) => RowType === 'Row');
  expect(new Set(rows.map(({ Period }) => Period)).size).toBe(13);
  for (const month of ['2025-03', '2025-12']) {
    const found = rows
      .filter(({ Period }) => Period === month)
      .map(({ AccountID, YTDDebit, YTDCredit }) => ({
        account: accounts.get(AccountID),
        value: cents(YTDDebit ?? 0) - cents(YTDCredit ?? 0),
      }));
    expect(found.reduce((sum, { value }) => sum + value, 0)).toBe(0);
    // What is earned and spent counts from the start of the year; what is owned and owed, from ever.
    const lasting = found.filter(({ account }) => ['ASSET', 'LIABILITY'].includes(String(account?.Class)));
    expect(lasting.length).toBeGreaterThan(3);
    const truth = trialBalance(
      bench.books[0],
      Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1) - 1,
    );
    for (const { account, value } of lasting)
      expect([month, account?.Name, value]).toEqual([month, account?.Name, truth[String(account?.Code)]]);
  }
});

test('a report is read month by month, each month once, and the latest again', async () => {
  const bench = await openBench({
    config: { reports: { from: '2025-01-15', refresh_months: 2 }, snapshot_hours: 0 },
  });
  const streams = ['report_profit_and_loss'];
  const first = await run(bench, { streams });
  const asked = (from: number) =>
    bench.xero.requests.slice(from).flatMap(({ url }) => url.searchParams.get('fromDate') ?? []);
  expect(asked(0)).toEqual([
    ...Array.from({ length: 12 }, (_, month) => `2025-${String(month + 1).padStart(2, '0')}-01`),
    '2026-01-01',
  ]);
  const before = bench.xero.requests.length;
  await run(bench, { streams, states: first.states });
  expect(asked(before)).toEqual(['2025-12-01', '2026-01-01']);
});

test('rows that a month of a report has lost are deleted', async () => {
  const bench = await openBench({ config: { snapshot_hours: 0 } });
  const streams = ['report_bank_summary'];
  const first = await run(bench, { streams });
  const states = structuredClone([...first.states]) as [
    string,
    { tenants: Record<string, { rows: Record<string, Record<string, string>> }> },
  ][];
  const tenant = states[0]?.[1].tenants[bench.books[0].company.id];
  const month = Object.keys(tenant?.rows ?? {}).at(-1) ?? '';
  Object.assign(tenant?.rows[month] ?? {}, { [`${month}/Closed account`]: 'x' });
  const second = await run(bench, { streams, states: new Map(states) });
  expect(second.of('report_bank_summary')).toEqual([
    expect.objectContaining({ RowID: `${month}/Closed account`, _ab_cdc_deleted_at: expect.any(String) }),
  ]);
});

const keyOf = (name: string): string => streams.find((stream) => stream.name === name)?.key ?? '';
