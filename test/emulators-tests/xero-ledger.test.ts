// The Xero emulator's ledger: journals by offset, the premium gate, and reports that agree with the books.
import { expect, test } from 'vitest';
import { bookTotals, editBooks, generateBooks, trialBalance, voidInvoice } from '../books/index.ts';
import { type Json, type Setup, setUp } from './xero-setup.ts';

const cents = (value: number | string): number => Math.round(Number(value) * 100);

async function allJournals({ get }: Setup, query = ''): Promise<Json[]> {
  const rows: Json[] = [];
  for (;;) {
    const page = (await get(`Journals?offset=${rows.at(-1)?.JournalNumber ?? 0}${query}`)).json.Journals;
    rows.push(...page);
    if (page.length < 100) return rows;
  }
}

test('journals are gated like a missing scope unless the app may read them', async () => {
  const { get } = await setUp({ documents: 60 });
  const gated = await get('Journals');
  expect([gated.status, gated.json.Detail]).toEqual([401, 'AuthorizationUnsuccessful']);
  expect((await get('ManualJournals')).status).toBe(200);
});

test('journals come a hundred at a time after an offset, numbered with gaps, and add up to the trial balance', async () => {
  const setup = await setUp({ documents: 700, switches: { journals: true } });
  editBooks(setup.books, { seed: 2, edits: 60, at: Date.parse('2026-02-01T00:00:00Z') });
  const rows = await allJournals(setup);
  expect(rows).toHaveLength(setup.books.journals.length);
  const numbers = rows.map((one) => one.JournalNumber);
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  expect(numbers.at(-1)).toBeGreaterThan(rows.length);
  const sums: Record<string, number> = {};
  for (const journal of rows) {
    expect(journal.JournalLines.reduce((sum: number, line: Json) => sum + cents(line.NetAmount), 0)).toBe(0);
    for (const line of journal.JournalLines)
      sums[line.AccountCode] = (sums[line.AccountCode] ?? 0) + cents(line.NetAmount);
  }
  const balances = Object.entries(bookTotals(setup.books).trialBalance).filter(([, value]) => value !== 0);
  expect(Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0))).toEqual(
    Object.fromEntries(balances),
  );
});

test('a void adds a reversal, and journals created since an instant can be asked for', async () => {
  const setup = await setUp({ documents: 200, switches: { journals: true } });
  const { books, get } = setup;
  const invoice = books.invoices.find(
    (one) => one.status === 'authorised' && one.payments.length + one.allocations.length === 0,
  );
  if (!invoice) throw new Error('These books have no open invoice');
  voidInvoice(books, invoice, { at: Date.parse('2026-02-01T00:00:00Z') });
  const since = (await get('Journals', { 'if-modified-since': '2026-02-01T00:00:00' })).json.Journals;
  expect(since).toHaveLength(1);
  expect(since[0]).toMatchObject({ SourceID: invoice.id, SourceType: 'ACCREC' });
  const both = (await allJournals(setup)).filter((one) => one.SourceID === invoice.id);
  expect(both).toHaveLength(2);
  const single = (await get(`Journals/${since[0].JournalID}`)).json.Journals[0];
  expect(single.JournalNumber).toBe(since[0].JournalNumber);
  expect(single).not.toHaveProperty('SourceID');
});

test('the cash basis leaves out what only raised a claim, numbered as switched', async () => {
  const shared = await setUp({ documents: 300, switches: { journals: true } });
  const cash = await allJournals(shared, '&paymentsOnly=true');
  const accrual = new Map((await allJournals(shared)).map((one) => [one.JournalID, one.JournalNumber]));
  expect(cash.some((one) => one.SourceType === 'ACCREC')).toBe(false);
  expect(cash.every((one) => accrual.get(one.JournalID) === one.JournalNumber)).toBe(true);
  const own = await setUp({ documents: 300, switches: { journals: true, paymentsOnlyNumbering: 'own' } });
  const numbers = (await allJournals(own, '&paymentsOnly=true')).map((one) => one.JournalNumber);
  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  expect(numbers).toHaveLength(cash.length);
});

function valuesOf(report: Json, column: number): Map<string, string> {
  const values = new Map<string, string>();
  for (const section of report.Rows)
    for (const row of section.Rows ?? []) values.set(row.Cells[0].Value, row.Cells[column].Value);
  return values;
}

test('the trial balance report shows the books to the cent, and its two sides agree', async () => {
  const { get, books } = await setUp({ documents: 800 });
  const report = (await get('Reports/TrialBalance?date=2025-12-31')).json.Reports[0];
  expect(report).toMatchObject({
    ReportName: 'Trial Balance',
    ReportTitles: ['Trial Balance', books.company.name, 'As at 31 December 2025'],
  });
  const balance = trialBalance(books, Date.parse('2025-12-31T00:00:00Z'));
  const debit = valuesOf(report, 3);
  const credit = valuesOf(report, 4);
  for (const account of books.accounts.filter((one) => ['asset', 'liability'].includes(one.class))) {
    const label = `${account.name} (${account.code})`;
    expect(cents(debit.get(label) || 0) - cents(credit.get(label) || 0), label).toBe(balance[account.code]);
  }
  expect(debit.get('Total')).toBe(credit.get('Total'));
});

test('the balance sheet balances in every column, and profit and loss is what the ledger earned', async () => {
  const { get, books } = await setUp({ documents: 800 });
  const sheet = (await get('Reports/BalanceSheet?date=2025-12-31&periods=3&timeframe=QUARTER')).json
    .Reports[0];
  for (const column of [1, 2, 3, 4]) {
    const values = valuesOf(sheet, column);
    expect(values.get('Net Assets')).toBe(values.get('Total Equity'));
  }
  const loss = (await get('Reports/ProfitAndLoss?fromDate=2024-01-01&toDate=2025-12-31')).json.Reports[0];
  const earned = books.accounts.filter((one) => one.class === 'revenue' || one.class === 'expense');
  const balance = trialBalance(books, Date.parse('2025-12-31T00:00:00Z'));
  const before = trialBalance(books, Date.parse('2023-12-31T00:00:00Z'));
  const net = earned.reduce((sum, { code }) => sum - (balance[code] ?? 0) + (before[code] ?? 0), 0);
  expect(cents(valuesOf(loss, 1).get('Net Profit') ?? 'none')).toBe(net);
});

test('profit and loss can be split by tracking option, with a total that equals the unsplit one', async () => {
  const { get, books } = await setUp({ documents: 500 });
  const [category] = books.trackingCategories;
  const range = 'fromDate=2024-01-01&toDate=2025-12-31';
  const split = (await get(`Reports/ProfitAndLoss?${range}&trackingCategoryID=${category?.id}`)).json
    .Reports[0];
  const whole = (await get(`Reports/ProfitAndLoss?${range}`)).json.Reports[0];
  const titles = split.Rows[0].Cells.map((one: Json) => one.Value);
  expect(titles).toContain("{{ 7 }}'; DROP TABLE x; --");
  const profits = split.Rows.flatMap((one: Json) => one.Rows ?? [])
    .find((one: Json) => one.Cells[0].Value === 'Net Profit')
    .Cells.slice(1);
  const total = cents(profits.at(-1).Value);
  expect(total).toBe(cents(valuesOf(whole, 1).get('Net Profit') ?? 'none'));
  expect(profits.slice(0, -1).reduce((sum: number, one: Json) => sum + cents(one.Value), 0)).toBe(total);
});

test('the bank summary closes on the ledger balance of each bank account', async () => {
  const { get, books } = await setUp({ documents: 500 });
  const report = (await get('Reports/BankSummary?fromDate=2025-01-01&toDate=2025-12-31')).json.Reports[0];
  const closing = valuesOf(report, 4);
  const balance = trialBalance(books, Date.parse('2025-12-31T00:00:00Z'));
  for (const account of books.accounts.filter((one) => one.type === 'bank'))
    expect(cents(closing.get(account.name) ?? 'none')).toBe(balance[account.code]);
});

test('aged reports need a contact and sum to what that contact owes in open invoices', async () => {
  const { get, books } = await setUp({ documents: 500 });
  expect((await get('Reports/AgedReceivablesByContact')).status).toBe(400);
  const invoice = books.invoices.find((one) => one.status === 'authorised' && one.open > 0);
  const owed = books.invoices
    .filter((one) => one.contact === invoice?.contact && one.status === 'authorised')
    .reduce((sum, one) => sum + one.open, 0);
  const report = (await get(`Reports/AgedReceivablesByContact?contactId=${invoice?.contact.id}`)).json
    .Reports[0];
  expect(cents(valuesOf(report, 7).get('Total') ?? 'none')).toBe(owed);
});

test('other reports answer, refuse what they must, and each asks for its own scope', async () => {
  const { get } = await setUp({ documents: 200 });
  for (const name of [
    'ExecutiveSummary',
    'BudgetSummary',
    'AgedPayablesByContact?contactId=x',
    'TenNinetyNine',
    'Nonsense',
    '',
  ])
    expect([name, (await get(`Reports/${name}`)).status]).toEqual([
      name,
      { ExecutiveSummary: 200, BudgetSummary: 200, Nonsense: 404, '': 200 }[name] ?? 400,
    ]);
  expect((await get('Reports/ProfitAndLoss?periods=12')).status).toBe(400);
  expect((await get('Reports/ProfitAndLoss?periods=11')).status).toBe(200);
  const wide = await setUp({ documents: 60, switches: { profitAndLossPeriods: 12 } });
  expect((await wide.get('Reports/ProfitAndLoss?periods=12')).status).toBe(200);
  const narrow = await setUp({ documents: 60, scopes: ['accounting.reports.balancesheet.read'] });
  expect((await narrow.get('Reports/BalanceSheet')).status).toBe(200);
  expect((await narrow.get('Reports/TrialBalance')).status).toBe(401);
});

test('an American company keeps balanced books in dollars and has a 1099 report of its own shape', async () => {
  const company = { baseCurrency: 'USD', country: 'US', yearEnd: { day: 31, month: 12 } };
  const books = generateBooks({ seed: 4, documents: 300, company });
  expect(Object.values(trialBalance(books)).reduce((sum, value) => sum + value, 0)).toBe(0);
  const { get } = await setUp({ books });
  expect((await get('Organisation')).json.Organisations[0]).toMatchObject({
    BaseCurrency: 'USD',
    Version: 'US',
  });
  const report = (await get('Reports/TenNinetyNine?reportYear=2025')).json.Reports[0];
  const paid = books.payments
    .filter(
      (one) =>
        one.status === 'authorised' &&
        one.target.kind === 'bill' &&
        new Date(one.date).getUTCFullYear() === 2025,
    )
    .reduce((sum, one) => sum + one.amount, 0);
  expect(report.Contacts.reduce((sum: number, one: Json) => sum + cents(one.Box7), 0)).toBe(paid);
});
