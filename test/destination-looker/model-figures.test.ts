// The explores' figures beside the books': revenue by customer, ageing by account, spend by tracking option.
import { expect, test } from 'vitest';
import { trackingDimensions } from '../../destination-looker/model/tracking.ts';
import type { Books, Document, Line } from '../books/index.ts';
import { netOf, toBase } from '../books/money.ts';
import { bookTotals } from '../books/totals.ts';
import { parseProject, queryNames } from './model-lookml.ts';
import type { SourceName } from './model-setup.ts';
import { openWorld, type Row, type World } from './model-world.ts';

const recognised = ({ status }: Document): boolean => status === 'authorised' || status === 'paid';

/** Sums of cents by a key; what is zero is left out. */
function sums<T>(
  items: readonly T[],
  of: (item: T) => readonly (readonly [key: string, cents: number])[],
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const item of items) for (const [key, cents] of of(item)) found[key] = (found[key] ?? 0) + cents;
  return Object.fromEntries(Object.entries(found).filter(([, cents]) => Math.abs(cents) > 0.0001));
}

/** A query's rows as sums of cents; keys are its dimensions. */
function asked(rows: readonly Row[], measure: string): Record<string, number> {
  return sums(rows, (row) => {
    const dimensions = Object.entries(row).filter(([name]) => name !== measure);
    // QuickBooks marks the names of customers that were made inactive.
    const key = dimensions.map(([, value]) => String(value ?? '').replace(/ \(deleted\)$/, '')).join(' | ');
    return [[key, Number(row[measure] ?? 0) * 100]];
  });
}

const rounded = (cents: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(cents)
      .map(([key, value]) => [key, Math.round(value)] as const)
      .filter(([, value]) => value !== 0)
      .sort(),
  );

const bucket = (due: number): string => {
  const days = Math.round((Date.parse(new Date().toISOString().slice(0, 10)) - due) / 86_400_000);
  if (days <= 0) return 'Current';
  if (days <= 30) return '1-30 days';
  if (days <= 60) return '31-60 days';
  return days <= 90 ? '61-90 days' : '90+ days';
};

const shared = ['accounts', 'items', 'invoices', 'bills', 'purchase_orders'];
const streams: Readonly<Record<SourceName, readonly string[]>> = {
  xero: [
    ...shared,
    'organisations',
    'contacts',
    'tracking_categories',
    'journals',
    'sales_credit_notes',
    'bank_transactions',
  ],
  quickbooks: [...shared, 'preferences', 'customers', 'vendors', 'classes', 'departments'],
};

interface Names {
  readonly currency: string;
  readonly account: string;
  readonly customer: string;
  readonly lines: string;
}

const names: Readonly<Record<SourceName, Names>> = {
  xero: { currency: 'currency_code', account: 'code', customer: 'contacts.name', lines: 'line_items' },
  quickbooks: {
    currency: 'currency_ref_value',
    account: 'acct_num',
    customer: 'customers.display_name',
    lines: 'line',
  },
};

/** Lines as the source shows them: QuickBooks wraps the first two of some documents in a bundle. */
function shownLines(
  { read }: World,
  document: Document,
): readonly { net: number; account: string; line: Line | undefined }[] {
  const lines = document.lines.map((line) => ({
    net: netOf(line, document.amounts),
    account: line.account.code,
    line,
  }));
  if (!read.bundled.has(document.number.slice(0, 21))) return lines;
  const [first, second, ...rest] = lines;
  return [{ net: (first?.net ?? 0) + (second?.net ?? 0), account: '', line: undefined }, ...rest];
}

async function expectRevenue(world: World, from: SourceName): Promise<void> {
  const { currency, customer, lines } = names[from];
  const { books } = world.read;
  const measure = `invoices_${lines}.revenue`;
  const rows = await world.ask('sales_invoices', [customer, `invoices.${currency}`, measure]);
  const expected = sums(books.invoices.filter(recognised), (invoice) =>
    invoice.lines.map(
      (line) => [`${invoice.contact.name} | ${invoice.currency}`, netOf(line, invoice.amounts)] as const,
    ),
  );
  expect(rounded(asked(rows, measure))).toEqual(rounded(expected));
  expect(Object.keys(expected).length).toBeGreaterThan(5);
  const home = await world.ask('sales_invoices', [`${measure}_home`]);
  const base = books.invoices
    .filter(recognised)
    .flatMap((invoice) => shownLines(world, invoice).map(({ net }) => toBase(net, invoice.rate)));
  const total = base.reduce((sum, cents) => sum + cents, 0);
  expect(Math.abs(Number(home[0]?.[`${measure}_home`]) * 100 - total)).toBeLessThan(base.length / 2);
}

async function expectAgeing(world: World, from: SourceName): Promise<void> {
  const { currency, account, lines } = names[from];
  const { books } = world.read;
  const totals = bookTotals(books);
  for (const [explore, view, documents, whole] of [
    ['sales_invoices', 'invoices', books.invoices, totals.accountsReceivable],
    ['purchase_bills', 'bills', books.bills, totals.accountsPayable],
  ] as const) {
    const open = documents.filter(({ status }) => status === 'authorised');
    const measure = `${view}.outstanding`;
    const byBucket = await world.ask(explore, [`${view}.ageing_bucket`, `${view}.${currency}`, measure]);
    const expected = sums(open, (one) => [[`${bucket(one.dueDate)} | ${one.currency}`, one.open]]);
    expect(rounded(asked(byBucket, measure))).toEqual(rounded(expected));
    expect(Object.keys(expected).length).toBeGreaterThan(4);
    const byCurrency = await world.ask(explore, [`${view}.${currency}`, measure]);
    expect(rounded(asked(byCurrency, measure))).toEqual(rounded({ ...whole.byCurrency }));
    // By account: each line has its share of what is open on its document.
    const share = `${view}_${lines}.outstanding_share`;
    const fields = [`accounts.${account}`, `${view}.ageing_bucket`, `${view}.${currency}`, share];
    const byAccount = rounded(asked(await world.ask(explore, fields), share));
    const shares = rounded(
      sums(open, (one) =>
        shownLines(world, one).map(({ net, account: code }) => [
          `${code} | ${bucket(one.dueDate)} | ${one.currency}`,
          one.net === 0 ? 0 : (one.open * net) / one.net,
        ]),
      ),
    );
    expect(Object.keys(byAccount)).toEqual(Object.keys(shares));
    for (const [key, cents] of Object.entries(shares))
      expect(Math.abs((byAccount[key] ?? 0) - cents), key).toBeLessThanOrEqual(1);
  }
}

test('Xero: revenue, ageing and spend through the explores equal the books', async () => {
  const world = await openWorld('xero', { streams: streams.xero });
  const { books } = world.read;
  await expectRevenue(world, 'xero');
  await expectAgeing(world, 'xero');
  const dimensions = trackingDimensions(books.trackingCategories);
  expect(dimensions.length).toBeGreaterThan(1);
  for (const { name, ids } of dimensions) {
    const measure = 'bills_line_items.spend';
    const rows = await world.ask('purchase_bills', [
      `bills_line_items.${name}`,
      'bills.currency_code',
      measure,
    ]);
    const expected = sums(books.bills.filter(recognised), (bill) =>
      bill.lines.map((line) => {
        const option = line.tracking.find(({ category }) => ids.includes(category.id))?.name ?? '';
        return [`${option} | ${bill.currency}`, netOf(line, bill.amounts)] as const;
      }),
    );
    expect(rounded(asked(rows, measure)), name).toEqual(rounded(expected));
    expect(Object.keys(expected).length, name).toBeGreaterThan(2);
  }
  await expectLedger(world);
  await expectGuards(world);
  await expectOthers(world);
  await expectFields(world);
});

test('QuickBooks: revenue, ageing and spend through the explores equal the books', async () => {
  const world = await openWorld('quickbooks', { streams: streams.quickbooks });
  const { books } = world.read;
  await expectRevenue(world, 'quickbooks');
  await expectAgeing(world, 'quickbooks');
  const [first, second] = books.trackingCategories;
  const bills = books.bills.filter(recognised);
  const measure = 'bills_line.spend';
  const classes = await world.ask('purchase_bills', ['classes.name', 'bills.currency_ref_value', measure]);
  const byClass = sums(bills, (bill) =>
    bill.lines.map((line) => {
      const option = line.tracking.find(({ category }) => category !== second)?.name ?? '';
      return [`${option} | ${bill.currency}`, netOf(line, bill.amounts)] as const;
    }),
  );
  expect(first?.name).toBeDefined();
  expect(rounded(asked(classes, measure))).toEqual(rounded(byClass));
  const locations = await world.ask('purchase_bills', [
    'departments.name',
    'bills.currency_ref_value',
    measure,
  ]);
  const byLocation = sums(bills, (bill) => {
    const tracked = bill.lines.flatMap(({ tracking }) =>
      tracking.filter(({ category }) => category === second),
    );
    const net = bill.lines.reduce((sum, line) => sum + netOf(line, bill.amounts), 0);
    return [[`${tracked[0]?.name ?? ''} | ${bill.currency}`, net]];
  });
  expect(rounded(asked(locations, measure))).toEqual(rounded(byLocation));
  await expectFields(world);
});

test('a line that an edit took out of its document has no part in revenue, nor in what is open by account', async () => {
  const world = await openWorld('xero', { streams: streams.xero, documents: 60 });
  const [invoice] = world.read.books.invoices.filter(
    ({ status, lines }) => status === 'authorised' && lines.length > 1,
  );
  const filters = { 'invoices.invoice_id': String(invoice?.id) };
  const fields = ['invoices_line_items.revenue', 'invoices_line_items.outstanding_share'];
  const [before] = await world.ask('sales_invoices', fields, filters);
  await world.postgres.query(
    `UPDATE ledger."invoices_LineItems" SET _deleted_at = now() WHERE "InvoiceID" = '${invoice?.id}' AND _position > 0`,
  );
  const [after] = await world.ask('sales_invoices', fields, filters);
  const [first] = invoice?.lines ?? [];
  const kept = first && invoice ? netOf(first, invoice.amounts) : 0;
  expect(Math.round(Number(after?.['invoices_line_items.revenue']) * 100)).toBe(kept);
  for (const field of fields) expect(Number(after?.[field])).toBeLessThan(Number(before?.[field]));
});

/** Every field is SQL that the database takes, in the explore of its view and in those that join it. */
async function expectFields({ ask, files }: World): Promise<void> {
  const { explores, views } = parseProject(files);
  for (const [name, explore] of explores) {
    const joins = Object.entries((explore.join ?? {}) as Record<string, { from?: string }>);
    const base = String(explore.view_name ?? name);
    const shown = [base, ...(explore.hidden === true ? [] : joins.map(([join]) => join))];
    for (const alias of shown.filter((one) => !one.startsWith('$'))) {
      const view = joins.find(([join]) => join === alias)?.[1].from ?? alias;
      const fields = (views.get(view) ?? []).flatMap(queryNames).map((field) => `${alias}.${field}`);
      expect(fields.length, alias).toBeGreaterThan(5);
      await ask(name, fields);
    }
  }
}

/** Debits are positive: the ledger's balance of each account is the trial balance's. */
async function expectLedger({ ask, read: { books } }: World): Promise<void> {
  const measure = 'journals_journal_lines.balance';
  const rows = await ask('general_ledger', ['accounts.code', measure]);
  const { trialBalance } = bookTotals(books);
  expect(rounded(asked(rows, measure))).toEqual(rounded({ ...trialBalance }));
}

/** Credit notes, open purchase orders by their delivery date, and the movement of each bank account. */
async function expectOthers({ ask, read: { books } }: World): Promise<void> {
  const credits = await ask('sales_credit_notes', [
    'sales_credit_notes.currency_code',
    'sales_credit_notes.outstanding',
  ]);
  const unused = books.salesCredits.filter(({ status }) => status === 'authorised');
  expect(rounded(asked(credits, 'sales_credit_notes.outstanding'))).toEqual(
    rounded(sums(unused, ({ currency, open }) => [[currency, open]])),
  );
  const orders = await ask(
    'purchase_orders',
    ['purchase_orders.ageing_bucket', 'purchase_orders.outstanding'],
    {
      'purchase_orders.currency_code': 'NZD',
    },
  );
  const open = books.purchaseOrders.filter(
    ({ status, currency }) => (status === 'submitted' || status === 'authorised') && currency === 'NZD',
  );
  expect(open.length).toBeGreaterThan(0);
  expect(rounded(asked(orders, 'purchase_orders.outstanding'))).toEqual(
    rounded(sums(open, ({ delivery, total }) => [[bucket(delivery), total]])),
  );
  const movement = 'bank_transactions.movement';
  const bank = await ask('bank', ['accounts.code', movement], { 'bank_transactions.currency_code': 'NZD' });
  // A deposit that is used up is paid; the money came in all the same.
  const moved = books.bankTransactions.filter(
    ({ status, currency }) => (status === 'authorised' || status === 'paid') && currency === 'NZD',
  );
  expect(rounded(asked(bank, movement))).toEqual(
    rounded(
      sums(moved, ({ account, kind, total }) => [
        [account.code, /^(spending|transferOut|supplier)/.test(kind) ? -total : total],
      ]),
    ),
  );
}

/** Documents in several currencies have no sum, whatever is asked for. */
async function expectGuards({ ask, read: { books } }: World): Promise<void> {
  const currencies = new Set(books.invoices.filter(recognised).map(({ currency }) => currency));
  expect(currencies.size).toBeGreaterThan(1);
  const [whole] = await ask('sales_invoices', ['invoices.sum_total', 'invoices_line_items.revenue']);
  expect(whole).toEqual({ 'invoices.sum_total': null, 'invoices_line_items.revenue': null });
  const [one] = await ask('sales_invoices', ['invoices.sum_total'], {
    'invoices.currency_code': 'NZD',
    'invoices.status': 'AUTHORISED,PAID',
  });
  const total = sums(
    books.invoices.filter(recognised),
    ({ currency, total: cents }: Books['invoices'][number]) => [[currency, cents]],
  );
  expect(Math.round(Number(one?.['invoices.sum_total']) * 100)).toBe(total.NZD);
}
