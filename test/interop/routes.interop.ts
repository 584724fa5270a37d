// One source, one destination, four callers: a shell with Airbyte lines, one with Singer lines, PyAirbyte and Meltano.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compareSchemas } from '../images/tables.ts';
import { agreement } from './agreement.ts';
import { type Bench, openBench } from './bench.ts';
import { judge } from './judge.ts';
import { originNames } from './origins.ts';
import { openProject } from './project.ts';
import { venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

const installMinutes = 20 * 60_000;

/** Runs a line of bash that calls our programs by their names. */
async function shell({ folder }: Bench, command: string): Promise<void> {
  await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], {
    cwd: folder,
    env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` },
  });
}

test.each(originNames)(
  'the same books land from %s as identical tables, whoever calls',
  async (from) => {
    const [airbyte, meltano] = [await venv('airbyte'), await venv('meltano')];
    const bench = await openBench({ documents: 60, from });
    const { folder, programs, sandbox, source } = bench;
    const into = (schema: string) => bench.changed('destination', { schema });

    await shell(
      bench,
      `source-${from} read --config ${source} | destination-databricks write --config ${await into('airbyte')} > states.jsonl`,
    );
    await shell(
      bench,
      `tap-${from} --config ${source} | target-databricks --config ${await into('singer')} > states.json`,
    );
    const sync = [
      'sync',
      `--source=${bench.read}`,
      `--Sconfig=${source}`,
      `--destination=${programs['destination-databricks']}`,
      `--Dconfig=${await into('pyairbyte')}`,
    ];
    const done = new RegExp(`^Completed \`source-${from} -> destination-databricks\` sync`);
    for (const time of ['first', 'second']) {
      const { code, stdout } = await judge(airbyte.program('pyab'), sync, { folder, path: [airbyte.bin] });
      const words = lineWith(stdout, done);
      expect([time, code]).toEqual([time, 0]);
      const { agrees, compared } = await agreement(sandbox, { from, schema: 'pyairbyte' });
      expect([time, agrees]).toEqual([time, true]);
      if (time === 'second')
        await verdict(`pyab sync from ${from}, twice`, `${words}; ${compared} figures equal`);
    }
    const run = await openProject(bench, meltano);
    expect((await run('run', `tap-${from}`, 'target-databricks')).code).toBe(0);

    const told: string[] = [];
    for (const other of ['singer', 'pyairbyte', bench.schema]) {
      const { tables, rows, differences } = await compareSchemas(sandbox.databricks, ['airbyte', other]);
      expect([other, differences]).toEqual([other, []]);
      expect(tables).toBeGreaterThan(32);
      told.push(`${other === bench.schema ? 'meltano' : other} ${rows} rows in ${tables} tables`);
    }
    await verdict(`the same sync from ${from} by four callers`, `identical: ${told.join(', ')}`);
  },
  installMinutes,
);
