// Append, replace and refreshes: every version kept, the whole table replaced, older generations retired.
import { expect, test } from 'vitest';
import { childTable, type Row, type TableOptions, table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

const events = (rows: readonly Row[], options: TableOptions = {}) =>
  table('Events', { id: 'text', note: 'text' }, rows, options);
const x = { id: 'x', note: 'first' };
const y = { id: 'y', note: 'second' };

test('append keeps every version, and a batch that is sent again does not double', async () => {
  await using workspace = await openWorkspace();
  const append = { mode: 'append' } as const;
  await workspace.deliver([events([x], append)]);
  await workspace.deliver([events([{ ...x, note: 'later' }], append)]);
  await workspace.deliver([events([x], append)]);
  expect(await workspace.rows('events', 'id, note', 'note')).toEqual([x, { id: 'x', note: 'later' }]);
});

test('append fills the columns that only the table has with NULL, in any order', async () => {
  await using workspace = await openWorkspace();
  const append = { mode: 'append' } as const;
  const extra = table('Events', { extra: 'integer', id: 'text', note: 'text' }, [{ extra: 7, ...x }], append);
  await workspace.deliver([extra]);
  await workspace.deliver([events([y], append)]);
  expect(await workspace.rows('events', 'id, note, extra')).toEqual([
    { ...x, extra: 7 },
    { ...y, extra: null },
  ]);
});

test('append writes its batch into every row even when the files hold another', async () => {
  await using workspace = await openWorkspace();
  const first = events([x], { mode: 'append', batch: 'from-files' });
  await workspace.deliver([{ ...first, batch: "o'dd" }]);
  expect(await workspace.rows('events', '_batch_id')).toEqual([{ _batch_id: "o'dd" }]);
});

test('replace leaves exactly the new rows, keeps the table, and drops tombstones', async () => {
  await using workspace = await openWorkspace();
  const replace = { mode: 'replace' } as const;
  await workspace.deliver([events([x, y], replace)]);
  workspace.newStatements();
  await workspace.deliver([
    events(
      [
        { ...y, note: 'new' },
        { id: 'x', gone: true },
      ],
      replace,
    ),
  ]);
  expect(await workspace.rows('events', 'id, note')).toEqual([{ id: 'y', note: 'new' }]);
  const kinds = workspace.emulator.statements.slice(-2).map(({ kind }) => kind);
  expect(kinds).toEqual(['insert', 'merge']);
});

test('replace by nothing empties a table that is there and makes none that is not', async () => {
  await using workspace = await openWorkspace();
  const nothing = events([], { mode: 'replace' });
  await workspace.deliver([nothing]);
  expect(workspace.newStatements()).toEqual([]);
  await workspace.deliver([events([x], { mode: 'replace' })]);
  await workspace.deliver([nothing]);
  expect(await workspace.rows('events', 'id')).toEqual([]);
  await workspace.deliver([nothing]);
  expect(await workspace.rows('events', 'id')).toEqual([]);
});

test('a refresh keeps what it brought, changed or not, and retires the rest once it is complete', async () => {
  await using workspace = await openWorkspace();
  const rows = (generation: number, kept: readonly Row[]) => {
    const parent = events(kept, { generation, retireBelow: generation });
    const lines = kept.map(({ id }) => ({ id: id ?? null, _position: 0, amount: 1 }));
    return [parent, childTable(parent, 'Lines', { columns: { amount: 'integer' }, rows: lines, generation })];
  };
  await workspace.deliver(rows(1, [x, y]));
  await workspace.deliver(rows(2, [x]));
  expect(await workspace.rows('events', 'id, _airbyte_generation_id AS g')).toEqual([
    { id: 'x', g: 2 },
    { id: 'y', g: 1 },
  ]);
  await workspace.deliver(rows(2, [{ ...x, note: 'changed' }]), { completed: true });
  expect(await workspace.rows('events', 'id, note')).toEqual([{ id: 'x', note: 'changed' }]);
  expect(await workspace.rows('events_lines', 'id')).toEqual([{ id: 'x' }]);
  const retired = await workspace.rows('ledgerpipe_commits', 'table_name, deleted, mode', 'table_name');
  expect(retired.filter(({ mode }) => mode === 'retire')).toEqual([
    { table_name: 'events', deleted: 1, mode: 'retire' },
    { table_name: 'events_lines', deleted: 1, mode: 'retire' },
  ]);
});

test('a refresh that brings no rows retires all, of its own stream only', async () => {
  await using workspace = await openWorkspace();
  const other = table('Others', { id: 'text' }, [{ id: 'o' }], { generation: 1 });
  await workspace.deliver([events([x, y], { generation: 1 }), other]);
  const { declaration } = events([], { generation: 2, retireBelow: 2 });
  const { deliver } = await import('../../databricks/deliver.ts');
  const { segment } = await import('./segments.ts');
  await deliver(workspace.run(), segment([], { completed: [declaration] }));
  expect(await workspace.rows('events', 'id')).toEqual([]);
  expect(await workspace.rows('others', 'id')).toEqual([{ id: 'o' }]);
});

test('a refresh into a new table retires nothing', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([events([x], { generation: 3, retireBelow: 3 })], { completed: true });
  expect(workspace.newStatements().filter((text) => text.startsWith('DELETE'))).toEqual([]);
});

test('a refresh of the same generation in every run looks for older rows once', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([events([x], { generation: 0 })]);
  workspace.newStatements();
  const again = () =>
    workspace.deliver([events([y], { generation: 1, retireBelow: 1 })], { completed: true });
  await again();
  expect(workspace.newStatements().filter((text) => text.startsWith('DELETE'))).toHaveLength(1);
  await again();
  expect(workspace.newStatements()).toHaveLength(1 + 1);
  expect(await workspace.rows('events', 'id')).toEqual([{ id: 'y' }]);
});
