// Names: what Unity Catalog and Delta refuse is replaced, the same way every time, and never meets another name.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnNames, constraintName, pathPart, tableName } from '../../databricks/sql/names.ts';
import { freeName, literal, quoted } from '../../databricks/sql/text.ts';
import { table } from './segments.ts';
import { openWorkspace } from './workspace.ts';

test.each([
  ['Invoices', undefined, 'invoices'],
  ['Line Items', undefined, /^line_items_[0-9a-f]{8}$/],
  ['a.b/c', undefined, /^a_b_c_[0-9a-f]{8}$/],
  ['a\u0000b', undefined, /^a_b_[0-9a-f]{8}$/],
  ['Größe-`x`', undefined, 'größe-`x`'],
  ['x'.repeat(300), undefined, /^x{246}_[0-9a-f]{8}$/],
  ['ledgerpipe_commits', undefined, /^ledgerpipe_commits_[0-9a-f]{8}$/],
  ['Orders', 'Shop', 'shop_orders'],
])('table %j in namespace %j is called %j', (name, namespace, wanted) => {
  const found = tableName(name, namespace);
  if (typeof wanted === 'string') expect(found).toBe(wanted);
  else expect(found).toMatch(wanted);
});

test('any two different table names stay different, and each is one that Unity Catalog takes', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
      fc.string({ minLength: 1 }),
      (one, other) => {
        const [first, second] = [tableName(one), tableName(other)];
        expect([...first].length).toBeLessThanOrEqual(255);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
        expect(first).toMatch(/^[^\u0000-\u001f\u007f./\s]+$/u);
        if (one.toLowerCase() !== other.toLowerCase()) expect(first).not.toBe(second);
      },
    ),
  );
});

test('columns that differ by case alone are told apart', () => {
  expect(columnNames(['Id', 'ID', 'note', 'a\tb', ''])).toEqual([
    'Id',
    expect.stringMatching(/^ID_[0-9a-f]{8}$/),
    'note',
    expect.stringMatching(/^a_b_[0-9a-f]{8}$/),
    expect.stringMatching(/^unnamed_[0-9a-f]{8}$/),
  ]);
});

test('constraint names and parts of paths are plain', () => {
  expect(constraintName('fk', ['orders', 'Ship To'])).toMatch(/^fk_orders_ship_to_[0-9a-f]{8}$/);
  expect(pathPart('../a=b c`')).toBe('-a-b-c-');
  expect(pathPart('_hidden')).toBe('-hidden');
});

test('quoting keeps every name and value in its place', () => {
  expect(quoted('a`b')).toBe('`a``b`');
  expect(literal("it's \\ a\nb")).toBe("'it\\'s \\\\ a\\nb'");
  expect(freeName('_op', ['_OP', '_op_2'])).toBe('_op_3');
});

test('hostile names and values reach the warehouse as they are', async () => {
  await using workspace = await openWorkspace();
  const names = [
    'id',
    'select',
    "o'clock",
    'a`b',
    'a"b',
    'x;--',
    'ünïcödé',
    'a b',
    'a.b',
    '(c)',
    'ID2',
    '_op',
  ];
  const row = Object.fromEntries(names.map((name, index) => [name, index === 0 ? 'k' : `v'${index}\\`]));
  const hostile = table(
    "Dr'op `table` x;--",
    Object.fromEntries(names.map((name) => [name, 'text'])),
    [row],
    {
      stream: "str'eam\\",
      descriptions: { select: "it's\n`odd`\\" },
    },
  );
  await workspace.deliver([hostile]);
  await workspace.deliver([hostile]);
  const { declaration, name } = hostile;
  const columns = names.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
  expect(await workspace.rows(tableName(name, declaration.namespace), columns)).toEqual([row]);
  const [commit] = await workspace.rows('ledgerpipe_commits', 'stream');
  expect(commit).toEqual({ stream: "str'eam\\" });
});

test('streams of one name in two namespaces get tables of their own', async () => {
  await using workspace = await openWorkspace();
  const of = (namespace: string) =>
    table('Orders', { id: 'text' }, [{ id: namespace }], { stream: `${namespace}.Orders`, namespace });
  await workspace.deliver([of('east'), of('west')]);
  expect(await workspace.rows('east_orders', 'id')).toEqual([{ id: 'east' }]);
  expect(await workspace.rows('west_orders', 'id')).toEqual([{ id: 'west' }]);
});

test('two streams whose tables would have one name are refused', async () => {
  await using workspace = await openWorkspace();
  const one = table('b_c', { id: 'text' }, [{ id: '1' }], { stream: 'a.b_c', namespace: 'a' });
  const other = table('c', { id: 'text' }, [{ id: '2' }], { stream: 'a_b.c', namespace: 'a_b' });
  await expect(workspace.deliver([one, other])).rejects.toMatchObject({
    kind: 'config',
    message:
      'Cannot write stream "a_b.c": stream "a.b_c" has a table "a_b_c" too, leave one out or write it to another "schema"',
  });
});

test('settings in capitals name the same place', async () => {
  await using workspace = await openWorkspace();
  const config = { catalog: 'WorkSpace', schema: 'Finance', volume: 'LedgerPipe' };
  await workspace.deliver([table('T', { id: 'text' }, [{ id: '1' }])], { config });
  expect(await workspace.rows('t', 'id')).toEqual([{ id: '1' }]);
});
