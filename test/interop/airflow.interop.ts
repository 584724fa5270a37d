// Airflow tests the DAG of deploy/airflow: its task is the bundled runner.
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { compare, landed } from '../demo/compare.ts';
import { pipelineName, writePipeline } from '../sandbox/pipeline.ts';
import { openBench } from './bench.ts';
import { judge } from './judge.ts';
import { type Venv, venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('airflow');
});

const root = new URL('../..', import.meta.url).pathname;

test('dags test runs the pipeline, and again with nothing to move', async () => {
  const bench = await openBench({ documents: 60 });
  const { databricks, books } = bench.sandbox;
  const dags = join(bench.folder, 'dags');
  await mkdir(dags);
  await cp(join(root, 'deploy/airflow/ledgerpipe_dag.py'), join(dags, 'ledgerpipe_dag.py'));
  const env = {
    AIRFLOW_HOME: join(bench.folder, 'airflow'),
    AIRFLOW__CORE__DAGS_FOLDER: dags,
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    LEDGERPIPE_COMMAND: `${process.execPath} ${join(root, 'runner/dist/main.js')}`,
    LEDGERPIPE_FILE: await writePipeline(bench.sandbox, { folder: bench.folder }),
    LEDGERPIPE_PIPELINE: pipelineName(),
  };
  const airflow = (...args: string[]) =>
    judge(python.program('airflow'), args, { folder: bench.folder, env, path: [python.bin] });
  expect((await airflow('db', 'migrate')).code).toBe(0);

  const dag = `ledgerpipe_${pipelineName().replaceAll('-', '_')}`;
  const run = async () => {
    const before = databricks.statements.length;
    const { code, stdout, stderr } = await airflow('dags', 'test', dag);
    const said = stdout + stderr;
    expect([code, said]).toEqual([0, expect.stringContaining(`${pipelineName()}: complete`)]);
    const words = /Marking run <DagRun .*> successful/.exec(lineWith(said, /Marking run/))?.[0] ?? '';
    expect(words).not.toBe('');
    return { words, statements: databricks.statements.length - before };
  };
  const { words } = await run();
  const compared = compare(books, await landed(databricks));
  expect([compared.agrees, compared.text]).toEqual([true, expect.any(String)]);
  const second = await run();
  expect(second.statements).toBe(0);
  await verdict(
    'airflow dags test',
    `${words.replace(/ @ .*>/, '>')}; ${compared.compared} figures equal; statements of a second run: ${second.statements}`,
  );
});
