// How single values become typed columns, and what happens to those that do not fit.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { declaration, declare, query, records, stage, temporaryFolder } from './feed.ts';

const nulled = (field: string) => ({ field, change: 'NULLED', reason: 'DESTINATION_TYPECAST_ERROR' });

/** Schema, JSON text of a value, what the column holds, and whether the value was refused. */
const table: readonly (readonly [string, JsonSchema, string, unknown, 'nulled'?])[] = [
  ['text', { type: 'string' }, '"a\\u00e9\\n\\"x"', 'aé\n"x'],
  ['a number in a text column', { type: 'string' }, '12.50', '12.5'],
  ['an object in a text column', { type: 'string' }, '{"a":[1]}', '{"a":[1]}'],
  ['a text with NUL', { type: 'string' }, '"a\\u0000b"', 'a\0b'],
  ['an integer', { type: 'integer' }, '42', 42],
  ['a negative zero', { type: 'integer' }, '-0', 0],
  ['an integer written with a point', { type: 'integer' }, '7.0', 7],
  ['an integer written with an exponent', { type: 'integer' }, '1E+3', 1000],
  ['an integer as text', { type: 'integer' }, '"42"', 42],
  ['a fraction in an integer column', { type: 'integer' }, '1.5', null, 'nulled'],
  ['a word in an integer column', { type: 'integer' }, '"many"', null, 'nulled'],
  ['a number of Airbyte type integer', { type: 'number', airbyte_type: 'integer' }, '12', 12],
  ['the largest 64-bit integer', { type: 'integer' }, '9223372036854775807', '9223372036854775807'],
  ['money', { type: 'number', 'x-role': 'amount' }, '12.5', '12.5000'],
  ['money as text', { type: 'number' }, '"12.50"', '12.5000'],
  ['a small exponent', { type: 'number' }, '25e-2', '0.2500'],
  ['a word in a money column', { type: 'number' }, '"n/a"', null, 'nulled'],
  ['a date in a money column', { type: 'number' }, '"2024-01-31"', null, 'nulled'],
  ['a rate', { type: 'number', 'x-role': 'rate' }, '0.123456789', '0.123456789'],
  ['a Singer decimal', { type: 'string', format: 'singer.decimal' }, '"1.10"', '1.1000'],
  ['true', { type: 'boolean' }, 'true', true],
  ['a word in a boolean column', { type: 'boolean' }, '"yes"', null, 'nulled'],
  ['a date', { type: 'string', format: 'date' }, '"2024-02-29"', '2024-02-29'],
  [
    'a date-time at midnight in a date column',
    { type: 'string', format: 'date' },
    '"2024-02-29T00:00:00"',
    '2024-02-29',
  ],
  [
    'a time of day in a date column',
    { type: 'string', format: 'date' },
    '"2024-02-29T10:00:00"',
    null,
    'nulled',
  ],
  ['a date that is none', { type: 'string', format: 'date' }, '"2024-02-30"', null, 'nulled'],
  ['a date before the year 1', { type: 'string', format: 'date' }, '"0044-03-15 (BC)"', null, 'nulled'],
  ['a word that databases take for a date', { type: 'string', format: 'date' }, '"epoch"', null, 'nulled'],
  [
    'an instant',
    { type: 'string', format: 'date-time' },
    '"2024-02-29T10:00:00.1234567Z"',
    '2024-02-29T10:00:00.123456Z',
  ],
  [
    'an instant with an offset',
    { type: 'string', format: 'date-time' },
    '"2024-02-29T10:00:00+02:00"',
    '2024-02-29T08:00:00.000000Z',
  ],
  [
    'an instant without a zone',
    { type: 'string', format: 'date-time' },
    '"2024-02-29T10:00:00"',
    '2024-02-29T10:00:00.000000Z',
  ],
  ['an instant that is none', { type: 'string', format: 'date-time' }, '"soon"', null, 'nulled'],
  ['an infinite instant', { type: 'string', format: 'date-time' }, '"infinity"', null, 'nulled'],
  [
    'a local date-time',
    { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
    '"2024-02-29T10:00:00.5"',
    '2024-02-29T10:00:00.500000',
  ],
  ['a time of day', { type: 'string', format: 'time' }, '"23:59:58"', '23:59:58'],
  ['a time of day beyond the day', { type: 'string', format: 'time' }, '"24:00:00"', null, 'nulled'],
  [
    'a time of day with a zone',
    { type: 'string', format: 'time', airbyte_type: 'time_with_timezone' },
    '"10:00:00+02"',
    '10:00:00+02',
  ],
  ['a free-form object', { type: 'object' }, '{"b":1,"a":[null,"x"]}', '{"b":1,"a":[null,"x"]}'],
  ['an array of scalars', { type: 'array', items: { type: 'string' } }, '["a","b"]', '["a","b"]'],
  ['a value of any type', {}, '"word"', '"word"'],
  ['null in a JSON column', { type: 'object' }, 'null', null],
  ['a union of scalars', { type: ['string', 'integer'] }, '5', '5'],
  ['a union with an object', { type: ['string', 'object'] }, '"word"', '"word"'],
  ['oneOf', { oneOf: [{ type: 'string' }, { type: 'number' }] }, '1.5', '1.5'],
  [
    'anyOf null and one type',
    { anyOf: [{ type: 'null' }, { type: 'string', format: 'date' }] },
    '"2024-01-31"',
    '2024-01-31',
  ],
  ['integer or number', { type: ['null', 'integer', 'number'] }, '1.25', '1.2500'],
];

const cases = table.map(([name, schema, json, stored, refused]) => ({ name, schema, json, stored, refused }));

test.each(cases)('$name is stored as declared', async ({ schema, json, stored, refused }) => {
  const items = declaration('items', { value: schema });
  const { rows } = await stage([declare(items), records('items', [`{"value":${json}}`])]);
  const [row] = rows('items');
  expect(row?.value).toStrictEqual(stored);
  expect(JSON.parse(String(row?._airbyte_meta))).toEqual({ changes: refused ? [nulled('value')] : [] });
});

test('a value that does not fit takes nothing from its neighbours', async () => {
  const items = declaration('items', {
    id: { type: 'integer' },
    amount: { type: 'number' },
    day: { type: 'string', format: 'date' },
  });
  const { rows } = await stage([
    declare(items),
    records('items', [
      { id: 1, amount: 1.5, day: '2024-01-31' },
      { id: 2, amount: 'n/a', day: 'soon' },
      { id: 3, amount: 2.5, day: null },
    ]),
  ]);
  expect(rows('items').map(({ id, amount, day }) => [id, amount, day])).toEqual([
    [1, '1.5000', '2024-01-31'],
    [2, null, null],
    [3, '2.5000', null],
  ]);
  expect(JSON.parse(String(rows('items')[1]?._airbyte_meta)).changes).toEqual([
    nulled('amount'),
    nulled('day'),
  ]);
});

test('changes that the source told of come before those of the destination', async () => {
  const items = declaration('items', { amount: { type: 'number' } }, { job: 17 });
  const told = { field: 'note', change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' };
  const line = (data: unknown, meta: unknown) =>
    JSON.stringify({ type: 'RECORD', record: { stream: 'items', data, emitted_at: 1, meta } });
  const bytes = Buffer.from(
    [
      line({ amount: 'n/a' }, { changes: [told] }),
      line({ amount: 1 }, { changes: [] }),
      line({ amount: 2 }, null),
    ]
      .map((text) => `${text}\n`)
      .join(''),
  );
  const { rows } = await stage([declare(items), { kind: 'records', stream: 'items', bytes, count: 3 }]);
  expect(rows('items').map(({ _airbyte_meta }) => JSON.parse(String(_airbyte_meta)))).toEqual([
    { changes: [told, nulled('amount')], sync_id: 17 },
    { changes: [], sync_id: 17 },
    { changes: [], sync_id: 17 },
  ]);
});

test('Parquet tells instants from local date-times and holds decimals as decimals', async () => {
  const folder = await temporaryFolder();
  const items = declaration('items', {
    amount: { type: 'number', 'x-role': 'amount' },
    rate: { type: 'number', 'x-role': 'rate' },
    at: { type: 'string', format: 'date-time' },
    local: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
    free: { type: 'object' },
  });
  let columns: unknown;
  await stage(
    [
      declare(items),
      records('items', [
        { amount: 1, rate: 1, at: '2024-01-31T00:00:00Z', local: '2024-01-31T00:00:00', free: {} },
      ]),
    ],
    {
      inspect: async ({ tables }) => {
        const [file] = (await tables[0]?.write(folder, { format: 'parquet' })) ?? [];
        columns = await query(
          `SELECT name, type, coalesce(logical_type, converted_type) AS logical FROM parquet_schema('${file?.path}') WHERE name IN ('amount', 'rate', 'at', 'local', 'free')`,
        );
      },
    },
  );
  expect(columns).toEqual([
    { name: 'amount', type: 'INT64', logical: expect.stringMatching(/precision=18|DECIMAL/) },
    { name: 'rate', type: 'INT64', logical: expect.stringMatching(/precision=18|DECIMAL/) },
    { name: 'at', type: 'INT64', logical: expect.stringContaining('isAdjustedToUTC=1') },
    { name: 'local', type: 'INT64', logical: expect.stringContaining('isAdjustedToUTC=0') },
    { name: 'free', type: 'BYTE_ARRAY', logical: expect.not.stringContaining('JSON') },
  ]);
});

test('the time of extraction is told in seconds, milliseconds or ISO 8601', async () => {
  const items = declaration('items', { id: { type: 'integer' } });
  const line = (id: number, emitted: unknown) =>
    `${JSON.stringify({ type: 'RECORD', record: { stream: 'items', data: { id }, emitted_at: emitted } })}\n`;
  const singer = declaration('others', { id: { type: 'integer' } }, { envelope: 'singer' });
  const singerLine = (id: number, extracted?: string) =>
    `${JSON.stringify({ type: 'RECORD', stream: 'others', record: { id }, time_extracted: extracted })}\n`;
  const run = (lines: string[], stream: string) =>
    ({ kind: 'records', stream, bytes: Buffer.from(lines.join('')), count: lines.length }) as const;
  const { rows } = await stage([
    declare(items),
    declare(singer),
    run([line(1, 1_700_000_000), line(2, 1_700_000_000_000), line(3, '2023-11-14T22:13:20Z')], 'items'),
    run([singerLine(1, '2023-11-14T22:13:20Z'), singerLine(2)], 'others'),
  ]);
  const instant = '2023-11-14T22:13:20.000000Z';
  expect(rows('items').map((row) => row._airbyte_extracted_at)).toEqual([instant, instant, instant]);
  const [first, second] = rows('others').map((row) => row._airbyte_extracted_at);
  expect(first).toBe(instant);
  expect(Math.abs(Date.parse(String(second)) - Date.now())).toBeLessThan(60_000);
});
