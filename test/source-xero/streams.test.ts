// The table of streams: its schemas hold together, and the documentation shows it as it is.
import { isObject, type JsonSchema, referencedStreams } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import * as official from 'xero-node';
import { type How, type Stream, streams } from '../../source-xero/streams.ts';
import { expectStreamTable } from '../conformance/readme-table.ts';

const all: readonly Stream[] = streams;

test('every reference leads to a stream', () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, schema } of all)
    for (const target of referencedStreams(schema))
      expect([name, names]).toEqual([name, expect.arrayContaining([target])]);
});

test('every key, cursor and money field is in its schema', () => {
  for (const { name, key, cursor, schema } of all) {
    expect([name, schema.required]).toEqual([name, ['TenantID', key]]);
    if (cursor)
      expect([name, Object.keys(schema.properties ?? {})]).toEqual([name, expect.arrayContaining([cursor])]);
  }
  for (const { name, schema } of all)
    for (const [path, property] of numbersOf(schema))
      expect([name, path, property['x-role']]).not.toContain(undefined);
});

/** Numbers that are no amounts, rates or quantities in the eyes of an accountant. */
const plainNumbers = /SalesTaxCodeId$/;

function* numbersOf(schema: JsonSchema, path = ''): Generator<[string, JsonSchema]> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const types = [property.type].flat();
    if (types.includes('number') && !plainNumbers.test(name)) yield [`${path}${name}`, property];
    yield* numbersOf(property, `${path}${name}.`);
    if (isObject(property.items)) yield* numbersOf(property.items as JsonSchema, `${path}${name}[].`);
  }
}

const clientModels: Readonly<Record<string, string>> = {
  invoices: 'Invoice',
  bills: 'Invoice',
  sales_credit_notes: 'CreditNote',
  purchase_credit_notes: 'CreditNote',
  payments: 'Payment',
  prepayments: 'Prepayment',
  overpayments: 'Overpayment',
  bank_transactions: 'BankTransaction',
  bank_transfers: 'BankTransfer',
  batch_payments: 'BatchPayment',
  manual_journals: 'ManualJournal',
  journals: 'Journal',
  purchase_orders: 'PurchaseOrder',
  quotes: 'Quote',
  repeating_invoices: 'RepeatingInvoice',
  linked_transactions: 'LinkedTransaction',
  contacts: 'Contact',
  contact_groups: 'ContactGroup',
  accounts: 'Account',
  items: 'Item',
  tracking_options: 'TrackingOption',
  tax_rates: 'TaxRate',
  currencies: 'Currency',
  branding_themes: 'BrandingTheme',
  budgets: 'Budget',
  users: 'User',
  organisations: 'Organisation',
};

/** The official client's own list of a record's fields. */
function officialFields(model: string): readonly string[] {
  const types = official as unknown as Record<string, { getAttributeTypeMap?: () => { baseName: string }[] }>;
  return (types[model]?.getAttributeTypeMap?.() ?? []).map(({ baseName }) => baseName);
}

test.each(Object.entries(clientModels))(
  'every field of %s that the official client knows is in its schema',
  (name, model) => {
    const schema = all.find((stream) => stream.name === name)?.schema ?? {};
    const known = officialFields(model);
    expect(known.length).toBeGreaterThan(1);
    const own = Object.keys(schema.properties ?? {});
    expect(known.filter((field) => !own.includes(field) && !/String$|^ID$/.test(field))).toEqual([]);
  },
);

const waysOf: Readonly<Record<How['by'], string>> = {
  modified: 'changed since the cursor',
  census: 'changed since the cursor; compared whole now and then',
  snapshot: 'compared whole',
  budgets: 'compared whole, one call each',
  journals: 'after the highest number',
  report: 'by month',
};

function rowOf({ name, path, key, cursor, how, deleted, scope }: Stream): readonly string[] {
  const deletions = [
    deleted ? 'by status' : '',
    ['census', 'snapshot', 'budgets', 'report'].includes(how.by) ? 'when it vanishes' : '',
  ]
    .filter(Boolean)
    .join(', ');
  return [name, path, key, cursor ?? '', waysOf[how.by], deletions, scope];
}

test('the README shows the table as it is', async () => {
  await expectStreamTable(
    'source-xero',
    ['Stream', 'Endpoint', 'Key (after TenantID)', 'Cursor', 'Read', 'Deletions', 'Scope'],
    all.map(rowOf),
  );
});
