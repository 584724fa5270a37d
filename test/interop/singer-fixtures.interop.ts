// Foreign streams into target-databricks: the Singer SDK's own test streams, straight and through a foreign tap.
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../program.ts';
import { openBench } from './bench.ts';
import { judge } from './judge.ts';
import { venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let fixtures: string;
let tap: string;
beforeAll(async () => {
  const [sdk, foreign] = [await venv('singer-sdk'), await venv('tap-singer-jsonl')];
  fixtures = join(sdk.packages, 'singer_sdk/testing/target_test_streams');
  tap = foreign.program('tap-singer-jsonl');
});

/** What the standard suite of the SDK refuses, and what its user should read. */
const refused = {
  invalid_schema: 'its schema has no "properties"',
  record_before_schema: 'it came before the SCHEMA of its stream',
  record_missing_key_property: 'it lacks the key property "id"',
} as const;

/** The rest of the standard suite, then what the SDK ships beside it. */
const accepted = [
  'array_data',
  'camelcase',
  'camelcase_complex_schema',
  'duplicate_records',
  'encoded_string_data',
  'no_primary_keys',
  'optional_attributes',
  'pk_updates',
  'record_missing_fields',
  'schema_no_properties',
  'schema_updates',
  'special_chars_in_attributes',
  'multiple_state_messages',
  'no_primary_keys_append',
  'user_location_data',
  'user_location_upsert_data',
] as const;

interface Line {
  readonly type: string;
  readonly stream: string;
  readonly key_properties?: readonly string[];
  readonly record?: Readonly<Record<string, unknown>>;
  readonly value?: unknown;
}

interface Expected {
  /** Rows by stream: one for each key, or for each record where the SCHEMA names no key. */
  readonly rows: Readonly<Record<string, number>>;
  readonly states: readonly unknown[];
  readonly text: string;
}

async function expectedOf(name: string): Promise<Expected> {
  const text = await readFile(join(fixtures, `${name}.singer`), 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line);
  const keys = new Map<string, readonly string[]>();
  const rows = new Map<string, Set<string>>();
  for (const [number, { type, stream, key_properties = [], record = {} }] of lines.entries()) {
    if (type === 'SCHEMA') keys.set(stream, key_properties);
    if (type !== 'RECORD') continue;
    const names = keys.get(stream) ?? [];
    const key = names.length === 0 ? String(number) : JSON.stringify(names.map((one) => record[one]));
    rows.set(stream, (rows.get(stream) ?? new Set()).add(key));
  }
  return {
    rows: Object.fromEntries([...rows].map(([stream, found]) => [stream, found.size])),
    states: lines.filter(({ type }) => type === 'STATE').map(({ value }) => value),
    text,
  };
}

const json = (stdout: string): readonly unknown[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

test('every stream of the SDK is told for here', async () => {
  const files = (await readdir(fixtures)).flatMap((name) =>
    name.endsWith('.singer') ? [basename(name, '.singer')] : [],
  );
  const known = [...accepted, ...Object.keys(refused), 'record_missing_required_property'];
  expect(files.sort()).toEqual(known.sort());
});

test('what the SDK accepts lands with the right rows and the last state comes back', async () => {
  const told: string[] = [];
  for (const name of accepted) {
    const bench = await openBench({ documents: 1 });
    const { rows, states, text } = await expectedOf(name);
    const target = await run(bench.programs['target-databricks'], ['--config', bench.destination], {
      input: text,
    });
    expect([name, target.code, target.stderr]).toEqual([name, 0, expect.not.stringContaining('CRITICAL')]);
    for (const [stream, count] of Object.entries(rows))
      expect([name, stream, await bench.rows(stream.toLowerCase())]).toEqual([name, stream, count]);
    const printed = json(target.stdout);
    expect([name, printed.at(-1)]).toEqual([name, states.at(-1)]);
    for (const state of printed) expect(states).toContainEqual(state);
    told.push(name);
  }
  await verdict('Singer SDK streams, to succeed', `${told.length} of ${accepted.length}: ${told.join(', ')}`);
}, 600_000);

test('what the SDK refuses ends with one clear line, exit code 1, and no row', async () => {
  const told: string[] = [];
  for (const [name, words] of Object.entries(refused)) {
    const bench = await openBench({ documents: 1 });
    const { text } = await expectedOf(name);
    const target = await run(bench.programs['target-databricks'], ['--config', bench.destination], {
      input: text,
    });
    expect([name, target.code]).toEqual([name, 1]);
    expect(lineWith(target.stderr, /^CRITICAL /)).toContain(words);
    expect(target.stderr.split('\n').filter((line) => line.startsWith('CRITICAL '))).toHaveLength(1);
    expect((await bench.rows(`test_${name}`)) ?? 0).toBe(0);
    told.push(`${name} (${words})`);
  }
  await verdict('Singer SDK streams, to fail', `${told.length} of 3: ${told.join('; ')}`);
});

test('values arrive as they were written: escapes, other scripts, the latest of duplicates, late columns', async () => {
  const bench = await openBench({ documents: 1 });
  for (const name of ['encoded_string_data', 'duplicate_records', 'schema_updates']) {
    const { text } = await expectedOf(name);
    const target = await run(bench.programs['target-databricks'], ['--config', bench.destination], {
      input: text,
    });
    expect([name, target.code]).toEqual([name, 0]);
  }
  const { text } = await expectedOf('encoded_string_data');
  const sent = text
    .split('\n')
    .filter((line) => line.includes('"test_strings"') && line.includes('"RECORD"'))
    .map((line) => (JSON.parse(line) as Line).record);
  expect(await bench.values('test_strings', 'id, info', 'id')).toEqual(sent);
  expect(await bench.values('test_duplicate_records', 'id, metric', 'id')).toEqual([
    { id: 1, metric: 100 },
    { id: 2, metric: 20 },
  ]);
  expect(await bench.values('test_schema_updates', 'id, a3, a6', 'id')).toMatchObject([
    { id: 1, a3: null, a6: null },
    { id: 2, a3: true, a6: null },
    { id: 3, a3: false, a6: null },
    { id: 4, a3: true, a6: null },
    { id: 5, a3: false, a6: expect.anything() },
    { id: 6, a3: true, a6: expect.anything() },
  ]);
});

test('a record without a required property lands, and is refused where validate_records asks for it', async () => {
  const bench = await openBench({ documents: 1 });
  const { text: input } = await expectedOf('record_missing_required_property');
  const target = (config: string) =>
    run(bench.programs['target-databricks'], ['--config', config], { input });
  const rows = () => bench.values('test_record_missing_required_property', 'id, metric');
  expect((await target(bench.destination)).code).toBe(0);
  expect(await rows()).toEqual([{ id: null, metric: 3215 }]);

  const strict = await target(await bench.changed('destination', { validate_records: true }));
  expect(strict.code).toBe(1);
  expect(lineWith(strict.stderr, /^CRITICAL /)).toMatch(/required property .id./);
  expect(await rows()).toHaveLength(1);
});

test('a foreign tap plays a stream into target-databricks', async () => {
  const bench = await openBench({ documents: 1 });
  const { rows, states } = await expectedOf('user_location_upsert_data');
  const folder = join(bench.folder, 'plays');
  await mkdir(folder);
  const name = 'user_location_upsert_data.singer';
  await copyFile(join(fixtures, name), join(folder, name));
  const config = await bench.file('tap.json', {
    source: 'local',
    local: { folders: [folder] },
    add_record_metadata: true,
  });
  const played = await judge(tap, ['--config', config], { folder: bench.folder });
  expect([played.code, played.stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
  const target = await run(bench.programs['target-databricks'], ['--config', bench.destination], {
    input: played.stdout,
  });
  expect([target.code, target.stderr]).toEqual([0, expect.not.stringContaining('CRITICAL')]);
  for (const [stream, count] of Object.entries(rows))
    expect([stream, await bench.rows(stream)]).toEqual([stream, count]);
  // The tap adds columns of its own to the schema.
  const [row] = await bench.values('test_users', '_sdc_source_file AS file');
  expect(row).toEqual({ file: name });
  expect(json(target.stdout).at(-1)).toEqual(states.at(-1));
  const records = played.stdout.split('\n').filter((line) => line.includes('"RECORD"')).length;
  await verdict(
    'tap-singer-jsonl > target-databricks',
    `"${lineWith(played.stderr, /Reading file/).replace(/\/\S*\//, '')}", ${records} records, rows ${JSON.stringify(rows)}`,
  );
});
