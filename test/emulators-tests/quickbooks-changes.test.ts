// The QuickBooks emulator's change data capture and batches: tombstones, caps, irregularities, faults per item.
import { expect, test } from 'vitest';
import { addInvoice, deletePayment, editBooks, eraseDocument, payInvoice } from '../books/index.ts';
import { cents, type Json, setUp } from './quickbooks-setup.ts';

const DAY = 86_400_000;
const ALL =
  'Invoice,Bill,Payment,BillPayment,CreditMemo,VendorCredit,Customer,Vendor,Item,Account,Purchase,Deposit';

const openInvoice = ({ books }: { books: Awaited<ReturnType<typeof setUp>>['books'] }) => {
  const found = books.invoices.find(
    (one) =>
      one.status === 'authorised' &&
      one.open > 0 &&
      one.payments.length === 0 &&
      one.allocations.length === 0,
  );
  if (!found) throw new Error('The books have no open invoice');
  return found;
};

test('changes since an instant come as whole records, deletes as tombstones without times, nothing as {}', async () => {
  const { books, clock, cdc, get, query } = await setUp();
  const invoice = openInvoice({ books });
  const payment = payInvoice(books, invoice, { at: clock.now() });
  const id = (await query('select * from Payment orderby MetaData.LastUpdatedTime desc maxresults 1'))
    .Payment[0].Id;
  clock.advance(5000);
  const since = new Date(clock.now()).toISOString();
  clock.advance(5000);
  deletePayment(books, payment, { at: clock.now() });
  const added = addInvoice(books, { at: clock.now() });
  const found = await cdc('Invoice,Payment,Term', since);
  expect(found.get('Payment').Payment).toEqual([{ domain: 'QBO', status: 'Deleted', Id: id }]);
  const invoices = found.get('Invoice').Invoice;
  expect(invoices.map((row: Json) => row.DocNumber).toSorted()).toEqual(
    [invoice.number, added.number].toSorted(),
  );
  expect(invoices.every((row: Json) => Array.isArray(row.Line))).toBe(true);
  expect(found.has('Term')).toBe(false);
  const raw = await get(`cdc?entities=Term,TimeActivity&changedSince=${encodeURIComponent(since)}`);
  expect(raw.json.Fault.Error[0].code).toBe('4000');
  const empty = await get(`cdc?entities=Term&changedSince=${encodeURIComponent(since)}`);
  expect(empty.json.CDCResponse).toEqual([{ QueryResponse: [{}] }]);
});

test('tombstones carry their time where the switch says so', async () => {
  const { books, clock, cdc } = await setUp({ switches: { tombstoneMetaData: true } });
  const since = new Date(clock.now()).toISOString();
  clock.advance(3000);
  eraseDocument(books, openInvoice({ books }), { at: clock.now() });
  const [dead] = (await cdc('Invoice', since)).get('Invoice').Invoice;
  expect(dead.status).toBe('Deleted');
  expect(Math.abs(Date.parse(dead.MetaData.LastUpdatedTime) - clock.now())).toBeLessThan(3000);
});

test('a copy that follows changes and tombstones equals the books after any edits', async () => {
  const { books, clock, cdc, quickbooks } = await setUp();
  const copy = new Map<string, Map<string, Json>>();
  for (const entity of ALL.split(','))
    copy.set(entity, new Map((quickbooks.records(entity) as Json[]).map((row) => [row.Id, row])));
  for (let round = 0; round < 5; round += 1) {
    const since = new Date(Math.floor(clock.now() / 1000) * 1000).toISOString();
    clock.advance(60_000);
    editBooks(books, { seed: 30 + round, edits: 40, at: clock.now() });
    for (const [entity, element] of await cdc(ALL, since))
      for (const row of element[entity])
        if (row.status === 'Deleted') copy.get(entity)?.delete(row.Id);
        else copy.get(entity)?.set(row.Id, row);
  }
  for (const entity of ALL.split(',')) {
    const rows = quickbooks.records(entity) as Json[];
    const held = [...(copy.get(entity)?.values() ?? [])];
    const facts = (row: Json) => [
      row.Id,
      row.SyncToken,
      row.MetaData.LastUpdatedTime,
      row.Balance,
      row.Active,
    ];
    expect(
      held.map(facts).toSorted((a, b) => a[0] - b[0]),
      entity,
    ).toEqual(rows.map(facts));
  }
});

test('a copy that follows LastUpdatedTime alone keeps what was deleted', async () => {
  const { books, clock, query, quickbooks } = await setUp();
  const before = quickbooks.records('Invoice').length;
  const since = new Date(clock.now()).toISOString();
  clock.advance(2000);
  eraseDocument(books, openInvoice({ books }), { at: clock.now() });
  expect(await query(`select * from Invoice where MetaData.LastUpdatedTime > '${since}'`)).toEqual({});
  expect(quickbooks.records('Invoice')).toHaveLength(before - 1);
});

test('more than 1000 objects are cut without a word: over all entities, or over each', async () => {
  for (const cdcCap of ['per call', 'per entity'] as const) {
    const setup = await setUp({
      documents: 2400,
      switches: { cdcCap, cdcTooOld: 'silently cut to 30 days', cdcTotalCount: 'all' },
      limits: { cdcDays: 2000 },
    });
    const found = await setup.cdc('Invoice,Payment', '2022-01-01');
    const sizes = [...found].map(([entity, element]) => element[entity].length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(
      cdcCap === 'per call' ? 1000 : 1000 + Math.min(1000, setup.quickbooks.records('Payment').length),
    );
  }
});

test('the newest changes survive the cap, or the oldest', async () => {
  for (const cdcKeeps of ['newest', 'oldest'] as const) {
    const { cdc, quickbooks } = await setUp({
      documents: 400,
      switches: { cdcKeeps },
      limits: { cdcObjects: 10, cdcDays: 3000 },
    });
    const element = (await cdc('Invoice', '2020-01-01')).get('Invoice');
    const all = (quickbooks.records('Invoice') as Json[])
      .map((row) => Date.parse(row.MetaData.LastUpdatedTime))
      .toSorted((a, b) => a - b);
    const kept = element.Invoice.map((row: Json) => Date.parse(row.MetaData.LastUpdatedTime));
    expect(element.totalCount).toBe(10);
    expect(Math.max(...kept) === all.at(-1)).toBe(cdcKeeps === 'newest');
    expect(Math.min(...kept) === all[0]).toBe(cdcKeeps === 'oldest');
  }
});

test('changes older than 30 days are refused, or silently left out', async () => {
  const { get, clock } = await setUp();
  const path = (days: number): string =>
    `cdc?entities=Invoice&changedSince=${new Date(clock.now() - days * DAY).toISOString()}`;
  const old = await get(path(31));
  expect([old.status, old.json.Fault.type]).toEqual([400, 'ValidationFault']);
  expect((await get(path(29))).status).toBe(200);
  const silent = await setUp({ switches: { cdcTooOld: 'silently cut to 30 days' } });
  expect((await silent.get('cdc?entities=Customer&changedSince=2020-01-01')).json.CDCResponse).toEqual([
    { QueryResponse: [{}] },
  ]);
});

test('elements come in any order, and records twice or in older images where the switch says so', async () => {
  const { books, clock, get } = await setUp({ switches: { cdcDuplicates: true } });
  const since = new Date(clock.now()).toISOString();
  clock.advance(2000);
  editBooks(books, { seed: 8, edits: 60, at: clock.now() });
  const names = async (): Promise<string> => {
    clock.advance(1000);
    const { json } = await get(`cdc?entities=${ALL}&changedSince=${encodeURIComponent(since)}`);
    return json.CDCResponse[0].QueryResponse.map((one: Json) => Object.keys(one)[0] ?? '').join();
  };
  const orders = new Set([await names(), await names(), await names()]);
  expect(orders.size).toBeGreaterThan(1);
  const { json } = await get(`cdc?entities=Invoice&changedSince=${encodeURIComponent(since)}`);
  const rows: Json[] = json.CDCResponse[0].QueryResponse[0].Invoice;
  expect(rows.length).toBeGreaterThan(new Set(rows.map((row) => row.Id)).size);
});

test('entities without change capture are refused, rare ones unless the switch serves them', async () => {
  const { get, clock } = await setUp();
  const since = new Date(clock.now() - DAY).toISOString();
  for (const entity of [
    'JournalCode',
    'TaxAgency',
    'TaxCode',
    'TaxRate',
    'TimeActivity',
    'ExchangeRate',
    'Preferences',
  ])
    expect((await get(`cdc?entities=${entity}&changedSince=${since}`)).status, entity).toBe(400);
  const open = await setUp({ switches: { cdcRareEntities: 'served' } });
  expect((await open.get(`cdc?entities=ExchangeRate,Preferences&changedSince=${since}`)).status).toBe(200);
  expect((await get('cdc?entities=Invoice')).json.Fault.Error[0].code).toBe('2020');
});

test('changedSince itself is inside or outside, as the switch says', async () => {
  for (const cdcSince of ['inclusive', 'exclusive'] as const) {
    const { books, clock, cdc, quickbooks } = await setUp({ switches: { cdcSince } });
    const added = addInvoice(books, { at: clock.now() });
    const row = (quickbooks.records('Invoice') as Json[]).find((one) => one.DocNumber === added.number);
    expect((await cdc('Invoice', row?.MetaData.LastUpdatedTime)).has('Invoice')).toBe(
      cdcSince === 'inclusive',
    );
  }
});

test('a batch answers every item by its id, faults included, and 31 items are too many', async () => {
  const { post, batch, quickbooks } = await setUp();
  const items = await batch([
    'select count(*) from Invoice',
    'select nonsense',
    'select * from Bill maxresults 2',
  ]);
  expect(items.map((item) => [item.bId, Object.keys(item)[1]])).toEqual([
    ['0', 'QueryResponse'],
    ['1', 'Fault'],
    ['2', 'QueryResponse'],
  ]);
  expect(items[1].Fault.Error[0].code).toBe('4000');
  expect(items[2].QueryResponse.Bill).toHaveLength(2);
  const many = await post(
    'batch',
    JSON.stringify({
      BatchItemRequest: Array.from({ length: 31 }, (_, at) => ({
        bId: String(at),
        Query: 'select * from Term',
      })),
    }),
  );
  expect([many.status, many.json.Fault.Error[0].code]).toEqual([400, '1040']);
  expect(quickbooks.calls('batch')).toBe(2);
});

test('change captures inside a batch run only where the switch says so', async () => {
  const since = '2026-02-20T00:00:00Z';
  const body = JSON.stringify({
    BatchItemRequest: [{ bId: 'c', CDCQuery: { Entities: 'Invoice', ChangedSince: since } }],
  });
  const { post } = await setUp();
  expect((await post('batch', body)).json.BatchItemResponse[0].Fault.Error[0].code).toBe('500');
  const open = await setUp({ switches: { batchCdcAndReports: true } });
  expect((await open.post('batch', body)).json.BatchItemResponse[0].CDCResponse).toBeDefined();
});

test('hooks edit the books before a call and between the items of a batch', async () => {
  const { books, clock, quickbooks, batch, query } = await setUp();
  const remove = quickbooks.beforeBatchItem(() => void addInvoice(books, { at: clock.now() }));
  const counts = (await batch(Array.from({ length: 4 }, () => 'select count(*) from Invoice'))).map(
    (item) => item.QueryResponse.totalCount,
  );
  expect(counts).toEqual([0, 1, 2, 3].map((more) => (counts[0] ?? 0) + more));
  remove();
  const seen: string[] = [];
  quickbooks.beforeCall(({ kind, number }) => {
    seen.push(`${kind} ${number}`);
    addInvoice(books, { at: clock.now() });
  });
  expect((await query('select count(*) from Invoice')).totalCount).toBe((counts[3] ?? 0) + 1);
  expect(seen).toEqual(['query 1']);
});

test('records the books do not know can be added, changed and deleted', async () => {
  const { quickbooks, cdc, clock, query, get } = await setUp();
  const since = new Date(clock.now()).toISOString();
  clock.advance(2000);
  const id = quickbooks.addRecord('RefundReceipt', {
    TotalAmt: 12.5,
    TxnDate: '2026-03-01',
    CustomerRef: { value: '1' },
  });
  quickbooks.changeRecord('RefundReceipt', id, { fields: { TotalAmt: 13 } });
  const [row] = (await query("select * from RefundReceipt where TotalAmt > '12'")).RefundReceipt;
  expect([cents(row.TotalAmt), row.SyncToken]).toEqual([1300, '1']);
  quickbooks.deleteRecord('RefundReceipt', id);
  expect((await cdc('RefundReceipt', since)).get('RefundReceipt').RefundReceipt).toEqual([
    { domain: 'QBO', status: 'Deleted', Id: id },
  ]);
  expect((await get(`refundreceipt/${id}`)).json.Fault.Error[0].code).toBe('610');
  quickbooks.changeRecord('Term', '1', { active: false });
  expect((await query('select * from Term where Active = false')).Term[0].Name).toBe('Net 7 (deleted)');
});

test('writes are refused and remembered, alone and inside batches', async () => {
  const { post, quickbooks } = await setUp();
  expect((await post('invoice', '{"Line":[]}')).json.Fault.Error[0].code).toBe('500');
  await post(
    'batch',
    JSON.stringify({
      BatchItemRequest: [{ bId: '1', operation: 'delete', Invoice: { Id: '1', SyncToken: '0' } }],
    }),
  );
  expect(quickbooks.writes.map(({ path }) => path.split('/').at(-1))).toEqual(['invoice', 'batch']);
  expect(quickbooks.records('Invoice').some((row) => row.Id === '1')).toBe(true);
});
