// The community's client for QuickBooks, unchanged, works with the emulator: what it parses equals the books.
import { expect, test } from 'vitest';
import {
  addInvoice,
  bookTotals,
  type Document,
  deletePayment,
  editBooks,
  renameContact,
} from '../books/index.ts';
import { cents, type Json } from '../emulators-tests/quickbooks-setup.ts';
import { answer, clientOf, discover, faultOf, reach } from './quickbooks-clients.ts';

const DAY = 86_400_000;
const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Documents that QuickBooks has: it knows no drafts, and no void bills. */
const shown = ({ kind, status }: Document): boolean =>
  status === 'authorised' || status === 'paid' || (status === 'voided' && kind === 'invoice');

const facts = (rows: readonly Json[]): readonly string[] =>
  rows
    .map((row) => `${row.DocNumber} ${row.TxnDate} ${cents(row.TotalAmt)} ${cents(row.Balance)}`)
    .toSorted();

const factsOf = (documents: readonly Document[]): readonly string[] =>
  documents
    .filter(shown)
    .map(({ number, date, status, total, open }) => {
      const [amount, left] = status === 'voided' ? [0, 0] : [total, open];
      return `${number.slice(0, 21)} ${day(date)} ${amount} ${left}`;
    })
    .toSorted();

const all = { fetchAll: true, limit: 40 };

test('lists fetched to the end, page by page, hold the documents of the books', async () => {
  const reached = await reach();
  const { books, quickbooks } = reached;
  const client = clientOf(reached);
  const invoices = await answer((done) => client.findInvoices(all, done));
  expect(facts(invoices.QueryResponse.Invoice)).toEqual(factsOf(books.invoices));
  expect(invoices.QueryResponse.Invoice.length).toBeGreaterThan(40);
  const bills = await answer((done) => client.findBills(all, done));
  expect(facts(bills.QueryResponse.Bill)).toEqual(factsOf(books.bills));
  const payments = await answer((done) => client.findPayments(all, done));
  const numbers = new Map<string, string>(
    invoices.QueryResponse.Invoice.map((row: Json) => [row.Id, row.DocNumber]),
  );
  const settled = payments.QueryResponse.Payment.flatMap((row: Json) =>
    row.Line.filter((line: Json) => line.LinkedTxn[0].TxnType === 'Invoice').map(
      (line: Json) => `${numbers.get(line.LinkedTxn[0].TxnId)} ${cents(line.Amount)}`,
    ),
  );
  const own = books.invoices.flatMap((invoice) => {
    const paid = invoice.payments.filter(({ status }) => status === 'authorised');
    return [...paid, ...invoice.allocations].map(({ amount }) => `${invoice.number.slice(0, 21)} ${amount}`);
  });
  expect(settled.toSorted()).toEqual(own.toSorted());
  expect(quickbooks.calls('query')).toBe(5);
});

test('counts, conditions, orders and single pages answer it as the books do', async () => {
  const reached = await reach();
  const { books } = reached;
  const client = clientOf(reached);
  const counted = await answer((done) => client.findInvoices({ count: true }, done));
  expect(counted.QueryResponse).toEqual({ totalCount: books.invoices.filter(shown).length });
  const open = [
    { field: 'Balance', value: '0', operator: '>' },
    { field: 'desc', value: 'TotalAmt' },
    { field: 'limit', value: 5 },
  ];
  const { QueryResponse } = await answer((done) => client.findInvoices(open, done));
  const largest = books.invoices
    .filter((one) => shown(one) && one.status !== 'voided' && one.open > 0)
    .map(({ total }) => total)
    .toSorted((a, b) => b - a);
  expect(QueryResponse.Invoice.map((row: Json) => cents(row.TotalAmt))).toEqual(largest.slice(0, 5));
  expect(QueryResponse).toMatchObject({ startPosition: 1, maxResults: 5 });
  const [{ DisplayName }] = (await answer((done) => client.findCustomers({ limit: 1 }, done))).QueryResponse
    .Customer;
  const named = await answer((done) => client.findCustomers({ DisplayName }, done));
  expect(named.QueryResponse.Customer.map((row: Json) => row.DisplayName)).toEqual([DisplayName]);
  const none = await answer((done) => client.findInvoices({ DocNumber: "no such 'number'" }, done));
  expect(none.QueryResponse).toEqual({});
});

test('inactive rows come when they are asked for', async () => {
  const reached = await reach();
  const { books, clock } = reached;
  const client = clientOf(reached);
  const accounts = await answer((done) => client.findAccounts({ ...all, Active: [true, false] }, done));
  const codes = new Set(accounts.QueryResponse.Account.map((row: Json) => row.AcctNum));
  expect(books.accounts.every(({ code }) => codes.has(code))).toBe(true);
  const before = await answer((done) => client.findVendors(all, done));
  editBooks(books, { seed: 3, edits: 400, at: clock.now() });
  const active = await answer((done) => client.findVendors(all, done));
  const both = await answer((done) => client.findVendors({ ...all, Active: [true, false] }, done));
  expect(both.QueryResponse.Vendor.length).toBeGreaterThan(active.QueryResponse.Vendor.length);
  expect(both.QueryResponse.Vendor.length).toBeGreaterThanOrEqual(before.QueryResponse.Vendor.length);
});

test('a record by its id, the company and its preferences come unwrapped', async () => {
  const reached = await reach();
  const { books, quickbooks, realm } = reached;
  const client = clientOf(reached);
  for (const [entity, read] of [
    ['Invoice', (id: string) => answer((done) => client.getInvoice(id, done))],
    ['Bill', (id: string) => answer((done) => client.getBill(id, done))],
  ] as const) {
    const [first] = quickbooks.records(entity);
    expect(await read(String(first?.Id))).toEqual(first);
  }
  expect(await answer((done) => client.getCompanyInfo(realm, done))).toMatchObject({
    CompanyName: books.company.name,
  });
  const preferences = await answer((done) => client.getPreferences(done));
  expect(preferences.CurrencyPrefs.HomeCurrency.value).toBe('NZD');
  expect(await faultOf((done) => client.getInvoice('987654321', done))).toEqual({ code: '610', status: 400 });
});

test('a batch of thirty queries equals thirty queries, one bad item hurts itself alone, and 31 are refused', async () => {
  const reached = await reach();
  const { quickbooks } = reached;
  const client = clientOf(reached);
  const entities = ['Invoice', 'Bill', 'Customer', 'Vendor', 'Item', 'Payment'];
  const items = Array.from({ length: 29 }, (_, at) => ({
    bId: `q${at}`,
    Query: `select * from ${entities[at % entities.length]} orderby Id maxresults 1000`,
  }));
  const bad = { bId: 'bad', Query: 'select * from Nowhere' };
  const { BatchItemResponse } = await answer((done) => client.batch([bad, ...items], done));
  expect(BatchItemResponse).toHaveLength(30);
  for (const one of BatchItemResponse) {
    if (one.bId === 'bad') {
      expect(one.Fault.Error[0].code).toMatch(/^[24]000$/);
      continue;
    }
    const entity = entities[Number(one.bId.slice(1)) % entities.length] ?? '';
    const active = quickbooks.records(entity).filter(({ Active }) => Active !== false);
    expect(one.QueryResponse[entity]).toEqual(active);
  }
  const tooMany = [bad, ...items, { bId: 'one more', Query: 'select * from Term' }];
  expect(await faultOf((done) => client.batch(tooMany, done))).toEqual({ code: '1040', status: 400 });
});

test('change data capture tells edits, inserts and deletions since a moment, and nothing older', async () => {
  const reached = await reach();
  const { books, clock, quickbooks } = reached;
  const client = clientOf(reached);
  const since = new Date(clock.now()).toISOString();
  const quiet = await answer((done) => client.changeDataCapture(['Invoice', 'Payment'], since, done));
  expect(quiet.CDCResponse[0].QueryResponse).toEqual([{}, {}]);
  clock.advance(5_000);
  const [payment] = books.payments.filter(
    ({ status, target, batch }) => status === 'authorised' && target.kind === 'invoice' && !batch,
  );
  if (!payment) throw new Error('The books hold no payment of an invoice');
  const [dead] = quickbooks
    .records('Payment')
    .filter((row: Json) => row.LinkedTxn === undefined || row.Line.length > 0)
    .filter((row: Json) => cents(row.TotalAmt) === payment.amount);
  const added = addInvoice(books, { at: clock.now() });
  const [contact] = books.contacts;
  if (contact) renameContact(books, contact, { at: clock.now(), name: 'Renamed O\'Brien & "Sons"' });
  deletePayment(books, payment, { at: clock.now() });
  const told = await answer((done) =>
    client.changeDataCapture(['Invoice', 'Payment', 'Customer', 'Vendor'], since, done),
  );
  const elements: Json[] = told.CDCResponse[0].QueryResponse;
  const of = (entity: string): Json[] => elements.flatMap((element) => element[entity] ?? []);
  expect(of('Payment')).toEqual([
    expect.objectContaining({ domain: 'QBO', status: 'Deleted', Id: dead?.Id }),
  ]);
  expect(of('Invoice').map((row) => row.DocNumber)).toContain(added.number);
  for (const row of of('Invoice'))
    expect(row).toEqual(quickbooks.records('Invoice').find(({ Id }) => Id === row.Id));
  const names = [...of('Customer'), ...of('Vendor')].map((row) => row.DisplayName);
  expect(names.some((name) => name.startsWith('Renamed O\'Brien & "Sons"'))).toBe(true);
  const old = new Date(clock.now() - 31 * DAY).toISOString();
  expect(await faultOf((done) => client.changeDataCapture(['Invoice'], old, done))).toMatchObject({
    status: 400,
  });
});

test('the trial balance it reads is that of the books, account by account', async () => {
  const reached = await reach({ documents: 600 });
  const { books } = reached;
  const client = clientOf(reached);
  const accounts = await answer((done) => client.findAccounts({ ...all, Active: [true, false] }, done));
  const code = new Map<string, string>(
    accounts.QueryResponse.Account.map((row: Json) => [row.Id, row.AcctNum]),
  );
  const report = await answer((done) => client.reportTrialBalance({ date_macro: 'All' }, done));
  const found: Record<string, number> = {};
  for (const { type, ColData } of report.Rows.Row)
    if (type === 'Data')
      found[code.get(ColData[0].id) ?? ''] =
        cents(Number(ColData[1].value)) - cents(Number(ColData[2].value));
  const own = Object.entries(bookTotals(books).trialBalance).filter(([, amount]) => amount !== 0);
  expect(found).toEqual(Object.fromEntries(own));
});

test('reports take its parameters: months as columns, dates and columns of a ledger', async () => {
  const reached = await reach();
  const client = clientOf(reached);
  const monthly = await answer((done) =>
    client.reportProfitAndLoss(
      { start_date: '2025-01-01', end_date: '2025-03-31', summarize_column_by: 'Month' },
      done,
    ),
  );
  expect(monthly.Columns.Column.map((one: Json) => one.ColTitle)).toEqual([
    '',
    'Jan 2025',
    'Feb 2025',
    'Mar 2025',
    'TOTAL',
  ]);
  const columns = 'tx_date,txn_type,doc_num,debt_amt,credit_amt';
  const ledger = await answer((done) =>
    client.reportGeneralLedgerDetail({ start_date: '2025-01-01', end_date: '2025-12-31', columns }, done),
  );
  expect(ledger.Header.ReportName).toBe('GeneralLedger');
  expect(ledger.Columns.Column.map((one: Json) => one.MetaData[0].Value)).toEqual(columns.split(','));
});

test('a write is refused, and so is a token that has run out until it is refreshed', async () => {
  const reached = await reach();
  const { quickbooks } = reached;
  const client = clientOf(reached);
  expect(await faultOf((done) => client.createInvoice({ Line: [] }, done))).toEqual({
    code: '500',
    status: 400,
  });
  expect(quickbooks.writes).toHaveLength(1);
  await discover({ sandbox: false });
  quickbooks.expireAccessTokens();
  expect(await faultOf((done) => client.findInvoices({ limit: 1 }, done))).toEqual({
    code: '3200',
    status: 401,
  });
  await answer((done) => client.refreshAccessToken(done));
  expect((await answer((done) => client.findInvoices({ limit: 1 }, done))).QueryResponse.maxResults).toBe(1);
});

test.each([true, false])(
  'its discovery finds every endpoint (sandbox: %s), and revoking ends the consent',
  async (sandbox) => {
    const reached = await reach();
    const { quickbooks } = reached;
    const found = await discover({ sandbox });
    expect({ ...found }).toMatchObject({
      TOKEN_URL: quickbooks.tokenUrl,
      REVOKE_URL: quickbooks.revokeUrl,
      USER_INFO_URL: `${quickbooks.url}/v1/openid_connect/userinfo`,
    });
    const client = clientOf(reached, {
      sandbox,
      scopes: ['com.intuit.quickbooks.accounting', 'openid', 'email'],
    });
    expect(await answer((done) => client.getUserInfo(done))).toEqual({
      sub: expect.stringMatching(/^[\da-f]{32}$/),
      email: 'mere@example.nz',
      emailVerified: true,
    });
    const { refreshToken } = client;
    await answer((done) => client.revokeAccess(true, done));
    expect([client.token, client.refreshToken]).toEqual([null, null]);
    client.refreshToken = refreshToken;
    await expect(answer((done) => client.refreshAccessToken(done))).rejects.toMatchObject({
      response: { status: 400, data: { error: 'invalid_grant' } },
    });
  },
);
