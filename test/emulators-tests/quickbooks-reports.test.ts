// The QuickBooks emulator's reports: columns by key, both engines, cells that do not fit, empty and refused ones.
import { expect, test } from 'vitest';
import { type Json, setUp } from './quickbooks-setup.ts';

const CUT = 'Unable to display more data. Please reduce the date range.';

const keys = (report: Json): string[] =>
  report.Columns.Column.map((column: Json) => column.MetaData?.[0].Value);
const titles = (report: Json): string[] => report.Columns.Column.map((column: Json) => column.ColTitle);
const dataRows = (rows: readonly Json[]): Json[] =>
  rows.flatMap((row) => (row.type === 'Data' ? [row] : dataRows(row.Rows?.Row ?? [])));

test('every report names itself, its basis and its columns, and all values are texts', async () => {
  const { get } = await setUp();
  for (const name of [
    'ProfitAndLoss',
    'BalanceSheet',
    'TrialBalance',
    'GeneralLedger',
    'AgedReceivables',
    'AgedPayables',
    'CashFlow',
    'TransactionList',
  ]) {
    const { json } = await get(`reports/${name}?start_date=2024-01-01&end_date=2025-12-31`);
    expect([json.Header.ReportName, json.Header.ReportBasis, json.Header.Currency]).toEqual([
      name,
      'Accrual',
      'NZD',
    ]);
    expect(
      keys(json).every((key) => typeof key === 'string'),
      name,
    ).toBe(true);
    const rows = dataRows(json.Rows.Row);
    expect(rows.length, name).toBeGreaterThan(1);
    for (const { ColData } of rows) {
      expect(ColData).toHaveLength(json.Columns.Column.length);
      expect(ColData.every((cell: Json) => typeof cell.value === 'string')).toBe(true);
    }
  }
});

test('a summary by month has a column per month that add up to the total', async () => {
  const { get } = await setUp();
  const { json } = await get(
    'reports/ProfitAndLoss?start_date=2025-01-01&end_date=2025-06-30&summarize_column_by=Month',
  );
  expect(titles(json)).toEqual([
    '',
    'Jan 2025',
    'Feb 2025',
    'Mar 2025',
    'Apr 2025',
    'May 2025',
    'Jun 2025',
    'TOTAL',
  ]);
  expect(json.Columns.Column[2].MetaData.slice(1)).toEqual([
    { Name: 'StartDate', Value: '2025-02-01' },
    { Name: 'EndDate', Value: '2025-02-28' },
  ]);
  for (const { ColData } of dataRows(json.Rows.Row)) {
    const [, ...values] = ColData.map((cell: Json) => Math.round(Number(cell.value) * 100));
    expect(values.slice(0, -1).reduce((sum: number, value: number) => sum + value, 0)).toBe(values.at(-1));
  }
  expect((await get('reports/ProfitAndLoss?summarize_column_by=Moons')).status).toBe(400);
});

test('the modern engine retitles columns, empties zeros and splits, and repeats metadata on rows', async () => {
  const path = 'reports/GeneralLedger?start_date=2025-01-01&end_date=2025-12-31';
  const { get } = await setUp();
  const classic = (await get(path)).json;
  const modern = (await get(`${path}&testing_migration=`)).json;
  expect(keys(modern)).toEqual(keys(classic));
  expect([titles(classic)[0], titles(modern)[0]]).toEqual(['Date', 'Transaction date']);
  const split = keys(classic).indexOf('split_acc');
  const values = (report: Json, at: number) =>
    new Set(dataRows(report.Rows.Row).map(({ ColData }) => ColData[at].value));
  expect(values(classic, split).has('-Split-')).toBe(true);
  expect(values(modern, split).has('-Split-')).toBe(false);
  expect(dataRows(modern.Rows.Row)[0].metaData).toHaveLength(keys(modern).length);
  expect(dataRows(classic.Rows.Row)[0].metaData).toBeUndefined();
  const sheet = await setUp({ switches: { reportEngine: 'modern' } });
  const { json } = await sheet.get('reports/BalanceSheet?date_macro=All');
  expect(json.Rows.Row[0].Header.ColData[0].value).toBe('Assets');
  expect(JSON.stringify(json)).not.toContain('"0.00"');
});

test('the modern engine sums up days beyond a hundred as Others', async () => {
  const { get } = await setUp();
  const path = 'reports/ProfitAndLoss?start_date=2025-01-01&end_date=2025-12-31&summarize_column_by=Days';
  expect(titles((await get(path)).json)).toHaveLength(367);
  const modern = (await get(`${path}&testing_migration=1`)).json;
  expect(titles(modern)).toHaveLength(103);
  expect(titles(modern).at(-2)).toBe('Others');
});

test('beyond the cell cap a report stops with a notice in its body, under HTTP 200', async () => {
  const { get } = await setUp({ limits: { reportCells: 400 } });
  for (const name of ['GeneralLedger', 'TransactionList']) {
    const { status, json } = await get(`reports/${name}?start_date=2024-01-01&end_date=2025-12-31`);
    expect([status, json.Rows.Row.at(-1).ColData[0].value]).toEqual([200, CUT]);
    expect(dataRows(json.Rows.Row).length * json.Columns.Column.length).toBeLessThan(
      400 + 50 * json.Columns.Column.length,
    );
    const short = await get(`reports/${name}?start_date=2025-01-01&end_date=2025-01-07`);
    expect(short.text).not.toContain(CUT);
  }
});

test('a report without data says so and has no rows', async () => {
  const { get } = await setUp();
  const { json } = await get('reports/TransactionList?start_date=2010-01-01&end_date=2010-01-31');
  expect(json.Rows).toEqual({});
  expect(json.Header.Option).toContainEqual({ Name: 'NoReportData', Value: 'true' });
});

test('columns are chosen by key; unknown keys, dates and reports are refused', async () => {
  const { get } = await setUp();
  const { json } = await get(
    'reports/TransactionList?date_macro=All&columns=doc_num,subt_nat_amount,klass_name',
  );
  expect(keys(json)).toEqual(['doc_num', 'subt_nat_amount', 'klass_name']);
  for (const path of [
    'TransactionList?columns=nonsense',
    'TransactionList?start_date=31.12.2025',
    'ProfitAndLoss?date_macro=Someday',
    'ProfitAndLoss?accounting_method=Maybe',
    'ProfitAndLoss?start_date=2025-02-01&end_date=2025-01-01',
    'FECReport',
  ])
    expect((await get(`reports/${path}`)).status, path).toBe(400);
});

test('cash accounting leaves out what nobody has paid', async () => {
  const { get } = await setUp({ documents: 600 });
  const income = async (method: string): Promise<number> => {
    const { json } = await get(`reports/ProfitAndLoss?date_macro=All&accounting_method=${method}`);
    expect(json.Header.ReportBasis).toBe(method);
    return Number(json.Rows.Row[0].Summary.ColData[1].value);
  };
  expect(await income('Cash')).toBeLessThan(await income('Accrual'));
});

test('summary columns may lack their keys', async () => {
  const { get } = await setUp({ switches: { reportColKeys: false } });
  const { json } = await get('reports/TrialBalance?date_macro=All');
  expect(json.Columns.Column.map((column: Json) => column.MetaData)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(titles(json)).toEqual(['', 'Debit', 'Credit']);
});
