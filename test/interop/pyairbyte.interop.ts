// PyAirbyte: validates both connectors, reads every stream into its cache, and smoke-tests the destination.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { type Bench, openBench, withoutReports } from './bench.ts';
import { answerOf, judge } from './judge.ts';
import { counted } from './lines.ts';
import { originNames } from './origins.ts';
import { scenarios, tableOf } from './smoke.ts';
import { type Venv, venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('airbyte');
});

const pyab = ({ folder }: Bench, args: readonly string[]) =>
  judge(python.program('pyab'), args, { folder, path: [python.bin] });

const script = (name: string): string => new URL(`judges/${name}`, import.meta.url).pathname;

test.each(originNames)('pyab validate accepts both connectors (%s)', async (from) => {
  const bench = await openBench({ documents: 20, from });
  const connectors = [
    [bench.read, bench.source, 'token_store_key'],
    [bench.programs['destination-databricks'], bench.destination, 'warehouse_start_minutes'],
  ] as const;
  for (const [connector, config, setting] of connectors) {
    const { code, stderr } = await pyab(bench, [
      'validate',
      `--connector=${connector}`,
      `--config=${config}`,
    ]);
    const words = lineWith(stderr, /^Connection check succeeded for/);
    // The whole specification was printed before.
    expect(stderr).toContain(`${setting}:`);
    expect(code).toBe(0);
    await verdict('pyab validate', words);
  }
});

test('pyab validate refuses a wrong secret in the words of the connector', async () => {
  const bench = await openBench({ documents: 20 });
  const config = await bench.changed('destination', {
    authentication: { auth_type: 'oauth_m2m', client_id: 'someone', client_secret: 'wrong-secret' },
  });
  const connector = bench.programs['destination-databricks'];
  const { code, stdout, stderr } = await pyab(bench, [
    'validate',
    `--connector=${connector}`,
    `--config=${config}`,
  ]);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/AirbyteConnectorCheckFailedError/);
  expect(stderr.replace(/\s+/g, ' ')).toContain('Cannot get an access token');
  expect(stdout + stderr).not.toContain('wrong-secret');
});

interface Read {
  readonly processed: number;
  readonly rows: Record<string, number>;
  readonly states: readonly string[];
}

test.each(originNames)(
  'every stream is read into the cache as the books have it, once, and then only what changed (%s)',
  async (from) => {
    const bench = await openBench({ documents: 120, from });
    const { origin, sandbox } = bench;
    const cacheFile = join(bench.folder, 'cache.duckdb');
    const read = async () =>
      answerOf<Read>(
        await judge(python.program('python'), [script('read.py'), bench.read, bench.source, cacheFile], {
          folder: bench.folder,
        }),
      );
    const names = origin.streams.toSorted();
    const own = await counted(bench.read, ['read', '--config', bench.source]);

    const first = await read();
    expect(first.rows).toEqual({ ...Object.fromEntries(names.map((name) => [name, 0])), ...own.records });
    expect(withoutReports(first.rows, origin)).toEqual(origin.rows(sandbox));
    expect(first.processed).toBe(own.types.RECORD);
    expect(Object.keys(first.rows).sort()).toEqual(names);
    expect(first.states).toEqual(names);

    const second = await read();
    expect(second).toEqual({ ...first, processed: 0 });

    for (const books of bench.sandbox.books) editBooks(books, { seed: 3, edits: 20, at: Date.now() });
    const third = await read();
    expect(third.processed).toBeGreaterThan(0);
    expect(third.processed).toBeLessThan(first.processed / 2);
    expect(withoutReports(third.rows, origin)).toEqual(origin.rows(sandbox));
    await verdict(
      `PyAirbyte read into DuckDB (${from})`,
      `${first.processed} records of ${names.length} streams, rows as in the books; again: ${second.processed}; after edits: ${third.processed}`,
    );
  },
);

test('the destination smoke test passes, and each scenario has its rows', async () => {
  const bench = await openBench({ documents: 20 });
  const { programs, destination } = bench;
  const judged = await pyab(bench, [
    'destination-smoke-test',
    `--destination=${programs['destination-databricks']}`,
    `--config=${destination}`,
    '--scenarios=all',
  ]);
  const result = JSON.parse(judged.stdout.slice(judged.stdout.indexOf('\n{') + 1)) as SmokeResult;
  expect(result).toMatchObject({ success: true, error: null, preflight_passed: true });
  expect(judged.code).toBe(0);

  // The test reads back from products it knows; for ours the emulator is asked.
  const expected = await scenarios(python, bench.folder);
  expect(expected.length).toBeGreaterThanOrEqual(22);
  const told: string[] = [];
  for (const { name, records, rows } of expected) {
    // Of a stream without records nothing is sent to Databricks: its table comes with its first row.
    const found = (await bench.rows(tableOf(result.namespace, name))) ?? 0;
    expect([name, found]).toEqual([name, rows]);
    told.push(`${name} ${rows}${rows === records ? '' : ` of ${records}`}`);
  }
  expect(result.records_delivered).toBe(expected.reduce((total, { records }) => total + records, 0));
  await verdict(
    'pyab destination-smoke-test',
    `"success": ${result.success}, "records_delivered": ${result.records_delivered}; rows: ${told.join(', ')}`,
  );
});

interface SmokeResult {
  readonly success: boolean;
  readonly namespace: string;
  readonly records_delivered: number;
}
