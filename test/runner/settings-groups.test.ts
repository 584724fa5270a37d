// Which streams a schedule means, told by the catalogs of the sources that come with the runner.
import type { Catalog } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { groupsOf, scheduledStreams } from '../../runner/settings/index.ts';
import { catalogOf as quickbooks } from '../../source-quickbooks/index.ts';
import { catalogOf as xero } from '../../source-xero/index.ts';

const catalogs: readonly [string, Catalog][] = [
  ['Xero', xero({ journals: true })],
  ['QuickBooks', quickbooks({ more_streams: [] })],
];

const facts = {
  Xero: 'invoices bills sales_credit_notes payments bank_transactions manual_journals journals batch_payments',
  QuickBooks: 'invoices bills payments bill_payments credit_memos journal_entries purchases time_activities',
};
const reference = {
  Xero: 'accounts contacts items tax_rates currencies tracking_categories tracking_options contact_groups',
  QuickBooks: 'accounts customers vendors items employees classes departments tax_codes terms',
};

test.each(catalogs)('documents of %s are facts, and what they refer to is reference', (name, catalog) => {
  const groups = groupsOf(catalog);
  const groupOf = (names: string) => names.split(' ').map((stream) => [stream, groups.get(stream)]);
  for (const [stream, group] of groupOf(facts[name as keyof typeof facts]))
    expect([stream, group]).toEqual([stream, 'facts']);
  for (const [stream, group] of groupOf(reference[name as keyof typeof reference]))
    expect([stream, group]).toEqual([stream, 'reference']);
});

test.each(catalogs)('the two groups of %s are all of its streams, each once', (_, catalog) => {
  const both = [
    ...(scheduledStreams('facts', catalog) ?? []),
    ...(scheduledStreams('reference', catalog) ?? []),
  ];
  expect(both.sort()).toEqual(catalog.streams.map(({ name }) => name).sort());
});

test('named streams come in the order of the catalog, absent ones mean all, unknown ones are refused', () => {
  const catalog = xero({ journals: false });
  expect(scheduledStreams(undefined, catalog)).toBeUndefined();
  const offered = catalog.streams
    .map(({ name }) => name)
    .filter((name) => ['bills', 'accounts'].includes(name));
  expect(scheduledStreams(['bills', 'accounts'], catalog)).toEqual(offered);
  expect(() => scheduledStreams(['invoice'], catalog)).toThrow(
    'Unknown stream "invoice": did you mean "invoices"?',
  );
});
