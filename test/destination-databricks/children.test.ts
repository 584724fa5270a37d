// Child tables: a touched parent has exactly the lines that came with it, whatever was there.
import { expect, test } from 'vitest';
import { childTable, type Row, type TableOptions, table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

/** Invoices and their lines; lines say which invoice and place. */
function invoices(rows: readonly Row[], lines: readonly Row[], options: TableOptions = {}) {
  const parent = table('Invoices', { tenant: 'text', id: 'text', updated: 'instant' }, rows, {
    keys: ['tenant', 'id'],
    ...options,
  });
  return [parent, childTable(parent, 'Lines', { columns: { amount: 'decimal(18,4)' }, rows: lines })];
}

const line = (id: string, place: number, amount: string): Row => ({
  tenant: 't',
  id,
  _position: place,
  amount,
});
const one = { tenant: 't', id: '1', updated: null };
const two = { tenant: 't', id: '2', updated: null };
const first = [line('1', 0, '5'), line('1', 1, '6'), line('2', 0, '7')];
const columns = 'id, _position, amount, _deleted_at IS NOT NULL AS gone';

for (const deletion of ['hard', 'soft'] as const) {
  test(`lines that a record no longer has go (${deletion}), those of other records stay`, async () => {
    await using workspace = await openWorkspace();
    const config = { deletion };
    await workspace.deliver(invoices([one, two], first), { config });
    await workspace.deliver(invoices([one], [line('1', 0, '5.5')]), { config });
    const kept = [
      { id: '1', _position: 0, amount: '5.5000', gone: false },
      { id: '2', _position: 0, amount: '7.0000', gone: false },
    ];
    const gone = { id: '1', _position: 1, amount: '6.0000', gone: true };
    const wanted = deletion === 'hard' ? kept : [kept[0], gone, kept[1]];
    expect(await workspace.rows('invoices_lines', columns, '1, 2')).toEqual(wanted);
  });

  test(`lines go with their record (${deletion}), and come back with it`, async () => {
    await using workspace = await openWorkspace();
    const config = { deletion };
    await workspace.deliver(invoices([one, two], first), { config });
    await workspace.deliver(invoices([{ tenant: 't', id: '1', gone: true }], []), { config });
    const alive = `${columns.split(',')[0]}, _position`;
    const left = await workspace.rows('invoices_lines', columns, '1, 2');
    expect(left.filter(({ gone }) => !gone)).toEqual([
      { id: '2', _position: 0, amount: '7.0000', gone: false },
    ]);
    await workspace.deliver(invoices([one], first.slice(0, 2)), { config });
    expect(await workspace.rows('invoices_lines', `${alive}, _deleted_at`, '1, 2')).toEqual([
      { id: '1', _position: 0, _deleted_at: null },
      { id: '1', _position: 1, _deleted_at: null },
      { id: '2', _position: 0, _deleted_at: null },
    ]);
  });

  test(`lines delivered again change nothing (${deletion})`, async () => {
    await using workspace = await openWorkspace();
    const config = { deletion };
    await workspace.deliver(invoices([one, two], first), { config });
    const fewer = invoices([one], [line('1', 0, '5.5')]);
    await workspace.deliver(fewer, { config });
    await workspace.deliver(fewer, { config });
    const merges = workspace.emulator.statements.filter(({ text }) => text.includes('`invoices_lines` AS t'));
    expect(merges.at(-1)?.affected).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
  });
}

test('a removed line says when and by which delivery it went', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver(invoices([one], first.slice(0, 2)));
  await workspace.deliver(invoices([one], [], { job: 'job-2', batch: 'b2' }));
  expect(await workspace.rows('invoices_lines', '_deleted_at, _job_id, _batch_id')).toEqual([
    { _deleted_at: expect.stringContaining('2026-09-01'), _job_id: 'job-2', _batch_id: 'b2' },
    { _deleted_at: expect.stringContaining('2026-09-01'), _job_id: 'job-2', _batch_id: 'b2' },
  ]);
});

test('a child table without rows that is not there yet is not made, and one that is there is emptied', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver(invoices([one], []));
  expect(workspace.newStatements().some((text) => text.includes('invoices_lines'))).toBe(false);
  await workspace.deliver(invoices([one], first.slice(0, 1)), { config: { deletion: 'hard' } });
  await workspace.deliver(invoices([one], []), { config: { deletion: 'hard' } });
  expect(await workspace.rows('invoices_lines', 'id')).toEqual([]);
});

test('the lines of an older version do not replace those of a newer one', async () => {
  await using workspace = await openWorkspace();
  const version = (updated: string, amount: string) =>
    invoices([{ ...one, updated }], [line('1', 0, amount)], { cursor: 'updated' });
  await workspace.deliver(version('2026-09-10T00:00:00Z', '2'));
  await workspace.deliver(version('2026-09-09T00:00:00Z', '1'));
  expect(await workspace.rows('invoices_lines', 'amount')).toEqual([{ amount: '2.0000' }]);
  await workspace.deliver(version('2026-09-11T00:00:00Z', '3'));
  expect(await workspace.rows('invoices_lines', 'amount')).toEqual([{ amount: '3.0000' }]);
});

test('a child column named like the marker of removed rows keeps its values', async () => {
  await using workspace = await openWorkspace();
  const parent = table('Jobs', { id: 'text' }, [{ id: 'j' }]);
  const child = childTable(parent, 'Steps', {
    columns: { _op: 'text' },
    rows: [{ id: 'j', _position: 0, _op: 'd' }],
  });
  await workspace.deliver([parent, child]);
  expect(await workspace.rows('jobs_steps', '_op')).toEqual([{ _op: 'd' }]);
});

test('child tables declare a foreign key to their parent', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver(invoices([one], first.slice(0, 1)));
  expect((await workspace.run().tables.find('invoices_lines'))?.foreignKeys).toEqual([
    'fk_invoices_lines_tenant_id',
  ]);
});
