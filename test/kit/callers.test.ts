// Where callers disagree: the platform, PyAirbyte and a shell pipe ask differently, and each gets what it counts on.
import { readFile } from 'node:fs/promises';
import { encodeLine, recordMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { type Ended, fileOf, run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';

const source = './example-source/main.ts';
const destination = './example-destination/main.ts';
const config = { rows: 250, api_key: 'a-very-secret-key' };

const numbers = {
  stream: { name: 'numbers', json_schema: {}, supported_sync_modes: ['full_refresh'] },
  sync_mode: 'full_refresh',
  destination_sync_mode: 'append',
};

const configFile = async (value: unknown = config) => fileOf(await temporaryFolder(), 'config.json', value);

const countOf = ({ messages }: Ended, kind: string): number =>
  messages.filter(({ type }) => type === kind).length;

const statuses = ({ messages }: Ended): readonly string[] =>
  messages.flatMap((message) =>
    message.type === 'TRACE' && message.trace.stream_status ? [message.trace.stream_status.status] : [],
  );

const record = encodeLine(recordMessage('numbers', { id: 1 }, 1));
const started = encodeLine(streamStatusMessage('numbers', 'STARTED', 1));
const complete = encodeLine(streamStatusMessage('numbers', 'COMPLETE', 1));
const incomplete = encodeLine(streamStatusMessage('numbers', 'INCOMPLETE', 1));

async function write(input: string, changes: object = {}): Promise<Ended & { readonly written: string }> {
  const folder = await temporaryFolder();
  const file = `${folder}/out.jsonl`;
  const files = [
    await fileOf(folder, 'config.json', { file }),
    await fileOf(folder, 'catalog.json', { streams: [{ ...numbers, ...changes }] }),
  ];
  const args = ['write', '--config', files[0] ?? '', '--catalog', files[1] ?? ''];
  const ended = await run(destination, args, { input });
  return Object.assign(ended, { written: await readFile(file, 'utf8').catch(() => '') });
}

describe('no prior state', () => {
  test.each([
    ['is an absent --state', undefined],
    ['is a file with an empty array', '[]'],
    ['is an empty file, as a shell makes for a first run', ''],
    ['is an empty legacy object', '{}'],
  ])('%s', async (_, state) => {
    const folder = await temporaryFolder();
    const file = await fileOf(folder, 'config.json', config);
    const given = state === undefined ? [] : ['--state', await fileOf(folder, 'state.json', state)];
    const ended = await run(source, ['read', '--config', file, ...given]);
    expect([ended.code, countOf(ended, 'RECORD')]).toEqual([0, 250]);
  });
});

describe('nulls for absent fields', () => {
  const nulls = {
    record: {
      type: 'RECORD',
      log: null,
      state: null,
      record: {
        stream: 'numbers',
        namespace: null,
        data: { id: 1 },
        emitted_at: 1,
        meta: null,
        file_reference: null,
      },
    },
    state: {
      type: 'STATE',
      record: null,
      state: {
        type: 'STREAM',
        stream: { stream_descriptor: { name: 'numbers', namespace: null }, stream_state: { id: 1 } },
        global: null,
        data: null,
        sourceStats: null,
        destinationStats: null,
      },
    },
    status: {
      type: 'TRACE',
      trace: {
        type: 'STREAM_STATUS',
        emitted_at: 1,
        error: null,
        estimate: null,
        stream_status: {
          stream_descriptor: { name: 'numbers', namespace: null },
          status: 'COMPLETE',
          reasons: null,
        },
      },
    },
  };

  test('on stdin are fields that are not there', async () => {
    const lines = Object.values(nulls).map((line) => `${JSON.stringify(line)}\n`);
    const ended = await write(lines.join(''));
    expect(ended.written).toBe(lines[0]);
    expect(ended.messages).toMatchObject([
      { type: 'STATE', state: { stream: { stream_state: { id: 1 } }, destinationStats: { recordCount: 1 } } },
    ]);
    expect(ended.code).toBe(0);
  });

  test('in a catalog and in a state file are fields that are not there', async () => {
    const folder = await temporaryFolder();
    const catalog = {
      streams: [
        {
          ...numbers,
          stream: { ...numbers.stream, namespace: null, source_defined_primary_key: null },
          cursor_field: null,
          primary_key: null,
          generation_id: null,
          minimum_generation_id: null,
          sync_id: null,
        },
      ],
    };
    const files = {
      '--config': await fileOf(folder, 'config.json', config),
      '--catalog': await fileOf(folder, 'catalog.json', catalog),
      '--state': await fileOf(folder, 'state.json', [{ ...nulls.state.state }]),
    };
    const ended = await run(source, ['read', ...Object.entries(files).flat()]);
    expect([ended.code, countOf(ended, 'RECORD')]).toEqual([0, 249]);
  });
});

describe('a table to be replaced', () => {
  test.each([
    [
      'append with a new generation, as the platform says it',
      'append',
      { generation_id: 4, minimum_generation_id: 4 },
    ],
    ['overwrite, as the platform says it without refreshes', 'overwrite', {}],
    [
      'overwrite with every id 1, as PyAirbyte says it',
      'overwrite',
      { generation_id: 1, minimum_generation_id: 1, sync_id: 1 },
    ],
  ])('by %s waits for COMPLETE', async (_, destination_sync_mode, ids) => {
    const changes = { destination_sync_mode, ...ids };
    expect((await write(started + record + complete, changes)).code).toBe(0);
    expect((await write(record, changes)).code).toBe(1);
  });

  test('is not one with an older minimum generation: its rows stay whatever comes', async () => {
    const ids = { generation_id: 4, minimum_generation_id: 0, sync_id: 9 };
    expect((await write(record, ids)).code).toBe(0);
  });
});

test('a stream that is asked for incrementally without offering it is read all the same', async () => {
  const folder = await temporaryFolder();
  const catalog = {
    streams: [{ ...numbers, sync_mode: 'incremental', destination_sync_mode: 'append_dedup' }],
  };
  const files = {
    '--config': await fileOf(folder, 'config.json', config),
    '--catalog': await fileOf(folder, 'catalog.json', catalog),
  };
  const ended = await run(source, ['read', ...Object.entries(files).flat()]);
  expect([ended.code, countOf(ended, 'RECORD')]).toEqual([0, 250]);
  expect(statuses(ended).at(-1)).toBe('COMPLETE');
});

test('the keys that the platform adds to a state come back with it', async () => {
  const state = {
    type: 'STREAM',
    stream: { stream_descriptor: { name: 'numbers' }, stream_state: { id: 1 } },
    id: 12,
    partition_id: 'p-3',
  };
  const { messages } = await write(`${record}${JSON.stringify({ type: 'STATE', state })}\n${complete}`);
  expect(messages).toEqual([{ type: 'STATE', state: { ...state, destinationStats: { recordCount: 1 } } }]);
});

describe('the statuses that a destination reads', () => {
  test.each([
    ['are the source’s own', started + record + complete, 0],
    ['may be told twice, by the source and by the platform', started + record + complete + complete, 0],
    ['may be COMPLETE alone, as PyAirbyte sends it', record + complete, 0],
    ['may be absent', record, 0],
    ['may not stop in the middle', started + record, 1],
  ])('%s', async (_, input, code) => {
    const ended = await write(input);
    expect([ended.code, ended.written]).toEqual([code, record]);
  });
});

describe('a rotated credential', () => {
  const xero = '../source-xero/main.ts';

  async function connection() {
    const folder = await temporaryFolder();
    const sandbox = await openSandbox({ folder, documents: 1, companies: 1, xeroLimits: UNLIMITED });
    onTestFinished(() => sandbox.close());
    const file = sandbox.configs['source-xero'];
    return { folder, file, config: JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown> };
  }

  const controls = ({ messages }: Ended) =>
    messages.flatMap((message) =>
      message.type === 'CONTROL' ? [message.control.connectorConfig?.config] : [],
    );

  test('is told with the whole configuration, which then works in place of the old one', async () => {
    const { folder, config: own } = await connection();
    // As on the platform: nothing but the configuration lasts from one run to the next.
    const { token_store: _none, ...first } = own;
    const before = await run(xero, ['check', '--config', await fileOf(folder, 'first.json', first)]);
    const [told] = controls(before);
    expect(told).toMatchObject({
      ...first,
      credentials: { ...(first.credentials as object), refresh_token: expect.any(String) },
    });
    expect(told).not.toMatchObject(first);
    const after = await run(xero, ['check', '--config', await fileOf(folder, 'second.json', told)]);
    expect(after.messages.at(-1)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
  });

  test('is kept where nobody listens: the old configuration goes on working', async () => {
    const { file } = await connection();
    const expired = async () => run(xero, ['check', '--config', file]);
    for (const time of ['first', 'second', 'third'])
      expect([time, (await expired()).messages.at(-1)]).toMatchObject([
        time,
        { connectionStatus: { status: 'SUCCEEDED' } },
      ]);
  });
});

describe('an error that a caller may not hear', () => {
  test('never comes with exit code 0', async () => {
    const ended = await run(source, ['read', '--config', await configFile({ rows: 1 })]);
    expect(ended.messages.at(-1)).toMatchObject({ trace: { type: 'ERROR' } });
    expect(ended.code).toBe(1);
  });

  test('of the source does not become the destination’s: its records stand, and its INCOMPLETE is told', async () => {
    const error = {
      type: 'ERROR',
      emitted_at: 1,
      error: { message: 'Sign in again', failure_type: 'config_error' },
    };
    const input = `${started}${record}${JSON.stringify({ type: 'TRACE', trace: error })}\n${incomplete}`;
    const ended = await write(input);
    expect([ended.code, ended.written]).toEqual([0, record]);
    expect(ended.messages).toMatchObject([{ type: 'LOG', log: { level: 'WARN' } }]);
  });

  test('in the words of another program on stdin is skipped, and told in numbers', async () => {
    const foreign = 'Traceback (most recent call last):\n  File "source.py", line 1\n{"type":"NEW_KIND"}\n';
    const ended = await write(`${foreign}${record}${complete}`);
    expect([ended.code, ended.written]).toEqual([0, record]);
    expect(ended.messages).toMatchObject([
      { type: 'LOG', log: { message: expect.stringMatching(/lines could not be used/) } },
    ]);
  });
});
