// Foreign targets take what our taps print: one keeps records as they come, one makes typed tables of them.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../program.ts';
import { type Bench, openBench, sum } from './bench.ts';
import { answerOf, judge } from './judge.ts';
import { type Counted, countedLines, lastState } from './lines.ts';
import { originNames } from './origins.ts';
import { venv } from './venv.ts';
import { verdict } from './verdict.ts';

const installMinutes = 15 * 60_000;

async function tapped({ tap: program, source }: Bench): Promise<Counted & { readonly stdout: string }> {
  const tap = await run(program, ['--config', source]);
  expect(tap.code).toBe(0);
  return { ...countedLines(tap), stdout: tap.stdout };
}

/** The states that a target printed, one a line. */
const statesOf = (stdout: string): readonly unknown[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

test.each(originNames)(
  'target-jsonl has a line for every record of tap-%s, and gives the last state back',
  async (from) => {
    const python = await venv('target-jsonl');
    const bench = await openBench({ documents: 120, from });
    const tap = await tapped(bench);
    const folder = join(bench.folder, 'jsonl');
    await mkdir(folder);
    const config = await bench.file('jsonl.json', { destination_path: folder });
    const { code, stdout, stderr } = await judge(python.program('target-jsonl'), ['--config', config], {
      folder: bench.folder,
      input: tap.stdout,
    });
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(/CRITICAL|ERROR|Traceback/)]);
    const written: Record<string, number> = {};
    for (const name of await readdir(folder)) {
      const lines = (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '');
      written[name.replace(/-\d{8}T\d{6}\.jsonl$/, '')] = lines.length;
    }
    // A stream without records gets no file.
    expect(written).toEqual(Object.fromEntries(Object.entries(tap.records).filter(([, count]) => count > 0)));
    expect(statesOf(stdout).at(-1)).toEqual(lastState(tap.lines));
    await verdict(
      `target-jsonl < tap-${from}`,
      `exit code 0, ${sum(written)} lines in ${Object.keys(written).length} files, last state returned`,
    );
  },
  installMinutes,
);

test.each(originNames)(
  'target-duckdb has a typed table for every stream of tap-%s, with a row for every key',
  async (from) => {
    const python = await venv('target-duckdb');
    const bench = await openBench({ documents: 120, from });
    const tap = await tapped(bench);
    const database = join(bench.folder, 'foreign.duckdb');
    const config = await bench.file('duckdb.json', { filepath: database, default_target_schema: 'main' });
    const target = (input: string) =>
      judge(python.program('target-duckdb'), ['--config', config], { folder: bench.folder, input });
    const count = new URL('judges/count_tables.py', import.meta.url).pathname;
    const rows = async () =>
      answerOf<Record<string, number>>(
        await judge(python.program('python'), [count, database], { folder: bench.folder }),
      );
    const { code, stdout, stderr } = await target(tap.stdout);
    expect([code, stderr]).toEqual([0, expect.not.stringMatching(/CRITICAL|ERROR|Traceback/)]);
    const main = async () =>
      Object.fromEntries(Object.entries(await rows()).filter(([table]) => table in tap.records));
    expect(await main()).toEqual(tap.records);
    expect(statesOf(stdout).at(-1)).toEqual(lastState(tap.lines));

    // The keys are keys: the same records again change nothing.
    expect((await target(tap.stdout)).code).toBe(0);
    expect(await main()).toEqual(tap.records);
    const loaded = stderr.split('\n').filter((line) => line.includes('Loading ')).length;
    await verdict(
      `target-duckdb < tap-${from}`,
      `exit code 0, ${loaded} x "Loading n rows into", ${sum(tap.records)} rows in ${Object.keys(tap.records).length} tables, equal after a repetition`,
    );
  },
  installMinutes,
);
