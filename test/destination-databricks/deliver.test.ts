// Delivery of keyed rows against the emulator: created, updated, deleted, revived, replayed.
import { expect, test } from 'vitest';
import { type Row, type TableOptions, table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

const invoices = (rows: readonly Row[], options: TableOptions = {}) =>
  table('Invoices', { id: 'text', total: 'decimal(18,4)', due: 'date' }, rows, options);

const a = { id: 'a', total: '10.5', due: '2026-09-30' };
const b = { id: 'b', total: '123456789012.3456', due: null };

test('a first delivery creates the table, its rows and the commit log, and leaves no files', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([invoices([a, b])]);
  expect(await workspace.rows('invoices', 'id, total, due, _deleted_at')).toEqual([
    { id: 'a', total: '10.5000', due: '2026-09-30', _deleted_at: null },
    { id: 'b', total: '123456789012.3456', due: null, _deleted_at: null },
  ]);
  const [commit] = await workspace.rows('ledgerpipe_commits', '*');
  expect(commit).toMatchObject({
    segment: 0,
    stream: 'Invoices',
    table_name: 'invoices',
    mode: 'upsert',
    staged_rows: 2,
    tombstones: 0,
    inserted: 2,
    updated: 0,
    statement_id: workspace.emulator.statements.find(({ kind }) => kind === 'merge')?.id,
  });
  expect(workspace.emulator.files()).toEqual([]);
});

test('changed rows are updated, new ones inserted, equal ones left alone', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([invoices([a, b])]);
  await workspace.deliver([invoices([{ ...a, total: '11' }, b, { ...b, id: 'c' }])]);
  expect(await workspace.rows('invoices', 'id, total')).toEqual([
    { id: 'a', total: '11.0000' },
    { id: 'b', total: '123456789012.3456' },
    { id: 'c', total: '123456789012.3456' },
  ]);
  const merges = workspace.emulator.statements.filter(({ text }) => text.includes('`invoices` AS t'));
  expect(merges.at(-1)?.affected).toMatchObject({ updated: 1, inserted: 1 });
});

test('the same segment delivered again changes no row, and the log keeps one line per job', async () => {
  await using workspace = await openWorkspace();
  const rows = [a, b, { id: 'gone', gone: true }];
  const run = workspace.run();
  await workspace.deliver([invoices(rows)], { run });
  await workspace.deliver([invoices(rows)], { run });
  const [, again] = workspace.emulator.statements.filter(({ text }) => text.includes('`invoices` AS t'));
  expect(again?.affected).toMatchObject({ inserted: 0, updated: 0, deleted: 0 });
  expect(await workspace.rows('ledgerpipe_commits', 'table_name')).toHaveLength(1);
});

test('a soft deletion marks the row once, and the record that comes back revives it', async () => {
  await using workspace = await openWorkspace();
  await workspace.deliver([invoices([a, b])]);
  await workspace.deliver([invoices([{ id: 'a', gone: true }], { job: 'job-2' })]);
  const marked = await workspace.rows('invoices', 'id, total, _deleted_at, _job_id');
  expect(marked).toMatchObject([
    { id: 'a', total: '10.5000', _deleted_at: expect.stringContaining('2026-09-02'), _job_id: 'job-2' },
    { id: 'b', _deleted_at: null, _job_id: 'job-1' },
  ]);
  await workspace.deliver([invoices([{ id: 'a', gone: true }], { job: 'job-3' })]);
  expect(await workspace.rows('invoices', 'id, total, _deleted_at, _job_id')).toEqual(marked);
  await workspace.deliver([invoices([a])]);
  expect(await workspace.rows('invoices', 'id, _deleted_at')).toEqual([
    { id: 'a', _deleted_at: null },
    { id: 'b', _deleted_at: null },
  ]);
});

test('a hard deletion removes the row, and a tombstone of an unknown record adds none', async () => {
  await using workspace = await openWorkspace();
  const config = { deletion: 'hard' } as const;
  await workspace.deliver([invoices([a, b])], { config });
  await workspace.deliver(
    [
      invoices([
        { id: 'a', gone: true },
        { id: 'unknown', gone: true },
      ]),
    ],
    { config },
  );
  expect(await workspace.rows('invoices', 'id')).toEqual([{ id: 'b' }]);
});

test('an older version of a row does not replace a newer one, and a newer generation does', async () => {
  await using workspace = await openWorkspace();
  const version = (note: string, updated: string | null, generation = 1) =>
    table('Bills', { id: 'text', note: 'text', updated: 'instant' }, [{ id: 'x', note, updated }], {
      cursor: 'updated',
      generation,
    });
  await workspace.deliver([version('new', '2026-09-10T00:00:00Z')]);
  await workspace.deliver([version('old', '2026-09-09T00:00:00Z')]);
  expect(await workspace.rows('bills', 'note')).toEqual([{ note: 'new' }]);
  await workspace.deliver([version('same time', '2026-09-10T00:00:00Z')]);
  expect(await workspace.rows('bills', 'note')).toEqual([{ note: 'same time' }]);
  await workspace.deliver([version('restored', '2026-01-01T00:00:00Z', 2)]);
  expect(await workspace.rows('bills', 'note')).toEqual([{ note: 'restored' }]);
});

test('a text cursor does not order versions, for its values do not order by size', async () => {
  await using workspace = await openWorkspace();
  const version = (note: string, sequence: string) =>
    table('Bills', { id: 'text', note: 'text', sequence: 'text' }, [{ id: 'x', note, sequence }], {
      cursor: 'sequence',
    });
  await workspace.deliver([version('nine', '9')]);
  await workspace.deliver([version('ten', '10')]);
  expect(await workspace.rows('bills', 'note')).toEqual([{ note: 'ten' }]);
});

test('every type arrives as it was sent', async () => {
  await using workspace = await openWorkspace();
  const types = {
    id: 'integer',
    text: 'text',
    rate: 'decimal(18,9)',
    share: 'double',
    open: 'boolean',
    day: 'date',
    hour: 'time',
    lines: 'json',
    at: 'instant',
    local: 'datetime',
  };
  const row = {
    id: 9007199254740,
    text: "O'Neil \\ `x`\n\u{1F4B0}",
    rate: '0.123456789',
    share: 0.1,
    open: true,
    day: '2026-02-28',
    hour: '13:14:15',
    lines: '[{"a":1}]',
    at: '2026-09-01T10:11:12.123456Z',
    local: '2026-09-01 10:11:12.123456',
  };
  await workspace.deliver([table('Everything', types, [row])]);
  const moments = ['at', 'local'].map((name) => `CAST("${name}" AS VARCHAR) AS "${name}"`);
  const others = Object.keys(types)
    .slice(0, 8)
    .map((name) => `"${name}"`);
  const [stored] = await workspace.rows('everything', [...others, ...moments].join(', '));
  expect(stored).toEqual({ ...row, at: '2026-09-01 10:11:12.123456+00' });
  const current = await workspace.run().tables.find('everything');
  expect(current?.columns.slice(0, 10).map(({ type }) => type.text)).toEqual([
    'BIGINT',
    'STRING',
    'DECIMAL(18,9)',
    'DOUBLE',
    'BOOLEAN',
    'DATE',
    'STRING',
    'STRING',
    'TIMESTAMP',
    'TIMESTAMP_NTZ',
  ]);
});

test('a delivery of several files loads each row once', async () => {
  await using workspace = await openWorkspace();
  const rows = Array.from({ length: 25 }, (_, index) => ({ id: `r${index}`, total: '1', due: null }));
  await workspace.deliver([invoices(rows, { rowsPerFile: 10 })]);
  expect(await workspace.rows('invoices', 'count(*) AS n')).toEqual([{ n: 25 }]);
  expect(workspace.emulator.files()).toEqual([]);
});

test('new tables declare keys, comments and clustering, and foreign keys to tables that are there', async () => {
  await using workspace = await openWorkspace();
  const contacts = table('Contacts', { id: 'text', name: 'text' }, [{ id: 'c', name: 'Acme' }]);
  const bills = table('Bills', { id: 'text', contact: 'text' }, [{ id: 'x', contact: 'c' }], {
    references: [{ columns: ['contact'], table: 'Contacts', keys: ['id'] }],
    description: "The ledger's bills",
    descriptions: { contact: 'Whom to pay' },
  });
  await workspace.deliver([contacts]);
  await workspace.deliver([bills]);
  const created = workspace.newStatements().find((text) => text.includes('`bills`'));
  expect(created).toContain('PRIMARY KEY (`id`)');
  expect(created).toContain('FOREIGN KEY (`contact`) REFERENCES `workspace`.`finance`.`contacts` (`id`)');
  expect(created).toContain("`contact` STRING COMMENT 'Whom to pay'");
  expect(created).toContain("COMMENT 'The ledger\\'s bills'");
  expect(created).toContain('CLUSTER BY AUTO');
  expect((await workspace.run().tables.find('bills'))?.foreignKeys).toEqual(['fk_bills_contact']);
});

test('tables that refer to each other, and to themselves, get the keys that could not be made with them', async () => {
  await using workspace = await openWorkspace();
  const contacts = table('Contacts', { id: 'text', account: 'text' }, [{ id: 'c', account: 'p' }], {
    references: [{ columns: ['account'], table: 'Accounts', keys: ['id'] }],
  });
  const accounts = table(
    'Accounts',
    { id: 'text', parent: 'text', owner: 'text' },
    [{ id: 'p', parent: 'p', owner: 'c' }],
    {
      references: [
        { columns: ['parent'], table: 'Accounts', keys: ['id'] },
        { columns: ['owner'], table: 'Contacts', keys: ['id'] },
      ],
    },
  );
  await workspace.deliver([contacts, accounts]);
  const tables = workspace.run().tables;
  expect((await tables.find('contacts'))?.foreignKeys).toEqual(['fk_contacts_account']);
  expect([...((await tables.find('accounts'))?.foreignKeys ?? [])].sort()).toEqual([
    'fk_accounts_owner',
    'fk_accounts_parent',
  ]);
});
