// A source read as a tap and taken by a target leaves what the same source leaves when it is read directly.
import {
  type Arrival,
  arrivals,
  type ConfiguredCatalog,
  defaultSelection,
  encodeLine,
  encodeSinger,
  type Message,
  plainSchema,
  recordMessage,
  SingerTranslator,
  type Stream,
  singerArrivals,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

interface Landed {
  readonly declared: readonly unknown[];
  readonly records: Readonly<Record<string, readonly unknown[]>>;
  readonly states: Readonly<Record<string, unknown>>;
  readonly statuses: readonly unknown[];
}

/** What a destination knows at the end: declarations, records in order for each stream, and the newest state of each. */
async function landed(found: AsyncIterable<Arrival>): Promise<Landed> {
  const declared = new Map<string, unknown>();
  const records: Record<string, unknown[]> = {};
  const statuses: unknown[] = [];
  let states: Record<string, unknown> = {};
  for await (const arrival of found) {
    if (arrival.kind === 'declare') {
      const { envelope: _, schema, ...declaration } = arrival.declaration;
      declared.set(declaration.stream, { ...declaration, schema: plainSchema(schema) });
    } else if (arrival.kind === 'records') {
      const rows = Buffer.from(arrival.bytes)
        .toString()
        .trim()
        .split('\n')
        .map((line) => rowOf(JSON.parse(line)));
      records[arrival.stream] = [...(records[arrival.stream] ?? []), ...rows];
    } else if (arrival.kind === 'status') statuses.push([arrival.stream, arrival.status]);
    else if (arrival.kind === 'state') {
      const { stream, data } = arrival.message.state;
      if (stream) states = { ...states, [stream.stream_descriptor.name]: stream.stream_state };
      else states = (data as { bookmarks: Record<string, unknown> }).bookmarks;
    } else throw new Error(`Unexpected arrival ${arrival.kind}`);
  }
  return { declared: [...declared.values()], records, states, statuses: statuses.sort() };
}

/** A record and its time, from either envelope. The twin of the deletion mark is Singer's alone. */
function rowOf(line: {
  readonly record: { readonly data?: object; readonly emitted_at?: number };
  readonly time_extracted?: string;
}): unknown {
  const at = line.record.emitted_at ?? Date.parse(line.time_extracted ?? '');
  const { _sdc_deleted_at: _, ...row } = (line.record.data ?? line.record) as Record<string, unknown>;
  return { at, row };
}

const scalar = fc.constantFrom(
  { type: ['null', 'string'] },
  { type: 'integer' },
  { type: ['number', 'null'], 'x-role': 'amount' },
  { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
  { type: 'string', format: 'date' },
  { type: 'object', properties: { Name: { type: 'string' } } },
  { type: 'array', items: { type: 'object', properties: { Amount: { type: 'number' } } } },
);

const streamOf = (name: string): fc.Arbitrary<Stream> =>
  fc
    .record({
      properties: fc.dictionary(fc.constantFrom('Total', 'Date', 'Lines', 'Contact'), scalar),
      tombstones: fc.boolean(),
      cursor: fc.boolean(),
    })
    .map(({ properties, tombstones, cursor }) => ({
      name,
      json_schema: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          UpdatedAt: { type: 'string', format: 'date-time' },
          ...properties,
          ...(tombstones ? { _ab_cdc_deleted_at: { type: ['null', 'string'], format: 'date-time' } } : {}),
        },
      },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_cursor: true,
      source_defined_primary_key: [['id']],
      ...(cursor ? { default_cursor_field: ['UpdatedAt'] } : {}),
    }));

const step = fc.record({
  stream: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom('record', 'record', 'record', 'tombstone', 'state'),
  id: fc.string({ maxLength: 5 }),
  rest: fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.jsonValue(), { maxKeys: 4 }),
  at: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
});

test('tap and target together change nothing but the envelope, whatever streams, records and chunks', async () => {
  const given = fc.tuple(
    streamOf('a'),
    streamOf('b'),
    fc.array(step, { maxLength: 25 }),
    fc.integer({ min: 1, max: 400 }),
  );
  await fc.assert(
    fc.asyncProperty(given, async ([a, b, steps, size]) => {
      const markless = (stream: Stream) =>
        !('_ab_cdc_deleted_at' in (stream.json_schema.properties as object));
      const messages: Message[] = [
        streamStatusMessage('a', 'STARTED', 1),
        streamStatusMessage('b', 'STARTED', 1),
      ];
      for (const { stream, kind, id, rest, at } of steps) {
        // A source of tombstones declares their mark: otherwise the schema would grow on the way.
        const mark = kind === 'tombstone' && !markless(stream === 'a' ? a : b);
        const gone = mark ? { _ab_cdc_deleted_at: '2026-01-01T00:00:00Z' } : rest;
        messages.push(
          kind === 'state' ? stateMessage(stream, { at, id }, 1) : recordMessage(stream, { ...gone, id }, at),
        );
      }
      for (const name of ['a', 'b']) {
        messages.push(stateMessage(name, { done: name }, 0), streamStatusMessage(name, 'COMPLETE', 1));
      }
      const selection = defaultSelection({ streams: [a, b] });
      const direct = await landed(directly(messages, selection.catalog, size));
      const through = await landed(bySinger(messages, selection, size));
      expect(through).toEqual(direct);
    }),
    { numRuns: 120 },
  );
});

const directly = (messages: readonly Message[], catalog: ConfiguredCatalog, size: number) =>
  arrivals(chunksOf(Buffer.from(messages.map(encodeLine).join('')), size), { catalog });

function bySinger(
  messages: readonly Message[],
  selection: ReturnType<typeof defaultSelection>,
  size: number,
) {
  const translator = new SingerTranslator(selection, { start: { bookmarks: {}, versions: {} } });
  const lines = [
    ...messages.flatMap((message) => [...translator.translate(message)]),
    ...translator.finish(),
  ];
  return singerArrivals(chunksOf(Buffer.from(lines.map(encodeSinger).join('')), size), {
    loadMethod: 'upsert',
    processVersions: true,
    addMetadata: false,
    validate: false,
    now: () => 0,
    compile: () => () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
}
