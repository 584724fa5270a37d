// `write` as a whole: record lines in, rows in Databricks, states out only for what is durable.

import type { Arrival, Declaration, JsonSchema, Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import destination from '../../destination-databricks/index.ts';
import type { Config } from '../../destination-databricks/spec.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const nullable = (type: string, more: object = {}): JsonSchema => ({
  type: ['null', type] as never,
  ...more,
});

const schemas: Record<string, JsonSchema> = {
  contacts: { type: 'object', properties: { ContactID: nullable('string'), Name: nullable('string') } },
  invoices: {
    type: 'object',
    properties: {
      InvoiceID: nullable('string'),
      Contact: {
        type: ['null', 'object'],
        properties: { ContactID: nullable('string', { 'x-references': 'contacts' }) },
      },
      Total: nullable('number', { 'x-role': 'amount' }),
      Date: nullable('string', { format: 'date' }),
      LineItems: {
        type: ['null', 'array'],
        items: {
          type: 'object',
          properties: {
            LineItemID: nullable('string'),
            LineAmount: nullable('number', { 'x-role': 'amount' }),
          },
        },
      },
    },
  },
};

const keys: Record<string, string> = { contacts: 'ContactID', invoices: 'InvoiceID' };

const declared = (stream: string, changes: Partial<Declaration> = {}): Arrival => ({
  kind: 'declare',
  declaration: {
    stream,
    name: stream,
    schema: schemas[stream] ?? {},
    mode: 'upsert',
    keys: [[keys[stream] ?? 'id']],
    cursor: [],
    envelope: 'airbyte',
    generation: 0,
    retireBelow: 0,
    ...changes,
  },
});

function records(stream: string, data: readonly object[]): Arrival {
  const lines = data.map((record) =>
    JSON.stringify({ type: 'RECORD', record: { stream, data: record, emitted_at: 1_789_000_000_000 } }),
  );
  return { kind: 'records', stream, bytes: Buffer.from(`${lines.join('\n')}\n`), count: data.length };
}

const state = (stream: string, at: string): Arrival => ({
  kind: 'state',
  stream,
  message: {
    type: 'STATE',
    state: {
      type: 'STREAM',
      stream: { stream_descriptor: { name: stream }, stream_state: { at } },
      id: 7,
    },
  } as never,
});

const complete = (stream: string): Arrival => ({ kind: 'status', stream, status: 'COMPLETE' });

async function write(workspace: Workspace, arrivals: readonly Arrival[], changes: Partial<Config> = {}) {
  const messages: Message[] = [];
  const stream = (async function* () {
    yield* arrivals;
  })();
  try {
    for await (const message of destination.write(workspace.context(changes), stream)) messages.push(message);
  } catch (error) {
    return { messages, error };
  }
  return { messages, error: undefined };
}

const invoice = (id: string, contact: string, amounts: readonly number[]) => ({
  InvoiceID: id,
  Contact: { ContactID: contact },
  Total: amounts.reduce((sum, amount) => sum + amount, 0),
  Date: '2026-09-01',
  LineItems: amounts.map((amount, index) => ({ LineItemID: `${id}-${index}`, LineAmount: amount })),
});

test('lines become rows of main and child tables, and every state comes back, in order and intact', async () => {
  await using workspace = await openWorkspace();
  const { messages, error } = await write(workspace, [
    declared('invoices'),
    declared('contacts'),
    records('contacts', [{ ContactID: 'c', Name: 'Acme' }]),
    state('contacts', '1'),
    records('invoices', [invoice('i', 'c', [10.1, 5]), invoice('j', 'c', [2])]),
    state('invoices', '2'),
    complete('contacts'),
    complete('invoices'),
  ]);
  expect(error).toBeUndefined();
  expect(
    await workspace.rows('invoices', '"InvoiceID" AS id, "Contact_ContactID" AS contact, "Total" AS total'),
  ).toEqual([
    { id: 'i', contact: 'c', total: '15.1000' },
    { id: 'j', contact: 'c', total: '2.0000' },
  ]);
  expect(await workspace.rows('invoices_lineitems', '"LineAmount" AS amount', 'amount')).toEqual([
    { amount: '2.0000' },
    { amount: '5.0000' },
    { amount: '10.1000' },
  ]);
  expect(messages).toMatchObject([
    {
      type: 'STATE',
      state: { id: 7, stream: { stream_state: { at: '1' } }, destinationStats: { recordCount: 1 } },
    },
    {
      type: 'STATE',
      state: { id: 7, stream: { stream_state: { at: '2' } }, destinationStats: { recordCount: 2 } },
    },
  ]);
  const created = workspace.emulator.statements
    .map(({ text }) => text)
    .find((text) => /CREATE TABLE.*`invoices` /.test(text));
  expect(created).toContain('FOREIGN KEY (`Contact_ContactID`) REFERENCES `workspace`.`finance`.`contacts`');
});

test('a run in which nothing came sends no statement and gives its states back', async () => {
  await using workspace = await openWorkspace({ warehouse: { state: 'STOPPED' } });
  const { messages } = await write(workspace, [
    declared('contacts'),
    state('contacts', '1'),
    complete('contacts'),
  ]);
  expect(messages).toHaveLength(1);
  expect(workspace.emulator.requests).toEqual([]);
});

test('no state comes back for rows that could not be loaded, and those of earlier segments stay given', async () => {
  await using workspace = await openWorkspace();
  const big = 'x'.repeat(1_200_000);
  const first = [
    declared('contacts'),
    records('contacts', [{ ContactID: 'a', Name: 'A' }]),
    state('contacts', '1'),
    records('contacts', [{ ContactID: 'b', Name: big }]),
  ];
  const second = [records('contacts', [{ ContactID: 'c', Name: 'C' }]), state('contacts', '2')];
  workspace.emulator.faults.add({
    method: 'PUT',
    path: /fs\/files/,
    skip: 1,
    times: 9,
    does: {
      kind: 'answer',
      status: 403,
      body: '{"error_code":"PERMISSION_DENIED","message":"User does not have WRITE VOLUME on Volume \'v\'."}',
    },
  });
  const { messages, error } = await write(workspace, [...first, ...second], { segment_megabytes: 1 });
  expect(
    messages.map((message) => (message.type === 'STATE' ? message.state.stream?.stream_state : undefined)),
  ).toEqual([{ at: '1' }]);
  expect(error).toMatchObject({
    kind: 'config',
    message: expect.stringContaining('GRANT WRITE VOLUME ON VOLUME'),
  });
});

test('the same input written again changes no row', async () => {
  await using workspace = await openWorkspace();
  const arrivals = [
    declared('invoices'),
    records('invoices', [invoice('i', 'c', [10.1, 5]), invoice('j', 'c', [2])]),
    state('invoices', '2'),
    complete('invoices'),
  ];
  await write(workspace, arrivals);
  const before = workspace.emulator.statements.length;
  await write(workspace, arrivals);
  const again = workspace.emulator.statements.slice(before);
  expect(again.map(({ kind, affected }) => [kind, affected.rows])).toEqual([
    ['merge', 0],
    ['merge', 0],
    ['merge', 2],
  ]);
});

test('replace takes effect at COMPLETE, for main and child tables, and empties them when nothing came', async () => {
  await using workspace = await openWorkspace();
  const replace = declared('invoices', { mode: 'replace', generation: 2 });
  await write(workspace, [replace, records('invoices', [invoice('i', 'c', [1, 2])]), complete('invoices')]);
  await write(workspace, [replace, records('invoices', [invoice('j', 'c', [3])])]);
  expect(await workspace.rows('invoices', '"InvoiceID" AS id')).toEqual([{ id: 'i' }]);
  await write(workspace, [replace, records('invoices', [invoice('j', 'c', [3])]), complete('invoices')]);
  expect(await workspace.rows('invoices_lineitems', '"LineItemID" AS id')).toEqual([{ id: 'j-0' }]);
  await write(workspace, [replace, complete('invoices')]);
  expect(await workspace.rows('invoices', 'count(*) AS n')).toEqual([{ n: 0 }]);
  expect(await workspace.rows('invoices_lineitems', 'count(*) AS n')).toEqual([{ n: 0 }]);
});

test('tombstones delete a record and its lines', async () => {
  await using workspace = await openWorkspace();
  const config = { deletion: 'hard' } as const;
  await write(
    workspace,
    [declared('invoices'), records('invoices', [invoice('i', 'c', [1]), invoice('j', 'c', [2])])],
    config,
  );
  const gone = { InvoiceID: 'i', _ab_cdc_deleted_at: '2026-09-02T00:00:00Z' };
  await write(workspace, [declared('invoices'), records('invoices', [gone])], config);
  expect(await workspace.rows('invoices', '"InvoiceID" AS id')).toEqual([{ id: 'j' }]);
  expect(await workspace.rows('invoices_lineitems', '"LineItemID" AS id')).toEqual([{ id: 'j-0' }]);
});

test('inferred members are inserted at the end of the run', async () => {
  await using workspace = await openWorkspace();
  await write(
    workspace,
    [
      declared('contacts'),
      declared('invoices'),
      records('contacts', [{ ContactID: 'c', Name: 'Acme' }]),
      records('invoices', [invoice('i', 'ghost', [1])]),
      complete('contacts'),
      complete('invoices'),
    ],
    { unmatched_references: 'insert', names: 'snake_case' },
  );
  expect(await workspace.rows('contacts', 'contact_id, name')).toEqual([
    { contact_id: 'c', name: 'Acme' },
    { contact_id: 'ghost', name: '(unknown ghost)' },
  ]);
});

test('times of day arrive as text, which is the one form that files and tables of Databricks have for them', async () => {
  await using workspace = await openWorkspace();
  const schema: JsonSchema = {
    type: 'object',
    properties: {
      id: nullable('integer'),
      opens: nullable('string', { format: 'time', airbyte_type: 'time_without_timezone' }),
      closes: nullable('string', { format: 'time', airbyte_type: 'time_with_timezone' }),
    },
  };
  const { error } = await write(workspace, [
    declared('shops', { schema }),
    records('shops', [{ id: 1, opens: '08:30:00', closes: '17:00:00+12:00' }, { id: 2 }]),
  ]);
  expect(error).toBeUndefined();
  expect(await workspace.rows('shops', 'id, opens, closes', 'id')).toEqual([
    { id: 1, opens: '08:30:00', closes: '17:00:00+12:00' },
    { id: 2, opens: null, closes: null },
  ]);
});
