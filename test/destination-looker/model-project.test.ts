// The generated project as a whole: it parses, every reference leads somewhere, and it changes only when its input does.
import { declare } from '@airbyte/cdk-typescript-shim';
import { planTables } from '@ledgerpipe/staging';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenReferences, type ParsedField, parse, parseProject, queryNames } from './model-lookml.ts';
import { catalogs, generate, type Names, type SourceName, tablesOf } from './model-setup.ts';

const sources: readonly SourceName[] = ['xero', 'quickbooks'];
const styles: readonly Names[] = ['original', 'snake_case'];
const dialects = ['postgres', 'databricks'] as const;
const tracking = [
  { id: '0a0b0c0d-1111-2222-3333-444455556666', name: 'Region' },
  { id: '0a0b0c0d-1111-2222-3333-444455557777', name: "{{ 7 }}'; DROP TABLE x; --" },
];

const ways = sources.flatMap((source) =>
  styles.flatMap((names) => dialects.map((dialect) => ({ source, names, dialect }))),
);

test.each(ways)(
  'a project of $source with $names names for $dialect parses, and its references lead somewhere',
  ({ source, names, dialect }) => {
    const project = parseProject(generate(tablesOf(catalogs[source](), { names }), { dialect, tracking }));
    expect(brokenReferences(project)).toEqual([]);
    expect(project.explores.size).toBeGreaterThan(50);
  },
);

test.each(sources)('%s gives an explore for each question of the ledger', (source) => {
  const { explores } = parseProject(generate(tablesOf(catalogs[source]())));
  const shown = [...explores].filter(([, explore]) => explore.hidden !== true).map(([name]) => name);
  expect(shown).toEqual(
    expect.arrayContaining([
      'sales_invoices',
      'purchase_bills',
      'sales_credit_notes',
      'purchase_credit_notes',
      'purchase_orders',
      'payments',
      'bank',
      'general_ledger',
    ]),
  );
});

test('every table is the base of exactly one explore', () => {
  const tables = tablesOf(catalogs.xero());
  const { explores, views } = parseProject(generate(tables));
  const bases = [...explores].map(([name, { view_name }]) => String(view_name ?? name));
  expect([...bases].sort()).toEqual([...views.keys()].sort());
  expect(views.size).toBe(tables.length);
});

test('every view has one primary key, hidden', () => {
  const { views } = parseProject(generate(tablesOf(catalogs.quickbooks())));
  for (const [name, fields] of views) {
    const keys = fields.filter((field) => field.primary_key === true);
    expect(
      keys.map(({ hidden, name: key }) => [hidden, key]),
      name,
    ).toEqual([[true, 'pk']]);
  }
});

test('names of fields are unique within a view, timeframes included', () => {
  for (const source of sources) {
    const { views } = parseProject(generate(tablesOf(catalogs[source]())));
    for (const [name, fields] of views) {
      const names = fields.flatMap(queryNames);
      expect(new Set(names).size, name).toBe(names.length);
    }
  }
});

test('rows that are only appended have the number of their delivery for a key', () => {
  const [stream] = catalogs.xero().streams.filter(({ name }) => name === 'invoices');
  if (!stream) throw new Error('There is no stream "invoices"');
  const appended = declare({ stream, sync_mode: 'incremental', destination_sync_mode: 'append' });
  const tables = planTables(appended, [], { names: 'original' }).map((plan) => ({
    plan,
    place: [plan.name],
  }));
  const { views } = parseProject(generate(tables));
  for (const fields of views.values())
    expect(fieldNamed(fields, 'pk')?.sql).toMatch(/"_batch_id" AS TEXT\) .* "?.*"_airbyte_raw_id"/);
});

test('columns that the warehouse calls otherwise are asked for by its names', () => {
  const tables = tablesOf(catalogs.xero()).map((table) =>
    table.plan.name === 'accounts' ? { ...table, columns: new Map([['Name', 'Name_of_it']]) } : table,
  );
  const { views } = parseProject(generate(tables));
  expect(fieldNamed(views.get('accounts'), 'name')?.sql).toMatch(/"Name_of_it"/);
});

const fieldNamed = (fields: readonly ParsedField[] | undefined, name: string): ParsedField | undefined =>
  fields?.find((field) => field.name === name);

test('money is shown for one currency at a time, prices and rates are averaged', () => {
  const { views } = parseProject(generate(tablesOf(catalogs.xero())));
  const invoices = views.get('invoices');
  expect(fieldNamed(invoices, 'sum_total')).toMatchObject({
    type: 'number',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: LookML's references look like this
    sql: expect.stringContaining('CASE WHEN ${currencies} <= 1 THEN ${sum_total_in_all} END'),
  });
  expect(fieldNamed(invoices, 'average_currency_rate')).toMatchObject({ type: 'average' });
  const amounts = [...views.values()].flat().filter(({ kind, type }) => kind === 'measure' && type === 'sum');
  const bare = amounts.filter(({ name, hidden }) => hidden !== true && !/quantity/.test(name));
  expect(bare.map(({ name }) => name)).toEqual([]);
});

test('calendar days are not converted between time zones, moments are', () => {
  const { views } = parseProject(generate(tablesOf(catalogs.xero())));
  expect(fieldNamed(views.get('invoices'), 'due')).toMatchObject({ datatype: 'date', convert_tz: false });
  const updated = fieldNamed(views.get('invoices'), 'updated');
  expect(updated).toMatchObject({ datatype: 'timestamp' });
  expect(updated).not.toHaveProperty('convert_tz');
});

test('deleted rows are filtered out by default in every explore', () => {
  const { explores } = parseProject(generate(tablesOf(catalogs.quickbooks())));
  for (const [name, explore] of explores) {
    const { filters } = explore.always_filter as { filters: Record<string, string> };
    const given = Object.entries(filters).filter(([field]) => !field.startsWith('$'));
    for (const filter of given) expect(filter, name).toEqual([expect.stringMatching(/\.is_deleted$/), 'No']);
    expect(given.length, name).toBeGreaterThan(0);
  }
});

test('the order of the tables decides nothing, and the same tables give the same bytes', () => {
  const tables = tablesOf(catalogs.xero());
  const first = generate(tables, { tracking });
  fc.assert(
    fc.property(fc.shuffledSubarray([...tables], { minLength: tables.length }), (shuffled) => {
      expect(generate(shuffled, { tracking: [...tracking].reverse() })).toEqual(first);
    }),
    { numRuns: 3 },
  );
});

test('one more stream adds files, and changes none but the explores', () => {
  const catalog = catalogs.quickbooks();
  const without = { streams: catalog.streams.filter(({ name }) => name !== 'time_activities') };
  const before = new Map(generate(tablesOf(without)).map(({ path, content }) => [path, content]));
  const changed = generate(tablesOf(catalog)).filter(({ path, content }) => before.get(path) !== content);
  expect(changed.map(({ path }) => path)).toEqual([
    'ledgerpipe/tables.explore.lkml',
    'ledgerpipe/views/time_activities.view.lkml',
  ]);
});

test('the model names the connection, and its datagroup looks at the log of loads', () => {
  const files = generate(tablesOf(catalogs.xero()), {
    connection: 'my "warehouse"',
    fiscalMonthOffset: 3,
    log: { place: ['ledger', 'ledgerpipe_syncs'], column: 'id' },
  });
  const model = parse(files.find(({ path }) => path.endsWith('.model.lkml'))?.content ?? '');
  expect(model).toMatchObject({
    connection: 'my "warehouse"',
    fiscal_month_offset: '3',
    datagroup: {
      ledgerpipe: {
        sql_trigger: expect.stringContaining('SELECT MAX("id") FROM "ledger"."ledgerpipe_syncs"'),
      },
    },
    persist_with: 'ledgerpipe',
  });
});

test.each(sources)('the dashboard of %s asks only for fields there are', (source) => {
  const project = parseProject(generate(tablesOf(catalogs[source]()), { tracking }));
  const fieldsIn = (explore: unknown): ReadonlySet<string> => {
    const found = project.explores.get(String(explore));
    const base = String(found?.view_name ?? explore);
    const joins = Object.keys((found?.join ?? {}) as object).filter((name) => !name.startsWith('$'));
    return new Set(
      [base, ...joins].flatMap((view) =>
        (project.views.get(view) ?? []).flatMap(queryNames).map((name) => `${view}.${name}`),
      ),
    );
  };
  const [dashboard] = project.dashboards;
  const elements = dashboard?.elements as Record<string, unknown>[];
  expect(elements.map(({ title }) => title)).toEqual(
    expect.arrayContaining(['Receivables by age', 'Revenue by customer', 'Revenue by month', 'Bank']),
  );
  const spend = source === 'xero' ? 'Spend by Region' : 'Spend by Class';
  expect(elements.map(({ title }) => title)).toContain(spend);
  for (const element of elements) {
    const known = fieldsIn(element.explore);
    const asked = [
      ...(element.fields as string[]),
      ...Object.keys(element.filters as object),
      ...Object.values((element.listen ?? {}) as Record<string, string>),
    ];
    expect(
      asked.filter((field) => !known.has(field)),
      String(element.title),
    ).toEqual([]);
  }
  const filters = ((dashboard?.filters ?? []) as Record<string, unknown>[]).map(({ name }) => name);
  expect(filters).toEqual(expect.arrayContaining(['Currency', 'Issued', 'Customer', 'Supplier']));
  for (const element of elements)
    for (const listened of Object.keys((element.listen ?? {}) as object)) expect(filters).toContain(listened);
});

test('streams of no ledger known here get a view and an explore each, and no dashboard', () => {
  const files = generate(
    tablesOf({
      streams: [
        {
          name: 'orders',
          json_schema: {
            type: 'object',
            properties: { id: { type: 'string' }, total: { type: 'number', 'x-role': 'amount' } },
          },
          supported_sync_modes: ['full_refresh'],
          source_defined_primary_key: [['id']],
        },
      ],
    }),
  );
  expect(files.map(({ path }) => path)).toEqual([
    'ledgerpipe/ledgerpipe.model.lkml',
    'ledgerpipe/tables.explore.lkml',
    'ledgerpipe/views/orders.view.lkml',
  ]);
  expect(brokenReferences(parseProject(files))).toEqual([]);
});
