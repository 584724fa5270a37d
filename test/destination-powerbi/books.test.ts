// The books through DAX: whatever the documents add up to, the model adds up to, after the first load and after edits.

import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { daxFigures, daxModel, livingRows } from '../demo/powerbi-dax.ts';
import { measureFigures } from '../demo/powerbi-measures.ts';
import { demoSources } from '../demo/sources.ts';
import { type Recording, recordBooks } from './books.ts';
import { money, type TableFigures } from './replayed.ts';
import { openWorkspace, steppingClock, type Workspace } from './workspace.ts';

/** Documents and what they refer to: the other streams would be most of the tables and add nothing to the figures. */
const streams =
  /^(invoices|bills|(sales|purchase)_credit_notes|payments|purchase_orders|bank_transactions|accounts|contacts|tracking_.*|items)$/;

let recorded: Promise<Recording> | undefined;
const recording = (): Promise<Recording> => {
  recorded ??= recordBooks('xero', { documents: 50, edits: 12, rounds: 1, streams });
  return recorded;
};

/** Rows and money of every table that the records themselves can be asked for. */
async function tablesOf({ emulator }: Workspace, wanted: TableFigures): Promise<TableFigures> {
  const model = daxModel(emulator, 'Finance');
  const found: [string, TableFigures[string]][] = [];
  for (const table of Object.keys(wanted)) {
    const rows = livingRows(model, table);
    const column = money[table];
    const sum = column ? `, "sum", SUMX(${rows}, '${table}'[${column}])` : '';
    const [row] = await model.ask(`EVALUATE ROW("n", COUNTROWS(${rows})${sum})`);
    found.push([
      table,
      { rows: Number(row?.['[n]'] ?? 0), cents: Math.round(Number(row?.['[sum]'] ?? 0) * 100) },
    ]);
  }
  return Object.fromEntries(found);
}

const settings: readonly (readonly [name: string, options: Parameters<typeof openWorkspace>[0]])[] = [
  ['the defaults', {}],
  ['every changed row as a version', { delivery: { strategy: 'append_versions' } }],
  [
    'versions of what is large, in small batches',
    { delivery: { versions_from_rows: 20 }, config: { max_rows: 90 } },
  ],
  [
    'no sequence numbers, rows that show late, keys counted by every query',
    { switches: { sequenceNumbers: 'ignored', visibleAfter: 3_000, duplicateKeys: 'query fails' } },
  ],
  [
    'a new token for each batch, and models that keep 15 digits',
    { config: { token_per_batch: true }, switches: { decimalDigits: '15' } },
  ],
];

for (const [name, options] of settings)
  test(`figures by DAX equal the books after a first load and edits, with ${name}`, async () => {
    const { catalog, runs } = await recording();
    await using workspace = await openWorkspace({
      ...options,
      clock: steppingClock(systemClock.now()),
    });
    for (const [index, { messages, expected, measures, tables }] of runs.entries()) {
      await workspace.write(messages, catalog);
      workspace.clock.advance(10_000);
      const model = daxModel(workspace.emulator, 'Finance');
      const figures = await daxFigures(model, 'xero', demoSources.xero.keys);
      expect(Object.fromEntries(figures), `run ${index}`).toEqual(Object.fromEntries(expected));
      expect(Object.fromEntries(await measureFigures(model, 'xero')), `run ${index}`).toEqual(
        Object.fromEntries(measures),
      );
      expect(await tablesOf(workspace, tables), `run ${index}`).toEqual(tables);
    }
    expect(workspace.emulator.throttled()).toBe(0);
  });
