// A destination under its Singer name: what it takes, what it refuses, and when it gives a state back.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { fileOf, run, temporaryFolder } from '../program.ts';
import { configFile, criticals, startTarget, tap, target } from './plugin.ts';

const schema = {
  type: 'SCHEMA',
  stream: 'numbers',
  schema: { type: 'object', properties: { id: { type: 'integer' }, name: { type: ['string', 'null'] } } },
  key_properties: ['id'],
};
const record = (id: number, stream = 'numbers') => ({
  type: 'RECORD',
  stream,
  record: { id, name: `row ${id}` },
});
const state = (id: number) => ({ type: 'STATE', value: { bookmarks: { numbers: { id } } } });

const textOf = (lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

async function write(lines: readonly unknown[] | string, settings: Record<string, unknown> = {}) {
  const folder = await temporaryFolder();
  const file = `${folder}/out.jsonl`;
  const config = await fileOf(folder, 'config.json', { file, ...settings });
  const input = typeof lines === 'string' ? lines : textOf(lines);
  const ended = await target(['--config', config], { input });
  return { ...ended, written: await readFile(file, 'utf8').catch(() => '') };
}

const states = (...ids: readonly number[]) => textOf(ids.map((id) => state(id).value));

describe('a target', () => {
  test('takes the lines as they are and gives every state back bare, in order', async () => {
    const records = [record(1), record(2), record(3)].map((line) => JSON.stringify(line));
    const { stdout, stderr, code, written } = await write([
      schema,
      records[0],
      state(1),
      records[1],
      records[2],
      state(3),
    ]);
    expect(stdout).toBe(states(1, 3));
    expect(written).toBe(textOf(records));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('gives a state back only when the records before it are written, and while the input goes on', async () => {
    const folder = await temporaryFolder();
    const file = `${folder}/out.jsonl`;
    const { child, ended } = await startTarget(['-c', await fileOf(folder, 'config.json', { file })]);
    for (const id of [1, 2, 3]) {
      child.stdin?.write(textOf([...(id === 1 ? [schema] : []), record(id), state(id)]));
      const [chunk] = (await once(child.stdout ?? child, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(states(id));
      expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(id);
    }
    child.stdin?.end();
    expect((await ended).code).toBe(0);
  });

  test('gives a state back to the digit, beyond the numbers of JavaScript', async () => {
    const value = '{"bookmarks": {"t": {"lsn": 9223372036854775807, "at": 1.0, "name": "z\\u00fcrich"}}}';
    expect((await write([schema, `{"type": "STATE", "value": ${value}}`])).stdout).toBe(`${value}\n`);
  });

  test('reads from a file with --input', async () => {
    const folder = await temporaryFolder();
    const config = await fileOf(folder, 'config.json', { file: `${folder}/out.jsonl` });
    const input = await fileOf(folder, 'in.singer', textOf([schema, record(1), state(1)]));
    expect((await target(['--config', config, '--input', input])).stdout).toBe(states(1));
    const missing = await target(['--config', config, '--input', '/nowhere']);
    expect(criticals(missing)).toEqual(['CRITICAL Cannot use input "/nowhere": there is no such file']);
    expect(missing.code).toBe(1);
  });

  test('fed by a tap writes what the tap read', async () => {
    const { stdout } = await tap(['--config', await configFile()]);
    const { written, stdout: given } = await write(stdout);
    const lines = written.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).record.id)).toEqual([1, 2, 3, 4, 5]);
    expect(given.trim().split('\n').at(-1)).toBe(
      '{"bookmarks":{"numbers":{"id":5}},"currently_syncing":null}',
    );
  });

  test('stopped by SIGTERM while it waits for input dies of the signal', async () => {
    const folder = await temporaryFolder();
    const config = await fileOf(folder, 'config.json', { file: `${folder}/out` });
    const { child, ended } = await startTarget(['--config', config]);
    child.stdin?.write(textOf([schema, record(1), state(1)]));
    await once(child.stdout ?? child, 'data');
    child.kill('SIGTERM');
    const { signal, stdout, stderr } = await ended;
    expect(signal).toBe('SIGTERM');
    expect(stdout).toBe(states(1));
    expect(criticals({ stderr })).toEqual([]);
  });

  test('takes its flags under the name of the destination too', async () => {
    const folder = await temporaryFolder();
    const config = await fileOf(folder, 'config.json', { file: `${folder}/out` });
    const ended = await run('./example-destination/main.ts', ['--config', config], {
      input: textOf([schema, record(1), state(1)]),
    });
    expect(ended.stdout).toBe(states(1));
  });
});

describe('bad input', () => {
  const fine = [schema, record(1), state(1), record(2)];

  test.each([
    ['a record before its schema', record(3, 'letters'), 'stream "letters": it came before the SCHEMA'],
    [
      'a record without a key property',
      { type: 'RECORD', stream: 'numbers', record: { name: 'x' } },
      'lacks the key property "id"',
    ],
    [
      'a key property that only a nested object has',
      { type: 'RECORD', stream: 'numbers', record: { name: 'x', other: { id: 1 } } },
      'lacks the key property "id"',
    ],
    [
      'a schema without properties',
      { ...schema, stream: 'x', schema: { type: 'object' } },
      'its schema has no "properties"',
    ],
    [
      'a schema with an unknown type',
      { ...schema, stream: 'x', schema: { type: 'thing', properties: {} } },
      'not a valid JSON Schema',
    ],
    ['a schema without a schema', { type: 'SCHEMA', stream: 'x', key_properties: [] }, 'it has no "schema"'],
    [
      'keys that are no list',
      { ...schema, stream: 'x', key_properties: 'id' },
      '"key_properties" is not a list',
    ],
    [
      'an activation before its schema',
      { type: 'ACTIVATE_VERSION', stream: 'x', version: 1 },
      'before the SCHEMA',
    ],
    ['a batch', { type: 'BATCH', stream: 'numbers', manifest: [] }, 'Cannot take BATCH messages'],
  ])(
    '(%s) ends the run with one CRITICAL line after what came before is committed',
    async (_, line, words) => {
      const ended = await write([...fine, line, record(9), state(9)]);
      expect(criticals(ended)).toEqual([expect.stringContaining(words)]);
      expect(ended.code).toBe(1);
      expect(ended.stdout).toBe(states(1));
      expect(ended.written).toBe(textOf([record(1), record(2)]));
    },
  );

  test('that is no message is counted and skipped', async () => {
    const ended = await write([schema, 'Starting up...', record(1), '17', '{"type":"RECORD"}', state(1)]);
    expect(ended.stderr).toBe('WARNING 3 lines could not be used\n');
    expect(ended.stdout).toBe(states(1));
    expect(ended.code).toBe(0);
  });

  test('cut short in the middle of a line commits what it can and fails', async () => {
    const ended = await write(`${textOf(fine)}{"type":"RECORD","stream":"numbers","rec`);
    expect(criticals(ended)).toEqual([expect.stringContaining('ended in the middle of a line')]);
    expect(ended.stdout).toBe(states(1));
    expect(ended.code).toBe(1);
  });

  test('whose last line only lacks its line feed is whole', async () => {
    const ended = await write(textOf([schema, record(1)]) + JSON.stringify(record(2)));
    expect(ended.written).toBe(textOf([record(1), record(2)]));
    expect(ended.code).toBe(0);
  });

  test('that breaks its schema is told with validate_records, and only then', async () => {
    const lines = [schema, record(1), { type: 'RECORD', stream: 'numbers', record: { id: 'two' } }];
    expect((await write(lines)).code).toBe(0);
    const ended = await write(lines, { validate_records: true });
    expect(criticals(ended)).toEqual([expect.stringContaining('"id" must be integer')]);
    expect(ended.written).toBe(textOf([record(1)]));
    expect(ended.code).toBe(1);
  });

  test.each([
    ['an unknown load method', { load_method: 'merge' }, '"load_method" must be one of'],
    [
      'a switch that is neither on nor off',
      { add_record_metadata: 'maybe' },
      '"add_record_metadata" must be boolean',
    ],
  ])('in the settings (%s) is a CRITICAL line', async (_, settings, words) => {
    const ended = await write([schema], settings);
    expect(criticals(ended)).toEqual([expect.stringContaining(words)]);
    expect(ended.code).toBe(1);
  });
});

describe('load_method overwrite', () => {
  const overwrite = { load_method: 'overwrite' };

  test('ends well when a state follows the last record, or when the tap prints none at all', async () => {
    expect((await write([schema, record(1), state(1)], overwrite)).code).toBe(0);
    expect((await write([schema, record(1)], overwrite)).code).toBe(0);
  });

  test.each([
    [
      'a state says that the stream was still being read',
      [record(1), { type: 'STATE', value: { bookmarks: {}, currently_syncing: 'numbers' } }],
    ],
    ['records follow the last state', [state(0), record(1)]],
    ['a version was never activated', [{ ...record(1), version: 5 }]],
  ])('fails, leaving the table as it is, when %s', async (_, lines) => {
    const ended = await write([schema, ...lines], overwrite);
    expect(criticals(ended)).toEqual([
      expect.stringContaining('Cannot replace the table of stream "numbers"'),
    ]);
    expect(ended.code).toBe(1);
  });
});

describe('--about of a target', () => {
  test('lists the settings of Singer beside those of the destination', async () => {
    const { stdout } = await target(['--about', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'target-example',
      settings: {
        required: ['file'],
        properties: {
          file: { type: 'string' },
          load_method: { enum: ['append-only', 'upsert', 'overwrite'] },
          process_activate_version_messages: { default: true },
        },
      },
    });
    // The example destination has nothing that could delete rows.
    expect(stdout).not.toContain('hard_delete');
  });
});
