// Lines that cannot be used: set aside and counted, with no harm to their neighbours.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Arrival, ConnectorError, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { declaration, declare, lines, records, stage, state, temporaryFolder } from './feed.ts';

const text: JsonSchema = { type: ['null', 'string'] };
const items = declaration('items', {
  id: { type: 'integer' },
  amount: { type: 'number' },
  contact: { type: 'object', properties: { name: text } },
  rows: {
    type: 'array',
    items: { type: 'object', properties: { a: text, inner: { type: 'object', properties: { b: text } } } },
  },
});
const keyed = { ...items, mode: 'upsert' as const, keys: [['id']] };
const line = (data: unknown, more = {}) =>
  JSON.stringify({
    type: 'RECORD',
    record: { stream: 'items', data, emitted_at: 1_700_000_000_000, ...more },
  });

async function rejectsOf(arrivals: readonly Arrival[], options = {}) {
  const folder = await temporaryFolder();
  const rejectFile = join(folder, 'rejects.jsonl');
  await writeFile(rejectFile, '');
  const staged = await stage(arrivals, { rejectFile, ...options });
  const kept = (await readFile(rejectFile, 'utf8'))
    .split('\n')
    .filter((entry) => entry !== '')
    .map((entry) => JSON.parse(entry) as Record<string, unknown>);
  return { ...staged, kept, rejectFile };
}

test('broken lines are set aside and their neighbours kept', async () => {
  const broken = [
    '{"type":"RECORD","record":{"stream":"items","data":{"id":2}',
    'not json',
    '{} {}',
    '[1]',
    '"x"',
  ];
  const { rows, kept, said, rejectFile } = await rejectsOf([
    declare(items),
    lines('items', [line({ id: 1 }), ...broken, line({ id: 3 }), line({ id: 4 })]),
    state('items', 1),
  ]);
  expect(rows('items').map((row) => row.id)).toEqual([1, 3, 4]);
  expect(kept.map((entry) => entry.line)).toEqual(broken);
  expect(kept.every((entry) => entry.stream === 'items' && String(entry.reason).length > 3)).toBe(true);
  expect(said.filter((message) => message.type === 'LOG' && message.log.level === 'WARN')).toEqual([
    {
      type: 'LOG',
      log: { level: 'WARN', message: `Rejected 5 lines that could not be used: kept in "${rejectFile}"` },
    },
  ]);
});

test('states tell how many of their records were rejected', async () => {
  const { segments } = await rejectsOf([
    declare(items),
    lines('items', [line({ id: 1 }), 'not json']),
    state('items', 1),
    lines('items', [line({ id: 2 }), line({ id: 3 })]),
    state('items', 2),
  ]);
  expect(
    segments[0]?.settled.map((message) => message.type === 'STATE' && message.state.destinationStats),
  ).toEqual([{ recordCount: 1, rejectedRecordCount: 1 }, { recordCount: 2 }]);
});

test('a record whose data is not an object is rejected', async () => {
  const wrong = [
    line([1]),
    line('x'),
    line(null),
    '{"type":"RECORD"}',
    '{"type":"RECORD","record":{"stream":"items"}}',
  ];
  for (const declared of [items, keyed]) {
    const { rows, kept } = await rejectsOf([
      declare(declared),
      lines('items', [...wrong, line({ id: 1 }), line({ id: 2 })]),
    ]);
    expect(rows('items').map((row) => row.id)).toEqual([1, 2]);
    expect(kept.map((entry) => entry.line)).toEqual(wrong);
  }
});

test('a record without a usable key is rejected, also behind a broken line', async () => {
  for (const before of [[], ['not json']]) {
    const { rows, kept, segments } = await rejectsOf([
      declare(keyed),
      lines('items', [
        line({ id: 1 }),
        ...before,
        line({ amount: 5 }),
        line({ id: null }),
        line({ id: 'x' }),
        line({ id: 2 }),
      ]),
      state('items', 1),
    ]);
    expect(rows('items').map((row) => row.id)).toEqual([1, 2]);
    expect(kept.map((entry) => entry.line).sort()).toEqual(
      [...before, line({ amount: 5 }), line({ id: null }), line({ id: 'x' })].sort(),
    );
    expect(kept.map((entry) => entry.reason)).toContain('no usable value for key "id"');
    expect(segments[0]?.settled[0]).toMatchObject({
      state: { destinationStats: { recordCount: 2, rejectedRecordCount: 3 + before.length } },
    });
  }
});

test('a part of a record that has another shape than declared becomes NULL and is listed', async () => {
  const { rows, kept } = await rejectsOf([
    declare(items),
    lines('items', [
      line({ id: 1, contact: 'Ms X', rows: { a: 'x' } }),
      line({ id: 2, contact: ['x'], rows: 'none', amount: 1234567890123456.5 }),
      line({ id: 3, contact: { name: 'Y' }, rows: [{ a: 'x' }, 'odd', { a: 'y', inner: 5 }] }),
    ]),
  ]);
  expect(kept).toEqual([]);
  expect(rows('items').map((row) => [row.id, row.contact_name])).toEqual([
    [1, null],
    [2, null],
    [3, 'Y'],
  ]);
  const changed = rows('items').map((row) =>
    JSON.parse(String(row._airbyte_meta)).changes.map(({ field }: { field: string }) => field),
  );
  expect(changed).toEqual([
    ['contact', 'rows'],
    ['contact', 'rows'],
    ['rows[1]', 'rows[2].inner'],
  ]);
  expect(rows('items_rows').map((row) => [row._position, row.a])).toEqual([
    [0, 'x'],
    [2, 'y'],
  ]);
});

test('mending keeps every digit', async () => {
  const broken = '{"amount":12345678901234.5678';
  const { rows, kept } = await rejectsOf([
    declare(items),
    lines('items', [
      broken,
      '{"type":"RECORD","record":{"stream":"items","data":{"id":9007199254740993,"amount":12345678901234.5678},"emitted_at":1700000000000}}',
    ]),
  ]);
  expect(kept.map((entry) => entry.line)).toEqual([broken]);
  expect(rows('items').map(({ id, amount }) => [id, amount])).toEqual([
    ['9007199254740993', '12345678901234.5678'],
  ]);
});

test('half surrogate pairs and bytes that are not UTF-8 break nothing', async () => {
  const named = (name: string) =>
    `{"type":"RECORD","record":{"stream":"items","data":{"contact":{"name":"${name}"}},"emitted_at":1}}\n`;
  const bytes = Buffer.concat([
    Buffer.from(named('a\\ud800b')),
    Buffer.from(named('\\\\ud800 \\ud83d\\ude00')),
    Buffer.from(named('a?b')).map((byte) => (byte === 0x3f ? 0xff : byte)),
    Buffer.from(named('fine')),
  ]);
  const { rows, kept } = await rejectsOf([
    declare(items),
    { kind: 'records', stream: 'items', bytes, count: 4 },
  ]);
  expect(kept).toEqual([]);
  expect(rows('items').map((row) => row.contact_name)).toEqual([
    'a\ufffdb',
    '\\ud800 \u{1f600}',
    'a\ufffdb',
    'fine',
  ]);
});

test('a name that stands twice in an object counts with its last value', async () => {
  const { rows, kept } = await rejectsOf([declare(items), records('items', ['{"id":1,"id":2}', '{"id":3}'])]);
  expect(kept).toEqual([]);
  expect(rows('items').map((row) => row.id)).toEqual([2, 3]);
});

test('a broken line changes nothing in the text of others', async () => {
  const free = declaration('items', { free: { type: 'object' } });
  const good =
    '{"type":"RECORD","record":{"stream":"items","data":{"free":{"9":1,"10":1E3}},"emitted_at":1}}';
  const without = await rejectsOf([declare(free), lines('items', [good])]);
  const beside = await rejectsOf([declare(free), lines('items', ['not json', good])]);
  expect(beside.rows('items')[0]?.free).toBe(without.rows('items')[0]?.free);
  expect(beside.rows('items')[0]?._row_hash).toBe(without.rows('items')[0]?._row_hash);
});

test('a huge text passes', async () => {
  const name = 'é'.repeat(12 * 1024 * 1024);
  const { rows, kept } = await rejectsOf(
    [declare(items), records('items', [{ id: 1, contact: { name } }, { id: 2 }])],
    { memory: 100 },
  );
  expect(kept).toEqual([]);
  expect(rows('items').map((row) => row.id)).toEqual([1, 2]);
  expect(rows('items')[0]?.contact_name === name).toBe(true);
});

test('the order of keys in the envelope does not matter', async () => {
  const data = { id: 1, record: { data: { id: 9 } }, data: { id: 8 } };
  const { rows } = await rejectsOf([
    declare(items),
    lines('items', [
      `{"record":{"emitted_at":1700000000000,"data":${JSON.stringify(data)},"namespace":null,"stream":"items"},"type":"RECORD"}`,
    ]),
  ]);
  expect(rows('items').map((row) => [row.id, row._airbyte_extracted_at])).toEqual([
    [1, '2023-11-14T22:13:20.000000Z'],
  ]);
});

test('Singer records are read from their own envelope', async () => {
  const singer = { ...keyed, envelope: 'singer' as const };
  const { rows, kept } = await rejectsOf([
    declare(singer),
    lines('items', [
      '{"type":"RECORD","stream":"items","record":{"id":1,"rows":[{"a":"x"}]},"time_extracted":"2024-01-31T00:00:00Z"}',
      '{"type":"RECORD","stream":"items","record":[]}',
      '{"time_extracted":"2024-01-31T00:00:00Z","record":{"id":2,"contact":"odd"},"stream":"items","type":"RECORD"}',
    ]),
  ]);
  expect(rows('items').map((row) => [row.id, row._airbyte_extracted_at])).toEqual([
    [1, '2024-01-31T00:00:00.000000Z'],
    [2, '2024-01-31T00:00:00.000000Z'],
  ]);
  expect(rows('items_rows')).toHaveLength(1);
  expect(kept).toHaveLength(1);
});

test('lines that no stream could be found for go to the same file', async () => {
  const { kept, failure } = await rejectsOf([
    declare(items),
    { kind: 'reject', bytes: Buffer.from('garbage\n'), reason: 'not JSON' },
    { kind: 'reject', bytes: Buffer.from([0xff, 0xfe, 0x0a]), reason: 'not JSON' },
    records('items', [{ id: 1 }]),
  ]);
  expect(kept).toEqual([
    { reason: 'not JSON', line: 'garbage' },
    { reason: 'not JSON', line_base64: '//4K' },
  ]);
  expect(failure).toBeUndefined();
});

test('with "fail" the run fails after the other rows were delivered', async () => {
  const { rows, failure } = await rejectsOf(
    [declare(items), lines('items', [line({ id: 1 }), 'not json', line({ id: 2 })])],
    {
      onReject: 'fail',
      fails: true,
    },
  );
  expect(rows('items').map((row) => row.id)).toEqual([1, 2]);
  expect(failure).toBeInstanceOf(ConnectorError);
  expect((failure as ConnectorError).message).toContain('Rejected 1 line that could not be used');
});

test('a stream whose lines were all rejected has no table', async () => {
  const { segments } = await rejectsOf([declare(keyed), lines('items', ['x', line({})]), state('items', 1)]);
  expect(segments.map(({ tables, settled }) => [tables.length, settled.length])).toEqual([[0, 1]]);
});
