// The QuickBooks emulator's query language: grammar, pages, orders, inactive rows, faults, and drift under edits.
import { expect, test } from 'vitest';
import { archiveContact, eraseDocument, payInvoice, removeItem, voidInvoice } from '../books/index.ts';
import { type Json, setUp } from './quickbooks-setup.ts';

const ids = (rows: readonly Json[]): string[] => rows.map((row) => row.Id);

test('a page has 100 rows unless asked for, 1000 at most, and says where it starts', async () => {
  const { query } = await setUp({ documents: 2300 });
  const usual = await query('select * from Invoice');
  expect([usual.Invoice.length, usual.startPosition, usual.maxResults, usual.totalCount]).toEqual([
    100, 1, 100, 100,
  ]);
  expect((await query('select * from Invoice maxresults 5000')).Invoice).toHaveLength(1000);
  const later = await query('SELECT * FROM Invoice ORDER BY Id STARTPOSITION 11 MAXRESULTS 5');
  expect([ids(later.Invoice), later.startPosition]).toEqual([['11', '12', '13', '14', '15'], 11]);
  expect(await query('select * from Invoice startposition 100000')).toEqual({});
});

test('a page above the cap is refused where the switch says so', async () => {
  const { faultOf } = await setUp({ switches: { maxResultsAboveCap: 'rejected' } });
  expect(await faultOf('select * from Invoice maxresults 1001')).toBe('4001');
  expect(await faultOf('select * from Invoice maxresults 1000')).toBeUndefined();
});

test('totalCount comes with some entities only', async () => {
  const { query } = await setUp();
  for (const entity of ['Bill', 'BillPayment', 'Deposit', 'Invoice', 'JournalEntry', 'PurchaseOrder'])
    expect((await query(`select * from ${entity}`)).totalCount, entity).toBeGreaterThan(0);
  for (const entity of [
    'Account',
    'CreditMemo',
    'Customer',
    'Estimate',
    'Item',
    'Payment',
    'Purchase',
    'Vendor',
  ]) {
    const page = await query(`select * from ${entity}`);
    expect([entity, page[entity].length > 0, 'totalCount' in page]).toEqual([entity, true, false]);
  }
});

test('counts agree with rows, for every entity', async () => {
  const { query, quickbooks } = await setUp();
  for (const entity of [
    'Invoice',
    'Payment',
    'TimeActivity',
    'TaxAgency',
    'RecurringTransaction',
    'CompanyInfo',
    'RefundReceipt',
  ])
    expect((await query(`select count(*) from ${entity}`)).totalCount, entity).toBe(
      quickbooks.records(entity).length,
    );
});

test('conditions compare ids as numbers, times as instants in any zone, texts without case, and sets', async () => {
  const { query, quickbooks } = await setUp();
  const invoices = quickbooks.records('Invoice') as Json[];
  expect(
    ids((await query("select * from Invoice where Id > '9' and Id <= '12' orderby Id")).Invoice),
  ).toEqual(['10', '11', '12']);
  const at = invoices[100]?.MetaData.LastUpdatedTime;
  const later = invoices.filter((row) => Date.parse(row.MetaData.LastUpdatedTime) >= Date.parse(at)).length;
  for (const text of [
    at,
    new Date(Date.parse(at)).toISOString(),
    new Date(Date.parse(at) + 5.5 * 3_600_000).toISOString().replace('.000Z', '+05:30'),
  ])
    expect(
      (await query(`select count(*) from Invoice where Metadata.LastUpdatedTime >= '${text}'`)).totalCount,
      text,
    ).toBe(later);
  const [first] = invoices;
  const like = await query(
    `select * from Invoice where DocNumber like '%${first?.DocNumber.slice(-4).toLowerCase()}'`,
  );
  expect(ids(like.Invoice)).toContain(first?.Id);
  expect(
    ids((await query("select * from Invoice where Id in ('3', '1', '999999')")).Invoice).toSorted(),
  ).toEqual(['1', '3']);
  const due = await query(
    "select * from Invoice where Balance > '0' and TxnDate >= '2025-01-01' orderby TxnDate desc, Id maxresults 1000",
  );
  expect(ids(due.Invoice).length).toBe(
    invoices.filter((row) => row.Balance > 0 && row.TxnDate >= '2025-01-01').length,
  );
  const days = due.Invoice.map((row: Json) => row.TxnDate);
  expect(days).toEqual(days.toSorted().toReversed());
});

test('quotes inside texts are escaped with a backslash', async () => {
  const { query, quickbooks } = await setUp();
  const named = (quickbooks.records('Customer') as Json[]).find(
    (row) => row.Active && row.DisplayName.includes("'"),
  );
  const name = named?.DisplayName.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  expect(ids((await query(`select * from Customer where DisplayName = '${name}'`)).Customer)).toEqual([
    named?.Id,
  ]);
});

test('ids compare or sort as text where the switches say so', async () => {
  const { query } = await setUp({ documents: 700, switches: { idComparison: 'text', idOrder: 'text' } });
  const page = await query("select * from Invoice where Id > '2' orderby Id maxresults 3");
  expect(ids(page.Invoice)).toEqual(['20', '200', '201']);
});

test('what breaks the grammar is 4000, what it cannot ask is 4001', async () => {
  const { faultOf } = await setUp();
  for (const statement of [
    'select from Invoice',
    'select Id from Invoice',
    "select * from Invoice where Id = '1' or Id = '2'",
    'select * from Invoice where not Id = 1',
    'select * from Invoice group by Id',
    'select * from Nothing',
    "select * from Invoice where DocNumber = 'open",
  ])
    expect(await faultOf(statement), statement).toBe('4000');
  for (const statement of [
    'select * from Invoice maxresults 0',
    'select * from Invoice startposition -1',
    "select * from Purchase where PrivateNote = 'x'",
    'select * from Invoice orderby Line',
    "select * from Invoice where MetaData.LastUpdatedTime > 'yesterday'",
    'select * from TaxAgency where Active in (true, false)',
    'select * from Invoice where Active = true',
  ])
    expect(await faultOf(statement), statement).toBe('4001');
  expect(await faultOf('select * from Invoice startposition 0')).toBeUndefined();
});

test('position 0 and the code of unknown entities follow their switches, and properties can be named', async () => {
  const { faultOf, query } = await setUp({
    switches: { startPositionZero: 'rejected', unknownEntityCode: '2000', projections: true },
  });
  expect(await faultOf('select * from Invoice startposition 0')).toBe('4001');
  expect(await faultOf('select * from Nothing')).toBe('2000');
  const [row] = (await query('select Id, DocNumber from Invoice maxresults 1')).Invoice;
  expect(Object.keys(row).toSorted()).toEqual(['DocNumber', 'Id', 'domain', 'sparse']);
});

test('inactive list rows hide until a statement asks for Active, and their names say deleted', async () => {
  const { books, clock, query, get } = await setUp();
  const contact = books.contacts.find((one) => one.status === 'active' && one.isCustomer);
  const item = books.items[0];
  if (!contact || !item) throw new Error('The books have no customer or item');
  const before = (await query('select count(*) from Customer')).totalCount;
  archiveContact(books, contact, { at: clock.now() });
  removeItem(books, item);
  expect((await query('select count(*) from Customer')).totalCount).toBe(before - 1);
  const { Customer } = await query(
    'select * from Customer where Active = false orderby MetaData.LastUpdatedTime desc',
  );
  expect(Customer[0]).toMatchObject({
    Active: false,
    DisplayName: `${contact.name} (deleted)`,
    CompanyName: contact.name,
  });
  expect(
    (await query(`select * from Item where Active in (true, false) and Sku = '${item.code}'`)).Item[0].Active,
  ).toBe(false);
  expect((await get(`customer/${Customer[0].Id}`)).json.Customer.Active).toBe(false);
});

test('without an order transactions come newest first, or by falling id, and lists by name', async () => {
  const { query, books, clock } = await setUp();
  const invoice = books.invoices.find((one) => one.status === 'authorised' && one.open > 0);
  if (!invoice) throw new Error('The books have no open invoice');
  payInvoice(books, invoice, { at: clock.now() });
  const { Invoice } = await query('select * from Invoice');
  expect(Invoice[0].DocNumber).toBe(invoice.number);
  const times = Invoice.map((row: Json) => Date.parse(row.MetaData.LastUpdatedTime));
  expect(times).toEqual(times.toSorted((left: number, right: number) => right - left));
  const names = (await query('select * from Account')).Account.map((row: Json) =>
    row.FullyQualifiedName.toLowerCase(),
  );
  expect(names).toEqual(names.toSorted());
  const other = await setUp({ switches: { defaultOrder: 'id descending' } });
  const falling = ids((await other.query('select * from Invoice maxresults 3')).Invoice).map(Number);
  expect(falling).toEqual(falling.toSorted((left, right) => right - left));
});

test('an edit between offset pages makes them skip a row, and keyset pages do not', async () => {
  const { query, books, clock } = await setUp({ documents: 900 });
  const all = ids((await query('select * from Invoice orderby Id maxresults 1000')).Invoice);
  const first = ids((await query('select * from Invoice orderby Id maxresults 50')).Invoice);
  const erased = books.invoices.find(
    (one) => one.status === 'authorised' && one.payments.length === 0 && one.allocations.length === 0,
  );
  if (!erased) throw new Error('The books have no unpaid invoice');
  const place = all.indexOf(
    (await query(`select * from Invoice where DocNumber = '${erased.number}'`)).Invoice[0].Id,
  );
  const size = place + 1;
  eraseDocument(books, erased, { at: clock.now() });
  const [head, boundary] = [all.slice(0, size), all[size]];
  const offset = await query(`select * from Invoice orderby Id startposition ${size + 1} maxresults 1000`);
  expect(ids(offset.Invoice)).not.toContain(boundary);
  const keyset = await query(`select * from Invoice where Id > '${head.at(-1)}' orderby Id maxresults 1000`);
  expect(ids(keyset.Invoice)[0]).toBe(boundary);
  expect(first).toHaveLength(50);
});

test('a payment moves the LastUpdatedTime of its invoice, customer and accounts, and counts the invoice up only', async () => {
  for (const propagation of [true, false]) {
    const { query, books, clock, quickbooks } = await setUp({ switches: { propagation } });
    const invoice = books.invoices.find((one) => one.status === 'authorised' && one.open > 0);
    if (!invoice) throw new Error('The books have no open invoice');
    const since = new Date(Math.floor(clock.now() / 1000) * 1000).toISOString();
    const before = (quickbooks.records('Customer') as Json[]).map((row) => [row.Id, row.SyncToken]);
    payInvoice(books, invoice, { at: clock.now() });
    const changed = async (entity: string) =>
      (await query(`select * from ${entity} where MetaData.LastUpdatedTime >= '${since}'`))[entity] ?? [];
    expect((await changed('Invoice')).map((row: Json) => [row.DocNumber, row.Balance])).toEqual([
      [invoice.number, 0],
    ]);
    expect(await changed('Payment')).toHaveLength(1);
    const customers = await changed('Customer');
    expect(customers.map((row: Json) => row.CompanyName)).toEqual(propagation ? [invoice.contact.name] : []);
    expect((await changed('Account')).length > 0).toBe(propagation);
    expect((quickbooks.records('Customer') as Json[]).map((row) => [row.Id, row.SyncToken])).toEqual(before);
  }
});

test('a voided invoice stays at zero with a note; a voided bill is gone', async () => {
  const { query, books, clock, get } = await setUp({ documents: 600 });
  const fits = (one: (typeof books.invoices)[number]): boolean =>
    one.status === 'authorised' && one.payments.length === 0 && one.allocations.length === 0;
  const [invoice, bill] = [books.invoices.find(fits), books.bills.find(fits)];
  if (!invoice || !bill) throw new Error('The books have nothing to void');
  const id = (await query(`select * from Bill where DocNumber = '${bill.number}'`)).Bill[0].Id;
  voidInvoice(books, invoice, { at: clock.now() });
  voidInvoice(books, bill, { at: clock.now() });
  const [row] = (await query(`select * from Invoice where DocNumber = '${invoice.number}'`)).Invoice;
  expect(row).toMatchObject({ TotalAmt: 0, Balance: 0, PrivateNote: 'Voided' });
  expect(row.Line.every((line: Json) => line.Amount === 0)).toBe(true);
  const gone = await get(`bill/${id}`);
  expect([gone.status, gone.json.Fault.Error[0].code]).toEqual([400, '610']);
});

test('a statement may come by GET, in the body of a POST, or in the query of a POST', async () => {
  const { get, post } = await setUp();
  const statement = 'select count(*) from Invoice';
  const text = { 'content-type': 'application/text' };
  const replies = await Promise.all([
    get(`query?query=${encodeURIComponent(statement)}&minorversion=75`),
    post('query', statement, text),
    post(`query?query=${encodeURIComponent(statement)}`, '', { 'content-type': 'text/plain' }),
  ]);
  const counts = replies.map(({ json }) => json.QueryResponse.totalCount);
  expect(counts[0]).toBeGreaterThan(0);
  expect(new Set(counts).size).toBe(1);
  // An offset's plus sign is a blank in a URL unless it is escaped.
  const bare = await get(
    "query?query=select * from Invoice where MetaData.LastUpdatedTime > '2025-01-01T00:00:00+00:00'",
  );
  expect(bare.json.Fault.Error[0].code).toBe('4001');
});
