// The LookML that queries are built from: refinements, extensions, derived tables, cases, durations, and fan-outs.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Setup, setUp } from './looker-setup.ts';

const MODEL = `connection: "warehouse"
include: "/*.view"
explore: invoices {
  join: contacts { foreign_key: invoices.contact_id }
  join: lines { relationship: one_to_many sql_on: \${lines.invoice_id} = \${invoices.id} ;; }
  join: ranks { relationship: many_to_one sql_on: \${lines.account} = \${ranks.account} ;; }
}
explore: lines {
  join: invoices { relationship: many_to_one sql_on: \${lines.invoice_id} = \${invoices.id} ;; }
  join: supplier { from: contacts relationship: many_to_one sql_on: \${invoices.contact_id} = \${supplier.id} ;; }
}
`;

const VIEWS = `view: dated {
  extension: required
  dimension_group: issued { type: time timeframes: [raw, date, month_name] datatype: date convert_tz: no sql: \${TABLE}.issued ;; }
}
view: invoices {
  extends: [dated]
  sql_table_name: books.invoices ;;
  dimension: id { primary_key: yes }
  dimension: contact_id {}
  dimension: total { type: number }
  dimension: size {
    case: {
      when: { sql: \${total} >= 100 ;; label: "Large" }
      when: { sql: \${total} < 100 ;; label: "Small" }
      else: "Unknown"
    }
  }
  dimension_group: open { type: duration intervals: [day] sql_start: \${issued_raw} ;; sql_end: DATE '2026-03-15' ;; }
  measure: count { type: count }
  measure: sum { type: sum sql: \${total} ;; }
  measure: mean { type: average sql: \${total} ;; }
  measure: largest { type: max sql: \${total} ;; }
  measure: customers { type: count_distinct sql: \${contact_id} ;; }
}
view: +invoices { measure: large { type: sum sql: \${total} ;; filters: [size: "Large"] } }
view: contacts { sql_table_name: books.contacts ;; dimension: id { primary_key: yes } dimension: name {} measure: count { type: count } }
view: lines {
  sql_table_name: books.lines ;;
  dimension: id { primary_key: yes }
  dimension: invoice_id {}
  dimension: account {}
  measure: count { type: count }
  measure: net { type: sum sql: \${TABLE}.amount ;; }
}
view: ranks {
  derived_table: { sql: SELECT account, count(*) AS n FROM books.lines GROUP BY 1 ;; }
  dimension: account { primary_key: yes }
  dimension: n { type: number }
}
`;

const published = async (): Promise<Setup> => {
  const setup = await setUp();
  await setup.looker.publish('ledgerpipe', { 'small.model.lkml': MODEL, 'all.view.lkml': VIEWS });
  expect(setup.looker.lookml('ledgerpipe').problems).toEqual([]);
  return setup;
};

const ask = ({ looker }: Setup, view: string, fields: string[], rest: object = {}) =>
  looker.query({ model: 'small', view, fields, ...rest });

test('cases, durations, extended and refined fields', async () => {
  const setup = await published();
  const fields = ['invoices.id', 'invoices.size', 'invoices.days_open', 'invoices.issued_month_name'];
  expect(
    (await ask(setup, 'invoices', fields, { sorts: ['invoices.id'] })).map((row) =>
      Object.values(row).join(' '),
    ),
  ).toEqual([
    'i1 Large 64 January',
    'i2 Large 38 February',
    'i3 Small 36 February',
    'i4 Small 14 March',
    'i5 Unknown 1 March',
  ]);
  expect(await ask(setup, 'invoices', ['invoices.large', 'invoices.customers', 'invoices.largest'])).toEqual([
    { 'invoices.large': '200.2000', 'invoices.customers': '3', 'invoices.largest': '100.1000' },
  ]);
});

test('a join brings the joins and the derived table that its condition needs', async () => {
  const setup = await published();
  const rows = await ask(setup, 'invoices', ['ranks.n', 'invoices.sum'], { sorts: ['ranks.n'] });
  expect(rows).toEqual([
    { 'ranks.n': '1', 'invoices.sum': '120.5000' },
    { 'ranks.n': '3', 'invoices.sum': '200.2000' },
    { 'ranks.n': null, 'invoices.sum': '0' },
  ]);
  expect(setup.looker.queryRuns.at(-1)?.sql).toMatch(
    /WITH ranks AS[\s\S]+LEFT JOIN books.lines AS lines[\s\S]+LEFT JOIN ranks AS ranks/,
  );
});

test('a view under another name, and measures of the "one" side from the "many" side', async () => {
  const setup = await published();
  const fields = ['supplier.name', 'lines.net', 'invoices.sum', 'invoices.count', 'supplier.count'];
  const rows = await ask(setup, 'lines', fields, {
    sorts: ['supplier.name'],
    filters: { 'supplier.name': 'Acme' },
  });
  expect(rows).toEqual([
    {
      'supplier.name': 'Acme',
      'lines.net': '200.2000',
      'invoices.sum': '200.2000',
      'invoices.count': '2',
      'supplier.count': '1',
    },
  ]);
});

test('whatever the amounts and however many lines, totals of both grains are those of the tables', async () => {
  const setup = await published();
  const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((value) => value / 10_000);
  const invoice = fc.record({ total: fc.option(amount), lines: fc.array(amount, { maxLength: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(invoice, { maxLength: 8 }), async (invoices) => {
      await setup.postgres.query('TRUNCATE books.invoices, books.lines');
      for (const [index, { total, lines }] of invoices.entries()) {
        await setup.postgres.query('INSERT INTO books.invoices (id, total) VALUES ($1, $2)', [
          `${index}`,
          total,
        ]);
        for (const [position, value] of lines.entries())
          await setup.postgres.query('INSERT INTO books.lines VALUES ($1, $2, $3, $4)', [
            `${index}-${position}`,
            `${index}`,
            'a',
            value,
          ]);
      }
      const [row] = await ask(setup, 'invoices', [
        'invoices.sum',
        'invoices.count',
        'invoices.mean',
        'lines.net',
        'lines.count',
      ]);
      const [truth] = await setup.postgres.query(`SELECT
        (SELECT coalesce(sum(total), 0) FROM books.invoices) AS sum, (SELECT avg(total) FROM books.invoices) AS mean,
        (SELECT coalesce(sum(amount), 0) FROM books.lines) AS net`);
      const lines = invoices.flatMap((one) => one.lines).length;
      expect(row?.['invoices.sum']).toBe(truth?.sum);
      expect(row?.['lines.net']).toBe(truth?.net);
      expect([row?.['invoices.count'], row?.['lines.count']]).toEqual([
        String(invoices.length),
        String(lines),
      ]);
      expect(Number(row?.['invoices.mean'])).toBeCloseTo(Number(truth?.mean), 6);
    }),
    { numRuns: 15 },
  );
});
