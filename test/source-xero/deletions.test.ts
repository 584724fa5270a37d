// What ceases to exist: documents by their status, small tables by comparison, voided documents not at all.
import { expect, test } from 'vitest';
import type { Books } from '../books/index.ts';
import {
  deleteBankTransaction,
  deleteInvoice,
  deletePayment,
  deleteTransfer,
  removeContactGroup,
  removeItem,
  removeTrackingOption,
  voidInvoice,
} from '../books/index.ts';
import { openBench, run } from './bench.ts';

const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('The books lack what the test needs');
  return value;
};

const draftOf = (books: Books) =>
  found(books.invoices.find(({ status }) => status === 'draft' || status === 'submitted'));
const loosePayment = (books: Books) =>
  found(books.payments.find(({ status, batch }) => status === 'authorised' && !batch));

test('deleted documents become tombstones with their key and time, voided ones stay', async () => {
  const bench = await openBench({ documents: 300 });
  const [books] = bench.books;
  const streams = ['invoices', 'payments', 'bank_transactions'];
  const first = await run(bench, { streams });
  const at = bench.clock.now();
  const draft = draftOf(books);
  deleteInvoice(books, draft, { at });
  const payment = loosePayment(books);
  deletePayment(books, payment, { at });
  const spent = found(
    books.bankTransactions.find(({ kind, status }) => kind === 'spending' && status === 'authorised'),
  );
  deleteBankTransaction(books, spent, { at });
  const open = found(
    books.invoices.find(
      (one) => one.status === 'authorised' && one.payments.length + one.allocations.length === 0,
    ),
  );
  voidInvoice(books, open, { at });
  const second = await run(bench, { streams, states: first.states });
  const updated = new Date(draft.updatedAt).toISOString();
  expect(second.gone('invoices')).toEqual([
    { TenantID: books.company.id, InvoiceID: draft.id, UpdatedDateUTC: updated, _ab_cdc_deleted_at: updated },
  ]);
  expect(second.gone('payments').map(({ PaymentID }) => PaymentID)).toEqual([payment.id]);
  expect(second.gone('bank_transactions').map(({ BankTransactionID }) => BankTransactionID)).toEqual([
    spent.id,
  ]);
  expect(second.live('invoices')).toContainEqual(
    expect.objectContaining({ InvoiceID: open.id, Status: 'VOIDED' }),
  );
  const third = await run(bench, { streams, states: second.states });
  expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('where lists hide deleted documents they are asked for', async () => {
  const bench = await openBench({
    documents: 300,
    switches: { deletedInLists: false },
    config: { deleted_documents: 'queried', page_size: 20 },
  });
  const [books] = bench.books;
  const streams = ['invoices', 'bills', 'payments'];
  const first = await run(bench, { streams });
  expect(first.gone('invoices')).toEqual([]);
  bench.clock.advance(60_000);
  const before = bench.xero.calls();
  const draft = draftOf(books);
  deleteInvoice(books, draft, { at: bench.clock.now() });
  const payment = loosePayment(books);
  deletePayment(books, payment, { at: bench.clock.now() });
  const second = await run(bench, { streams, states: first.states });
  expect(second.gone('invoices').map(({ InvoiceID }) => InvoiceID)).toEqual([draft.id]);
  expect(second.gone('payments').map(({ PaymentID }) => PaymentID)).toEqual([payment.id]);
  expect(bench.xero.calls() - before).toBe(4);
  const third = await run(bench, { streams, states: second.states });
  expect(third.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('what vanishes from small tables is found when they are compared', async () => {
  const bench = await openBench();
  const [books] = bench.books;
  const streams = [
    'items',
    'tracking_options',
    'tracking_categories',
    'contact_groups',
    'bank_transfers',
    'accounts',
  ];
  const first = await run(bench, { streams });
  const item = found(books.items[0]);
  const option = found(books.trackingCategories.flatMap(({ options }) => options)[0]);
  const group = found(books.contactGroups[0]);
  const transfer = found(books.bankTransfers.find(({ status }) => status !== 'deleted'));
  removeItem(books, item);
  removeTrackingOption(books, option);
  removeContactGroup(books, group);
  deleteTransfer(books, transfer, { at: bench.clock.now() });
  const early = await run(bench, { streams, states: first.states });
  expect(early.gone('items')).toEqual([]);
  bench.clock.advance(25 * 3_600_000);
  const late = await run(bench, { streams, states: early.states });
  expect(late.gone('items')).toEqual([
    { TenantID: books.company.id, ItemID: item.id, _ab_cdc_deleted_at: expect.stringMatching(/^2026-/) },
  ]);
  const gone = [...early.gone('bank_transfers'), ...late.gone('bank_transfers')];
  expect(gone.map(({ BankTransferID }) => BankTransferID)).toEqual([transfer.id]);
  expect(late.gone('tracking_options').map(({ TrackingOptionID }) => TrackingOptionID)).toEqual([option.id]);
  expect(late.gone('contact_groups').map(({ ContactGroupID }) => ContactGroupID)).toEqual([group.id]);
  expect(late.gone('accounts')).toEqual([]);
  bench.clock.advance(25 * 3_600_000);
  const again = await run(bench, { streams, states: late.states });
  expect(again.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('a tax rate that was deleted stays, as old lines refer to it', async () => {
  const bench = await openBench();
  const [books] = bench.books;
  const rate = found(books.taxRates.at(-1));
  rate.status = 'deleted';
  const outcome = await run(bench, { streams: ['tax_rates'] });
  expect(outcome.gone('tax_rates')).toEqual([]);
  expect(outcome.live('tax_rates')).toContainEqual(
    expect.objectContaining({ TaxType: rate.code, Status: 'DELETED' }),
  );
});
