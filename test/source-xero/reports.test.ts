// Reports as rows: sections opened, amounts by column, and a key for every row.
import { expect, test } from 'vitest';
import { rowsOf } from '../../source-xero/reports.ts';

const period = { name: '2026-03', from: '2026-03-01', to: '2026-03-31' };
const trialBalance = { by: 'report', span: 'day', columns: ['Debit', 'Credit'] } as const;
const account = 'da962997-a8bd-4dff-9616-01cdc199283f';

const cell = (value?: string, attributes?: Record<string, string>) => ({
  ...(value === undefined ? {} : { Value: value }),
  ...(attributes ? { Attributes: Object.entries(attributes).map(([Id, Value]) => ({ Id, Value })) } : {}),
});
const row = (cells: readonly object[], type = 'Row') => ({ RowType: type, Cells: cells });
const report = (...rows: readonly object[]) => ({
  ReportTitles: ['Trial Balance', 'Demo', 'As at 31 March 2026'],
  Rows: [{ RowType: 'Header', Cells: [cell('Account'), cell('Debit'), cell('Credit')] }, ...rows],
});

test('a row has its period, its section, its account and its amounts', () => {
  const body = report({
    RowType: 'Section',
    Title: 'Revenue',
    Rows: [row([cell('Sales (400)', { account }), cell('', { account }), cell('1,020.22', { account })])],
  });
  expect(rowsOf(body, { period, how: trialBalance })).toEqual([
    {
      RowID: `2026-03/Revenue/${account}`,
      FromDate: null,
      ToDate: '2026-03-31',
      Period: '2026-03',
      RowNumber: 1,
      RowType: 'Row',
      Section: 'Revenue',
      Title: 'Sales (400)',
      AccountID: account,
      Debit: null,
      Credit: 1020.22,
      Attributes: { account },
      ReportTitle: 'Trial Balance, Demo, As at 31 March 2026',
    },
  ]);
});

test('sums keep their title as key, and rows of one name are told apart', () => {
  const exchange = [cell('Exchange', { account: 'FXGROUPID' }), cell('1.00')];
  const body = report(
    { RowType: 'Section', Title: '', Rows: [row(exchange), row(exchange)] },
    { RowType: 'Section', Title: 'Assets', Rows: [] },
    row([cell('Total'), cell('-2.00'), cell()], 'SummaryRow'),
  );
  const rows = rowsOf(body, { period, how: trialBalance });
  expect(rows.map(({ RowID, AccountID, Debit, Credit }) => [RowID, AccountID, Debit, Credit])).toEqual([
    ['2026-03/Exchange', null, 1, null],
    ['2026-03/Exchange#2', null, 1, null],
    ['2026-03/Total', null, -2, null],
  ]);
});

test('a percentage or a text in the place of an amount is no amount', () => {
  const body = report(row([cell('Margin'), cell('12.5%'), cell('n/a')]));
  expect(rowsOf(body, { period, how: trialBalance })).toEqual([
    expect.objectContaining({ Debit: null, Credit: null }),
  ]);
});

test('a report without rows has none', () => {
  expect(rowsOf({}, { period, how: trialBalance })).toEqual([]);
});
