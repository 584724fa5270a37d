// A connector as a program: commands, exit codes, signals and pipes, seen from outside.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { encodeLine, recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { describe, expect, test } from 'vitest';
import { fileOf, run, start, temporaryFolder } from '../program.ts';

const source = './example-source/main.ts';
const destination = './example-destination/main.ts';
const config = { rows: 250, api_key: 'a-very-secret-key' };

const configFile = async (value: unknown = config) => fileOf(await temporaryFolder(), 'config.json', value);

const statuses = (messages: Awaited<ReturnType<typeof run>>['messages']) =>
  messages.flatMap((message) =>
    message.type === 'TRACE' && message.trace.stream_status ? [message.trace.stream_status.status] : [],
  );

const kinds = (messages: Awaited<ReturnType<typeof run>>['messages']) =>
  messages.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);

describe('spec', () => {
  test('prints one SPEC with the protocol version and needs no configuration', async () => {
    const { messages, code } = await run(source, ['spec']);
    expect(messages).toMatchObject([{ type: 'SPEC', spec: { protocol_version: '0.18.0' } }]);
    expect(code).toBe(0);
  });
});

describe('check', () => {
  test('says SUCCEEDED with what was verified', async () => {
    const { messages, code } = await run(source, ['check', '--config', await configFile()]);
    expect(messages).toEqual([
      { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED', message: 'The API key works' } },
    ]);
    expect(code).toBe(0);
  });

  test.each([
    ['a field is missing', { rows: 1 }, /"api_key" is missing: add it/],
    ['a field has the wrong type', { ...config, rows: 'many' }, /"rows" must be integer, found "many"/],
    ['a field is out of range', { ...config, rows: -1 }, /"rows" must be >= 0, found -1/],
    ['the file is not JSON', '{"api_key": "a-very-secret-key"', /is not JSON$/],
    ['the key is refused', { ...config, api_key: 'wrong' }, /copy it again/],
  ])('says FAILED in one line with exit code 0 when %s', async (_, value, words) => {
    const { messages, code, stdout } = await run(source, ['check', '--config', await configFile(value)]);
    expect(messages).toMatchObject([
      {
        type: 'CONNECTION_STATUS',
        connectionStatus: { status: 'FAILED', message: expect.stringMatching(words) },
      },
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('a-very-secret-key');
  });

  test('says FAILED for a config file that does not exist', async () => {
    const { messages, code } = await run(source, ['check', '--config', '/nowhere/config.json']);
    expect(messages).toMatchObject([{ connectionStatus: { status: 'FAILED' } }]);
    expect(code).toBe(0);
  });

  test('warns of a field that nobody reads', async () => {
    const { messages } = await run(source, ['check', '--config', await configFile({ ...config, rwos: 3 })]);
    expect(messages[0]).toMatchObject({
      type: 'LOG',
      log: { level: 'WARN', message: expect.stringContaining('"rwos"') },
    });
  });
});

describe('read', () => {
  test('prints its catalog first when the caller gave none, then every stream to its end', async () => {
    const { messages, code, stderr } = await run(source, ['read', '--config', await configFile()]);
    expect(kinds(messages)).toEqual([
      'CATALOG',
      'TRACE',
      'RECORD',
      'STATE',
      'RECORD',
      'STATE',
      'RECORD',
      'STATE',
      'TRACE',
    ]);
    expect(statuses(messages)).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
  });

  test('resumes from the lines of an earlier run', async () => {
    const folder = await temporaryFolder();
    const file = await fileOf(folder, 'config.json', config);
    const first = await run(source, ['read', '--config', file]);
    const states = first.messages
      .filter(({ type }) => type === 'STATE')
      .map(encodeLine)
      .join('');
    const again = await run(source, [
      'read',
      '--config',
      file,
      '--state',
      await fileOf(folder, 'state.jsonl', states),
    ]);
    expect(kinds(again.messages)).toEqual(['CATALOG', 'TRACE', 'STATE', 'TRACE']);
  });

  test.each([
    ['config is wrong', ['--config', 'CONFIG'], { rows: 1 }, 'api_key'],
    ['state cannot be read', ['--config', 'CONFIG', '--state', 'BAD'], config, 'Cannot read state'],
    ['catalog cannot be read', ['--config', 'CONFIG', '--catalog', 'BAD'], config, 'Cannot use catalog'],
    ['list of records cannot be read', ['--config', 'CONFIG', '--only', 'BAD'], config, 'Cannot use list'],
  ])('ends with a config error and exit code 1 when the %s', async (_, args, value, words) => {
    const folder = await temporaryFolder();
    const paths: Record<string, string> = {
      CONFIG: await fileOf(folder, 'config.json', value),
      BAD: await fileOf(folder, 'bad.json', '{"oops'),
    };
    const { messages, code, stderr } = await run(source, ['read', ...args.map((arg) => paths[arg] ?? arg)]);
    expect(messages.at(-1)).toMatchObject({
      trace: { error: { failure_type: 'config_error', message: expect.stringContaining(words) } },
    });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  test('stopped by SIGTERM says INCOMPLETE, keeps its last state and dies of the signal', async () => {
    const file = await configFile({ ...config, rows: 100_000, pause_milliseconds: 50 });
    const { child, ended } = start(source, ['read', '--config', file]);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const { messages, signal, code } = await ended;
    expect(signal ?? code).toBe('SIGTERM');
    expect(statuses(messages).at(-1)).toBe('INCOMPLETE');
    expect(kinds(messages)).toContain('STATE');
  });

  test('whose reader goes away ends by itself with a failure', async () => {
    const file = await configFile({ ...config, rows: 1_000_000 });
    const { child, ended } = start(source, ['read', '--config', file]);
    await once(child.stdout ?? child, 'data');
    child.stdout?.destroy();
    expect((await ended).code).toBe(1);
  });

  test('delivers the last line whole through a slow pipe', async () => {
    const file = await configFile({ ...config, rows: 60_000, state_every: 60_000 });
    const { child, ended } = start(source, ['read', '--config', file]);
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), 1_000);
    const { messages, code } = await ended;
    expect(messages.filter(({ type }) => type === 'RECORD')).toHaveLength(60_000);
    expect(statuses(messages).at(-1)).toBe('COMPLETE');
    expect(code).toBe(0);
  });
});

describe('write', () => {
  const record = encodeLine(recordMessage('numbers', { id: 1 }, 1));
  const state = stateMessage('numbers', { id: 1 }, 1);
  const done = encodeLine(streamStatusMessage('numbers', 'COMPLETE', 1));
  const catalog = {
    streams: [
      {
        stream: { name: 'numbers', json_schema: {}, supported_sync_modes: ['full_refresh'] },
        sync_mode: 'full_refresh',
        destination_sync_mode: 'append',
      },
    ],
  };

  const write = async (input: string, mode = 'append') => {
    const folder = await temporaryFolder();
    const target = `${folder}/out.jsonl`;
    const [stream] = catalog.streams;
    const configured = { streams: [{ ...stream, destination_sync_mode: mode }] };
    const ended = await run(
      destination,
      [
        'write',
        '--config',
        await fileOf(folder, 'config.json', { file: target }),
        '--catalog',
        await fileOf(folder, 'catalog.json', configured),
      ],
      { input },
    );
    return { ...ended, messages: ended.messages, written: await readFile(target, 'utf8').catch(() => '') };
  };

  test('gives back every state in order with its unknown keys', async () => {
    const tagged = { ...state, state: { ...(state.type === 'STATE' ? state.state : {}), id: 42 } };
    const { messages, code, written } = await write(`${record}${JSON.stringify(tagged)}\n${done}`);
    expect(messages).toEqual([
      { type: 'STATE', state: { ...tagged.state, destinationStats: { recordCount: 1 } } },
    ]);
    expect(written).toBe(record);
    expect(code).toBe(0);
  });

  test('takes an input without statuses as complete', async () => {
    expect((await write(record)).code).toBe(0);
  });

  test('skips LOG, CONTROL and garbage lines of a shell pipe', async () => {
    const input = `{"type":"LOG","log":{"level":"INFO","message":"hello"}}\n{"type":"CONTROL","control":{}}\ngarbage\n${record}${done}`;
    const { messages, code, written } = await write(input);
    expect(written).toBe(record);
    expect(messages).toMatchObject([{ type: 'LOG', log: { message: '1 lines could not be used' } }]);
    expect(code).toBe(0);
  });

  test('fails as transient when the source was cut off in the middle', async () => {
    const started = encodeLine(streamStatusMessage('numbers', 'STARTED', 1));
    const { messages, code } = await write(started + record);
    expect(messages.at(-1)).toMatchObject({ trace: { error: { failure_type: 'transient_error' } } });
    expect(code).toBe(1);
  });

  test('fails when a table was to be replaced and COMPLETE never came', async () => {
    expect((await write(record, 'overwrite')).code).toBe(1);
  });

  test('tolerates INCOMPLETE with a warning', async () => {
    const { messages, code } = await write(
      record + encodeLine(streamStatusMessage('numbers', 'INCOMPLETE', 1)),
    );
    expect(messages.at(-1)).toMatchObject({ type: 'LOG', log: { level: 'WARN' } });
    expect(code).toBe(0);
  });

  test('stopped by SIGTERM while it waits for input dies of the signal', async () => {
    const folder = await temporaryFolder();
    const { child, ended } = start(destination, [
      'write',
      '--config',
      await fileOf(folder, 'config.json', { file: `${folder}/out` }),
      '--catalog',
      await fileOf(folder, 'catalog.json', catalog),
    ]);
    child.stdin?.write(record + encodeLine(state));
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const { signal, messages } = await ended;
    expect(signal).toBe('SIGTERM');
    expect(messages).toMatchObject([{ type: 'STATE' }]);
  });
});
