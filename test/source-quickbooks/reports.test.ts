// Reports as rows: by month, typed, the same from both engines, whole when QuickBooks cuts them, refreshed when due.
import { expect, test } from 'vitest';
import { entryRows, isTruncated, statementRows } from '../../source-quickbooks/report-rows.ts';
import { ageing, ledgerColumns, total } from '../../source-quickbooks/schemas/reports.ts';
import { addInvoice, trialBalance, voidInvoice } from '../books/index.ts';
import { statusesOf } from '../conformance/in-process.ts';
import { OUTAGES, type QuickbooksOptions } from '../emulators/quickbooks/index.ts';
import { DAY, openBench, run, tableOf } from './bench.ts';

const statements = ['report_profit_and_loss', 'report_balance_sheet', 'report_cash_flow'];
const balances = ['report_trial_balance', 'report_aged_receivables', 'report_aged_payables'];
const lists = ['report_general_ledger', 'report_transaction_list'];
const all = [...statements, ...balances, ...lists];
const cents = (value: unknown): number => Math.round(Number(value ?? 0) * 100);

test('a year of reports is read in few calls, months side by side', async () => {
  const bench = await openBench({ documents: 150 });
  const outcome = await run(bench, { streams: all });
  expect(outcome.errors).toEqual([]);
  for (const stream of all) expect([stream, outcome.of(stream).length]).not.toEqual([stream, 0]);
  const calls = (name: string) =>
    bench.quickbooks.requests.filter(({ url }) => url.pathname.endsWith(`/${name}`)).length;
  expect(
    ['ProfitAndLoss', 'BalanceSheet', 'CashFlow', 'GeneralLedger', 'TransactionList'].map(calls),
  ).toEqual([2, 2, 2, 2, 2]);
  expect(['TrialBalance', 'AgedReceivables', 'AgedPayables'].map(calls)).toEqual([12, 12, 12]);
});

test('every month of the trial balance equals the books, account by account, and comes to nothing', async () => {
  const bench = await openBench({ documents: 200 });
  const outcome = await run(bench, { streams: ['accounts', 'report_trial_balance'] });
  const codes = new Map(outcome.of('accounts').map(({ Id, AcctNum }) => [Id, String(AcctNum)]));
  // Income and expenses begin anew with every financial year, what they left goes to retained earnings.
  const lasting = bench.books.accounts
    .filter((account) => account.class === 'asset' || account.class === 'liability')
    .map(({ code }) => code);
  const months = new Set(outcome.of('report_trial_balance').map(({ Period }) => String(Period)));
  expect(months.size).toBe(12);
  for (const month of months) {
    const rows = outcome
      .of('report_trial_balance')
      .filter(({ Period, TitleID }) => Period === month && TitleID);
    const shown: Record<string, number> = {};
    for (const { TitleID, Debit, Credit } of rows) {
      const code = codes.get(TitleID) ?? '';
      shown[code] = (shown[code] ?? 0) + cents(Debit) - cents(Credit);
    }
    const [year = 0, number = 0] = month.split('-').map(Number);
    const truth = trialBalance(bench.books, Date.UTC(year, number, 1) - 1);
    const nonzero = (balances_: Record<string, number>) =>
      Object.fromEntries(
        Object.entries(balances_).filter(([code, value]) => value !== 0 && lasting.includes(code)),
      );
    expect([month, Object.values(shown).reduce((sum, one) => sum + one, 0)]).toEqual([month, 0]);
    expect([month, nonzero(shown)]).toEqual([month, nonzero(truth)]);
  }
});

test('debits and credits of the ledger agree in every month, and each entry names its account', async () => {
  const bench = await openBench({ documents: 150 });
  const outcome = await run(bench, { streams: ['report_general_ledger'] });
  const months = new Map<string, number>();
  for (const { Period, Debit, Credit, AccountID, Date: day } of outcome.of('report_general_ledger')) {
    months.set(String(Period), (months.get(String(Period)) ?? 0) + cents(Debit) - cents(Credit));
    expect(AccountID).toMatch(/^\d+$/);
    expect(String(day).slice(0, 7)).toBe(Period);
  }
  expect(months.size).toBeGreaterThan(9);
  for (const [month, difference] of months) expect([month, difference]).toEqual([month, 0]);
});

const bare = ({ RealmID: _, Section: __, Title: ___, RowNumber: ____, ...row }: Record<string, unknown>) =>
  row;

/** What both engines agree on: amounts by what they are about, without headings, order, and zeros. */
const amounts = (rows: readonly Record<string, unknown>[]) =>
  rows
    .filter(({ RowType, TitleID }) => RowType === 'Data' && TitleID)
    .map((row) => {
      const { Period, TitleID, Amount, Debit, Credit, Current, Total } = bare(row);
      return JSON.stringify([Period, TitleID, ...[Amount, Debit, Credit, Current, Total].map(cents)]);
    })
    .filter((text) => !/,0,0,0,0,0\]$/.test(text))
    .sort();

test.each([{ reportEngine: 'modern' }, { reportColKeys: false }] satisfies QuickbooksOptions['switches'][])(
  'the rows are the same from the other engine (%o)',
  async (switches) => {
    const [classic, other] = await Promise.all(
      [{}, switches].map(async (one) => {
        const bench = await openBench({ documents: 120, switches: one });
        return run(bench, { streams: all });
      }),
    );
    for (const stream of [...statements, ...balances]) {
      const expected = amounts(classic?.of(stream) ?? []);
      expect(expected.length).toBeGreaterThan(10);
      expect([stream, amounts(other?.of(stream) ?? [])]).toEqual([stream, expected]);
    }
    const entries = (stream: string, outcome = classic) =>
      (outcome?.of(stream) ?? [])
        .map(({ Date: day, TransactionID, Amount, Number: number }) =>
          JSON.stringify([day, TransactionID, cents(Amount), number]),
        )
        .sort();
    for (const stream of lists) expect(entries(stream, other)).toEqual(entries(stream));
  },
);

test('a ledger that is cut is read in halves, down to days, and comes whole', async () => {
  const whole = await run(await openBench({ documents: 150 }), { streams: ['report_general_ledger'] });
  const bench = await openBench({ documents: 150, limits: { reportCells: 600 } });
  const outcome = await run(bench, { streams: ['report_general_ledger'] });
  expect(outcome.errors).toEqual([]);
  const keys = (one: typeof whole) =>
    one
      .of('report_general_ledger')
      .map(({ Date: day, AccountID, TransactionID, Amount }) =>
        JSON.stringify([day, AccountID, TransactionID, Amount]),
      )
      .sort();
  expect(keys(outcome)).toEqual(keys(whole));
  expect(bench.quickbooks.calls('report')).toBeGreaterThan(10);
});

test('a report that is cut even for a day fails alone and says what to do', async () => {
  const bench = await openBench({ documents: 60, limits: { reportCells: 10 } });
  const outcome = await run(bench, { streams: ['report_general_ledger', 'accounts'] });
  expect(outcome.errors).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(
        /GeneralLedger from \d{4}-\d{2}-\d{2} on: .*leave the stream "report_general_ledger" out/,
      ),
    }),
  ]);
  expect(statusesOf(outcome.messages, 'accounts').at(-1)).toBe('COMPLETE');
});

test('a range that takes too long is halved', async () => {
  const bench = await openBench({ documents: 60 });
  const { status, headers } = OUTAGES.gatewayTimeout;
  bench.quickbooks.faults.add({
    path: /ProfitAndLoss/,
    does: { kind: 'answer', status, headers, body: 'late' },
  });
  const outcome = await run(bench, { streams: ['report_profit_and_loss'] });
  expect(outcome.errors).toEqual([]);
  expect(new Set(outcome.of('report_profit_and_loss').map(({ Period }) => Period)).size).toBeGreaterThan(9);
});

test('reports are read again when they are due: the latest months, and only what changed in them', async () => {
  const bench = await openBench({ documents: 150 });
  // Into the middle of a month, so that none begins on the way.
  while (new Date(bench.clock.now()).getUTCDate() !== 10) bench.clock.advance(DAY);
  const first = await run(bench, { streams: all });
  const early = await run(bench, { streams: all, states: first.states });
  expect(early.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
  expect(bench.quickbooks.requests.at(-1)?.url.pathname).toContain('TransactionList');
  bench.clock.advance(DAY + 60_000);
  const before = bench.quickbooks.calls();
  const quiet = await run(bench, { streams: [...statements, ...lists], states: first.states });
  expect(quiet.messages.filter(({ type }) => type === 'RECORD')).toHaveLength(0);
  expect(bench.quickbooks.calls() - before).toBe(5);
  const invoice = addInvoice(bench.books, { at: bench.clock.now() });
  bench.clock.advance(DAY + 60_000);
  const late = await run(bench, { streams: lists, states: quiet.states });
  const periods = new Set(late.of('report_general_ledger').map(({ Period }) => Period));
  expect([...periods]).toEqual([new Date(invoice.date).toISOString().slice(0, 7)]);
  voidInvoice(bench.books, invoice, { at: bench.clock.now() });
  bench.clock.advance(DAY + 60_000);
  const later = await run(bench, { streams: lists, states: late.states });
  expect(later.gone('report_general_ledger').length).toBeGreaterThan(0);
  const table = tableOf([
    ...first.of('report_general_ledger'),
    ...late.of('report_general_ledger'),
    ...later.of('report_general_ledger'),
  ]);
  const truth = await run(bench, { streams: ['report_general_ledger'] });
  expect(table.size).toBe(truth.of('report_general_ledger').length);
});

const column = (title: string, key: string, dates: Record<string, string> = {}) => ({
  ColTitle: title,
  ColType: 'Money',
  MetaData: Object.entries({ ColKey: key, ...dates }).map(([Name, Value]) => ({ Name, Value })),
});
const cells = (...values: readonly (string | { value: string; id: string })[]) => ({
  ColData: values.map((value) => (typeof value === 'string' ? { value } : value)),
});
const january = { name: '2026-01', from: '2026-01-01', to: '2026-01-31' };
const february = { name: '2026-02', from: '2026-02-01', to: '2026-02-28' };

test('an account with accounts below it keeps its own amounts, and sums are told apart', () => {
  const report = {
    Header: { ReportBasis: 'Cash', Currency: 'USD' },
    Columns: { Column: [column('', 'account'), column('Total', 'total')] },
    Rows: {
      Row: [
        {
          type: 'Section',
          group: 'Income',
          Header: cells('Income', ''),
          Rows: {
            Row: [
              {
                type: 'Section',
                Header: cells({ value: 'Sales', id: '5' }, '10.00'),
                Rows: { Row: [{ type: 'Data', ...cells({ value: 'Export', id: '6' }, '2.50') }] },
                Summary: cells('Total Sales', '12.50'),
              },
            ],
          },
          Summary: cells('Total Income', '12.50'),
        },
        { type: 'Section', group: 'NetIncome', Summary: cells('Net Income', '12.50') },
      ],
    },
  };
  const rows = statementRows(report, { periods: [january], columns: total }) ?? [];
  expect(
    rows.map(({ Id, RowType, Group, TitleID, Amount }) => [Id, RowType, Group, TitleID, Amount]),
  ).toEqual([
    ['2026-01/Income/5', 'Data', 'Income', '5', 10],
    ['2026-01/Income/Sales/6', 'Data', 'Income', '6', 2.5],
    ['2026-01/Income/Sales/total', 'Summary', 'Income', null, 12.5],
    ['2026-01/Income/total', 'Summary', 'Income', null, 12.5],
    ['2026-01/total', 'Summary', 'NetIncome', null, 12.5],
  ]);
});

test('months side by side are found by their dates or titles, whatever their order; without either the call was in vain', () => {
  const rows = { Row: [{ type: 'Data', ...cells({ value: 'Sales', id: '5' }, '2.00', '1.00', '3.00') }] };
  const read = (columns: readonly unknown[]) =>
    statementRows(
      { Columns: { Column: columns }, Rows: rows },
      { periods: [january, february], columns: total },
    );
  const expected = [
    ['2026-01', 1],
    ['2026-02', 2],
  ];
  const dated = [
    column('', 'account'),
    column('x', 'a', { StartDate: '2026-02-01', EndDate: '2026-02-28' }),
    column('y', 'b', { StartDate: '2026-01-01', EndDate: '2026-01-31' }),
    column('Total', 'total', { StartDate: '2026-01-01' }),
  ];
  expect(read(dated)?.map(({ Period, Amount }) => [Period, Amount])).toEqual(expected);
  const titled = [
    { ColTitle: '' },
    { ColTitle: 'Feb 2026' },
    { ColTitle: 'Jan 1 - 31, 2026' },
    { ColTitle: 'TOTAL' },
  ];
  expect(read(titled)?.map(({ Period, Amount }) => [Period, Amount])).toEqual(expected);
  expect(read([column('', 'account'), column('Total', 'total')])).toBeUndefined();
});

test('a word on cut rows is found however deep it stands', () => {
  const told = { type: 'Data', ...cells('Unable to display more data. Please reduce the date range.') };
  expect(isTruncated({ Rows: { Row: [{ type: 'Section', Rows: { Row: [told] } }] } })).toBe(true);
  expect(isTruncated({ Rows: {} })).toBe(false);
  expect(statementRows({ Rows: {} }, { periods: [january, february], columns: total })).toEqual([]);
});

test('entries keep what has no column of its own, and columns are found by title where there is no key', () => {
  const report = {
    Columns: {
      Column: [
        { ColTitle: 'Transaction date' },
        { ColTitle: 'Debit' },
        { ColTitle: 'Split' },
        { ColTitle: 'Colour' },
      ],
    },
    Rows: {
      Row: [
        {
          type: 'Section',
          Header: cells({ value: 'Bank', id: '35' }),
          Rows: {
            Row: [
              { type: 'Data', ...cells('Beginning Balance', '', '', '') },
              { type: 'Data', ...cells('2026-01-05', '1,234.50', '-Split-', 'red') },
            ],
          },
          Summary: cells('Total', '1,234.50'),
        },
      ],
    },
  };
  expect(entryRows(report, ledgerColumns)).toEqual([
    expect.objectContaining({
      Date: '2026-01-05',
      Debit: 1234.5,
      SplitAccount: null,
      AccountID: '35',
      Account: 'Bank',
      Other: { Colour: 'red' },
    }),
  ]);
  expect(ageing.map(({ keys }) => keys[0])).toEqual(['current', '0', '1', '2', '3', 'total']);
});
