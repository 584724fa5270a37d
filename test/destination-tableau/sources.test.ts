// Every stream of our sources becomes a data source that Tableau can publish: a tree of tables with exactly one fact.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bestModes, type Catalog, declare } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { Engine } from '../../destination-tableau/hyper/engine.ts';
import { makeFile } from '../../destination-tableau/hyper/file.ts';
import type { FileTable } from '../../destination-tableau/layout/model.ts';
import { wantedSources } from '../../destination-tableau/layout/sources.ts';
import { catalogOf as quickbooksCatalog } from '../../source-quickbooks/index.ts';
import { catalogOf as xeroCatalog } from '../../source-xero/index.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';
import { temporaryFolder } from '../program.ts';

const catalogs: readonly (readonly [name: string, catalog: Catalog])[] = [
  ['source-xero', xeroCatalog({ journals: true })],
  ['source-quickbooks', quickbooksCatalog({ more_streams: [] })],
];

const sourcesOf = (
  catalog: Catalog,
  layout: 'stream' | 'star',
  names: 'original' | 'snake_case' = 'original',
) =>
  wantedSources(bestModes(catalog).streams.map(declare), {
    layout,
    names,
    wide: true,
    staged: () => undefined,
  });

/** Facts, and tables that several keys lead to. */
function shapeOf(tables: readonly FileTable[]) {
  const targets = tables.flatMap(({ links }) => links.map(({ table }) => table));
  const facts = tables.filter(({ name }) => !targets.includes(name)).map(({ name }) => name);
  return { facts: facts.length, edges: targets.length, twice: targets.length - new Set(targets).size };
}

for (const [name, catalog] of catalogs)
  for (const layout of ['stream', 'star'] as const)
    test(`each ${layout} of ${name} has one fact, and all its tables hang on that`, () => {
      for (const names of ['original', 'snake_case'] as const)
        for (const source of sourcesOf(catalog, layout, names))
          expect(shapeOf(source.tables), source.name).toEqual({
            facts: 1,
            edges: source.tables.length - 1,
            twice: 0,
          });
    });

test('invoices of Xero meet accounts, contacts and items in one star', () => {
  const [, xero] = catalogs[0] ?? [];
  const star = xero && sourcesOf(xero, 'star').find(({ stream }) => stream === 'invoices');
  expect(star?.tables.map((table) => table.name)).toEqual(
    expect.arrayContaining(['invoices', 'invoices_LineItems', 'accounts', 'contacts', 'items']),
  );
});

test('people see what their records say: hashes, deletion marks and needless raw ids stay behind', () => {
  const [, xero] = catalogs[0] ?? [];
  const columnsOf = (mode: 'append' | 'append_dedup'): readonly (readonly string[])[] => {
    const streams = xero ? bestModes(xero).streams : [];
    const declared = streams.map((stream) => declare({ ...stream, destination_sync_mode: mode }));
    const options = { layout: 'stream', names: 'original', wide: true, staged: () => undefined } as const;
    return wantedSources(declared, options)
      .flatMap(({ tables }) => tables.filter(({ content }) => content.kind !== 'bridge'))
      .map(({ columns }) => columns.map(({ name }) => name));
  };
  for (const mode of ['append', 'append_dedup'] as const)
    for (const columns of columnsOf(mode)) {
      expect(columns).toEqual(expect.arrayContaining(['_batch_id', '_airbyte_generation_id']));
      expect(columns.filter((name) => name === '_row_hash' || name === '_deleted_at')).toEqual([]);
    }
  expect(columnsOf('append').every((columns) => columns.includes('_airbyte_raw_id'))).toBe(true);
  const keyed = (xero?.streams ?? []).every((stream) => (stream.source_defined_primary_key ?? []).length > 0);
  expect(columnsOf('append_dedup').some((columns) => columns.includes('_airbyte_raw_id'))).toBe(!keyed);
});

test('hyperd makes the files of all stars, keys included', async () => {
  const engine = new Engine({
    program: await findHyperd(),
    memoryMegabytes: 512,
    signal: new AbortController().signal,
  });
  const folder = join(await temporaryFolder(), 'stars');
  await mkdir(folder);
  try {
    for (const [name, catalog] of catalogs)
      for (const [index, { tables }] of sourcesOf(catalog, 'star').entries())
        await engine.use((workbench) =>
          makeFile(workbench, { path: join(folder, `${name}-${index}.hyper`), tables, rowsOf: () => [] }),
        );
  } finally {
    await engine.close();
  }
}, 60_000);
