// Records read again by name: few calls, no state, and a clear word on those that are gone.
import { expect, test } from 'vitest';
import { deleteInvoice, removeItem } from '../books/index.ts';
import { openBench, run } from './bench.ts';

test('five hundred invoices and bills, named as invoices, take thirteen calls', async () => {
  const bench = await openBench({ documents: 900 });
  const [books] = bench.books;
  const tenant = books.company.id;
  const wanted = [...books.invoices.slice(0, 300), ...books.bills.slice(0, 200)];
  expect(wanted).toHaveLength(500);
  const only = wanted.map(({ id }) => ({ stream: 'invoices', tenant, id }));
  bench.clock.advance(60_000);
  const before = bench.xero.calls();
  const outcome = await run(bench, { streams: ['invoices', 'bills', 'contacts'], only });
  expect(bench.xero.calls() - before).toBe(13);
  expect(outcome.errors).toEqual([]);
  expect(new Set(outcome.of('invoices').map(({ InvoiceID }) => InvoiceID))).toEqual(
    new Set(books.invoices.slice(0, 300).map(({ id }) => id)),
  );
  expect(outcome.of('bills')).toHaveLength(200);
  expect(outcome.of('contacts')).toEqual([]);
  expect(outcome.messages.filter(({ type }) => type === 'STATE')).toEqual([]);
});

test('a record read by its id equals the one that a sweep delivers, whatever the stream', async () => {
  const bench = await openBench({ documents: 120 });
  const tenant = bench.books[0].company.id;
  const whole = await run(bench);
  const { streams } = await import('../../source-xero/streams.ts');
  for (const { name, key, single } of streams) {
    const [record] = whole.live(name);
    if (single === 'none' || !record) continue;
    const only = [{ stream: name, tenant, id: String(record[key]) }];
    const outcome = await run(bench, { streams: [name], only });
    expect([name, outcome.errors]).toEqual([name, []]);
    expect([name, outcome.of(name).map((data) => data[key])]).toEqual([name, [record[key]]]);
    const own = (data: Record<string, unknown> = {}) =>
      Object.entries(data).filter(([, value]) => typeof value !== 'object');
    expect([name, Object.fromEntries(own(outcome.of(name)[0]))]).toMatchObject([
      name,
      Object.fromEntries(own(record)),
    ]);
  }
});

test('deleted documents and vanished items are tombstones, an unknown document is a warning', async () => {
  const bench = await openBench({ documents: 200 });
  const [books] = bench.books;
  const tenant = books.company.id;
  const draft = books.invoices.find(({ status }) => status === 'draft');
  const [item] = books.items;
  if (!draft || !item) throw new Error('The books lack what the test needs');
  deleteInvoice(books, draft, { at: bench.clock.now() });
  removeItem(books, item);
  const unknown = '99999999-8888-7777-6666-555555555555';
  const only = [
    { stream: 'invoices', tenant, id: draft.id },
    { stream: 'items', tenant, id: item.id },
    { stream: 'invoices', tenant, id: unknown },
    { stream: 'payments', tenant, id: unknown },
  ];
  const outcome = await run(bench, { streams: ['invoices', 'items', 'payments'], only });
  expect(outcome.errors).toEqual([]);
  expect(outcome.gone('invoices').map(({ InvoiceID }) => InvoiceID)).toEqual([draft.id]);
  expect(outcome.gone('items').map(({ ItemID }) => ItemID)).toEqual([item.id]);
  const warnings = outcome.messages.flatMap((message) =>
    message.type === 'LOG' && message.log.level === 'WARN' ? [message.log.message] : [],
  );
  expect(warnings).toEqual([
    expect.stringContaining(`"${unknown}" of stream "invoices"`),
    expect.stringContaining(`"${unknown}" of stream "payments"`),
  ]);
});
