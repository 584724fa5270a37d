// Tables that are there already: grown, widened, or kept with NULL and a note; a sync never fails for its schema.
import { expect, test } from 'vitest';
import { type Row, table } from './segments.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const orders = (columns: Record<string, string>, rows: readonly Row[]) => table('Orders', columns, rows);

/** Makes a table as another writer would have. */
async function existing(workspace: Workspace, columns: string, properties = ''): Promise<void> {
  await workspace.run().prepare();
  const text = `CREATE TABLE workspace.finance.orders (${columns})${properties}`;
  const outcome = await workspace.run().statements.run(text, 'make a table');
  expect(outcome).toMatchObject({ ok: true });
  workspace.newStatements();
}

test('new fields become columns in one statement, and older rows hold NULL there', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([orders({ id: 'text' }, [{ id: 'a' }])]);
  workspace.newStatements();
  await workspace.deliver([
    orders({ id: 'text', qty: 'integer', 'a b=c': 'text' }, [{ id: 'b', qty: 2, 'a b=c': 'x' }]),
  ]);
  expect(await workspace.rows('orders', 'id, qty, "a b=c"')).toEqual([
    { id: 'a', qty: null, 'a b=c': null },
    { id: 'b', qty: 2, 'a b=c': 'x' },
  ]);
  expect(workspace.newStatements().filter((text) => text.startsWith('ALTER'))).toEqual([
    'ALTER TABLE `workspace`.`finance`.`orders` ADD COLUMNS (`qty` BIGINT, `a b=c` STRING)',
  ]);
});

test('a wider decimal widens the column and loses no digit of either', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([
    orders({ id: 'text', rate: 'decimal(18,4)' }, [{ id: 'a', rate: '12345678901234.5678' }]),
  ]);
  await workspace.deliver([
    orders({ id: 'text', rate: 'decimal(18,9)' }, [{ id: 'b', rate: '0.123456789' }]),
  ]);
  expect(await workspace.rows('orders', 'id, rate')).toEqual([
    { id: 'a', rate: '12345678901234.567800000' },
    { id: 'b', rate: '0.123456789' },
  ]);
  const widened = workspace.newStatements().filter((text) => text.includes('ALTER COLUMN'));
  expect(widened).toEqual([
    'ALTER TABLE `workspace`.`finance`.`orders` ALTER COLUMN `rate` TYPE DECIMAL(23,9)',
  ]);
});

test('an integer column grows for decimals, and properties for that are set first where they are missing', async () => {
  await using workspace = await openWorkspace();
  await existing(workspace, 'id STRING, qty INT');
  await workspace.deliver([
    orders({ id: 'text', qty: 'decimal(18,4)', when: 'datetime', 'a b': 'text' }, [
      { id: 'a', qty: '2.5', when: '2026-01-01 00:00:00', 'a b': 'x' },
    ]),
  ]);
  const altered = workspace.newStatements().filter((text) => text.startsWith('ALTER'));
  expect(altered[0]).toBe(
    "ALTER TABLE `workspace`.`finance`.`orders` SET TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.columnMapping.mode' = 'name', 'delta.feature.timestampNtz' = 'supported')",
  );
  expect(await workspace.rows('orders', 'qty')).toEqual([{ qty: '2.5000' }]);
});

test('a decimal of all 38 digits that has the places already is left as it is, without a warning', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([orders({ id: 'text', rate: 'decimal(38,11)' }, [{ id: 'a', rate: '1.5' }])]);
  await workspace.deliver([
    orders({ id: 'text', rate: 'decimal(38,10)' }, [{ id: 'b', rate: '2.0000000001' }]),
  ]);
  expect(await workspace.rows('orders', 'id, rate')).toEqual([
    { id: 'a', rate: '1.50000000000' },
    { id: 'b', rate: '2.00000000010' },
  ]);
  expect(workspace.logs().filter((line) => line.startsWith('WARN'))).toEqual([]);
});

test('a value that an incompatible column cannot hold becomes NULL, with a note; the others are kept', async () => {
  await using workspace = await openWorkspace();
  await existing(
    workspace,
    'id STRING, qty BIGINT, due DATE, flag BOOLEAN, note VARCHAR(3), tags ARRAY<STRING>',
  );
  const columns = { id: 'text', qty: 'text', due: 'instant', flag: 'integer', note: 'text', tags: 'json' };
  await workspace.deliver([
    orders(columns, [
      { id: 'fits', qty: '12', due: '2026-09-01T00:00:00Z', flag: null, note: 'abc', tags: null },
      { id: 'lost', qty: '1.5', due: '2026-09-01T10:00:00Z', flag: 1, note: 'abcd', tags: '["x"]' },
    ]),
  ]);
  const [fits, lost] = await workspace.rows('orders', 'id, qty, due, flag, note, tags, _airbyte_meta');
  expect(fits).toMatchObject({
    qty: 12,
    due: '2026-09-01',
    note: 'abc',
    _airbyte_meta: '{"sync_id":1,"changes":[]}',
  });
  expect(lost).toMatchObject({ qty: null, due: null, flag: null, note: null, tags: null });
  const meta = JSON.parse(String(lost?._airbyte_meta));
  expect(meta).toEqual({
    sync_id: 1,
    changes: ['qty', 'due', 'flag', 'note', 'tags'].map((field) => ({
      field,
      change: 'NULLED',
      reason: 'DESTINATION_TYPECAST_ERROR',
    })),
  });
  expect(workspace.logs().filter((line) => line.includes('"qty"'))).toEqual([
    'WARN Column "qty" of table "orders" is BIGINT and cannot become STRING: values that do not fit it become NULL and are noted in _airbyte_meta',
  ]);
});

test('notes join those that the row already has', async () => {
  await using workspace = await openWorkspace();
  await existing(workspace, 'id STRING, qty BIGINT');
  const earlier = { field: 'x', change: 'NULLED', reason: 'SOURCE_RETRIEVAL_ERROR' };
  await workspace.deliver([
    orders({ id: 'text', qty: 'text' }, [
      { id: 'a', qty: 'no', _airbyte_meta: JSON.stringify({ sync_id: 1, changes: [earlier] }) },
      { id: 'b', qty: 'no', _airbyte_meta: '{}' },
    ]),
  ]);
  const rows = await workspace.rows('orders', '_airbyte_meta', 'id');
  const note = { field: 'qty', change: 'NULLED', reason: 'DESTINATION_TYPECAST_ERROR' };
  expect(rows.map(({ _airbyte_meta: meta }) => JSON.parse(String(meta)).changes)).toEqual([
    [note, earlier],
    [note],
  ]);
});

test('money in a DOUBLE or coarser DECIMAL column is never rounded in silence', async () => {
  await using workspace = await openWorkspace();
  await existing(workspace, 'id STRING, price DOUBLE, total DECIMAL(38,2)');
  const columns = { id: 'text', price: 'decimal(38,4)', total: 'decimal(38,4)' };
  await workspace.deliver([
    orders(columns, [
      { id: 'a', price: '0.1', total: '2.50' },
      { id: 'b', price: '12345678901234567.1234', total: '2.555' },
    ]),
  ]);
  expect(await workspace.rows('orders', 'price, total', 'id')).toEqual([
    { price: 0.1, total: '2.50' },
    { price: null, total: null },
  ]);
});

test('a column that demands values the stream does not have is relaxed', async () => {
  await using workspace = await openWorkspace();
  await existing(workspace, 'id STRING NOT NULL, region STRING NOT NULL');
  await workspace.deliver([orders({ id: 'text' }, [{ id: 'a' }])]);
  expect(await workspace.rows('orders', 'id, region')).toEqual([{ id: 'a', region: null }]);
});

test('keys that the table cannot tell apart any more end the run with the remedy', async () => {
  await using workspace = await openWorkspace();
  await existing(workspace, 'id BIGINT');
  await expect(workspace.deliver([orders({ id: 'text' }, [{ id: 'A-1' }])])).rejects.toMatchObject({
    kind: 'config',
    message:
      'Cannot write table "workspace.finance.orders": its key column "id" is BIGINT but the stream\'s keys are STRING, drop the table or choose another "schema"',
  });
});

test('a table that somebody dropped, or gave other columns, in the middle of a run is looked at again', async () => {
  await using workspace = await openWorkspace();
  const run = workspace.run();
  const rows = [{ id: 'a', qty: 1 }];
  await workspace.deliver([orders({ id: 'text', qty: 'integer' }, rows)], { run });
  await run.statements.run('DROP TABLE workspace.finance.orders', 'drop');
  await workspace.deliver([orders({ id: 'text', qty: 'integer' }, rows)], { run, number: 1 });
  expect(await workspace.rows('orders', 'id, qty')).toEqual(rows);
  await run.statements.run('ALTER TABLE workspace.finance.orders DROP COLUMN qty', 'drop a column');
  await workspace.deliver([orders({ id: 'text', qty: 'integer' }, [{ id: 'a', qty: 2 }])], {
    run,
    number: 2,
  });
  expect(await workspace.rows('orders', 'id, qty')).toEqual([{ id: 'a', qty: 2 }]);
});

test('a refused widening leaves the column and goes on', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([orders({ id: 'text', n: 'integer' }, [{ id: 'a', n: 1 }])]);
  const fault = {
    kind: 'alter table',
    errorClass: 'DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP',
    sqlState: '0AKDC',
  } as const;
  workspace.emulator.failNext(fault);
  await workspace.deliver([
    orders({ id: 'text', n: 'decimal(18,4)' }, [
      { id: 'b', n: '2' },
      { id: 'c', n: '2.5' },
    ]),
  ]);
  expect(await workspace.rows('orders', 'id, n')).toEqual([
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
    { id: 'c', n: null },
  ]);
  expect(workspace.logs().join('\n')).toContain('the load goes on without it');
});

test.each([
  ['VIEW', '', 'a view'],
  ['EXTERNAL', 'ICEBERG', 'a table in ICEBERG'],
])('a %s %s of that name ends the run with the remedy', async (kind, format, words) => {
  await using workspace = await openWorkspace();
  const body = JSON.stringify({ name: 'orders', table_type: kind, data_source_format: format, columns: [] });
  workspace.emulator.faults.add({
    method: 'GET',
    path: /tables\//,
    does: { kind: 'answer', status: 200, body },
  });
  await expect(workspace.deliver([orders({ id: 'text' }, [{ id: 'a' }])])).rejects.toMatchObject({
    kind: 'config',
    message: `Cannot write table "workspace.finance.orders": ${words} has that name, drop it or choose another "schema"`,
  });
});
