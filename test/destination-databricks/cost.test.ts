// What a delivery costs: one statement for each changed table and one for the log, and nothing for nothing.
import { expect, test } from 'vitest';
import { childTable, type Row, table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

const contacts = (rows: readonly Row[]) => table('Contacts', { id: 'text' }, rows);
const invoices = (rows: readonly Row[]) =>
  table('Invoices', { id: 'text', contact: 'text' }, rows, {
    references: [{ columns: ['contact'], table: 'Contacts', keys: ['id'] }],
  });
const rates = (rows: readonly Row[]) => table('Rates', { id: 'text' }, rows, { mode: 'append' });

test('S changed tables cost S + 1 statements, and each table is read once from Unity Catalog', async () => {
  await using workspace = await openWorkspace();
  const first = invoices([{ id: 'i', contact: 'c' }]);
  const lines = (n: number) =>
    childTable(first, 'Lines', { columns: { n: 'integer' }, rows: [{ id: 'i', _position: 0, n }] });
  await workspace.deliver([contacts([{ id: 'c' }]), first, lines(1), rates([{ id: 'r' }])]);
  workspace.newStatements();
  const before = workspace.emulator.requests.length;
  const run = workspace.run();
  await workspace.deliver([contacts([{ id: 'd' }]), first, lines(2), rates([{ id: 's' }])], { run });
  expect(workspace.newStatements()).toHaveLength(4 + 1);
  const asked = workspace.emulator.requests.slice(before).filter(({ method }) => method === 'GET');
  const tables = asked.map(({ url }) => url.pathname).filter((path) => path.includes('/tables/'));
  expect(tables.map((path) => path.split('.').at(-1)).sort()).toEqual([
    'contacts',
    'invoices',
    'invoices_lines',
    'ledgerpipe_commits',
    'rates',
  ]);
  const after = workspace.emulator.requests.length;
  await workspace.deliver([contacts([{ id: 'e' }])], { run, number: 1 });
  expect(workspace.newStatements()).toHaveLength(1 + 1);
  const again = workspace.emulator.requests.slice(after).map(({ url }) => url.pathname);
  expect(again.filter((path) => path.includes('/unity-catalog/'))).toEqual([]);
});

test('tables without rows are neither read nor written', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([contacts([{ id: 'c' }]), invoices([{ id: 'i', contact: 'c' }])]);
  workspace.newStatements();
  const before = workspace.emulator.requests.length;
  await workspace.deliver([contacts([]), invoices([{ id: 'j', contact: 'c' }]), rates([])]);
  expect(workspace.newStatements()).toHaveLength(1 + 1);
  const touched = workspace.emulator.requests
    .slice(before)
    .map(({ url }) => url.pathname)
    .join('\n');
  expect(touched).not.toMatch(/contacts|rates/);
});

test('a segment with no rows sends no request at all and leaves the warehouse stopped', async () => {
  await using workspace = await openWorkspace({ warehouse: { state: 'STOPPED' } });
  await workspace.deliver([]);
  await workspace.deliver([contacts([]), rates([])], { completed: true });
  expect(workspace.emulator.requests).toEqual([]);
  expect(workspace.emulator.warehouse.state).toBe('STOPPED');
});

test('uploads run beside each other but never more than the setting allows', async () => {
  await using workspace = await openWorkspace({}, { rate: 1 });
  const many = Array.from({ length: 6 }, (_, index) => table(`T${index}`, { id: 'text' }, [{ id: 'x' }]));
  workspace.emulator.faults.add({ method: 'PUT', times: 6, does: { kind: 'delay', milliseconds: 250 } });
  await workspace.deliver(many, { config: { parallel: 2 } });
  const uploads = workspace.emulator.requests.filter(({ method }) => method === 'PUT').map(({ at }) => at);
  const together = uploads.map((at) => uploads.filter((other) => other >= at && other < at + 240).length);
  expect(Math.max(...together)).toBe(2);
});

test('staged files stay where that is asked for', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([contacts([{ id: 'c' }])], { config: { purge_staging: false } });
  expect(workspace.emulator.files()).toEqual([
    expect.stringMatching(
      /^\/Volumes\/workspace\/finance\/ledgerpipe\/[\w-]+\/0\/0-Contacts-[0-9a-f]{16}-1-of-1\.parquet$/,
    ),
  ]);
});
