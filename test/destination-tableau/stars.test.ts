// Layouts: sources of one stream, bridges over several arrays, and stars with the dimensions that facts refer to.

import { declare } from '@airbyte/cdk-typescript-shim';
import { planTables } from '@ledgerpipe/staging';
import { expect, test } from 'vitest';
import { sourceNames } from '../../destination-tableau/layout/names.ts';
import { wantedSources } from '../../destination-tableau/layout/sources.ts';
import { catalog, complete, type Office, openOffice, row, type StreamOptions } from './office.ts';

const text = { type: ['null', 'string'] };
const amount = { type: ['null', 'number'], 'x-role': 'amount' };
const rowsOf = (properties: Record<string, unknown>) => ({
  type: ['null', 'array'],
  items: { type: 'object', properties },
});

const streams: Readonly<Record<string, StreamOptions>> = {
  invoices: {
    properties: {
      id: text,
      contact: { ...text, 'x-references': 'contacts' },
      total: amount,
      lines: rowsOf({
        account: { ...text, 'x-references': 'accounts' },
        item: { ...text, 'x-references': 'items' },
        amount,
      }),
    },
  },
  contacts: { properties: { id: text, name: text } },
  accounts: { properties: { id: text, name: text, parent: { ...text, 'x-references': 'accounts' } } },
  items: { properties: { id: text, name: text, account: { ...text, 'x-references': 'accounts' } } },
};

const wanted = (layout: 'stream' | 'star', given = streams) =>
  wantedSources(catalog(given).streams.map(declare), {
    layout,
    names: 'original',
    wide: true,
    staged: () => undefined,
  });

/** Tables that nobody refers to, and whether every other is reached once. */
function shapeOf(tables: readonly { name: string; links: readonly { table: string }[] }[]) {
  const targets = tables.flatMap(({ links }) => links.map(({ table }) => table));
  const facts = tables.map(({ name }) => name).filter((name) => !targets.includes(name));
  return { facts, edges: targets.length, once: new Set(targets).size === targets.length };
}

test('a star has exactly one fact, and every other table hangs on it by one key', () => {
  const byName = new Map(wanted('star').map((source) => [source.name, source]));
  const star = byName.get('invoices');
  expect(star?.tables.map(({ name }) => name).sort()).toEqual(
    ['accounts', 'contacts', 'invoices', 'invoices_lines', 'items'].sort(),
  );
  expect(shapeOf(star?.tables ?? [])).toEqual({ facts: ['invoices_lines'], edges: 4, once: true });
  expect(star?.dropped).toEqual([]);
  const again = {
    ...streams,
    invoices: {
      properties: { ...streams.invoices?.properties, payer: { ...text, 'x-references': 'contacts' } },
    },
  };
  expect(wanted('star', again).find(({ name }) => name === 'invoices')?.dropped).toEqual([
    'invoices(payer) to contacts',
  ]);
  expect(byName.get('contacts')?.tables.map(({ name }) => name)).toEqual(['contacts']);
});

test('sources of one stream hold its record and its arrays; several arrays hang on a bridge', () => {
  const [one] = wanted('stream', { invoices: streams.invoices ?? { properties: {} } });
  expect(shapeOf(one?.tables ?? [])).toEqual({ facts: ['invoices_lines'], edges: 1, once: true });
  const several = {
    bills: { properties: { id: text, lines: rowsOf({ amount }), payments: rowsOf({ amount }) } },
  };
  const [two] = wanted('stream', several);
  expect(two?.tables.map(({ name }) => name)).toEqual([
    'bills',
    'bills_lines',
    'bills_payments',
    'bills_rows',
  ]);
  expect(shapeOf(two?.tables ?? [])).toEqual({ facts: ['bills_rows'], edges: 3, once: true });
});

test('a stream whose every version is kept is no dimension', () => {
  const kept = { ...streams, accounts: { ...streams.accounts, mode: 'append' } as StreamOptions };
  const star = wanted('star', kept).find(({ name }) => name === 'invoices');
  expect(star?.tables.map(({ name }) => name)).not.toContain('accounts');
});

test('names that differ by case alone are told apart, always alike', () => {
  const names = sourceNames([{ name: 'Orders' }, { name: 'orders' }, { name: 'orders', namespace: 'east' }]);
  expect(names[0]).toBe('Orders');
  expect(names[1]).toMatch(/^orders [0-9a-f]{8}$/);
  expect(names[2]).toBe('east orders');
  expect(planTables.length).toBe(3);
});

const lines = (...accounts: string[]) => ({
  lines: accounts.map((account) => ({ account, item: 'i', amount: 1 })),
});

const all = [
  row('contacts', { id: 'c', name: 'Acme' }),
  row('accounts', { id: '200', name: 'Sales' }),
  row('items', { id: 'i', name: 'Widget' }),
  row('invoices', { id: 'INV-1', contact: 'c', total: 2, ...lines('200', '200') }),
];

/** Amounts by account name: what a viewer of the star would see. */
async function byAccount({ emulator }: Office): Promise<unknown> {
  const amounts = await emulator.rows(
    'invoices',
    'invoices_lines',
    'SELECT "account" FROM {table} ORDER BY 1',
  );
  const accounts = await emulator.rows('invoices', 'accounts', 'SELECT "id", "name" FROM {table} ORDER BY 1');
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  return amounts.map(({ account }) => names.get(account) ?? null);
}

test('a star holds its dimensions from the start and follows them, also in runs that bring these alone', async () => {
  const office = await openOffice();
  const star = { layout: 'star' };
  await office.write([...all, ...Object.keys(streams).map(complete)], catalog(streams), star);
  expect(office.newJobs()).toEqual(['publish', 'publish', 'publish', 'publish']);
  expect(await byAccount(office)).toEqual(['Sales', 'Sales']);
  // The fact's stream is not even declared: accounts and both stars that hold them are updated.
  const { accounts } = streams;
  if (!accounts) throw new Error('there is no stream "accounts"');
  await office.write([row('accounts', { id: '200', name: 'Revenue' })], catalog({ accounts }), star);
  expect(office.newJobs()).toEqual(['update', 'update', 'update']);
  expect(await byAccount(office)).toEqual(['Revenue', 'Revenue']);
  // The references of undeclared streams vanish from the plan, not from the star.
  const { invoices } = streams;
  if (!invoices) throw new Error('there is no stream "invoices"');
  await office.write(
    [row('invoices', { id: 'INV-2', contact: 'c', total: 1, ...lines('200') })],
    catalog({ invoices }),
    star,
  );
  expect(office.newJobs()).toEqual(['update']);
  expect(await byAccount(office)).toEqual(['Revenue', 'Revenue', 'Revenue']);
  expect(office.downloads()).toBe(0);
});

test('a star that comes later finds the rows of its dimensions where they were published', async () => {
  const office = await openOffice();
  const { invoices, ...dimensions } = streams;
  if (!invoices) throw new Error('there is no stream "invoices"');
  await office.write(all.slice(0, 3), catalog(dimensions), { layout: 'star' });
  await office.write(all.slice(3), catalog(streams), { layout: 'star' });
  expect(await byAccount(office)).toEqual(['Sales', 'Sales']);
  const contacts = await office.emulator.rows('invoices', 'contacts', 'SELECT "name" FROM {table}');
  expect(contacts).toEqual([{ name: 'Acme' }]);
});

test('a bridge follows the arrays: fewer, more, none, in every mode', async () => {
  for (const mode of ['append_dedup', 'overwrite', 'append'] as const) {
    const office = await openOffice();
    const bills = catalog({
      bills: { properties: { id: text, lines: rowsOf({ amount }), payments: rowsOf({ amount }) }, mode },
    });
    const bill = (id: string, one: number, two: number) =>
      row('bills', {
        id,
        lines: Array.from({ length: one }, () => ({ amount: 1 })),
        payments: Array.from({ length: two }, () => ({ amount: 1 })),
      });
    const counts = async () =>
      Promise.all(
        ['bills', 'bills_lines', 'bills_payments', 'bills_rows'].map(async (table) => {
          const [found] = await office.emulator.rows('bills', table, 'SELECT count(*) AS n FROM {table}');
          return Number(found?.n);
        }),
      );
    await office.write([bill('a', 2, 1), bill('b', 1, 0), complete('bills')], bills);
    expect(await counts()).toEqual([2, 3, 1, 4]);
    await office.write([bill('a', 1, 2), complete('bills')], bills);
    expect(await counts()).toEqual(
      { append_dedup: [2, 2, 2, 4], overwrite: [1, 1, 2, 3], append: [3, 4, 3, 7] }[mode],
    );
  }
});

test('a star that grows by a dimension has the rows that were published before it', async () => {
  const office = await openOffice();
  const { items, ...fewer } = streams;
  if (!items) throw new Error('there is no stream "items"');
  await office.write(
    all.filter((message) => message.type !== 'RECORD' || message.record.stream !== 'items'),
    catalog(fewer),
    {
      layout: 'star',
    },
  );
  await office.write([row('items', { id: 'i', name: 'Widget', account: '200' })], catalog({ items }), {
    layout: 'star',
  });
  const later = row('invoices', { id: 'INV-9', contact: 'c', total: 1, ...lines('200') });
  await office.write([later], catalog(streams), { layout: 'star' });
  expect(await office.emulator.rows('invoices', 'items', 'SELECT "name" FROM {table}')).toEqual([
    { name: 'Widget' },
  ]);
  expect(await byAccount(office)).toEqual(['Sales', 'Sales', 'Sales']);
});

test('a second array turns the source into a bridge, with the rows that were there', async () => {
  const office = await openOffice();
  const one = catalog({ bills: { properties: { id: text, lines: rowsOf({ amount }) } } });
  const two = catalog({
    bills: { properties: { id: text, lines: rowsOf({ amount }), payments: rowsOf({ amount }) } },
  });
  await office.write(
    [row('bills', { id: 'a', lines: [{ amount: 1 }, { amount: 2 }] }), complete('bills')],
    one,
  );
  await office.write(
    [row('bills', { id: 'b', lines: [{ amount: 3 }], payments: [{ amount: 3 }] }), complete('bills')],
    two,
  );
  const bridge = await office.emulator.rows(
    'bills',
    'bills_rows',
    'SELECT "id", "bills_lines_position" AS line, "bills_payments_position" AS payment FROM {table} ORDER BY 1, 2, 3',
  );
  expect(bridge).toEqual([
    { id: 'a', line: 0, payment: null },
    { id: 'a', line: 1, payment: null },
    { id: 'b', line: 0, payment: null },
    { id: 'b', line: null, payment: 0 },
  ]);
});
