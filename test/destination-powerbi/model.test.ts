// The model made of real streams: it fits Power BI's limits, filters one way only, and has the measures people ask for.
import { declare, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datasetBody } from '../../destination-powerbi/model/definition.ts';
import { type ModelOptions, modelOf } from '../../destination-powerbi/model/layout.ts';
import { tableName, unique } from '../../destination-powerbi/model/names.ts';
import { streams as quickbooks } from '../../source-quickbooks/streams.ts';
import { streams as xero } from '../../source-xero/streams.ts';
import { tableOf } from '../emulators/powerbi/definitions.ts';
import { relationshipsOf } from '../emulators/powerbi/relationships.ts';
import { likeliest } from '../emulators/powerbi/switches.ts';

const options: ModelOptions = {
  names: 'original',
  strategy: 'auto',
  overLimit: 'drop',
  fiscalYearEnd: '03-31',
};

const declared = (
  streams: readonly { readonly name: string; readonly schema: JsonSchema; readonly key?: string }[],
  tenant: string,
) =>
  streams.map(({ name, schema, key = 'Id' }) =>
    declare({
      stream: {
        name,
        json_schema: schema as Record<string, unknown>,
        supported_sync_modes: ['incremental'],
        source_defined_primary_key: [[tenant], [key]],
      },
      sync_mode: 'incremental',
      destination_sync_mode: 'append_dedup',
    }),
  );

const sources = {
  'source-xero': declared(xero, 'TenantID'),
  'source-quickbooks': declared(quickbooks, 'RealmID'),
};

/** Throws what the emulator would refuse. */
function accepted(declarations: (typeof sources)['source-xero'], change: Partial<ModelOptions> = {}) {
  const model = modelOf(declarations, { ...options, ...change });
  const body = datasetBody('Finance', model, (table) => table.versionable) as {
    readonly tables: readonly unknown[];
    readonly relationships: readonly unknown[];
  };
  const tables = body.tables.map((table) => tableOf(table, { switches: likeliest, streaming: false }));
  expect(tables.length).toBeLessThanOrEqual(75);
  return { model, tables, relationships: relationshipsOf(body.relationships, tables) };
}

for (const [source, declarations] of Object.entries(sources))
  for (const strategy of ['auto', 'rewrite', 'append_versions'] as const)
    test(`the streams of ${source} make a model that Power BI takes, with strategy ${strategy}`, () => {
      const { tables, relationships, model } = accepted(declarations, { strategy });
      expect(relationships.length).toBeGreaterThan(25);
      const days = relationships
        .filter(({ toTable }) => toTable === 'Calendar')
        .map(({ fromTable }) => fromTable);
      expect(days).toEqual(expect.arrayContaining(['payments', 'purchase_orders']));
      // With versions nothing may relate to a document; without them its lines do.
      const toInvoices = relationships
        .filter(({ toTable }) => toTable === 'invoices')
        .map(({ fromTable }) => fromTable);
      if (strategy === 'rewrite') expect(toInvoices.length).toBeGreaterThan(0);
      else expect(toInvoices).toEqual([]);
      const mains = tables.map(({ name }) => name);
      expect(mains).toEqual(expect.arrayContaining(declarations.map(({ name }) => name)));
      expect(model.tables.every(({ columns }) => columns.length <= 75)).toBe(true);
    });

test('the measures of both ledgers are there under the same names, once each', () => {
  for (const declarations of Object.values(sources)) {
    const { tables } = accepted(declarations);
    const names = tables.flatMap(({ measures }) => measures.map(({ name }) => name));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        'AR outstanding',
        'AR overdue',
        'AR 31-60 days',
        'AR by bucket',
        'AP outstanding',
        'AP due in 14 days',
        'Revenue',
        'Revenue YTD',
        'Expenses',
        'DSO',
        'DPO',
        'Cash in',
        'Cash out',
        'Open orders',
        'Last synced',
      ]),
    );
  }
});

test('more streams than a model holds, or more than 75 tables where nothing may be left out, are refused', () => {
  expect(() => accepted(sources['source-quickbooks'], { overLimit: 'fail' })).toThrow(
    /Cannot write \d+ tables: a semantic model holds 75, 3 of them our own; choose fewer streams, or set "over_limit"/,
  );
});

test('names are legal, unique without regard to case, and the same every time', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 130 }), { maxLength: 8 }), (names) => {
      const make = () => {
        const taken = new Set<string>();
        return names.map((name) => unique(tableName(name), taken));
      };
      const made = make();
      expect(make()).toEqual(made);
      expect(new Set(made.map((name) => name.toLowerCase())).size).toBe(made.length);
      for (const name of made)
        tableOf(
          { name, columns: [{ name: 'a', dataType: 'String' }] },
          { switches: likeliest, streaming: false },
        );
    }),
  );
});
