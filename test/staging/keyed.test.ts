// Keyed tables: the newest row per key, tombstones, child rows that follow their parent.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { complete, declaration, declare, lines, records, stage } from './feed.ts';

const text: JsonSchema = { type: ['null', 'string'] };
const invoices = declaration(
  'invoices',
  {
    Tenant: text,
    ID: text,
    Number: { type: 'integer' },
    Updated: { type: 'integer' },
    Lines: { type: 'array', items: { type: 'object', properties: { Amount: { type: 'number' } } } },
  },
  { mode: 'upsert', keys: [['Tenant'], ['ID']], cursor: ['Updated'] },
);
const version = (ID: string, Updated: number | null, number: number, Lines: unknown = []) => ({
  Tenant: 'T',
  ID,
  Updated,
  Number: number,
  Lines,
});
const pick = (rows: readonly Readonly<Record<string, unknown>>[], ...names: string[]) =>
  rows.map((row) => names.map((name) => row[name]));

test('of two rows with one key the one with the higher cursor stays', async () => {
  const { rows } = await stage([
    declare(invoices),
    records('invoices', [version('a', 10, 1), version('b', 1, 2), version('a', 9, 3)]),
  ]);
  expect(pick(rows('invoices'), 'ID', 'Number')).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
});

test('cursors compare as their type, not as text', async () => {
  const { rows } = await stage([
    declare(invoices),
    records('invoices', [version('a', 10, 1), version('a', 9, 2)]),
  ]);
  expect(pick(rows('invoices'), 'Number')).toEqual([[1]]);
});

test('at equal cursors, and without one, the later arrival stays', async () => {
  const { cursor: _cursor, ...rest } = invoices;
  const uncursored = { ...rest, stream: 'others', name: 'others', cursor: [] };
  const { rows } = await stage([
    declare(invoices),
    declare(uncursored),
    records('invoices', [version('a', 5, 1), version('a', 5, 2)]),
    records('others', [version('a', 9, 1), version('a', 5, 2)]),
  ]);
  expect(pick(rows('invoices'), 'Number')).toEqual([[2]]);
  expect(pick(rows('others'), 'Number')).toEqual([[2]]);
});

test('keys are unique per tenant only', async () => {
  const { rows } = await stage([
    declare(invoices),
    records('invoices', [version('a', 1, 1), { ...version('a', 1, 2), Tenant: 'U' }]),
  ]);
  expect(pick(rows('invoices'), 'Tenant', 'Number')).toEqual([
    ['T', 1],
    ['U', 2],
  ]);
});

test('a tombstone that comes later replaces the row, and a later row the tombstone', async () => {
  const deleted = (ID: string) => ({ Tenant: 'T', ID, _ab_cdc_deleted_at: '2024-01-31T00:00:00Z' });
  const { rows, segments } = await stage([
    declare(invoices),
    records('invoices', [
      version('gone', 5, 1, [{ Amount: 1 }]),
      deleted('gone'),
      deleted('back'),
      version('back', 5, 2, [{ Amount: 2 }]),
    ]),
  ]);
  expect(pick(rows('invoices'), 'ID', 'Number', '_deleted_at')).toEqual([
    ['gone', null, '2024-01-31T00:00:00.000000Z'],
    ['back', 2, null],
  ]);
  expect(pick(rows('invoices_Lines'), 'ID', 'Amount')).toEqual([['back', '2.0000']]);
  const [main] = segments[0]?.tables ?? [];
  expect([main?.table.rows, main?.table.tombstones]).toEqual([2, 1]);
});

test('a tombstone whose mark is no instant counts as deleted when it was read', async () => {
  const { rows } = await stage([
    declare(invoices),
    records('invoices', [
      { Tenant: 'T', ID: 'a', _ab_cdc_deleted_at: true },
      { Tenant: 'T', ID: 'b', _ab_cdc_deleted_at: null },
    ]),
  ]);
  expect(pick(rows('invoices'), 'ID', '_deleted_at')).toEqual([
    ['a', '2023-11-14T22:13:20.000000Z'],
    ['b', null],
  ]);
});

test('child rows follow the row that stays', async () => {
  const { rows } = await stage([
    declare(invoices),
    records('invoices', [
      version('a', 2, 1, [{ Amount: 1 }, { Amount: 2 }, { Amount: 3 }]),
      version('a', 1, 2, [{ Amount: 9 }]),
      version('b', 1, 3, [{ Amount: 4 }, null, { Amount: 5 }]),
    ]),
  ]);
  expect(pick(rows('invoices_Lines'), 'Tenant', 'ID', '_position', 'Amount')).toEqual([
    ['T', 'a', 0, '1.0000'],
    ['T', 'a', 1, '2.0000'],
    ['T', 'a', 2, '3.0000'],
    ['T', 'b', 0, '4.0000'],
    ['T', 'b', 2, '5.0000'],
  ]);
});

test('an upsert stream brings its child tables also when they have no rows', async () => {
  const { segments } = await stage([declare(invoices), records('invoices', [version('a', 1, 1)])]);
  expect(segments[0]?.tables.map(({ name, table }) => [name, table.rows])).toEqual([
    ['invoices', 1],
    ['invoices_Lines', 0],
  ]);
});

test('append keeps every version and every tombstone', async () => {
  const { rows } = await stage([
    declare({ ...invoices, mode: 'append' }),
    records('invoices', [
      version('a', 2, 1),
      version('a', 1, 2),
      { Tenant: 'T', ID: 'a', _ab_cdc_deleted_at: '2024-01-31' },
    ]),
  ]);
  expect(pick(rows('invoices'), 'Number', '_deleted_at')).toEqual([
    [1, null],
    [2, null],
    [null, '2024-01-31T00:00:00.000000Z'],
  ]);
});

test('replace collapses keyed rows and drops tombstones', async () => {
  const { rows, segments } = await stage([
    declare({ ...invoices, mode: 'replace' }),
    records('invoices', [
      version('a', 1, 1, [{ Amount: 1 }]),
      version('a', 2, 2, [{ Amount: 2 }]),
      version('b', 1, 3, [{ Amount: 3 }]),
      { Tenant: 'T', ID: 'b', _ab_cdc_deleted_at: '2024-01-31' },
    ]),
    complete('invoices'),
  ]);
  expect(pick(rows('invoices'), 'ID', 'Number')).toEqual([['a', 2]]);
  expect(pick(rows('invoices_Lines'), 'ID', 'Amount')).toEqual([['a', '2.0000']]);
  expect(segments[0]?.tables.map(({ table }) => [table.rows, table.tombstones])).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test('child rows of a stream without a key hold on to the id of their record', async () => {
  const { keys: _keys, ...rest } = invoices;
  const { rows, segments } = await stage([
    declare({ ...rest, keys: [], mode: 'append' }),
    records('invoices', [version('a', 1, 1, [{ Amount: 1 }]), version('b', 1, 2, [{ Amount: 2 }])]),
  ]);
  const [, lines] = segments[0]?.tables ?? [];
  expect(lines?.table.parent).toEqual({ table: 'invoices', columns: ['_airbyte_raw_id'] });
  expect(lines?.rows.map((row) => row._airbyte_raw_id)).toEqual(
    rows('invoices').map((row) => row._airbyte_raw_id),
  );
});

test('a Singer tap marks deletions by the name of its SDK, and what a target notes on arrival is no change', async () => {
  const instant = { type: ['null', 'string'], format: 'date-time' } as const;
  const items = declaration(
    'items',
    { id: { type: 'string' }, _sdc_deleted_at: instant, _sdc_received_at: instant },
    { envelope: 'singer', mode: 'upsert', keys: [['id']] },
  );
  const singer = (...all: readonly Record<string, unknown>[]) =>
    lines(
      'items',
      all.map((record) => JSON.stringify({ type: 'RECORD', stream: 'items', record })),
    );
  const hashes = async (received: string) => {
    const { rows } = await stage([
      declare(items),
      singer(
        { id: 'a', _sdc_received_at: received },
        { id: 'b', _sdc_deleted_at: '2026-01-01T00:00:00Z', _sdc_received_at: received },
      ),
    ]);
    expect(rows('items').map(({ id, _deleted_at }) => [id, _deleted_at])).toEqual([
      ['a', null],
      ['b', '2026-01-01T00:00:00.000000Z'],
    ]);
    expect(Object.keys(rows('items')[0] ?? {})).not.toContain('_sdc_deleted_at');
    return rows('items').map(({ _row_hash }) => _row_hash);
  };
  expect(await hashes('2026-01-02T00:00:00Z')).toEqual(await hashes('2026-01-03T00:00:00Z'));
});
