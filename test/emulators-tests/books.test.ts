// The generated books keep double entry, whatever is done to them, and are the same every time.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Books,
  bookTotals,
  changeLines,
  deletePayment,
  editBooks,
  generateBooks,
  payInvoice,
  voidInvoice,
} from '../books/index.ts';

const AT = Date.parse('2026-03-01T00:00:00Z');

function expectBalanced(books: Books): void {
  for (const journal of books.journals)
    expect(
      journal.lines.reduce((sum, line) => sum + line.net, 0),
      `journal ${journal.number}`,
    ).toBe(0);
  const totals = bookTotals(books);
  const balances = Object.values(totals.trialBalance);
  expect(balances.reduce((sum, cents) => sum + cents, 0)).toBe(0);
  const control = (role: 'receivable' | 'payable') => totals.trialBalance[books.system[role].code];
  expect(control('receivable')).toBe(totals.accountsReceivable.base - totals.unusedCredits.receivable.base);
  expect(control('payable')).toBe(totals.unusedCredits.payable.base - totals.accountsPayable.base);
  for (const side of ['receivable', 'payable'] as const) {
    const owed = books.contacts.reduce((sum, one) => sum + one.open[side], 0);
    expect(owed, side).toBe(control(side));
  }
}

/** Everything that must not differ between two runs, as one text. */
function digest(books: Books): string {
  const documents = [...books.invoices, ...books.bills, ...books.salesCredits, ...books.purchaseCredits];
  return JSON.stringify([
    bookTotals(books),
    documents.map((one) => [
      one.id,
      one.number,
      one.status,
      one.total,
      one.open,
      one.updatedAt,
      one.lines.length,
    ]),
    books.payments.map((one) => [one.id, one.amount, one.updatedAt]),
    books.contacts.map((one) => [one.id, one.name, one.updatedAt]),
    books.journals.map((one) => [one.number, one.createdAt, one.lines.length]),
  ]);
}

test('every entry and the whole ledger of generated books sum to zero, and control accounts equal what is open', () => {
  expectBalanced(generateBooks({ seed: 1, documents: 3000 }));
});

test('books of any seed and size stay balanced through any mixture of edits', () => {
  const runs = fc.record({ seed: fc.nat(), documents: fc.integer({ min: 0, max: 250 }), edits: fc.nat(120) });
  fc.assert(
    fc.property(runs, ({ seed, documents, edits }) => {
      const books = generateBooks({ seed, documents });
      editBooks(books, { seed: seed + 1, edits, at: AT });
      expectBalanced(books);
    }),
    { numRuns: 40 },
  );
});

test('the same seed makes the same books and the same edits, another seed does not', () => {
  const make = (seed: number): Books => {
    const books = generateBooks({ seed, documents: 400 });
    editBooks(books, { seed: 9, edits: 150, at: AT });
    return books;
  };
  expect(digest(make(5))).toBe(digest(make(5)));
  expect(digest(make(5))).not.toBe(digest(make(6)));
});

test('document amounts add up: lines to totals, and what is paid, credited and open to the total', () => {
  const books = generateBooks({ seed: 3, documents: 2000 });
  for (const one of [...books.invoices, ...books.bills, ...books.salesCredits, ...books.purchaseCredits]) {
    const shown = one.lines.reduce((sum, line) => sum + line.amount, 0);
    const tax = one.lines.reduce((sum, line) => sum + line.tax, 0);
    expect(one.total).toBe(one.amounts === 'inclusive' ? shown : shown + tax);
    const credited = one.allocations.reduce((sum, allocation) => sum + allocation.amount, 0);
    if (one.status === 'authorised' || one.status === 'paid')
      expect(one.paid + credited + one.open).toBe(one.total);
    if (one.status === 'paid') expect(one.open).toBe(0);
  }
});

test('books hold every kind of record even when small, and foreign and hostile ones', () => {
  const books = generateBooks({ seed: 11, documents: 150 });
  const empty = Object.entries(bookTotals(books).streams).filter(([, { rows }]) => rows === 0);
  expect(empty).toEqual([]);
  expect(new Set(books.invoices.map((one) => one.currency)).size).toBeGreaterThan(1);
  expect(books.trackingCategories.flatMap((one) => one.options.map((option) => option.name))).toContain(
    "{{ 7 }}'; DROP TABLE x; --",
  );
  const folded = new Set(books.contacts.map((one) => one.name.toLowerCase()));
  expect(folded.size).toBeLessThan(books.contacts.length);
});

test('ids are unique and look like GUIDs', () => {
  const books = generateBooks({ seed: 2, documents: 3000 });
  const ids = [books.invoices, books.bills, books.payments, books.contacts, books.bankTransactions].flatMap(
    (rows) => rows.map((one) => one.id),
  );
  for (const invoice of books.invoices) ids.push(...invoice.lines.map((line) => line.id));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids.slice(0, 500))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('edits move updatedAt strictly forward and leave a log of what they touched', () => {
  const books = generateBooks({ seed: 4, documents: 500 });
  const before = books.lastTouched;
  editBooks(books, { seed: 1, edits: 100, at: before - 5000 });
  expect(books.lastTouched).toBeGreaterThan(before);
  expect(books.changes.length).toBeGreaterThan(100);
  const added = books.invoices.filter((one) => one.createdAt > before).map((one) => one.updatedAt);
  expect(new Set(added).size).toBe(added.length);
});

test('paying, unpaying, changing lines and voiding an invoice each leave the ledger balanced', () => {
  const books = generateBooks({ seed: 8, documents: 300 });
  const invoice = books.invoices.find(
    (one) => one.status === 'authorised' && one.payments.length === 0 && one.allocations.length === 0,
  );
  if (!invoice) throw new Error('These books have no open invoice');
  const payment = payInvoice(books, invoice, { at: AT, amount: Math.floor(invoice.open / 2) });
  expect(invoice.paid).toBe(payment.amount);
  expect(() => voidInvoice(books, invoice, { at: AT })).toThrow(/Cannot void/);
  deletePayment(books, payment, { at: AT });
  expect(invoice.open).toBe(invoice.total);
  changeLines(books, invoice, { at: AT, count: 7 });
  expect(invoice.lines).toHaveLength(7);
  voidInvoice(books, invoice, { at: AT });
  expect(invoice.status).toBe('voided');
  expectBalanced(books);
});

test('200,000 documents are made in seconds and in less than 1.5 GB', () => {
  const started = performance.now();
  const books = generateBooks({ seed: 7, documents: 200_000 });
  const seconds = (performance.now() - started) / 1000;
  const made = bookTotals(books).streams;
  expect((made.invoices?.rows ?? 0) + (made.bills?.rows ?? 0)).toBeGreaterThan(140_000);
  expect(seconds).toBeLessThan(20);
  expect(process.memoryUsage().heapUsed).toBeLessThan(1.5e9);
});
