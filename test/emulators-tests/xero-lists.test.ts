// The Xero emulator's lists: paging, If-Modified-Since, order, filters, the guard, and what the rows look like.
import { expect, test } from 'vitest';
import {
  addInvoice,
  archiveContact,
  bookTotals,
  changeLines,
  changeSilently,
  deleteInvoice,
  deleteTransfer,
  editBooks,
  payInvoice,
  removeItem,
  renameContact,
} from '../books/index.ts';
import { dateOf, type Json, setUp } from './xero-setup.ts';

const cents = (value: number): number => Math.round(value * 100);

test('a paged list carries lines, a full contact and a pagination object; an unpaged one none of them', async () => {
  const { get } = await setUp();
  const paged = (await get('Invoices?page=1&pageSize=5')).json;
  expect(paged.pagination).toMatchObject({ page: 1, pageSize: 5 });
  expect(paged.Invoices).toHaveLength(5);
  expect(paged.Invoices[0].LineItems.length).toBeGreaterThan(0);
  expect(paged.Invoices[0].Contact).toHaveProperty('ContactStatus');
  const unpaged = (await get('Invoices')).json;
  expect(unpaged.pagination).toBeUndefined();
  expect(unpaged.Invoices).toHaveLength(paged.pagination.itemCount);
  expect(unpaged.Invoices.every((one: Json) => one.LineItems.length === 0)).toBe(true);
  expect(Object.keys(unpaged.Invoices[0].Contact)).not.toContain('ContactStatus');
});

test('pageSize is clamped to 1..1000, unknown parameters are ignored, and pages past the end are empty', async () => {
  const { get } = await setUp();
  expect((await get('Invoices?page=1&pageSize=5000')).json.pagination.pageSize).toBe(1000);
  expect((await get('Invoices?page=1&pageSize=0')).json.pagination.pageSize).toBe(1);
  expect((await get('Invoices?page=1&page_size=7')).json.pagination.pageSize).toBe(100);
  expect((await get('Invoices?page=1&pageSize=abc')).json.pagination.pageSize).toBe(100);
  expect((await get('Invoices?page=9999')).json.Invoices).toEqual([]);
});

test('quotes and linked transactions page without saying so, whole tables ignore page, purchase orders always page', async () => {
  const { get, books } = await setUp({ documents: 12_000 });
  const quotes = (await get('Quotes?page=1')).json;
  expect(quotes.pagination).toBeUndefined();
  expect(quotes.Quotes).toHaveLength(100);
  const links = (await get('LinkedTransactions?pageSize=500')).json;
  expect(links.LinkedTransactions).toHaveLength(100);
  expect((await get('Items?page=2&pageSize=3')).json.Items).toHaveLength(books.items.length);
  const orders = (await get('PurchaseOrders')).json;
  expect(orders.pagination.itemCount).toBe(books.purchaseOrders.length);
  expect(orders.PurchaseOrders[0].LineItems.length).toBeGreaterThan(0);
});

test('pageSize is ignored on quotes, and pages by itself, where the switches say so', async () => {
  const { get } = await setUp({
    documents: 2000,
    switches: { quotesPageSize: 'ignored', pageSizeAlonePages: true },
  });
  expect((await get('Quotes?page=1&pageSize=3')).json.Quotes.length).toBeGreaterThan(3);
  expect((await get('Invoices?pageSize=3')).json.Invoices).toHaveLength(3);
});

test('rows come in order of UpdatedDateUTC and then id, and a row edited between pages moves to the end', async () => {
  const { get, sweep, books } = await setUp();
  const rows = await sweep('Invoices');
  const keys = rows.map((one) => [dateOf(one.UpdatedDateUTC), one.InvoiceID] as const);
  const sorted = [...keys].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
  expect(keys).toEqual(sorted);
  const first = (await get('Invoices?page=1&pageSize=10')).json.Invoices;
  const edited = [...books.invoices, ...books.bills].find((one) => one.id === first[4].InvoiceID);
  if (!edited) throw new Error('The books do not hold the first page');
  edited.status = 'authorised';
  edited.payments = [];
  edited.allocations = [];
  changeLines(books, edited, { at: Date.parse('2026-02-02T00:00:00Z') });
  const after = await sweep('Invoices');
  expect(after).toHaveLength(rows.length);
  expect(after.at(-1).InvoiceID).toBe(edited.id);
  expect((await get('Invoices?page=1&pageSize=10')).json.Invoices[4].InvoiceID).toBe(first[5].InvoiceID);
});

test('If-Modified-Since works in whole seconds, with the boundary as switched', async () => {
  for (const modifiedSince of ['inclusive', 'exclusive'] as const) {
    const { get, books } = await setUp({ switches: { modifiedSince } });
    addInvoice(books, { at: Date.parse('2026-02-02T10:00:00.700Z') });
    addInvoice(books, { at: Date.parse('2026-02-02T10:00:01.100Z') });
    const count = async (since: string): Promise<number> =>
      (await get('Invoices?page=1', { 'if-modified-since': since })).json.Invoices.length;
    expect(await count('2026-02-02T10:00:00')).toBe(modifiedSince === 'inclusive' ? 2 : 1);
    expect(await count('2026-02-02T10:00:01')).toBe(modifiedSince === 'inclusive' ? 1 : 0);
    expect(await count('2026-02-02T10:00:02')).toBe(0);
    expect(await count('Mon, 02 Feb 2026 09:00:00 GMT')).toBe(2);
  }
});

test('a faulty If-Modified-Since is a 412, and endpoints without it return everything', async () => {
  const { get, books } = await setUp();
  expect((await get('Invoices', { 'if-modified-since': 'yesterday' })).status).toBe(412);
  const currencies = (await get('Currencies', { 'if-modified-since': '2030-01-01T00:00:00' })).json;
  expect(currencies.Currencies).toHaveLength(books.currencies.length);
});

test('IDs, InvoiceNumbers, ContactIDs and Statuses filter and switch paging on', async () => {
  const { get, books } = await setUp();
  const [a, b] = books.invoices;
  if (!a || !b) throw new Error('These books have no invoices');
  const byId = (await get(`Invoices?IDs=${a.id},${b.id.toUpperCase()}`)).json;
  expect(byId.Invoices.map((one: Json) => one.InvoiceID).sort()).toEqual([a.id, b.id].sort());
  expect(byId.Invoices[0].LineItems.length).toBeGreaterThan(0);
  expect((await get(`Invoices?InvoiceNumbers=${a.number}`)).json.Invoices[0].InvoiceID).toBe(a.id);
  const statuses = (await get('Invoices?Statuses=PAID,VOIDED&pageSize=1000')).json.Invoices;
  expect(new Set(statuses.map((one: Json) => one.Status))).toEqual(new Set(['PAID', 'VOIDED']));
  const ofContact = (await get(`Invoices?ContactIDs=${a.contact.id}&pageSize=1000`)).json.Invoices;
  expect(ofContact.every((one: Json) => one.Contact.ContactID === a.contact.id)).toBe(true);
  expect((await get('Invoices?IDs=nonsense')).json).toMatchObject({
    ErrorNumber: 10,
    Type: 'ValidationException',
  });
});

test('summaryOnly leaves out lines and payments of invoices, and addresses of contacts', async () => {
  const { get } = await setUp();
  const [invoice] = (await get('Invoices?summaryOnly=true')).json.Invoices;
  for (const name of ['LineItems', 'Payments', 'HasAttachments']) expect(invoice).not.toHaveProperty(name);
  const [contact] = (await get('Contacts?summaryOnly=true')).json.Contacts;
  for (const name of ['Addresses', 'Balances', 'ContactGroups', 'ContactPersons', 'IsCustomer'])
    expect(contact).not.toHaveProperty(name);
});

test('unitdp=4 shows unit prices with four places, otherwise two', async () => {
  const { get } = await setUp();
  const unit = async (query: string): Promise<string | undefined> =>
    /"UnitAmount":(\d+\.\d+)/.exec((await get(`Invoices?page=1&pageSize=1${query}`)).text)?.[1];
  expect(await unit('')).toMatch(/^\d+\.\d{2}$/);
  expect(await unit('&unitdp=4')).toMatch(/^\d+\.\d{4}$/);
});

test('order sorts either way, unknown fields are refused, and ManualJournals with order returns everything', async () => {
  const { get, books } = await setUp({ documents: 10_500 });
  const numbers = (await get('Invoices?page=1&order=InvoiceNumber%20DESC')).json.Invoices.map(
    (one: Json) => one.InvoiceNumber,
  );
  expect(numbers).toEqual([...numbers].sort().reverse());
  expect((await get('Invoices?page=1&order=Nonsense')).status).toBe(400);
  const all = (await get('ManualJournals?page=1&order=Date')).json.ManualJournals;
  expect(all).toHaveLength(books.manualJournals.length);
  expect(all.length).toBeGreaterThan(100);
});

test('ManualJournals with order pages like the others where the bug is switched off', async () => {
  const { get } = await setUp({ documents: 10_500, switches: { manualJournalsOrderBug: false } });
  expect((await get('ManualJournals?page=1&order=Date')).json.ManualJournals).toHaveLength(100);
});

test('reads of more documents than the guard allows are refused unless an optimised filter narrows them', async () => {
  const { get, books } = await setUp({ documents: 1000, limits: { highVolume: 300 } });
  const refused = await get('Invoices?page=1');
  expect(refused.status).toBe(400);
  expect(refused.json).toMatchObject({ ErrorNumber: 51, Type: 'HighVolumeException' });
  expect(refused.json.Message).toContain('Invoices');
  const [from, to] = ['DateTime(2024,03,01)', 'DateTime(2024,06,01)'];
  const where = encodeURIComponent(`Date >= ${from} AND Date < ${to}`);
  const sliced = await get(`Invoices?page=1&where=${where}`);
  expect(sliced.status).toBe(200);
  const wide = encodeURIComponent('Reference.Contains("x") OR Total > 0');
  expect((await get(`Invoices?page=1&where=${wide}`)).status).toBe(400);
  const last =
    [...books.invoices, ...books.bills]
      .map((one) => one.updatedAt)
      .sort()
      .at(-100) ?? 0;
  const since = { 'if-modified-since': new Date(last).toISOString().slice(0, 19) };
  expect((await get('Invoices?page=1', since)).status).toBe(200);
  expect((await get('Accounts')).status).toBe(200);
});

test('the guard counts everything, warns, or is off, as switched', async () => {
  const since = { 'if-modified-since': '2030-01-01T00:00:00' };
  const strict = await setUp({
    documents: 1000,
    limits: { highVolume: 300 },
    switches: { highVolumeGuard: 'counts everything' },
  });
  expect((await strict.get('Invoices?page=1', since)).status).toBe(400);
  const off = await setUp({
    documents: 1000,
    limits: { highVolume: 300 },
    switches: { highVolumeGuard: 'off' },
  });
  expect((await off.get('Invoices?page=1')).status).toBe(200);
  const warned = await setUp({
    documents: 400,
    limits: { highVolume: 400 },
    switches: { highVolumeWarnings: true },
  });
  expect((await warned.get('Invoices?page=1')).json.Warnings[0].Message).toContain('Invoices');
});

test('deleted rows show in lists unless switched off, and by id always', async () => {
  for (const deletedInLists of [true, false]) {
    const { get, sweep, books } = await setUp({ switches: { deletedInLists } });
    const draft = [...books.invoices, ...books.bills].find(
      (one) => one.status === 'draft' || one.status === 'submitted',
    );
    if (!draft) throw new Error('These books have no draft');
    deleteInvoice(books, draft, { at: Date.parse('2026-02-03T00:00:00Z') });
    const listed = (await sweep('Invoices')).filter((one) => one.Status === 'DELETED');
    expect(listed.some((one) => one.InvoiceID === draft.id)).toBe(deletedInLists);
    expect((await get(`Invoices/${draft.id}`)).json.Invoices[0].Status).toBe('DELETED');
    const since = await get('Invoices?page=1', { 'if-modified-since': '2026-02-03T00:00:00' });
    expect(since.json.Invoices).toHaveLength(deletedInLists ? 1 : 0);
  }
});

test('archived contacts, archived tracking options and deleted transfers are hidden until asked for', async () => {
  const { get, books } = await setUp();
  const [contact] = books.contacts;
  const [transfer] = books.bankTransfers.filter((one) => one.status === 'authorised');
  if (!contact || !transfer) throw new Error('These books lack a contact or a transfer');
  archiveContact(books, contact, { at: Date.parse('2026-02-03T00:00:00Z') });
  deleteTransfer(books, transfer, { at: Date.parse('2026-02-03T00:00:00Z') });
  const ids = async (path: string, key: string, id: string): Promise<string[]> =>
    (await get(path)).json[key].map((one: Json) => one[id]);
  expect(await ids('Contacts', 'Contacts', 'ContactID')).not.toContain(contact.id);
  expect(await ids('Contacts?includeArchived=true', 'Contacts', 'ContactID')).toContain(contact.id);
  expect((await get(`Contacts/${contact.id}`)).json.Contacts[0].ContactStatus).toBe('ARCHIVED');
  expect(await ids('BankTransfers', 'BankTransfers', 'BankTransferID')).not.toContain(transfer.id);
  expect(await ids('BankTransfers?includeDeleted=true', 'BankTransfers', 'BankTransferID')).toContain(
    transfer.id,
  );
  const [shown, all] = [
    (await get('TrackingCategories')).json.TrackingCategories,
    (await get('TrackingCategories?includeArchived=true')).json.TrackingCategories,
  ];
  expect(shown).toHaveLength(2);
  expect(all).toHaveLength(3);
  expect(all[0].Options.length).toBeGreaterThan(shown[0].Options.length);
});

test('items vanish when deleted, and silent changes show without moving UpdatedDateUTC', async () => {
  const { get, books } = await setUp();
  const [item] = books.items;
  const invoice = books.invoices.find((one) => one.status === 'authorised' && !one.sent);
  if (!item || !invoice) throw new Error('These books lack an item or an unsent invoice');
  removeItem(books, item);
  expect((await get('Items')).json.Items.map((one: Json) => one.ItemID)).not.toContain(item.id);
  expect((await get(`Items/${item.id}`)).status).toBe(404);
  const before = (await get(`Invoices/${invoice.id}`)).json.Invoices[0];
  changeSilently(books, invoice, { sent: true });
  payInvoice(books, invoice, { at: Date.parse('2026-02-04T00:00:00Z') });
  const contact = (await get(`Contacts/${invoice.contact.id}`)).json.Contacts[0];
  const after = (await get(`Invoices/${invoice.id}`)).json.Invoices[0];
  expect([before.SentToContact, after.SentToContact]).toEqual([false, true]);
  expect(dateOf(contact.UpdatedDateUTC)).toBe(invoice.contact.updatedAt);
  expect(cents(contact.Balances.AccountsReceivable.Outstanding)).toBe(invoice.contact.open.receivable);
});

test('renaming a contact moves the contact, and its documents show the new name without moving', async () => {
  const { get, books } = await setUp();
  const [invoice] = books.invoices;
  if (!invoice) throw new Error('These books have no invoices');
  renameContact(books, invoice.contact, { at: Date.parse('2026-02-04T00:00:00Z'), name: 'New "name" 🦄' });
  const since = { 'if-modified-since': '2026-02-04T00:00:00' };
  expect((await get('Contacts?page=1&includeArchived=true', since)).json.Contacts[0].Name).toBe(
    'New "name" 🦄',
  );
  expect((await get('Invoices?page=1', since)).json.Invoices).toEqual([]);
  expect((await get(`Invoices/${invoice.id}`)).json.Invoices[0].Contact.Name).toBe('New "name" 🦄');
});

test('answers are XML unless JSON is asked for, compressed for those who accept it, and laid out where switched', async () => {
  const { get, xero } = await setUp();
  const xml = await get('Invoices?page=1', { accept: undefined });
  expect(xml.headers.get('content-type')).toContain('text/xml');
  expect(xml.text).toMatch(/^<Response .*<Invoices><Invoice><Type>/s);
  const plain = await get('Invoices?page=1', { 'accept-encoding': 'identity' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect((await get('Invoices?page=1')).headers.get('content-encoding')).toBe('gzip');
  expect(xero.egress.sent).toBeLessThan(xero.egress.raw);
  const pretty = await setUp({ switches: { pretty: true, escapedSlashes: false, gzip: false } });
  const laid = await pretty.get('Invoices?page=1&pageSize=2');
  expect(laid.text).toMatch(/^\{\r\n {2}"Id": "/);
  expect(laid.text).toContain('"UpdatedDateUTC": "/Date(');
  expect(laid.json.Invoices).toHaveLength(2);
});

test('dates carry escaped slashes and offsets as the wire does, and money two places', async () => {
  const { get } = await setUp();
  const { text } = await get('Invoices?page=1&pageSize=3');
  expect(text).toMatch(/"DateTimeUTC":"\\\/Date\(\d+\)\\\/"/);
  expect(text).toMatch(/"UpdatedDateUTC":"\\\/Date\(\d+\+0000\)\\\/"/);
  expect(text).toMatch(/"DateString":"\d{4}-\d\d-\d\dT00:00:00"/);
  expect(text).toMatch(/"UpdatedDateUTCString":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/);
  expect(text).toMatch(/"Total":\d+\.\d\d,/);
  expect(text).toMatch(/"CurrencyRate":\d+\.\d{6},/);
  expect((await get('Quotes?page=1')).text).toMatch(/"Date":"\\\/Date\(\d+\)\\\/"/);
});

test('the figures of the endpoints are those of the books, after edits too', async () => {
  const { sweep, get, books } = await setUp({ documents: 1500 });
  editBooks(books, { seed: 5, edits: 200, at: Date.parse('2026-02-05T00:00:00Z') });
  const totals = bookTotals(books);
  const invoices = await sweep('Invoices');
  for (const [type, side, stream] of [
    ['ACCREC', 'accountsReceivable', 'invoices'],
    ['ACCPAY', 'accountsPayable', 'bills'],
  ] as const) {
    const rows = invoices.filter((one) => one.Type === type);
    const due: Record<string, number> = {};
    for (const one of rows.filter(({ Status }) => Status === 'AUTHORISED'))
      due[one.CurrencyCode] = (due[one.CurrencyCode] ?? 0) + cents(one.AmountDue);
    expect(due).toEqual(totals[side].byCurrency);
    expect(rows).toHaveLength(totals.streams[stream]?.rows ?? 0);
    expect(rows.reduce((sum, one) => sum + one.LineItems.length, 0)).toBe(totals.streams[stream]?.lines);
  }
  const byAccount: Record<string, number> = {};
  for (const one of [...invoices, ...(await sweep('CreditNotes'))])
    if (one.Status === 'AUTHORISED' || one.Status === 'PAID')
      for (const line of one.LineItems)
        byAccount[line.AccountCode] = (byAccount[line.AccountCode] ?? 0) + cents(line.LineAmount);
  expect(byAccount).toEqual(
    Object.fromEntries(Object.entries(totals.linesByAccount).map(([code, { amount }]) => [code, amount])),
  );
  for (const [endpoint, stream] of [
    ['Payments', 'payments'],
    ['BankTransactions', 'bank_transactions'],
    ['ManualJournals', 'manual_journals'],
    ['Prepayments', 'prepayments'],
    ['Overpayments', 'overpayments'],
  ] as const)
    expect(await sweep(endpoint), endpoint).toHaveLength(totals.streams[stream]?.rows ?? -1);
  expect((await get('Items')).json.Items).toHaveLength(totals.streams.items?.rows ?? -1);
});

test('every endpoint answers by id, and what hangs below records too', async () => {
  const { get } = await setUp({ documents: 1000, switches: { journals: true } });
  const endpoints =
    'Invoices CreditNotes Payments Prepayments Overpayments BankTransactions ManualJournals PurchaseOrders Contacts Quotes LinkedTransactions BatchPayments BankTransfers Accounts Items Users ContactGroups TrackingCategories BrandingThemes RepeatingInvoices ExpenseClaims Receipts Journals'.split(
      ' ',
    );
  for (const endpoint of endpoints) {
    const [row] = (await get(`${endpoint}?page=1`)).json[endpoint];
    const [, id] =
      Object.entries<string>(row).find(
        ([name]) => name === `${endpoint.replace(/ies$/, 'y').replace(/s$/, '')}ID`,
      ) ?? [];
    const single = await get(`${endpoint}/${id}`);
    expect(single.status, endpoint).toBe(200);
    expect(single.json[endpoint], endpoint).toHaveLength(1);
    expect((await get(`${endpoint}/00000000-0000-4000-8000-000000000000`)).status, endpoint).toBe(404);
  }
  const [invoice] = (await get('Invoices?page=1')).json.Invoices;
  expect((await get(`Invoices/${invoice.InvoiceNumber}`)).json.Invoices[0].InvoiceNumber).toBe(
    invoice.InvoiceNumber,
  );
  expect((await get(`Invoices/${invoice.InvoiceID}/History`)).json.HistoryRecords).toHaveLength(1);
  expect((await get(`Invoices/${invoice.InvoiceID}/Attachments`)).json.Attachments).toBeInstanceOf(Array);
  expect((await get(`Invoices/${invoice.InvoiceID}/OnlineInvoice`)).json.OnlineInvoices).toHaveLength(1);
  expect((await get('TaxRates/OUTPUT2')).json.TaxRates[0].EffectiveRate).toBe(15);
  expect((await get('Organisation/Actions')).json.Actions.length).toBeGreaterThan(3);
  expect((await get('PaymentServices')).json.PaymentServices).toHaveLength(1);
  expect((await get('InvoiceReminders/Settings')).json.InvoiceReminders).toHaveLength(1);
  expect((await get('Nonsense')).status).toBe(404);
});

test('budgets have no lines in the list, and by id an object with text amounts of the months asked for', async () => {
  const { get } = await setUp();
  const [budget] = (await get('Budgets')).json.Budgets;
  expect(budget.BudgetLines).toEqual([]);
  const short = (await get(`Budgets/${budget.BudgetID}`)).json.Budgets;
  expect(short.BudgetLines[0].BudgetBalances).toHaveLength(3);
  expect(short.BudgetLines[0].BudgetBalances[0]).toMatchObject({
    Period: '2024-01',
    Amount: expect.any(String),
  });
  const long = (await get(`Budgets/${budget.BudgetID}?DateFrom=2024-01-01&DateTo=2030-01-01`)).json.Budgets;
  expect(long.BudgetLines[0].BudgetBalances).toHaveLength(24);
});

test('a contact group names its members only when read by id', async () => {
  const { get } = await setUp();
  const groups = (await get('ContactGroups')).json.ContactGroups;
  expect(groups.every((one: Json) => one.Contacts.length === 0)).toBe(true);
  expect(
    (await get(`ContactGroups/${groups[0].ContactGroupID}`)).json.ContactGroups[0].Contacts.length,
  ).toBeGreaterThan(0);
});

test('a page of 1000 out of 45,000 invoices comes in well under half a second', async () => {
  const { get } = await setUp({ documents: 60_000, limits: { highVolume: 1e9 } });
  for (const page of [1, 2, 3, 4]) await get(`Invoices?page=${page}&pageSize=1000`);
  const times: number[] = [];
  for (const page of [40, 41, 42, 43, 44]) {
    const started = performance.now();
    expect((await get(`Invoices?page=${page}&pageSize=1000`)).json.Invoices).toHaveLength(1000);
    times.push(performance.now() - started);
  }
  // The fastest of five: other work on the machine may slow any one of them.
  expect(Math.min(...times)).toBeLessThan(500);
});
