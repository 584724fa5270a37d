// From schemas to tables: names, keys, child tables, references.
import type { Declaration, JsonSchema } from '@airbyte/cdk-typescript-shim';
import { planTables } from '@ledgerpipe/staging';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snakeCase } from '../../staging/names.ts';
import { declaration, declare, records, stage } from './feed.ts';

const text: JsonSchema = { type: ['null', 'string'] };
const keyed = (
  stream: string,
  properties: Record<string, JsonSchema>,
  id: string,
  more: Partial<Declaration> = {},
) =>
  declaration(
    stream,
    { TenantID: text, ...properties },
    { mode: 'upsert', keys: [['TenantID'], [id]], ...more },
  );

const contacts = keyed('contacts', { ContactID: text }, 'ContactID');
const accounts = keyed(
  'accounts',
  { AccountID: text, Parent: { ...text, 'x-references': 'accounts' } },
  'AccountID',
);
const invoices = keyed(
  'invoices',
  {
    InvoiceID: text,
    Contact: {
      type: 'object',
      properties: { ContactID: { ...text, 'x-references': 'contacts' }, Name: text },
    },
    LineItems: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          Amount: { type: 'number', 'x-role': 'amount', description: 'Without tax' },
          AccountID: { ...text, 'x-references': 'accounts' },
          Item: { type: 'object', properties: { Code: text } },
          Tracking: { type: 'array', items: { type: 'object', properties: { Name: text } } },
        },
      },
    },
    Shipping: {
      type: 'object',
      properties: {
        Parcels: { type: 'array', items: { type: 'object', properties: { Weight: { type: 'number' } } } },
      },
    },
    Tags: { type: 'array', items: text },
  },
  'InvoiceID',
);
const all = [invoices, contacts, accounts];
const meta = [
  '_row_hash',
  '_airbyte_raw_id',
  '_airbyte_extracted_at',
  '_airbyte_meta',
  '_airbyte_generation_id',
  '_job_id',
  '_batch_id',
  '_deleted_at',
];
const namesOf = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);

test('objects flatten, arrays of objects become tables, everything else stays in one column', () => {
  const [main, ...children] = planTables(invoices, all, { names: 'original' });
  expect(namesOf(main.columns)).toEqual([
    'TenantID',
    'InvoiceID',
    'Contact_ContactID',
    'Contact_Name',
    'Tags',
    ...meta,
  ]);
  expect(main.keys).toEqual(['TenantID', 'InvoiceID']);
  expect(namesOf(children)).toEqual(['invoices_LineItems', 'invoices_Shipping_Parcels']);
  const [items, parcels] = children;
  expect(namesOf(items?.columns ?? [])).toEqual([
    'TenantID',
    'InvoiceID',
    '_position',
    'Amount',
    'AccountID',
    'Item_Code',
    'Tracking',
    ...meta,
  ]);
  expect(items?.keys).toEqual(['TenantID', 'InvoiceID', '_position']);
  expect(items?.parent).toEqual({ table: 'invoices', columns: ['TenantID', 'InvoiceID'] });
  expect(items?.mode).toBe('upsert');
  expect(items?.columns[3]).toEqual({
    name: 'Amount',
    type: { kind: 'decimal', precision: 18, scale: 4 },
    path: ['Amount'],
    role: 'amount',
    description: 'Without tax',
  });
  expect(parcels?.columns[3]?.path).toEqual(['Weight']);
});

test('references carry the tenant of the key they point to, in child tables too', () => {
  const plans = planTables(invoices, all, { names: 'original' });
  expect(plans.map(({ references }) => references)).toEqual([
    [{ columns: ['TenantID', 'Contact_ContactID'], table: 'contacts', keys: ['TenantID', 'ContactID'] }],
    [{ columns: ['TenantID', 'AccountID'], table: 'accounts', keys: ['TenantID', 'AccountID'] }],
    [],
  ]);
});

test('a stream may refer to itself', () => {
  const [main] = planTables(accounts, [], { names: 'original' });
  expect(main.references).toEqual([
    { columns: ['TenantID', 'Parent'], table: 'accounts', keys: ['TenantID', 'AccountID'] },
  ]);
});

test('a reference to a stream that is not declared, or of another tenant column, is left out', () => {
  expect(planTables(invoices, [], { names: 'original' })[0].references).toEqual([]);
  const foreign = declaration(
    'contacts',
    { RealmID: text, ContactID: text },
    { mode: 'upsert', keys: [['RealmID'], ['ContactID']] },
  );
  expect(planTables(invoices, [foreign], { names: 'original' })[0].references).toEqual([]);
});

test('a reference to a key of one part has one column', () => {
  const currencies = declaration('currencies', { Code: text }, { mode: 'upsert', keys: [['Code']] });
  const rates = declaration('rates', { Currency: { ...text, 'x-references': 'currencies' } });
  expect(planTables(rates, [currencies], { names: 'snake_case' })[0].references).toEqual([
    { columns: ['currency'], table: 'currencies', keys: ['code'] },
  ]);
});

test('snake case reaches tables, columns, keys and references', () => {
  const [main, items] = planTables(invoices, all, { names: 'snake_case' });
  expect(namesOf(main.columns).slice(0, 5)).toEqual([
    'tenant_id',
    'invoice_id',
    'contact_contact_id',
    'contact_name',
    'tags',
  ]);
  expect(items?.name).toBe('invoices_line_items');
  expect(items?.parent?.columns).toEqual(['tenant_id', 'invoice_id']);
  expect(items?.references[0]?.columns).toEqual(['tenant_id', 'account_id']);
});

test.each([
  ['LineItems', 'line_items'],
  ['TenantID', 'tenant_id'],
  ['UpdatedDateUTC', 'updated_date_utc'],
  ['HTTPServer', 'http_server'],
  ['AddressLine1', 'address_line1'],
  ['already_snake', 'already_snake'],
  ['with space-and-dash', 'with_space_and_dash'],
  ['_airbyte', '_airbyte'],
])('%s is %s in snake case', (name, wanted) => {
  expect(snakeCase(name)).toBe(wanted);
});

test('names that collide without regard to case are told apart, whatever the order of the properties', () => {
  const properties: Record<string, JsonSchema> = {
    id: text,
    ID: text,
    _row_hash: text,
    Contact_Name: text,
    Contact: { type: 'object', properties: { Name: text } },
  };
  const reversed = Object.fromEntries(Object.entries(properties).reverse());
  const byPath = (of: Record<string, JsonSchema>) =>
    new Map(
      planTables(declaration('items', of), [], { names: 'original' })[0].columns.map(({ path, name }) => [
        JSON.stringify(path),
        name,
      ]),
    );
  const names = byPath(properties);
  expect(names.get('["Contact_Name"]')).toBe('Contact_Name');
  expect(names.get('["Contact","Name"]')).toMatch(/^Contact_Name_[0-9a-f]{6}$/);
  expect(names.get('["_row_hash"]')).toMatch(/^_row_hash_[0-9a-f]{6}$/);
  const ids = [names.get('["id"]'), names.get('["ID"]')].map((name) => name?.toLowerCase());
  expect(new Set(ids).size).toBe(2);
  expect([...byPath(reversed)].sort()).toEqual([...names].sort());
});

test('tables of different streams never share a name', () => {
  const child = declaration('orders', {
    Lines: { type: 'array', items: { type: 'object', properties: { a: text } } },
  });
  const other = declaration('Orders_lines', { a: text });
  const names = [
    ...planTables(child, [child, other], { names: 'original' }),
    ...planTables(other, [child, other], { names: 'original' }),
  ].map(({ name }) => name);
  expect(names[0]).toBe('orders');
  expect(names[2]).toBe('Orders_lines');
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(3);
});

test('hostile property names keep their values apart', async () => {
  const names = [
    'a"b',
    "a'b",
    'a.b',
    'a/b~c',
    'a b',
    'Ä',
    'ä',
    'select',
    '',
    ' ',
    'x\0y',
    '\u0001',
    '__proto__',
    'record',
    'data',
    'n',
    't0',
    'i',
    'NAME',
    'name',
  ];
  const properties = Object.fromEntries(names.map((name) => [name, text]));
  const record = Object.fromEntries(names.map((name, index) => [name, `value ${index}`]));
  const items = declaration('it"ems', {
    ...properties,
    nested: { type: 'object', properties },
    rows: { type: 'array', items: { type: 'object', properties } },
  });
  const { rows, segments } = await stage([
    declare(items),
    records('it"ems', [{ ...record, nested: record, rows: [record] }]),
  ]);
  const wanted = names.map((_, index) => `value ${index}`).sort();
  const [main, child] = segments[0]?.tables ?? [];
  const own = (
    row: Readonly<Record<string, unknown>> | undefined,
    columns: readonly { name: string; path: readonly string[] }[],
    depth: number,
  ) =>
    columns
      .filter(({ path }) => path.length === depth)
      .map(({ name }) => row?.[name])
      .sort();
  expect(own(rows('it"ems')[0], main?.table.columns ?? [], 1)).toEqual(wanted);
  expect(own(rows('it"ems')[0], main?.table.columns ?? [], 2)).toEqual(wanted);
  expect(own(child?.rows[0], child?.table.columns ?? [], 1)).toEqual(wanted);
});

test('any set of names gives as many different columns', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 30 }), (names) => {
      const properties = Object.fromEntries(names.map((name) => [name, text]));
      for (const style of ['original', 'snake_case'] as const) {
        const { columns } = planTables(declaration('items', properties), [], { names: style })[0];
        const data = columns.filter((column) => !column.meta && column.path.length > 0);
        expect(data).toHaveLength(names.filter((name) => name !== '_ab_cdc_deleted_at').length);
        expect(new Set(columns.map(({ name }) => name.toLowerCase())).size).toBe(columns.length);
        expect(columns.every(({ name }) => name.trim() !== '')).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test('a schema without properties keeps the whole record as JSON text', async () => {
  const items = declaration('items', {});
  const { rows } = await stage([declare(items), records('items', ['{"a":{"b":[1]}}'])]);
  expect(rows('items')[0]?.data).toBe('{"a":{"b":[1]}}');
});

test('a key that the schema forgot is added as text', async () => {
  const items = declaration('items', { a: text }, { mode: 'upsert', keys: [['Meta', 'Id']] });
  const { rows, segments } = await stage([declare(items), records('items', [{ a: 'x', Meta: { Id: 7 } }])]);
  expect(segments[0]?.tables[0]?.table.keys).toEqual(['Meta_Id']);
  expect(rows('items')[0]).toMatchObject({ a: 'x', Meta_Id: '7' });
});
