// Bytes to arrivals: whatever the chunks, the key order or the spacing, every record reaches its stream.
import {
  type Arrival,
  arrivals,
  bestModes,
  catalogMessage,
  encodeLine,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const catalogOf = (...names: string[]) => ({
  streams: names.map((name) => ({
    name,
    json_schema: { type: 'object', properties: { id: { type: 'integer' } } },
    supported_sync_modes: ['full_refresh'] as ['full_refresh'],
    source_defined_primary_key: [['id']],
  })),
});
const configured = (...names: string[]) => bestModes(catalogOf(...names));

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(text: string, names = ['a', 'b'], size = 1 << 16): Promise<Arrival[]> {
  const found: Arrival[] = [];
  for await (const arrival of arrivals(chunksOf(Buffer.from(text), size), { catalog: configured(...names) }))
    found.push(arrival.kind === 'records' ? { ...arrival, bytes: Buffer.from(arrival.bytes) } : arrival);
  return found.filter(({ kind }) => kind !== 'declare');
}

const textOf = (arrival: Arrival): string =>
  arrival.kind === 'records' || arrival.kind === 'reject' ? Buffer.from(arrival.bytes).toString() : '';

describe('a run of records', () => {
  test('holds the lines of one stream untouched and is cut where the stream changes', async () => {
    const lines = ['a', 'a', 'b', 'a'].map((stream, id) => encodeLine(recordMessage(stream, { id }, 1)));
    const found = await collect(lines.join(''));
    expect(found.map((arrival) => arrival.kind === 'records' && [arrival.stream, arrival.count])).toEqual([
      ['a', 2],
      ['b', 1],
      ['a', 1],
    ]);
    expect(found.map(textOf).join('')).toBe(lines.join(''));
  });

  test.each([
    [
      'spaces after separators',
      '{"type": "RECORD", "record": {"stream": "a", "data": {"id": 1}, "emitted_at": 1}}',
    ],
    [
      'a null namespace first',
      '{"type":"RECORD","record":{"namespace":null,"stream":"a","data":{},"emitted_at":1}}',
    ],
    [
      'data before the stream',
      '{"type":"RECORD","record":{"data":{"stream":"b"},"emitted_at":1,"stream":"a"}}',
    ],
    ['the type last', '{"record":{"stream":"a","data":{},"emitted_at":1},"type":"RECORD"}'],
    ['an escaped name', '{"type":"RECORD","record":{"stream":"\\u0061","data":{},"emitted_at":1}}'],
    [
      'explicit nulls for absent payloads',
      '{"type":"RECORD","log":null,"record":{"stream":"a","data":{},"emitted_at":1}}',
    ],
  ])('is found with %s', async (_, line) => {
    expect(await collect(`${line}\n`)).toMatchObject([{ kind: 'records', stream: 'a', count: 1 }]);
  });

  test('is the same however the bytes are cut into chunks', async () => {
    const record = fc.record({
      stream: fc.constantFrom('a', 'b', 'ünï', '表'),
      text: fc.string({ unit: 'binary', maxLength: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 30 }),
        fc.integer({ min: 1, max: 200 }),
        async (rows, size) => {
          const lines = rows.map(({ stream, text }) => encodeLine(recordMessage(stream, { text }, 1)));
          const found = await collect(lines.join(''), ['a', 'b', 'ünï', '表'], size);
          expect(found.map(textOf).join('')).toBe(lines.join(''));
          const streams = found.flatMap((arrival) =>
            arrival.kind === 'records' ? Array.from({ length: arrival.count }, () => arrival.stream) : [],
          );
          expect(streams).toEqual(rows.map(({ stream }) => stream));
        },
      ),
    );
  });

  test('keeps namespaces apart when one is declared', async () => {
    const catalog = configured('a');
    const [first] = catalog.streams;
    const both = {
      streams: [...catalog.streams, { ...first, stream: { ...first?.stream, namespace: 'n' } }],
    };
    const input = [
      '{"type":"RECORD","record":{"stream":"a","data":{},"emitted_at":1,"namespace":"n"}}',
      '{"type":"RECORD","record":{"stream":"a","data":{},"emitted_at":1}}',
      '{"type":"RECORD","record":{"namespace":"n","stream":"a","data":{},"emitted_at":1}}',
    ];
    const streams: string[] = [];
    const chunks = chunksOf(Buffer.from(`${input.join('\n')}\n`), 9);
    for await (const arrival of arrivals(chunks, { catalog: both as typeof catalog }))
      if (arrival.kind === 'records') streams.push(arrival.stream);
    expect(streams).toEqual(['n.a', 'a', 'n.a']);
  });
});

describe('a line that cannot be used', () => {
  test.each([
    ['not JSON', 'oops\n', 'not JSON'],
    ['a record of an unknown stream', encodeLine(recordMessage('z', {}, 1)), 'unknown stream "z"'],
    ['a scalar', '17\n', 'not a message'],
    [
      'cut short by the end of the input',
      '{"type":"RECORD","record":{"stream":"a","da',
      'cut short at the end of the input',
    ],
  ])('(%s) is rejected and its neighbours are kept', async (_, line, reason) => {
    const good = encodeLine(recordMessage('a', { id: 1 }, 1));
    const found = await collect(good + line);
    expect(found).toMatchObject([
      { kind: 'records', count: 1 },
      { kind: 'reject', reason },
    ]);
    expect(textOf(found[1] as Arrival)).toBe(line);
  });

  test('is not the last record when only its line feed is missing', async () => {
    const line = encodeLine(recordMessage('a', { id: 1 }, 1));
    expect((await collect(line.trimEnd())).map(textOf)).toEqual([line]);
  });
});

describe('what is not a record', () => {
  test('a state arrives with its unknown keys', async () => {
    const state = stateMessage('a', { cursor: 1 }, 2);
    const tagged = { ...state, state: { ...(state.type === 'STATE' ? state.state : {}), id: 7 } };
    expect(await collect(`${JSON.stringify(tagged)}\n`)).toEqual([
      { kind: 'state', stream: 'a', message: tagged },
    ]);
  });

  test('a final status arrives, others are only told to the watcher', async () => {
    const seen: string[] = [];
    const text = (['STARTED', 'RUNNING', 'COMPLETE'] as const)
      .map((status) => encodeLine(streamStatusMessage('a', status, 1)))
      .join('');
    const found: Arrival[] = [];
    const options = { catalog: configured('a'), onStatus: (_: string, status: string) => seen.push(status) };
    for await (const arrival of arrivals(chunksOf(Buffer.from(text), 64), options)) found.push(arrival);
    expect(seen).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
    expect(found.slice(1)).toEqual([{ kind: 'status', stream: 'a', status: 'COMPLETE' }]);
  });

  test('a catalog on stdin declares the streams when the caller gave none', async () => {
    const text = encodeLine(catalogMessage(catalogOf('a'))) + encodeLine(recordMessage('a', { id: 1 }, 1));
    const kinds: string[] = [];
    for await (const arrival of arrivals(chunksOf(Buffer.from(text), 50))) kinds.push(arrival.kind);
    expect(kinds).toEqual(['declare', 'records']);
  });

  test('records before any catalog are a config error that says what to pass', async () => {
    const text = encodeLine(recordMessage('a', { id: 1 }, 1));
    const reading = async () => {
      for await (const _ of arrivals(chunksOf(Buffer.from(text), 50)));
    };
    await expect(reading()).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('--catalog'),
    });
  });
});
