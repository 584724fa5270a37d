// A tap's bytes to arrivals: whatever the chunks, the spacing or the order of keys, every record reaches its stream.
import { type Arrival, type SingerArrivalOptions, singerArrivals } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Options = Partial<SingerArrivalOptions>;

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

interface Collected {
  readonly arrivals: readonly Arrival[];
  readonly failure: string | undefined;
}

async function collect(
  lines: readonly unknown[] | string,
  options: Options = {},
  size = 1 << 16,
): Promise<Collected> {
  const text =
    typeof lines === 'string'
      ? lines
      : lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  let failure: string | undefined;
  const found: Arrival[] = [];
  const all: SingerArrivalOptions = {
    loadMethod: 'upsert',
    processVersions: true,
    addMetadata: false,
    validate: false,
    now: () => 1_767_225_600_000,
    compile: () => () => undefined,
    onFailure: ({ message }) => {
      failure = message;
    },
    ...options,
  };
  for await (const arrival of singerArrivals(chunksOf(Buffer.from(text), size), all))
    found.push(arrival.kind === 'records' ? { ...arrival, bytes: Buffer.from(arrival.bytes) } : arrival);
  return { arrivals: found, failure };
}

const schema = (stream: string, more: Record<string, unknown> = {}) => ({
  type: 'SCHEMA',
  stream,
  schema: { type: 'object', properties: { id: { type: 'integer' } } },
  key_properties: ['id'],
  ...more,
});
const record = (stream: string, id: number, more: Record<string, unknown> = {}) => ({
  type: 'RECORD',
  stream,
  record: { id },
  ...more,
});

const textOf = (arrivals: readonly Arrival[]): string =>
  arrivals
    .map((arrival) => (arrival.kind === 'records' ? Buffer.from(arrival.bytes).toString() : ''))
    .join('');

const streamsOf = (arrivals: readonly Arrival[]): readonly string[] =>
  arrivals.flatMap((arrival) =>
    arrival.kind === 'records' ? Array.from({ length: arrival.count }, () => arrival.stream) : [],
  );

const declarations = (arrivals: readonly Arrival[]) =>
  arrivals.flatMap((arrival) => (arrival.kind === 'declare' ? [arrival.declaration] : []));

const statuses = (arrivals: readonly Arrival[]) =>
  arrivals.flatMap((arrival) => (arrival.kind === 'status' ? [[arrival.stream, arrival.status]] : []));

describe('records', () => {
  test('keep their bytes and form runs, the first of each stream apart', async () => {
    const lines = [1, 2, 3, 4].map((id) => JSON.stringify(record('a', id)));
    const { arrivals } = await collect([schema('a'), ...lines]);
    expect(arrivals.map((arrival) => arrival.kind === 'records' && arrival.count)).toEqual([
      false,
      1,
      3,
      false,
    ]);
    expect(textOf(arrivals)).toBe(`${lines.join('\n')}\n`);
  });

  test.each([
    ['compact', '{"type":"RECORD","stream":"a","record":{"id":1}}'],
    [
      'spaced as Python does',
      '{"type": "RECORD", "stream": "a", "record": {"id": 1}, "time_extracted": "2026-01-01T00:00:00Z"}',
    ],
    ['with the stream first', '{"stream":"a","type":"RECORD","record":{"id":1}}'],
    ['with the record first', '{"record":{"stream":"b","id":1},"stream":"a","type":"RECORD"}'],
    ['with an escaped name', '{"type":"RECORD","stream":"\\u0061","record":{"id":1}}'],
    [
      'with the key behind a nested object of the same key',
      '{"type":"RECORD","stream":"a","record":{"x":[{"id":2}],"id":1}}',
    ],
    ['with a blank before the colon', '{"type":"RECORD","stream":"a","record":{"id" :1}}'],
    ['with a null key', '{"type":"RECORD","stream":"a","record":{"id":null}}'],
    ['with a type in small letters', '{"type":"record","stream":"a","record":{"id":1}}'],
  ])('are found %s', async (_, line) => {
    const { arrivals, failure } = await collect([schema('a'), line, line]);
    expect(failure).toBeUndefined();
    expect(streamsOf(arrivals)).toEqual(['a', 'a']);
    expect(textOf(arrivals)).toBe(`${line}\n${line}\n`);
  });

  test.each([
    ['in a nested object', '{"type":"RECORD","stream":"a","record":{"x":{"id":1}}}'],
    ['in a nested array', '{"type":"RECORD","stream":"a","record":{"x":[{"y":"}"},{"id":1}]}}'],
    ['in the text of a value', '{"type":"RECORD","stream":"a","record":{"x":"\\"id\\":1"}}'],
    ['in the end of a longer name', '{"type":"RECORD","stream":"a","record":{"x\\"id":1}}'],
    ['behind the record', '{"type":"RECORD","stream":"a","record":{"x":1},"id":1}'],
    ['in the next line', '{"type":"RECORD","stream":"a","record":{}}'],
  ])('without their key, which stands %s, end the input', async (_, line) => {
    const { arrivals, failure } = await collect([schema('a'), record('a', 1), line, record('a', 2)]);
    expect(failure).toContain('lacks the key property "id"');
    expect(streamsOf(arrivals)).toEqual(['a']);
    expect(statuses(arrivals)).toEqual([['a', 'INCOMPLETE']]);
  });

  test('are the same however the bytes are cut into chunks, whatever keys and values they have', async () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 });
    const row = fc.record({
      stream: fc.constantFrom('a', 'ünï', 'x"y', '表'),
      rest: fc.dictionary(key, fc.jsonValue()),
    });
    const given = fc.tuple(
      fc.array(row, { maxLength: 20 }),
      fc.integer({ min: 1, max: 300 }),
      key,
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(given, async ([rows, size, id, spaced]) => {
        const streams = ['a', 'ünï', 'x"y', '表'].map((stream) => schema(stream, { key_properties: [id] }));
        const lines = rows.map(({ stream, rest }) => {
          const text = JSON.stringify({ type: 'RECORD', stream, record: { ...rest, [id]: 1 } });
          return spaced ? text.replace('{"type":"RECORD","stream":', '{"type": "RECORD", "stream": ') : text;
        });
        const { arrivals, failure } = await collect([...streams, ...lines], {}, size);
        expect(failure).toBeUndefined();
        expect(streamsOf(arrivals)).toEqual(rows.map(({ stream }) => stream));
        expect(textOf(arrivals)).toBe(lines.map((line) => `${line}\n`).join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('lacking a key are always told, wherever else the name stands', async () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.constantFrom('id', '"id":', '{', '}', '\\', 1),
        tie('object'),
        fc.array(tie('value'), { maxLength: 2 }),
      ),
      object: fc.dictionary(fc.constantFrom('id', 'x', '"id', 'id"', '\\'), tie('value'), { maxKeys: 3 }),
    })).object;
    await fc.assert(
      fc.asyncProperty(value, async (data) => {
        const { failure } = await collect([
          schema('a'),
          record('a', 1),
          { type: 'RECORD', stream: 'a', record: data },
        ]);
        expect(failure === undefined).toBe('id' in (data as object));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a schema', () => {
  test('declares its stream, with keys, cursor and the formats that Singer had no room for', async () => {
    const properties = {
      id: { type: ['string', 'null'] },
      at: { type: ['string', 'null'], airbyte_type: 'timestamp_without_timezone', 'x-role': 'updated' },
    };
    const { arrivals } = await collect([
      schema('a', { schema: { type: 'object', properties }, bookmark_properties: ['at'] }),
    ]);
    expect(declarations(arrivals)).toEqual([
      {
        stream: 'a',
        name: 'a',
        schema: {
          type: 'object',
          properties: { ...properties, at: { ...properties.at, format: 'date-time' } },
        },
        mode: 'upsert',
        keys: [['id']],
        cursor: ['at'],
        envelope: 'singer',
        generation: 0,
        retireBelow: 0,
      },
    ]);
  });

  test.each([
    ['append-only', ['id'], 'append'],
    ['upsert', ['id'], 'upsert'],
    ['upsert', [], 'append'],
    ['overwrite', [], 'replace'],
  ] as const)('with load method %s and keys %j lands as %s', async (loadMethod, key_properties, mode) => {
    const { arrivals } = await collect([schema('a', { key_properties })], { loadMethod });
    expect(declarations(arrivals)).toMatchObject([{ mode }]);
  });

  test('that is repeated declares nothing; a changed one declares the stream again', async () => {
    const changed = schema('a', {
      schema: { type: 'object', properties: { id: {}, more: { type: 'string' } } },
    });
    const { arrivals } = await collect([
      schema('a'),
      record('a', 1),
      schema('a'),
      record('a', 2),
      changed,
      record('a', 3),
    ]);
    expect(arrivals.map(({ kind }) => kind)).toEqual([
      'declare',
      'records',
      'records',
      'declare',
      'records',
      'status',
    ]);
  });

  test('name is split at the hyphen as the SDK does, unless a schema is set', async () => {
    const names = async (stream: string, options: Options = {}) =>
      declarations((await collect([schema(stream), record(stream, 1)], options)).arrivals).map(
        ({ stream: key, name, namespace }) => [key, name, namespace],
      );
    expect(await names('erp-invoices')).toEqual([['erp.invoices', 'invoices', 'erp']]);
    expect(await names('db-erp-invoices')).toEqual([['erp.invoices', 'invoices', 'erp']]);
    expect(await names('a-b-c-d')).toEqual([['a-b-c-d', 'a-b-c-d', undefined]]);
    expect(await names('erp-invoices', { namespace: 'lake' })).toEqual([
      ['lake.invoices', 'invoices', 'lake'],
    ]);
    expect(await names('erp-invoices', { namespace: '' })).toEqual([['invoices', 'invoices', undefined]]);
  });
});

describe('versions', () => {
  const activate = { type: 'ACTIVATE_VERSION', stream: 'a', version: 7 };

  test('make a generation, whose activation completes the stream', async () => {
    const lines = [schema('a'), record('a', 1, { version: 7 }), record('a', 2, { version: 7 })];
    const whole = await collect([...lines, activate]);
    expect(declarations(whole.arrivals).at(-1)).toMatchObject({
      mode: 'upsert',
      generation: 7,
      retireBelow: 7,
    });
    expect(statuses(whole.arrivals)).toEqual([['a', 'COMPLETE']]);
    const cut = await collect(lines);
    expect(statuses(cut.arrivals)).toEqual([['a', 'INCOMPLETE']]);
    expect(cut.failure).toBeUndefined();
  });

  test('may be activated before the first record, as incremental taps do', async () => {
    const { arrivals } = await collect([schema('a'), activate, record('a', 1, { version: 7 })]);
    expect(declarations(arrivals).map(({ generation }) => generation)).toEqual([0, 7]);
    expect(statuses(arrivals)).toEqual([['a', 'COMPLETE']]);
  });

  test('that change among the records begin a generation there, which its own activation completes', async () => {
    const of = (version: number) => [1, 2].map((id) => record('a', id, { version, time_extracted: 'T' }));
    const lines = [schema('a'), ...of(7), activate, ...of(77)];
    const { arrivals } = await collect(lines);
    const order = arrivals.map((arrival) =>
      arrival.kind === 'declare' ? arrival.declaration.generation : arrival.kind,
    );
    expect(order).toEqual([0, 7, 'records', 'records', 77, 'records', 'records', 'status']);
    expect(statuses(arrivals)).toEqual([['a', 'INCOMPLETE']]);
    const done = await collect([...lines, { ...activate, version: 77 }]);
    expect(statuses(done.arrivals)).toEqual([['a', 'COMPLETE']]);
  });

  test('mean nothing when the setting says so', async () => {
    const { arrivals } = await collect([schema('a'), record('a', 1, { version: 7 })], {
      processVersions: false,
    });
    expect(declarations(arrivals)).toMatchObject([{ generation: 0, retireBelow: 0 }]);
    expect(statuses(arrivals)).toEqual([['a', 'COMPLETE']]);
  });
});

describe('metadata columns', () => {
  test('are put into each record without touching its own bytes', async () => {
    const line =
      '{"type": "RECORD", "stream": "a", "record": {"id": 12345678901234567890.10}, "time_extracted": "T"}';
    const gone = { type: 'RECORD', stream: 'a', record: { id: 1, _ab_cdc_deleted_at: 'D' } };
    const { arrivals } = await collect(
      [schema('a'), line, gone, '{"stream":"a","record":{"id":2},"type":"RECORD"}'],
      {
        addMetadata: true,
      },
    );
    const [first, second, third] = textOf(arrivals).split('\n');
    expect(first).toContain('"id": 12345678901234567890.10}');
    expect(JSON.parse(first ?? '').record).toMatchObject({
      _sdc_extracted_at: 'T',
      _sdc_received_at: '2026-01-01T00:00:00.000Z',
      _sdc_batched_at: '2026-01-01T00:00:00.000Z',
      _sdc_deleted_at: null,
      _sdc_sequence: 1_767_225_600_000,
      _sdc_table_version: null,
    });
    expect(JSON.parse(second ?? '').record).toMatchObject({ id: 1, _sdc_deleted_at: 'D' });
    expect(JSON.parse(third ?? '').record).toMatchObject({ id: 2, _sdc_sequence: 1_767_225_600_000 });
    expect(Object.keys(declarations(arrivals)[0]?.schema.properties ?? {})).toContain('_sdc_table_version');
    expect(arrivals.filter(({ kind }) => kind === 'records')).toHaveLength(1);
  });
});

describe('a line too long', () => {
  test('ends the input with its own error, after the records before it', async () => {
    async function* endless() {
      yield Buffer.from(
        `${JSON.stringify(schema('a'))}\n${JSON.stringify(record('a', 1))}\n{"type":"RECORD","x":"`,
      );
      for (;;) yield Buffer.alloc(8 * 1024 * 1024, 'x');
    }
    const found: Arrival[] = [];
    let failure = '';
    const options = {
      loadMethod: 'upsert',
      processVersions: true,
      addMetadata: false,
      validate: false,
    } as const;
    const more = {
      now: () => 0,
      compile: () => () => undefined,
      onFailure: (error: Error) => (failure = error.message),
    };
    for await (const arrival of singerArrivals(endless(), { ...options, ...more })) found.push(arrival);
    expect(failure).toContain('more than 50 MiB');
    expect(streamsOf(found)).toEqual(['a']);
    expect(statuses(found)).toEqual([['a', 'INCOMPLETE']]);
  });
});
