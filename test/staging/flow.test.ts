// Segments: when they close, what waits for what, and which states come out with which.
import type { Arrival, Declaration, Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { complete, declaration, declare, incomplete, records, stage, state } from './feed.ts';

const id = { id: { type: 'integer' } } as const;
const upsert = (stream: string): Declaration => declaration(stream, id, { mode: 'upsert', keys: [['id']] });
const replace = (stream: string): Declaration => declaration(stream, id, { mode: 'replace', keys: [['id']] });
const rowsOf = (stream: string, ...ids: number[]): Arrival =>
  records(
    stream,
    ids.map((number) => ({ id: number })),
  );

/** Stream, cursor and count of each state. */
const told = (messages: readonly Message[]) =>
  messages.map((message) => {
    if (message.type !== 'STATE') throw new Error(`Found a message of type "${message.type}" among states`);
    const { stream, destinationStats } = message.state;
    return [stream?.stream_descriptor.name, stream?.stream_state?.cursor, destinationStats?.recordCount];
  });

test('a segment closes when it has taken its bytes', async () => {
  const { segments } = await stage(
    [declare(upsert('a')), rowsOf('a', 1, 2), state('a', 1), rowsOf('a', 3), state('a', 2), rowsOf('a', 4)],
    { segmentBytes: 600 },
  );
  expect(segments.map(({ tables }) => tables.map(({ rows }) => rows.map((row) => row.id)))).toEqual([
    [[1, 2]],
    [[3, 4]],
  ]);
  expect(segments.map(({ number }) => number)).toEqual([0, 1]);
  expect(segments.map(({ settled }) => told(settled))).toEqual([
    [],
    [
      ['a', 1, 2],
      ['a', 2, 1],
    ],
  ]);
});

test('a segment closes when its time is over, though nothing arrives', async () => {
  const clock = fastClock({ rate: 1000 });
  let quiet = true;
  async function* slowly(): AsyncGenerator<Arrival> {
    yield declare(upsert('a'));
    yield rowsOf('a', 1);
    yield state('a', 1);
    while (quiet) await clock.sleep(1000);
    yield rowsOf('a', 2);
  }
  const { segments } = await stage(slowly(), {
    clock,
    segmentMilliseconds: 20_000,
    inspect: async () => {
      quiet = false;
    },
  });
  expect(segments.map(({ tables }) => tables[0]?.rows.map((row) => row.id))).toEqual([[1], [2]]);
  expect(told(segments[0]?.settled ?? [])).toEqual([['a', 1, 1]]);
});

test('a changed schema closes the segment of the rows before it', async () => {
  const before = upsert('a');
  const after = declaration('a', { ...id, name: { type: 'string' } }, { mode: 'upsert', keys: [['id']] });
  const { segments } = await stage([
    declare(before),
    rowsOf('a', 1),
    declare(before),
    rowsOf('a', 2),
    declare(after),
    records('a', [{ id: 3, name: 'three' }]),
  ]);
  expect(segments.map(({ tables }) => tables[0]?.rows.map((row) => [row.id, row.name]))).toEqual([
    [
      [1, undefined],
      [2, undefined],
    ],
    [[3, 'three']],
  ]);
});

test('a table that is replaced takes the newest schema as a whole', async () => {
  const after = declaration('a', { ...id, name: { type: 'string' } }, { mode: 'replace', keys: [['id']] });
  const { segments } = await stage([
    declare(replace('a')),
    records('a', [{ id: 1, name: 'one' }]),
    declare(after),
    records('a', [{ id: 2, name: 'two' }]),
    complete('a'),
  ]);
  expect(segments.map(({ tables }) => tables[0]?.rows.map((row) => [row.id, row.name]))).toEqual([
    [
      [1, 'one'],
      [2, 'two'],
    ],
  ]);
});

test('rows of a replaced stream and their states wait for COMPLETE over all segments', async () => {
  const { segments } = await stage(
    [
      declare(replace('r')),
      declare(upsert('a')),
      rowsOf('r', 1),
      state('r', 1),
      rowsOf('a', 1),
      state('a', 1),
      rowsOf('r', 2),
      state('r', 2),
      complete('r'),
      complete('a'),
    ],
    { segmentBytes: 1 },
  );
  expect(
    segments.map(({ tables }) => tables.map(({ name, rows }) => [name, rows.map((row) => row.id)])),
  ).toEqual([[['a', [1]]], [], [['r', [1, 2]]]]);
  expect(segments.flatMap(({ settled }) => told(settled))).toEqual([
    ['a', 1, 1],
    ['r', 1, 1],
    ['r', 2, 1],
  ]);
  expect(segments.map(({ completed }) => completed)).toEqual([[], [], ['r', 'a']]);
});

test('a replaced stream that ends INCOMPLETE, or not at all, gives neither rows nor states', async () => {
  for (const end of [[incomplete('r')], []]) {
    const { segments } = await stage([
      declare(replace('r')),
      declare(upsert('a')),
      rowsOf('r', 1),
      state('r', 1),
      rowsOf('a', 1),
      ...end,
      state('a', 1),
    ]);
    expect(segments).toHaveLength(1);
    expect(segments[0]?.tables.map(({ name }) => name)).toEqual(['a']);
    expect(told(segments[0]?.settled ?? [])).toEqual([['a', 1, 1]]);
  }
});

test('a replaced stream that is complete without rows comes out as an empty table', async () => {
  const { segments } = await stage([declare(replace('r')), state('r', 1), complete('r')]);
  expect(segments[0]?.tables.map(({ name, table }) => [name, table.rows, table.mode])).toEqual([
    ['r', 0, 'replace'],
  ]);
  expect(told(segments[0]?.settled ?? [])).toEqual([['r', 1, 0]]);
});

test('an INCOMPLETE stream that is not replaced keeps its rows and states, but is not completed', async () => {
  const { segments } = await stage([declare(upsert('a')), rowsOf('a', 1), state('a', 1), incomplete('a')]);
  expect(segments[0]?.tables[0]?.rows).toHaveLength(1);
  expect(told(segments[0]?.settled ?? [])).toEqual([['a', 1, 1]]);
  expect(segments[0]?.completed).toEqual([]);
});

test('states come out without rows, too', async () => {
  const { segments } = await stage([declare(upsert('a')), state('a', 1), complete('a')]);
  expect(segments.map(({ tables, settled }) => [tables, told(settled)])).toEqual([[[], [['a', 1, 0]]]]);
});

test('a state comes back with its unknown keys, and with the count of records since the one before', async () => {
  const { segments } = await stage([
    declare(upsert('a')),
    rowsOf('a', 1, 1, 2),
    state('a', 1, { id: 99, sourceStats: { recordCount: 3 }, extra: { deep: [1] } }),
    state('a', 2),
  ]);
  expect(segments[0]?.settled).toEqual([
    {
      type: 'STATE',
      state: {
        type: 'STREAM',
        stream: { stream_descriptor: { name: 'a' }, stream_state: { cursor: 1 } },
        id: 99,
        sourceStats: { recordCount: 3 },
        extra: { deep: [1] },
        destinationStats: { recordCount: 3 },
      },
    },
    {
      type: 'STATE',
      state: {
        type: 'STREAM',
        stream: { stream_descriptor: { name: 'a' }, stream_state: { cursor: 2 } },
        destinationStats: { recordCount: 0 },
      },
    },
  ]);
});

test('a state for all streams waits for the withheld streams before it', async () => {
  const global = (shared: number): Arrival => ({
    kind: 'state',
    message: {
      type: 'STATE',
      state: { type: 'GLOBAL', global: { shared_state: { at: shared }, stream_states: [] } },
    },
  });
  const { segments } = await stage(
    [
      declare(replace('r')),
      declare(upsert('a')),
      rowsOf('a', 1),
      global(1),
      rowsOf('r', 1),
      global(2),
      rowsOf('a', 2),
      global(3),
      complete('r'),
    ],
    { segmentBytes: 1 },
  );
  const shared = segments.map(({ settled }) =>
    settled.map((message) =>
      message.type === 'STATE'
        ? [message.state.global?.shared_state?.at, message.state.destinationStats?.recordCount]
        : [],
    ),
  );
  expect(shared.flat()).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
  expect(shared.at(-1)).toEqual([
    [2, 1],
    [3, 1],
  ]);
});

test('referenced streams come before those that refer to them, parents before children', async () => {
  const facts = declaration('facts', {
    contact: { type: 'integer', 'x-references': 'contacts' },
    lines: { type: 'array', items: { type: 'object', properties: id } },
  });
  const { segments } = await stage([
    declare(facts),
    declare(upsert('contacts')),
    records('facts', [{ contact: 1, lines: [{ id: 1 }] }]),
    rowsOf('contacts', 1),
  ]);
  expect(segments[0]?.tables.map(({ name }) => name)).toEqual(['contacts', 'facts', 'facts_lines']);
});

test('undeclared fields are named once', async () => {
  const nested = declaration('a', {
    ...id,
    lines: { type: 'array', items: { type: 'object', properties: id } },
  });
  const { said } = await stage(
    [
      declare(nested),
      records('a', [{ id: 1, colour: 'red', lines: [{ id: 1, size: 2 }], _ab_cdc_deleted_at: null }]),
      records('a', [{ id: 2, colour: 'blue' }]),
    ],
    { segmentBytes: 1 },
  );
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({
    type: 'LOG',
    log: { level: 'INFO', message: expect.stringContaining('"colour", "lines[].size"') },
  });
});

test('a consumer that stops early leaves nothing behind and does not wait for the source', async () => {
  let told = false;
  async function* endless(): AsyncGenerator<Arrival> {
    try {
      yield declare(upsert('a'));
      yield rowsOf('a', 1);
      yield rowsOf('a', 2);
      await new Promise(() => undefined);
    } finally {
      told = true;
    }
  }
  const { failure } = await stage(endless(), {
    segmentBytes: 1,
    fails: true,
    inspect: async () => {
      throw new Error('The destination is gone');
    },
  });
  expect(failure).toEqual(new Error('The destination is gone'));
  expect(told).toBe(false);
});
