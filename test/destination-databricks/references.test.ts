// Keys without a row: ignored, counted, or given inferred members that the real rows replace.
import { expect, test } from 'vitest';
import { resolveReferences } from '../../databricks/unmatched.ts';
import { type Row, table } from './segments.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const contacts = (rows: readonly Row[], generation = 0) =>
  table('Contacts', { tenant: 'text', id: 'text', Name: 'text', since: 'date' }, rows, {
    keys: ['tenant', 'id'],
    generation,
  });

const invoices = (rows: readonly Row[]) =>
  table('Invoices', { tenant: 'text', id: 'text', contact: 'text', payer: 'text' }, rows, {
    keys: ['tenant', 'id'],
    references: ['contact', 'payer'].map((column) => ({
      columns: ['tenant', column],
      table: 'Contacts',
      keys: ['tenant', 'id'],
    })),
  });

const invoice = (id: string, contact: string | null, payer: string | null = null) => ({
  tenant: 't',
  id,
  contact,
  payer,
});

async function load(
  workspace: Workspace,
  tables: ReturnType<typeof table>[],
  setting: 'ignore' | 'count' | 'insert',
) {
  const run = workspace.run({ unmatched_references: setting });
  await workspace.deliver(tables, { run });
  workspace.newStatements();
  await resolveReferences(run, tables);
}

const acme = { tenant: 't', id: 'c1', Name: 'Acme', since: '2020-01-01' };

test('by default nothing is looked for', async () => {
  await using workspace = await openWorkspace();
  await load(workspace, [contacts([acme]), invoices([invoice('i', 'nobody')])], 'ignore');
  expect(workspace.newStatements()).toEqual([]);
});

test('count logs how many keys have no row, in one statement, and leaves out NULL and deleted facts', async () => {
  await using workspace = await openWorkspace();
  const rows = [invoice('i', 'c1', 'x'), invoice('j', 'x', 'y'), invoice('k', 'x'), invoice('l', null)];
  await load(workspace, [contacts([acme]), invoices([...rows, invoice('m', 'z')])], 'ignore');
  await load(workspace, [invoices([{ tenant: 't', id: 'm', gone: true }])], 'count');
  expect(workspace.newStatements()).toHaveLength(1);
  const told = workspace.logs().filter((line) => line.includes('keys without a row'));
  expect(told.map((line) => JSON.parse(line.replace(/^INFO /, '')))).toEqual([
    {
      event: 'keys without a row',
      fact: 'invoices',
      columns: ['tenant', 'contact'],
      dimension: 'contacts',
      keys: 1,
    },
    {
      event: 'keys without a row',
      fact: 'invoices',
      columns: ['tenant', 'payer'],
      dimension: 'contacts',
      keys: 2,
    },
  ]);
});

test('insert adds one member for each missing key, once, and the real row replaces it', async () => {
  await using workspace = await openWorkspace();
  const facts = invoices([invoice('i', 'c1', 'x'), invoice('j', 'x', 'y')]);
  await load(workspace, [contacts([acme]), facts], 'insert');
  const members = [
    { id: 'c1', Name: 'Acme' },
    { id: 'x', Name: '(unknown x)' },
    { id: 'y', Name: '(unknown y)' },
  ];
  expect(await workspace.rows('contacts', 'id, "Name"')).toEqual(members);
  await load(workspace, [facts], 'insert');
  expect(await workspace.rows('contacts', 'id, "Name"')).toEqual(members);
  await load(workspace, [contacts([{ ...acme, id: 'x', Name: 'Xavier' }])], 'insert');
  expect(await workspace.rows('contacts', 'id, "Name", since, _deleted_at')).toEqual([
    { id: 'c1', Name: 'Acme', since: '2020-01-01', _deleted_at: null },
    { id: 'x', Name: 'Xavier', since: '2020-01-01', _deleted_at: null },
    { id: 'y', Name: '(unknown y)', since: null, _deleted_at: null },
  ]);
});

test('a dimension that is not there is left out', async () => {
  await using workspace = await openWorkspace();
  await load(workspace, [invoices([invoice('i', 'nobody')])], 'insert');
  expect(workspace.newStatements()).toEqual([]);
});
