// airbyte-cdk's EntrypointOutput and the typed models of the protocol read every line that our programs print.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../program.ts';
import { type Bench, openBench } from './bench.ts';
import { answerOf, judge } from './judge.ts';
import { counted } from './lines.ts';
import { originNames } from './origins.ts';
import { type Venv, venv } from './venv.ts';
import { verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('airbyte');
});

interface Found {
  readonly lines: number;
  readonly specs: number;
  readonly connection: readonly string[];
  readonly catalogs: readonly (readonly string[])[];
  readonly records: Readonly<Record<string, number>>;
  readonly states: Readonly<Record<string, number>>;
  readonly logs: readonly string[];
  readonly errors: readonly string[];
  readonly statuses: Readonly<Record<string, readonly string[]>>;
}

const script = new URL('judges/parse.py', import.meta.url).pathname;

async function found({ folder }: Bench, lines: readonly string[]): Promise<Found> {
  const file = join(folder, 'captured.jsonl');
  await writeFile(file, `${lines.join('\n')}\n`);
  return answerOf<Found>(await judge(python.program('python'), [script, file], { folder }));
}

const nothing = { specs: 0, connection: [], catalogs: [], records: {}, states: {}, logs: [], errors: [] };

test.each(originNames)('spec, check and discover answer with their one message (%s)', async (from) => {
  const bench = await openBench({ documents: 20, from });
  const connectors = [
    [bench.read, bench.source, { ...bench.origin.news, CONNECTION_STATUS: 1 }],
    [bench.programs['destination-databricks'], bench.destination, { CONNECTION_STATUS: 1 }],
  ] as const;
  for (const [program, config, types] of connectors) {
    const spec = await counted(program, ['spec']);
    expect(await found(bench, spec.lines)).toMatchObject({ ...nothing, lines: 1, specs: 1 });
    const check = await counted(program, ['check', '--config', config]);
    expect(check.types).toEqual(types);
    expect(await found(bench, check.lines)).toMatchObject({ ...nothing, connection: ['SUCCEEDED'] });
  }
  const discovered = await counted(bench.read, ['discover', '--config', bench.source]);
  const { catalogs } = await found(bench, discovered.lines);
  expect(catalogs).toEqual([bench.origin.streams]);
});

test.each(originNames)(
  'a read has records, states and statuses of every stream, and no error (%s)',
  async (from) => {
    const bench = await openBench({ documents: 60, from });
    const { streams } = bench.origin;
    const own = await counted(bench.read, ['read', '--config', bench.source]);
    const judged = await found(bench, own.lines);
    expect(judged).toMatchObject({
      lines: own.lines.length,
      records: Object.fromEntries(Object.entries(own.records).filter(([, count]) => count > 0)),
      errors: [],
    });
    expect(Object.keys(judged.states).sort()).toEqual([...streams].sort());
    const states = Object.values(judged.states).reduce((total, count) => total + count, 0);
    expect(states).toBe(own.types.STATE);
    for (const name of streams)
      expect([name, judged.statuses[name]]).toEqual([
        name,
        own.records[name] ? ['STARTED', 'RUNNING', 'COMPLETE'] : ['STARTED', 'COMPLETE'],
      ]);
    await verdict(
      `airbyte-cdk EntrypointOutput (${from})`,
      `${judged.lines} lines: ${own.types.RECORD} records, ${states} states, ${judged.errors.length} errors; every line fits the typed models`,
    );
  },
);

test('a write answers with the states it was given, and an error is an error', async () => {
  const bench = await openBench({ documents: 60 });
  const { lines, types } = await counted(bench.programs['source-xero'], ['read', '--config', bench.source]);
  const write = (config: string) =>
    run(bench.programs['destination-databricks'], ['write', '--config', config], {
      input: `${lines.join('\n')}\n`,
    });
  const linesOf = (stdout: string) => stdout.split('\n').filter((line) => line !== '');
  const { code, stdout } = await write(bench.destination);
  expect(code).toBe(0);
  const judged = await found(bench, linesOf(stdout));
  expect(judged).toMatchObject({ records: {}, errors: [] });
  expect(Object.values(judged.states).reduce((total, count) => total + count, 0)).toBe(types.STATE);

  const refused = await write(await bench.changed('destination', { deletion: 'gone' }));
  expect(refused.code).toBe(1);
  expect(await found(bench, linesOf(refused.stdout))).toMatchObject({
    ...nothing,
    errors: ['Config field "deletion" must be one of ["soft","hard"], found "gone"'],
  });
});

test('the judge is awake: a line that breaks the protocol is named', async () => {
  const bench = await openBench({ documents: 20 });
  await expect(found(bench, ['{"type":"RECORD","record":{"stream":"a","data":{}}}'])).rejects.toThrow(
    /emitted_at/,
  );
});
