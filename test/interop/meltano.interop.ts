// Meltano runs the project of deploy/meltano: discovery, settings, selection, and a pipeline whose second run moves nothing.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { agreement } from './agreement.ts';
import { openBench } from './bench.ts';
import { originNames } from './origins.ts';
import { openProject } from './project.ts';
import { type Venv, venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('meltano');
});

test.each(originNames)('discovery of tap-%s prints the catalog alone, and costs no call', async (from) => {
  const bench = await openBench({ documents: 20, from });
  const meltano = await openProject(bench, python);
  const { code, stdout, stderr } = await meltano('invoke', `tap-${from}`, '--discover');
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
  const catalog = JSON.parse(stdout) as { streams: { tap_stream_id: string }[] };
  expect(catalog.streams.map((stream) => stream.tap_stream_id)).toEqual(bench.origin.streams);
  expect(bench.origin.calls(bench.sandbox)).toBe(0);
});

test.each(originNames)(
  'config test finds the settings of tap-%s valid, and a wrong one not',
  async (from) => {
    const bench = await openBench({ documents: 20, from });
    const meltano = await openProject(bench, python);
    const good = await meltano('config', 'test', `tap-${from}`);
    expect([good.code, good.stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
    const words = lineWith(good.stdout + good.stderr, /Plugin configuration is valid/);
    // Another token store too: in the old one lies an access token that needs no secret.
    for (const [setting, value] of [
      ['credentials.client_secret', 'wrong-secret'],
      ['token_store', join(bench.folder, 'other.tokens')],
    ])
      await meltano('config', 'set', `tap-${from}`, ...[setting, value].map(String));
    const bad = await meltano('config', 'test', `tap-${from}`);
    expect(bad.code).not.toBe(0);
    expect(bad.stdout + bad.stderr).toMatch(/Plugin configuration is invalid/);
    await verdict(`meltano config test tap-${from}`, words);
  },
);

test.each(originNames)(
  'select lists every field of tap-%s: keys automatic, the others selected',
  async (from) => {
    const bench = await openBench({ documents: 20, from });
    const { streams, customers } = bench.origin;
    const meltano = await openProject(bench, python);
    const { code, stdout } = await meltano('select', `tap-${from}`, '--list');
    expect(code).toBe(0);
    const fields = [...stdout.matchAll(/\[(\w+) *\] (\w+)\.(\S+)/g)].map(([, kind, stream, field]) => ({
      kind,
      stream,
      field,
    }));
    expect(new Set(fields.map(({ stream }) => stream)).size).toBe(streams.length);
    const { stream, name } = customers;
    for (const field of customers.automatic)
      expect(fields).toContainEqual({ kind: 'automatic', stream, field });
    expect(fields).toContainEqual({ kind: 'selected', stream, field: name });
    expect(new Set(fields.map(({ kind }) => kind))).toEqual(new Set(['automatic', 'selected']));
    await verdict(
      `meltano select tap-${from} --list`,
      `${fields.length} fields of ${streams.length} streams`,
    );
  },
);

test.each(originNames)(
  'a run of tap-%s lands the books, a second moves nothing, and a third brings the edits',
  async (from) => {
    const bench = await openBench({ documents: 120, from });
    const { databricks, books } = bench.sandbox;
    const meltano = await openProject(bench, python);
    const run = async (): Promise<{ readonly words: string; readonly statements: number }> => {
      const before = databricks.statements.length;
      const { code, stdout, stderr } = await meltano('run', `tap-${from}`, 'target-databricks');
      const said = stdout + stderr;
      expect([code, said]).toEqual([0, expect.not.stringMatching(/Traceback|CRITICAL/)]);
      return {
        words: lineWith(said, /Block run completed/).replace(/^\S+ /, ''),
        statements: databricks.statements.length - before,
      };
    };
    const agrees = () => agreement(bench.sandbox, { from, schema: bench.schema });

    const first = await run();
    const compared = await agrees();
    expect([compared.agrees, compared.text]).toEqual([true, expect.any(String)]);
    expect(first.statements).toBeGreaterThan(0);

    const second = await run();
    expect(second.statements).toBe(0);

    for (const one of books) editBooks(one, { seed: 5, edits: 20, at: Date.now() });
    const third = await run();
    expect(third.statements).toBeGreaterThan(0);
    expect(await agrees()).toMatchObject({ agrees: true });
    await verdict(
      `meltano run tap-${from} target-databricks`,
      `${first.words}; ${compared.compared} figures equal; statements: ${first.statements}, then ${second.statements}, after edits ${third.statements}`,
    );
  },
);

test.each(originNames)('a selection of fields of tap-%s is kept', async (from) => {
  const bench = await openBench({ documents: 20, from });
  const { stream, name, automatic } = bench.origin.customers;
  const meltano = await openProject(bench, python, { select: [`${stream}.${name}`] });
  const { code, stdout, stderr } = await meltano('run', `tap-${from}`, 'target-databricks');
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringMatching(/Traceback|CRITICAL/)]);
  const [row] = await bench.values(stream, '*');
  expect(
    Object.keys(row ?? {})
      .filter((column) => !column.startsWith('_'))
      .sort(),
  ).toEqual([...automatic, name].sort());
  expect(await bench.rows('invoices')).toBeUndefined();
});
