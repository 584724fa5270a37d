// Runs of some streams, as webhooks and schedules of facts make them: the model stays what the run of all streams made.
import { type ConfiguredCatalog, recordMessage, stateMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { catalog, Ledger } from './ledger.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const tables = ['contacts', 'invoices', 'invoices_LineItems', 'payments'];

/** Rows without what tells of their batch, in an order of their own. */
const rowsOf = ({ emulator }: Workspace) =>
  Object.fromEntries(
    tables.map((table) => [
      table,
      emulator
        .rows(table)
        .map(({ _batch_id: _, ...row }) => JSON.stringify(Object.entries(row).sort()))
        .sort(),
    ]),
  );

test.each(['rewrite', 'append_versions'] as const)(
  'a run of invoices alone leaves the rows that a run of all streams would have left (%s)',
  async (strategy) => {
    const ledger = new Ledger(5);
    const first = ledger.edit(60);
    const edits = ledger.edit(25);
    const isOf = (streams: readonly string[]) => (message: (typeof edits)[number]) =>
      streams.some((name) => JSON.stringify(message).includes(`"${name}"`));
    const written = async (runs: readonly (readonly ('contacts' | 'invoices' | 'payments')[])[]) => {
      const workspace = await openWorkspace({ delivery: { strategy } });
      await workspace.write(first, catalog());
      for (const streams of runs) await workspace.write(edits.filter(isOf(streams)), catalog(streams));
      return workspace;
    };
    await using parts = await written([['contacts'], ['payments'], ['invoices']]);
    await using whole = await written([['contacts', 'invoices', 'payments']]);
    expect(rowsOf(parts)).toEqual(rowsOf(whole));
    expect(parts.emulator.dataset('Finance').relationships).toHaveLength(
      whole.emulator.dataset('Finance').relationships.length,
    );
    expect(whole.emulator.dataset('Finance').relationships.length).toBeGreaterThan(2);
  },
);

/** Twenty documents with four tables of lines each: more than a model holds. */
const many = (streams: number): ConfiguredCatalog => ({
  streams: Array.from({ length: streams }, (_, at) => ({
    stream: {
      name: `documents_${at}`,
      json_schema: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          ...Object.fromEntries(
            ['a', 'b', 'c'].map((name) => [
              name,
              { type: ['null', 'array'], items: { type: 'object', properties: { n: { type: 'integer' } } } },
            ]),
          ),
        },
      },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_primary_key: [['id']],
    },
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
  })),
});

test('tables that a full model has no room for are left out of a run of one stream as well', async () => {
  await using workspace = await openWorkspace();
  const told = (stream: string, id: string) => [
    recordMessage(stream, { id, a: [{ n: 1 }], c: [{ n: 2 }] }, 1),
    stateMessage(stream, { id }, 0),
  ];
  await workspace.write(told('documents_0', 'first'), many(20));
  const made = workspace.emulator.dataset('Finance').tables.length;
  expect(made).toBe(75);
  for (const { stream } of many(20).streams) {
    const one = { streams: many(20).streams.filter((other) => other.stream.name === stream.name) };
    await workspace.write(told(stream.name, 'second'), one);
    expect(workspace.emulator.rows(stream.name).map(({ id }) => id)).toContain('second');
  }
  expect(workspace.emulator.dataset('Finance').tables).toHaveLength(75);
});
