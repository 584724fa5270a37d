// The QuickBooks emulator shows the same books as every other product: its figures equal theirs to the cent.
import { expect, test } from 'vitest';
import { bookTotals, editBooks, generateBooks, trialBalance } from '../books/index.ts';
import { startQuickbooks, UNLIMITED } from '../emulators/quickbooks/index.ts';
import { startXero, UNLIMITED as XERO_UNLIMITED } from '../emulators/xero/index.ts';
import { cents, type Json, plainLines, type Setup, setUp } from './quickbooks-setup.ts';
import { fetchReply } from './xero-setup.ts';

function sumBy(
  rows: readonly Json[],
  key: (row: Json) => string,
  value: (row: Json) => number,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const row of rows) sums[key(row)] = (sums[key(row)] ?? 0) + cents(value(row));
  return sums;
}

const withoutZeros = (sums: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).filter(([, value]) => value !== 0));

async function everything({ query }: Setup, entity: string): Promise<Json[]> {
  const rows: Json[] = [];
  for (let start = 1; ; start += 1000) {
    const page =
      (await query(`select * from ${entity} orderby Id startposition ${start} maxresults 1000`))[entity] ??
      [];
    rows.push(...page);
    if (page.length < 1000) return rows;
  }
}

const codes = async (setup: Setup): Promise<Map<string, string>> => {
  const { Account } = await setup.query(
    'select * from Account where Active in (true, false) maxresults 1000',
  );
  return new Map(Account.map((row: Json) => [row.Id, row.AcctNum]));
};

test('balances of invoices and bills add up to receivables and payables, per currency and at home', async () => {
  const setup = await setUp({ documents: 2500 });
  editBooks(setup.books, { seed: 4, edits: 150, at: setup.clock.now() });
  const totals = bookTotals(setup.books);
  for (const [entity, expected] of [
    ['Invoice', totals.accountsReceivable],
    ['Bill', totals.accountsPayable],
  ] as const) {
    const rows = await everything(setup, entity);
    const open = sumBy(
      rows,
      (row) => row.CurrencyRef.value,
      (row) => row.Balance,
    );
    expect(withoutZeros(open)).toEqual(withoutZeros(expected.byCurrency));
    expect(rows.reduce((sum, row) => sum + cents(row.HomeBalance), 0)).toBe(expected.base);
    expect(rows.filter((row) => row.Balance > 0).length).toBeGreaterThan(10);
  }
});

test('documents that are there, and their lines by account, are those of the books', async () => {
  const setup = await setUp({ documents: 1500 });
  const totals = bookTotals(setup.books);
  const code = await codes(setup);
  const { Item } = await setup.query('select * from Item where Active in (true, false) maxresults 1000');
  const costOf = new Map<string, string>(
    Item.map((row: Json) => [row.Id, row.ExpenseAccountRef?.value ?? '']),
  );
  const accountOf = (line: Json): string => {
    const sale = line.SalesItemLineDetail?.ItemAccountRef ?? line.AccountBasedExpenseLineDetail?.AccountRef;
    return code.get(sale?.value ?? costOf.get(line.ItemBasedExpenseLineDetail?.ItemRef.value) ?? '') ?? '';
  };
  const shownAmount = (line: Json): number =>
    (line.SalesItemLineDetail ?? line.AccountBasedExpenseLineDetail ?? line.ItemBasedExpenseLineDetail)
      .TaxInclusiveAmt ?? line.Amount;
  const found: Record<string, { count: number; amount: number }> = {};
  for (const entity of ['Invoice', 'Bill', 'CreditMemo', 'VendorCredit'])
    for (const row of await everything(setup, entity)) {
      if (row.PrivateNote === 'Voided') continue;
      for (const line of plainLines(row.Line)) {
        const entry = found[accountOf(line)] ?? { count: 0, amount: 0 };
        found[accountOf(line)] = { count: entry.count + 1, amount: entry.amount + cents(shownAmount(line)) };
      }
    }
  const expected = Object.fromEntries(
    Object.entries(totals.linesByAccount).map(([key, { count, amount }]) => [key, { count, amount }]),
  );
  expect(found).toEqual(expected);
  const { authorised = 0, paid = 0, voided = 0 } = totals.invoices;
  expect((await setup.query('select count(*) from Invoice')).totalCount).toBe(authorised + paid + voided);
  expect((await setup.query('select count(*) from Bill')).totalCount).toBe(
    (totals.bills.authorised ?? 0) + (totals.bills.paid ?? 0),
  );
});

/** Cents per account code of a QuickBooks trial balance, debit positive. */
function trialRows(report: Json, code: ReadonlyMap<string, string>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const row of report.Rows.Row)
    if (row.type === 'Data') {
      const [account, debit, credit] = row.ColData;
      found[code.get(account.id) ?? ''] = cents(Number(debit.value)) - cents(Number(credit.value));
    }
  return found;
}

test('the trial balance per account is that of the books, also after edits and deletes', async () => {
  const setup = await setUp({ documents: 1200 });
  const code = await codes(setup);
  for (let round = 0; round < 2; round += 1) {
    const { json } = await setup.get('reports/TrialBalance?date_macro=All');
    expect(trialRows(json, code)).toEqual(withoutZeros(bookTotals(setup.books).trialBalance));
    editBooks(setup.books, { seed: 9, edits: 120, at: setup.clock.now() });
  }
});

test('a trial balance of a later period carries earlier results over to retained earnings and still balances', async () => {
  const setup = await setUp({ documents: 900 });
  const code = await codes(setup);
  const { json } = await setup.get('reports/TrialBalance?start_date=2025-01-01&end_date=2025-06-30');
  const found = trialRows(json, code);
  expect(Object.values(found).reduce((sum, value) => sum + value, 0)).toBe(0);
  const [end, before] = [Date.parse('2025-06-30'), Date.parse('2024-12-31')].map((until) =>
    trialBalance(setup.books, until),
  );
  expect(found['090']).toBe(end?.['090']);
  expect(found['200']).toBe((end?.['200'] ?? 0) - (before?.['200'] ?? 0));
});

test('receivables and payables by age add up to the control accounts', async () => {
  const setup = await setUp({ documents: 1200 });
  const totals = bookTotals(setup.books).trialBalance;
  const total = async (name: string): Promise<number> => {
    const { json } = await setup.get(`reports/${name}?report_date=2026-03-01`);
    return cents(Number(json.Rows.Row.at(-1).Summary.ColData.at(-1).value));
  };
  expect(await total('AgedReceivables')).toBe(totals['610']);
  expect(await total('AgedPayables')).toBe(-(totals['800'] ?? 0));
});

test('the ledger by line adds up to the trial balance, and its transactions are records that can be read', async () => {
  const setup = await setUp({ documents: 700 });
  editBooks(setup.books, { seed: 2, edits: 60, at: setup.clock.now() });
  const code = await codes(setup);
  const { json } = await setup.get(
    'reports/GeneralLedger?date_macro=All&columns=tx_date,txn_type,debt_amt,credit_amt',
  );
  const found: Record<string, number> = {};
  const invoices = new Set<string>();
  for (const section of json.Rows.Row) {
    const key = code.get(section.Header.ColData[0].id) ?? '';
    for (const { ColData } of section.Rows.Row) {
      found[key] = (found[key] ?? 0) + cents(Number(ColData[2].value)) - cents(Number(ColData[3].value));
      if (ColData[1].value === 'Invoice') invoices.add(ColData[1].id);
    }
  }
  expect(withoutZeros(found)).toEqual(withoutZeros(bookTotals(setup.books).trialBalance));
  const living = (await everything(setup, 'Invoice')).filter((row) => row.PrivateNote !== 'Voided');
  expect([...invoices].toSorted()).toEqual(living.map((row) => row.Id).toSorted());
});

test('profit and loss, balance sheet and cash flow agree with one another', async () => {
  const { get } = await setUp({ documents: 700 });
  const group = (rows: Json[], name: string): number => {
    for (const row of rows) {
      if (row.group === name) return cents(Number(row.Summary.ColData.at(-1).value));
      const inner = row.Rows ? group(row.Rows.Row, name) : Number.NaN;
      if (!Number.isNaN(inner)) return inner;
    }
    return Number.NaN;
  };
  const [profit, sheet, cash] = await Promise.all(
    ['ProfitAndLoss', 'BalanceSheet', 'CashFlow'].map(
      async (name) => (await get(`reports/${name}?date_macro=All`)).json.Rows.Row,
    ),
  );
  expect(group(profit, 'NetIncome')).toBe(group(sheet, 'NetIncome'));
  expect(group(sheet, 'TotalAssets')).toBe(group(sheet, 'TotalLiabilitiesAndEquity'));
  expect(group(cash, 'CashIncrease')).toBe(group(sheet, 'BankAccounts'));
});

test('money in the transactions themselves makes up what the bank accounts hold', async () => {
  const setup = await setUp({ documents: 900 });
  const code = await codes(setup);
  const found: Record<string, number> = {};
  const add = (ref: Json, value: number): void => {
    const key = code.get(ref.value) ?? '';
    found[key] = (found[key] ?? 0) + value;
  };
  const home = (row: Json): number => Math.round(cents(row.TotalAmt) * row.ExchangeRate);
  for (const row of await everything(setup, 'Payment'))
    if (row.DepositToAccountRef) add(row.DepositToAccountRef, home(row));
  for (const row of await everything(setup, 'BillPayment')) {
    const ref = row.CheckPayment?.BankAccountRef ?? row.CreditCardPayment?.CCAccountRef;
    if (ref) add(ref, -home(row));
  }
  for (const row of await everything(setup, 'Purchase')) add(row.AccountRef, -home(row));
  for (const entity of ['Deposit', 'SalesReceipt'])
    for (const row of await everything(setup, entity)) add(row.DepositToAccountRef, home(row));
  for (const row of await everything(setup, 'Transfer')) {
    add(row.FromAccountRef, -cents(row.Amount));
    add(row.ToAccountRef, cents(row.Amount));
  }
  for (const row of await everything(setup, 'JournalEntry'))
    for (const { Amount, JournalEntryLineDetail: detail } of row.Line)
      add(detail.AccountRef, detail.PostingType === 'Debit' ? cents(Amount) : -cents(Amount));
  const totals = bookTotals(setup.books).trialBalance;
  for (const key of ['090', '091', '092', '093', '970'])
    expect([key, found[key] ?? 0]).toEqual([key, totals[key]]);
});

test('Xero and QuickBooks show the same receivables of the same books', async () => {
  const setup = await setUp({ documents: 600 });
  const xero = await startXero({ companies: [setup.books], clock: setup.clock, limits: XERO_UNLIMITED });
  const other = await startQuickbooks({ companies: [setup.books], clock: setup.clock, limits: UNLIMITED });
  try {
    const { access_token } = await xero.issueTokens();
    const reply = await fetchReply(
      `${xero.accountingUrl}/Invoices?page=1&pageSize=1000&where=Type=="ACCREC" AND Status=="AUTHORISED"`,
      {
        authorization: `Bearer ${access_token}`,
        'xero-tenant-id': setup.books.company.id,
        accept: 'application/json',
      },
    );
    const due = sumBy(
      reply.json.Invoices,
      (row) => row.CurrencyCode,
      (row) => row.AmountDue,
    );
    const balances = sumBy(
      await everything(setup, 'Invoice'),
      (row) => row.CurrencyRef.value,
      (row) => row.Balance,
    );
    expect(withoutZeros(balances)).toEqual(withoutZeros(due));
    expect(other.records('Invoice')).toEqual(setup.quickbooks.records('Invoice'));
  } finally {
    await Promise.all([xero.close(), other.close()]);
  }
});

test('the same books open with the same realm and ids', async () => {
  const make = () => generateBooks({ seed: 77, documents: 80 });
  const [left, right] = [await setUp({ books: make() }), await setUp({ books: make() })];
  expect(left.realmId).toBe(right.realmId);
  expect(left.realmId).toMatch(/^\d{19}$/);
  for (const entity of ['Customer', 'Payment', 'Item'])
    expect(left.quickbooks.records(entity)).toEqual(right.quickbooks.records(entity));
});
