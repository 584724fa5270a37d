// singer-check-tap reads what our taps print: message shapes, schemas, and every record against its schema.
import { beforeAll, expect, test } from 'vitest';
import { run } from '../program.ts';
import { openBench } from './bench.ts';
import { judge } from './judge.ts';
import { counted, countedLines, lastState } from './lines.ts';
import { originNames } from './origins.ts';
import { type Venv, venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('singer-tools');
});

// By stdin: its --tap form reads in a thread that it does not wait for.
const check = (folder: string, input: string) =>
  judge(python.program('singer-check-tap'), [], { folder, input });

/** The rows of its table: stream, records, schemas. */
const table = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/^\| (\w+) +\| (\d+) +\| (\d+) +\|$/gm)].map(([, stream = '', records]) => [
      stream,
      Number(records),
    ]),
  );

test.each(originNames)('the output of tap-%s is valid, whole and without a catalog', async (from) => {
  const bench = await openBench({ documents: 120, from });
  const tap = await run(bench.tap, ['--config', bench.source]);
  expect(tap.code).toBe(0);
  const own = countedLines(tap);
  const { code, stdout, stderr } = await check(bench.folder, tap.stdout);
  const said = stdout + stderr;
  expect(said).toContain('The output is valid.');
  expect(code).toBe(0);
  const words = lineWith(said, /^It contained \d+ messages/);
  expect(words).toBe(
    `It contained ${own.lines.length} messages for ${Object.keys(own.records).length} streams.`,
  );
  expect(table(said)).toEqual(own.records);
  for (const [type, kind] of [
    ['SCHEMA', 'schema'],
    ['RECORD', 'record'],
    ['STATE', 'state'],
  ])
    expect(lineWith(said, new RegExp(`\\d+ ${kind} messages`))).toBe(
      `${own.types[type ?? '']} ${kind} messages`,
    );
  await verdict(`singer-check-tap < tap-${from}`, `The output is valid. ${words}`);
});

test.each(originNames)(
  'a second run of tap-%s from the last STATE is valid too and has no record',
  async (from) => {
    const bench = await openBench({ documents: 60, from });
    const first = await counted(bench.tap, ['--config', bench.source]);
    const state = await bench.file('state.json', lastState(first.lines));
    const again = await run(bench.tap, ['--config', bench.source, '--state', state]);
    expect(again.code).toBe(0);
    expect(countedLines(again).types.RECORD).toBeUndefined();
    const { code, stdout, stderr } = await check(bench.folder, again.stdout);
    expect(stdout + stderr).toContain('The output is valid.');
    expect(code).toBe(0);
  },
);

test.each(originNames)(
  'the judge is awake: a record of tap-%s that breaks its schema, or comes before it, is refused',
  async (from) => {
    const bench = await openBench({ documents: 20, from });
    const { lines } = await counted(bench.tap, ['--config', bench.source]);
    const record = lines.find((line) => line.includes('"RECORD"')) ?? '';
    const broken = lines.map((line) =>
      line.includes('"stream":"invoices"')
        ? line.replace(bench.origin.total, (found) => found.replace(/[\d.]+$/, '{}'))
        : line,
    );
    expect(broken).not.toEqual(lines);
    for (const input of [broken, [record, ...lines]])
      expect((await check(bench.folder, `${input.join('\n')}\n`)).code).not.toBe(0);
  },
);
