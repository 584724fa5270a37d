// The pure parts of Singer mode: schemas made plain, selections, states, versions over interrupted runs.
import {
  defaultSelection,
  freshStart,
  type JsonSchema,
  type Message,
  plainSchema,
  readSingerCatalog,
  readSingerState,
  recordMessage,
  SingerTranslator,
  type Stream,
  singerCatalog,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { describe, expect, test } from 'vitest';

const stream = (more: Partial<Stream> = {}): Stream => ({
  name: 'a',
  json_schema: { type: 'object', properties: { id: { type: 'string' }, x: { type: 'number' } } },
  supported_sync_modes: ['full_refresh'],
  ...more,
});

describe('a plain schema', () => {
  const property = (schema: JsonSchema, root: JsonSchema = {}) =>
    plainSchema({ ...root, type: 'object', properties: { x: schema } }).properties?.x;
  const text = { type: ['string', 'null'], 'x-json-text': true };

  test.each([
    ['one type', { type: 'integer' }, { type: ['integer', 'null'] }],
    ['one type or null', { type: ['null', 'boolean'] }, { type: ['boolean', 'null'] }],
    ['null alone', { type: 'null' }, { type: ['string', 'null'] }],
    ['whole and other numbers', { type: ['integer', 'number'] }, { type: ['number', 'null'] }],
    ['several types', { type: ['string', 'integer'] }, text],
    ['any type', {}, text],
    [
      'an alternative to null',
      { anyOf: [{ type: 'null' }, { type: 'string', format: 'date' }] },
      { type: ['string', 'null'], format: 'date' },
    ],
    [
      'alternatives of one type',
      { oneOf: [{ type: 'integer' }, { type: 'number' }] },
      { type: ['number', 'null'] },
    ],
    ['alternatives of many types', { oneOf: [{ type: 'string' }, { type: 'object', properties: {} }] }, text],
    ['what is plain already', text as JsonSchema, text],
    [
      'constraints',
      { type: 'string', minLength: 3, pattern: 'x', enum: ['xxx'] },
      { type: ['string', 'null'] },
    ],
    [
      'a local time, whose checkers would want an offset',
      { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
      { type: ['string', 'null'], airbyte_type: 'timestamp_without_timezone' },
    ],
    [
      'parts of all',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } } },
          { properties: { b: { type: 'string' } } },
        ],
      },
      {
        type: ['object', 'null'],
        properties: { a: { type: ['string', 'null'] }, b: { type: ['string', 'null'] } },
      },
    ],
    [
      'a list',
      { type: 'array', items: { type: 'string' } },
      { type: ['array', 'null'], items: { type: ['string', 'null'] } },
    ],
    ['a list of anything', { type: 'array' }, { type: ['array', 'null'], items: {} }],
  ] as [string, JsonSchema, JsonSchema][])('of %s', (_, schema, plain) => {
    expect(property(schema)).toEqual(plain);
  });

  test('holds what its references point at, and ends where they go in circles', () => {
    const definitions = {
      money: { type: 'number', 'x-role': 'amount' },
      tree: { type: 'object', properties: { branch: { $ref: '#/definitions/tree' } } },
    };
    expect(property({ $ref: '#/definitions/money' }, { definitions })).toEqual({
      type: ['number', 'null'],
      'x-role': 'amount',
    });
    expect(property({ $ref: '#/definitions/tree' }, { definitions })).toEqual({
      type: ['object', 'null'],
      properties: { branch: text },
    });
    expect(JSON.stringify(plainSchema({ definitions, properties: { x: {} } }))).not.toContain('definitions');
  });

  test('stays the same when it is made plain again', () => {
    const once = plainSchema({
      properties: { x: { type: ['string', 'number'] }, y: { type: 'array', items: { type: 'object' } } },
    });
    expect(plainSchema(once)).toEqual(once);
  });
});

describe('a catalog and its selection', () => {
  test('keep namespace, modes, keys and cursor', () => {
    const catalog = {
      streams: [
        stream({ namespace: 'ns', source_defined_primary_key: [['id']] }),
        stream({
          name: 'b',
          supported_sync_modes: ['full_refresh', 'incremental'],
          default_cursor_field: ['x'],
        }),
      ],
    };
    const printed = JSON.stringify(singerCatalog(catalog));
    expect(JSON.parse(printed).streams).toMatchObject([{ tap_stream_id: 'ns-a' }, { tap_stream_id: 'b' }]);
    expect(readSingerCatalog(printed, 'c.json').catalog.streams).toMatchObject([
      {
        stream: { name: 'a', namespace: 'ns' },
        sync_mode: 'full_refresh',
        destination_sync_mode: 'overwrite',
        primary_key: [['id']],
      },
      {
        stream: { name: 'b' },
        sync_mode: 'incremental',
        destination_sync_mode: 'append',
        cursor_field: ['x'],
      },
    ]);
  });

  test('leave the choice of method to the user where the source has no cursor of its own', () => {
    const [entry] = singerCatalog({
      streams: [stream({ supported_sync_modes: ['full_refresh', 'incremental'] })],
    }).streams;
    const root = entry?.metadata[0]?.metadata ?? {};
    expect(root['forced-replication-method']).toBeUndefined();
    const chosen = {
      ...entry,
      metadata: [
        {
          breadcrumb: [],
          metadata: { selected: true, 'replication-method': 'INCREMENTAL', 'replication-key': 'x' },
        },
      ],
    };
    const read = readSingerCatalog(JSON.stringify({ streams: [chosen] }), 'c.json');
    expect(read.catalog.streams).toMatchObject([{ sync_mode: 'incremental', cursor_field: ['x'] }]);
  });

  test('never claim a part of a nested key', () => {
    const keys = [['id'], ['x', 'y']];
    const { streams } = singerCatalog({ streams: [stream({ source_defined_primary_key: keys })] });
    expect(streams[0]?.key_properties).toEqual([]);
  });

  test.each([
    ['selected on the stream', { selected: true, metadata: [] }, 1],
    ['selected in the schema', { schema: { type: 'object', selected: true, properties: {} } }, 1],
    ['nothing said', {}, 0],
    ['selected by default', { metadata: [{ breadcrumb: [], metadata: { 'selected-by-default': true } }] }, 1],
    [
      'deselected over the default',
      { metadata: [{ breadcrumb: [], metadata: { 'selected-by-default': true, selected: false } }] },
      0,
    ],
    [
      'unsupported',
      { metadata: [{ breadcrumb: [], metadata: { inclusion: 'unsupported', selected: true } }] },
      0,
    ],
  ])('know the forms of old and new taps (%s)', (_, more, count) => {
    const entry = { tap_stream_id: 'a', stream: 'a', schema: { type: 'object', properties: {} }, ...more };
    expect(readSingerCatalog(JSON.stringify({ streams: [entry] }), 'c.json').catalog.streams).toHaveLength(
      count,
    );
  });

  test('leave out unsupported fields, and fields of list elements by their path', () => {
    const rows = {
      type: 'array',
      items: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    };
    const entry = {
      tap_stream_id: 'a',
      schema: { type: 'object', properties: { id: { type: 'string' }, x: { type: 'string' }, rows } },
      metadata: [
        { breadcrumb: [], metadata: { selected: true } },
        { breadcrumb: ['properties', 'x'], metadata: { inclusion: 'unsupported', selected: true } },
        { breadcrumb: ['properties', 'rows', 'items', 'properties', 'b'], metadata: { selected: false } },
        { breadcrumb: ['properties', 'undeclared'], metadata: { selected: false } },
      ],
    };
    const selection = readSingerCatalog(JSON.stringify({ streams: [entry] }), 'c.json');
    const schema = selection.catalog.streams[0]?.stream.json_schema as JsonSchema;
    expect(Object.keys(schema.properties ?? {})).toEqual(['id', 'rows']);
    expect(schema.properties?.rows).toMatchObject({
      items: { properties: { a: { type: ['string', 'null'] } } },
    });
    expect(JSON.stringify(schema)).not.toContain('"b"');
    const translator = new SingerTranslator(selection, { start: freshStart });
    const data = { id: '1', x: 1, rows: [{ a: 1, b: 2 }], undeclared: 1 };
    const [, row] = translator.translate(recordMessage('a', data, 0));
    expect(row).toMatchObject({ record: { id: '1', rows: [{ a: 1 }] } });
    expect(JSON.stringify(row)).not.toMatch(/"(x|b|undeclared)"/);
  });
});

describe('a state file', () => {
  test.each([
    ['nothing', '', {}],
    ['an empty object', '{}', {}],
    ['no bookmarks yet', '{"currently_syncing":null}', {}],
    ['a value', '{"bookmarks":{"a":{"at":1}}}', { a: { at: 1 } }],
    ['a bookmark that was cleared', '{"bookmarks":{"a":null,"b":{}}}', { b: {} }],
    ['the STATE lines of an Airbyte run', JSON.stringify(stateMessage('a', { at: 2 }, 1)), { a: { at: 2 } }],
    [
      'an array of Airbyte states',
      JSON.stringify([
        { type: 'STREAM', stream: { stream_descriptor: { name: 'a' }, stream_state: { at: 3 } } },
      ]),
      { a: { at: 3 } },
    ],
  ])('may hold %s', (_, text, bookmarks) => {
    expect(readSingerState(text, 's.json').bookmarks).toEqual(bookmarks);
  });

  test.each(['{"bookmarks":[]}', '{"bookmarks":{"a":1}}', '{"bookmarks"', '17', '{"a":1}'])(
    'that cannot be used (%s) is a config error, never a fresh start',
    (text) => {
      expect(() => readSingerState(text, 's.json')).toThrow(/Cannot read state "s.json"/);
    },
  );
});

describe('a version', () => {
  const run = (
    messages: readonly Message[],
    version: number,
    versions: Readonly<Record<string, number>> = {},
  ) => {
    const translator = new SingerTranslator(defaultSelection({ streams: [stream()] }), {
      start: { bookmarks: {}, versions },
      version,
    });
    return [...messages.flatMap((message) => [...translator.translate(message)]), ...translator.finish()];
  };
  const begun = [
    streamStatusMessage('a', 'STARTED', 1),
    recordMessage('a', { id: '1' }, 1),
    stateMessage('a', { page: 1 }, 1),
  ];

  test('outlives an interrupted run, so that the rows of its first half stay', () => {
    const cut = run(begun, 100).at(-1);
    expect(cut).toMatchObject({ type: 'STATE', value: { versions: { a: 100 }, currently_syncing: 'a' } });
    const { versions } = readSingerState(JSON.stringify(cut), 's.json');
    expect(run(begun, 150, versions).at(-1)).toMatchObject({ value: { versions: { a: 100 } } });
    const rest = run(
      [recordMessage('a', { id: '2' }, 2), streamStatusMessage('a', 'COMPLETE', 2)],
      200,
      versions,
    );
    expect(rest).toMatchObject([
      { type: 'SCHEMA' },
      { type: 'RECORD', version: 100 },
      { type: 'ACTIVATE_VERSION', version: 100 },
      { type: 'STATE', value: { currently_syncing: null } },
    ]);
    expect(JSON.stringify(rest.at(-1))).not.toContain('versions');
  });
});

describe('a state of the translator', () => {
  test('is not said twice in a row, and covers all streams', () => {
    const catalog = { streams: [stream(), stream({ name: 'b' })] };
    const translator = new SingerTranslator(defaultSelection(catalog), { start: freshStart });
    const messages = [
      recordMessage('a', { id: '1' }, 1),
      stateMessage('a', { at: 1 }, 1),
      recordMessage('b', { id: '1' }, 1),
      stateMessage('b', { at: 2 }, 1),
    ];
    const lines = messages.flatMap((message) => [...translator.translate(message)]);
    expect(lines.at(-1)).toMatchObject({ value: { bookmarks: { a: { at: 1 }, b: { at: 2 } } } });
    // Both are still open: the first of them is named, and that is news.
    expect([...translator.finish()]).toMatchObject([{ value: { currently_syncing: 'a' } }]);
    expect([...translator.finish()]).toEqual([]);
  });
});
