// Queries through explores: the figures are those of the tables, however joins repeat rows, or the answer is an error.
import { expect, test } from 'vitest';
import { PROJECT, type Setup, setUp } from './looker-setup.ts';

const published = async (files: Readonly<Record<string, string>> = PROJECT): Promise<Setup> => {
  const setup = await setUp();
  await setup.looker.publish('ledgerpipe', files);
  return setup;
};

const sales = (rest: object): object => ({ model: 'ledger', view: 'sales_invoices', ...rest });

test('the model of the small ledger has no problems', async () => {
  const { looker } = await published();
  expect(looker.lookml('ledgerpipe').problems).toEqual([]);
});

test('a sum by customer leaves out what sql_always_where leaves out', async () => {
  const { looker, postgres } = await published();
  const query = sales({ fields: ['contacts.name', 'sales_invoices.total'], sorts: ['contacts.name'] });
  const rows = await looker.query(query as Record<string, unknown>);
  expect(rows).toEqual([
    { 'contacts.name': 'Acme', 'sales_invoices.total': '200.2000' },
    { 'contacts.name': 'Bolt, "Ltd"', 'sales_invoices.total': '50.0000' },
    { 'contacts.name': null, 'sales_invoices.total': '0' },
  ]);
  const [truth] = await postgres.query(
    `SELECT sum(total) AS total FROM books.invoices WHERE type = 'ACCREC'`,
  );
  expect(truth).toEqual({ total: '250.2000' });
});

test('totals of invoices stay right beside their lines: equal values of two invoices count twice', async () => {
  const { looker } = await published();
  const fields = [
    'sales_invoices.total',
    'sales_invoices.count',
    'lines.net',
    'lines.count',
    'contacts.count',
    'sales_invoices.average',
  ];
  const [row] = await looker.query(sales({ fields }) as Record<string, unknown>);
  expect(row).toMatchObject({
    'sales_invoices.total': '250.2000',
    'sales_invoices.count': '4',
    'lines.net': '250.2000',
    'lines.count': '4',
    'contacts.count': '3',
  });
  expect(Number(row?.['sales_invoices.average'])).toBeCloseTo(83.4, 6);
});

test('filters of every kind keep the rows they describe', async () => {
  const { looker } = await published();
  const ids = async (filters: Record<string, string>): Promise<string> => {
    const rows = await looker.query(
      sales({ fields: ['sales_invoices.id'], filters, sorts: ['sales_invoices.id'] }) as Record<
        string,
        unknown
      >,
    );
    return rows.map((row) => row['sales_invoices.id']).join(' ');
  };
  const kept = async (field: string, expressions: Record<string, string>): Promise<void> => {
    for (const [expression, expected] of Object.entries(expressions))
      expect([expression, await ids({ [field]: expression })]).toEqual([expression, expected]);
  };
  await kept('sales_invoices.status', {
    PAID: 'i1',
    'PAID,VOIDED': 'i1 i3',
    '-VOIDED': 'i1 i2 i5',
    'A%': 'i2 i5',
    '-A%,-PAID': 'i3',
    '': 'i1 i2 i3 i5',
  });
  await kept('contacts.name', {
    NULL: 'i5',
    '-NULL': 'i1 i2 i3',
    EMPTY: 'i5',
    '"Bolt, ""Ltd"""': 'i3',
    'Bolt^, "Ltd"': 'i3',
    '-Acme': 'i3 i5',
  });
  await kept('sales_invoices.amount', {
    '>60': 'i1 i2',
    '100.1': 'i1 i2',
    'NOT 50': 'i1 i2 i5',
    '[50, 100)': 'i3',
    '(50, inf)': 'i1 i2',
    '50 to 60': 'i3',
    NULL: 'i5',
    'NOT NULL': 'i1 i2 i3',
    '>=50 AND <=60': 'i3',
    '50,100.1': 'i1 i2 i3',
  });
  await kept('sales_invoices.is_paid', { Yes: 'i1', No: 'i2 i3 i5' });
  await kept('sales_invoices.issued_date', {
    '2026-02': 'i2 i3',
    '2026-Q1': 'i1 i2 i3 i5',
    '2026-01-10': 'i1',
    'last month': 'i2 i3',
    '2 days': 'i5',
    yesterday: 'i5',
    'before 2026-02-01': 'i1',
    'after 2026-02-07': 'i3 i5',
    '2026-01-01 to 2026-02-06': 'i1 i2',
    'this year': 'i1 i2 i3 i5',
    '2 months ago': 'i1',
    '2 complete months': 'i1 i2 i3',
  });
});

test('a filter that is not understood is refused, never ignored', async () => {
  const { call } = await configured();
  const run = (rest: object) =>
    call('POST', 'queries/run/json', sales({ fields: ['sales_invoices.id'], ...rest }));
  for (const filters of [
    { 'sales_invoices.issued_date': 'the day before yesterday' },
    { 'sales_invoices.amount': 'many' },
    { 'sales_invoices.is_paid': 'perhaps' },
  ])
    expect(await run({ filters })).toMatchObject({
      status: 400,
      text: expect.stringContaining('does not imitate'),
    });
  for (const part of [
    { pivots: ['contacts.name'] },
    { dynamic_fields: '[{"measure":"x"}]' },
    { total: true },
  ])
    expect(await run(part)).toMatchObject({ status: 400, text: expect.stringContaining('does not imitate') });
  expect((await run({ filters: { 'sales_invoices.nothing': '1' } })).json).toEqual([
    { looker_error: expect.stringContaining('sales_invoices.nothing') },
  ]);
});

const configured = async (): Promise<Setup> => published();

test('timeframes, measures over measures, filters on measures, and the default order', async () => {
  const { looker } = await published();
  const rows = await looker.query(
    sales({
      fields: ['sales_invoices.issued_month', 'sales_invoices.open_total', 'sales_invoices.paid_total'],
      filters: { 'sales_invoices.total': '>0' },
    }) as Record<string, unknown>,
  );
  expect(rows).toEqual([
    {
      'sales_invoices.issued_month': '2026-02',
      'sales_invoices.open_total': '150.1000',
      'sales_invoices.paid_total': '0',
    },
    {
      'sales_invoices.issued_month': '2026-01',
      'sales_invoices.open_total': '0.0000',
      'sales_invoices.paid_total': '100.1000',
    },
  ]);
});

test('moments shift to the zone of the query, pure dates that say so do not', async () => {
  const { looker } = await published();
  const [row] = await looker.query(
    sales({
      fields: ['sales_invoices.updated_date', 'sales_invoices.updated_time', 'sales_invoices.issued_date'],
      filters: { 'sales_invoices.id': 'i1' },
      query_timezone: 'Asia/Tokyo',
    }) as Record<string, unknown>,
  );
  expect(row).toEqual({
    'sales_invoices.updated_date': '2026-01-11',
    'sales_invoices.updated_time': '2026-01-11 08:30:00',
    'sales_invoices.issued_date': '2026-01-10',
  });
});

test('always_filter holds unless the query filters the field itself', async () => {
  const { looker } = await published();
  const count = async (filters: Record<string, string>): Promise<unknown> => {
    const [row] = await looker.query({
      model: 'ledger',
      view: 'invoices',
      fields: ['invoices.count'],
      filters,
    });
    return row?.['invoices.count'];
  };
  expect(await count({})).toBe('4');
  expect(await count({ 'invoices.status': '' })).toBe('5');
});

test('a view without a primary key refuses sums over repeated rows', async () => {
  const files = {
    ...PROJECT,
    'views/invoices.view.lkml': PROJECT['views/invoices.view.lkml'].replace('primary_key: yes ', ''),
  };
  const { looker } = await published(files);
  const ask = (fields: string[]) => looker.query(sales({ fields }) as Record<string, unknown>);
  await expect(ask(['sales_invoices.total', 'lines.net'])).rejects.toThrow('no primary key');
  expect(await ask(['sales_invoices.total'])).toEqual([{ 'sales_invoices.total': '250.2000' }]);
});

test('formats, labels, formatting and limits', async () => {
  const { call } = await published();
  const body = {
    ...sales({ fields: ['contacts.name', 'sales_invoices.total'], sorts: ['sales_invoices.total desc'] }),
  };
  expect((await call('POST', 'queries/run/csv', body)).text).toBe(
    'Contacts Customer,Sales Invoices Total\nAcme,200.2000\n"Bolt, ""Ltd""",50.0000\n,0\n',
  );
  expect((await call('POST', 'queries/run/json?apply_formatting=true&limit=1', body)).json).toEqual([
    { 'contacts.name': 'Acme', 'sales_invoices.total': '200.20' },
  ]);
  expect((await call('POST', 'queries/run/sql', body)).text).toContain(
    '"books"."invoices" AS sales_invoices',
  );
  const detailed = (await call('POST', 'queries/run/json_bi?limit=1', body)).json;
  expect(detailed).toMatchObject({
    rows: [{ 'contacts.name': { value: 'Acme' }, 'sales_invoices.total': { value: 200.2 } }],
  });
  expect((await call('POST', 'queries/run/xlsx', body)).status).toBe(400);
});

test('the cache answers for an hour, until a datagroup is triggered or cache=false asks past it', async () => {
  const { call, postgres, clock } = await published();
  const count = async (options = ''): Promise<unknown> =>
    (await call('POST', `queries/run/json${options}`, sales({ fields: ['lines.count'] }))).json;
  expect(await count()).toEqual([{ 'lines.count': 4 }]);
  await postgres.query(`INSERT INTO books.lines VALUES ('l9', 'i2', '200', 1)`);
  expect(await count()).toEqual([{ 'lines.count': 4 }]);
  expect(await count('?cache=false')).toEqual([{ 'lines.count': 5 }]);
  await postgres.query(`DELETE FROM books.lines WHERE id = 'l9'`);
  expect(await count()).toEqual([{ 'lines.count': 5 }]);
  clock.advance(2000);
  const [group] = (await call('GET', 'datagroups')).json as { id: string }[];
  const at = Math.floor(clock.now() / 1000);
  expect((await call('PATCH', `datagroups/${group?.id}`, { triggered_at: at + 60 })).status).toBe(422);
  expect((await call('PATCH', `datagroups/${group?.id}`, { triggered_at: at })).json).toMatchObject({
    triggered_at: at,
  });
  expect(await count()).toEqual([{ 'lines.count': 4 }]);
});

test('what is outside the subset is an error that says so: Liquid, unknown types', async () => {
  const view = PROJECT['views/lines.view.lkml'];
  const ask = async (measure: string): Promise<string> => {
    const { call } = await published({
      ...PROJECT,
      'views/lines.view.lkml': view.replace(/\}\s*$/, `measure: odd { ${measure} }\n}\n`),
    });
    return (await call('POST', 'queries/run/json', sales({ fields: ['lines.odd'] }))).text;
  };
  expect(await ask('type: running_total sql: 1 ;;')).toContain('does not imitate measure');
  expect(await ask('type: sum sql: {{ x }} ;;')).toContain('does not imitate Liquid');
});

test('a pivot spreads each measure over its values, row by row', async () => {
  const { call } = await published();
  const fields = ['sales_invoices.issued_month', 'contacts.name', 'sales_invoices.total'];
  const pivot = { fields, pivots: ['contacts.name'], sorts: ['sales_invoices.issued_month'] };
  expect((await call('POST', 'queries/run/json', sales(pivot))).json).toEqual([
    {
      'sales_invoices.issued_month': '2026-01',
      'sales_invoices.total': { Acme: 100.1, 'Bolt, "Ltd"': null, null: null },
    },
    {
      'sales_invoices.issued_month': '2026-02',
      'sales_invoices.total': { Acme: 100.1, 'Bolt, "Ltd"': 50, null: null },
    },
    {
      'sales_invoices.issued_month': '2026-03',
      'sales_invoices.total': { Acme: null, 'Bolt, "Ltd"': null, null: 0 },
    },
  ]);
  const turned = {
    ...pivot,
    sorts: ['contacts.name desc', 'sales_invoices.issued_month'],
    limit: '1',
    column_limit: '1',
  };
  expect((await call('POST', 'queries/run/json', sales(turned))).text).toBe(
    '[{"sales_invoices.issued_month":"2026-01","sales_invoices.total":{"Bolt, \\"Ltd\\"":null}}]',
  );
  expect((await call('POST', 'queries/run/csv', sales(pivot))).status).toBe(400);
});

test('parameters that would change figures are refused where they are not imitated', async () => {
  const model = PROJECT['ledger.model.lkml'];
  const ask = async (edited: string): Promise<string> => {
    const { call } = await published({ ...PROJECT, 'ledger.model.lkml': edited });
    const filters = { 'sales_invoices.issued_date': 'this week' };
    return (await call('POST', 'queries/run/json', sales({ fields: ['sales_invoices.count'], filters })))
      .text;
  };
  const within = (rule: string): string => model.replace('from: invoices', `from: invoices\n  ${rule}`);
  expect(await ask(within('symmetric_aggregates: no'))).toContain('symmetric_aggregates');
  expect(await ask(within('access_filter: { field: contacts.name user_attribute: customer }'))).toContain(
    'access_filter',
  );
  expect(await ask(`week_start_day: sunday\n${model}`)).toContain('weeks that start on sunday');
});
