// The SQL that PostgreSQL gets: names, quoting and types as pure text, and properties of what quoting lets through.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnNames, tableName } from '../../destination-looker/postgres/names.ts';
import { literal, quoted } from '../../destination-looker/postgres/text.ts';
import { conversion, fits, parsed, sqlType, widened } from '../../destination-looker/postgres/types.ts';
import { startPostgres } from '../emulators/postgres/index.ts';

const hostile = [
  "{{ 7 }}'; DROP TABLE x; --",
  `$\{orders.id}`,
  '{% if true %}',
  'a"b',
  "it's",
  'back\\slash',
  'what? $1 :name @x',
  '表意文字 😀',
  'line\nbreak',
  '; --',
  '',
  ' ',
];

test('quoted texts hold no letter that Liquid, a driver or PostgreSQL could read more into', () => {
  const harmless = /^(U&)?(["'])[A-Za-z0-9_ .,:+/=\\-]*\2$/;
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile)), (text) => {
      expect(literal(text)).toMatch(harmless);
      expect(quoted(text)).toMatch(harmless);
    }),
  );
});

test('PostgreSQL reads every quoted text and name as what it was', async () => {
  const postgres = await startPostgres();
  try {
    const client = await postgres.client();
    const texts = [...hostile, ...fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), 60)];
    for (const text of texts) {
      const [name] = columnNames([text]);
      const { rows, fields } = await client.query(`SELECT ${literal(text)} AS ${quoted(name ?? '')}`);
      expect([Object.values(rows[0] ?? {}), fields[0]?.name]).toEqual([
        [text.toWellFormed().replaceAll('\0', '\ufffd')],
        name,
      ]);
    }
  } finally {
    await postgres.close();
  }
});

test('names are at most 63 bytes, always the same, and never meet', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 90 }), { maxLength: 30 }),
      (names) => {
        const chosen = columnNames(names);
        expect(new Set(chosen).size).toBe(names.length);
        for (const name of chosen) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
        expect(columnNames(names)).toEqual(chosen);
      },
    ),
  );
});

const long = 'a_very_long_name_of_a_stream_that_somebody_once_thought_was_a_good_idea';
test.each([
  ['invoices', undefined, 'invoices'],
  ['Invoices_LineItems', undefined, 'Invoices_LineItems'],
  ['orders', 'east', 'east_orders'],
  ['ledgerpipe_syncs', undefined, /^ledgerpipe_syncs_[0-9a-f]{8}$/],
  [long, undefined, /^a_very_long_name_of_a_stream_that_somebody_once_though_[0-9a-f]{8}$/],
  [`${long}2`, undefined, /^a_very_long/],
  ['', undefined, /^unnamed_[0-9a-f]{8}$/],
])('the table of %s in %s is named', (name, namespace, wanted) => {
  const found = tableName(name, namespace);
  if (wanted instanceof RegExp) expect(found).toMatch(wanted);
  else expect(found).toBe(wanted);
  expect(tableName(`${long}2`)).not.toBe(tableName(long));
});

test('columns that every table has keep their names to themselves', () => {
  expect(columnNames(['ctid', 'Ctid', 'xmin'])).toEqual([
    expect.stringMatching(/^ctid_[0-9a-f]{8}$/),
    'Ctid',
    expect.stringMatching(/^xmin_[0-9a-f]{8}$/),
  ]);
});

test.each([
  ['bigint', 'numeric', 'exact'],
  ['numeric', 'bigint', 'checked'],
  ['numeric', 'numeric(18,4)', 'checked'],
  ['text', 'numeric', 'checked'],
  ['boolean', 'text', 'exact'],
  ['text', 'jsonb', 'exact'],
  ['date', 'timestamp without time zone', 'exact'],
  ['timestamp without time zone', 'date', 'checked'],
  ['text', 'date', 'never'],
  ['text', 'character varying(10)', 'checked'],
  ['jsonb', 'text', 'exact'],
  ['boolean', 'bigint', 'never'],
] as const)('a staged %s in a column of %s is %s', (wanted, current, expected) => {
  expect(conversion(wanted, current)).toBe(expected);
  expect(fits(wanted, current)).toBe(expected === 'exact');
});

test('types grow only where the new one holds all of the old', () => {
  expect(widened('bigint', 'numeric')).toBe('numeric');
  expect(widened('numeric(18,4)', 'numeric')).toBe('numeric');
  expect(widened('numeric', 'bigint')).toBeUndefined();
  expect(widened('date', 'timestamp with time zone')).toBe('timestamp with time zone');
  expect(widened('text', 'bigint')).toBeUndefined();
  expect(sqlType({ kind: 'decimal', precision: 18, scale: 4 })).toBe('numeric');
});

test('a text that a type does not have becomes NULL, any other keeps its value', async () => {
  const postgres = await startPostgres();
  try {
    const value = async (text: string, type: string) =>
      (
        await postgres.query(
          `SELECT CAST(${parsed('v', type)} AS text) AS value FROM (SELECT ${literal(text)} AS v) AS s`,
        )
      )[0]?.value;
    expect(await value('0000-01-01', 'date')).toBeNull();
    expect(await value('2024-02-29', 'date')).toBe('2024-02-29');
    expect(await value('12.5000', 'numeric')).toBe('12.5000');
    expect(await value('abc', 'numeric')).toBeNull();
    expect(await value('inf', 'double precision')).toBe('Infinity');
    expect(await value('{"a":"x\\u0000y\\u0000\\u0000z","b":"\\\\u0000"}', 'jsonb')).toBe(
      '{"a": "xyz", "b": "\\\\u0000"}',
    );
  } finally {
    await postgres.close();
  }
});
