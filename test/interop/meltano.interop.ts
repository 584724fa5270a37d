// Meltano runs the project of deploy/meltano: discovery, settings, selection, and a pipeline whose second run moves nothing.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { streams } from '../../source-xero/streams.ts';
import { editBooks } from '../books/index.ts';
import { compare, landed } from '../demo/compare.ts';
import { openBench } from './bench.ts';
import { openProject } from './project.ts';
import { type Venv, venv } from './venv.ts';
import { lineWith, verdict } from './verdict.ts';

let python: Venv;
beforeAll(async () => {
  python = await venv('meltano');
});

test('discovery prints the catalog alone, and costs no call', async () => {
  const bench = await openBench({ documents: 20 });
  const meltano = await openProject(bench, python);
  const { code, stdout, stderr } = await meltano('invoke', 'tap-xero', '--discover');
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
  const catalog = JSON.parse(stdout) as { streams: { tap_stream_id: string }[] };
  expect(catalog.streams.map((stream) => stream.tap_stream_id)).toEqual(streams.map(({ name }) => name));
  expect(bench.sandbox.xero.calls()).toBe(0);
});

test('config test finds the settings valid, and a wrong one not', async () => {
  const bench = await openBench({ documents: 20 });
  const meltano = await openProject(bench, python);
  const good = await meltano('config', 'test', 'tap-xero');
  expect([good.code, good.stderr]).toEqual([0, expect.not.stringContaining('Traceback')]);
  const words = lineWith(good.stdout + good.stderr, /Plugin configuration is valid/);
  // Another token store too: in the old one lies an access token that needs no secret.
  for (const [setting, value] of [
    ['credentials.client_secret', 'wrong-secret'],
    ['token_store', join(bench.folder, 'other.tokens')],
  ])
    await meltano('config', 'set', 'tap-xero', ...[setting, value].map(String));
  const bad = await meltano('config', 'test', 'tap-xero');
  expect(bad.code).not.toBe(0);
  expect(bad.stdout + bad.stderr).toMatch(/Plugin configuration is invalid/);
  await verdict('meltano config test', words);
});

test('select lists every field: keys automatic, the others selected', async () => {
  const bench = await openBench({ documents: 20 });
  const meltano = await openProject(bench, python);
  const { code, stdout } = await meltano('select', 'tap-xero', '--list');
  expect(code).toBe(0);
  const fields = [...stdout.matchAll(/\[(\w+) *\] (\w+)\.(\S+)/g)].map(([, kind, stream, field]) => ({
    kind,
    stream,
    field,
  }));
  expect(new Set(fields.map(({ stream }) => stream)).size).toBe(streams.length);
  expect(fields).toContainEqual({ kind: 'automatic', stream: 'invoices', field: 'InvoiceID' });
  expect(fields).toContainEqual({ kind: 'selected', stream: 'invoices', field: 'Total' });
  expect(new Set(fields.map(({ kind }) => kind))).toEqual(new Set(['automatic', 'selected']));
  await verdict('meltano select --list', `${fields.length} fields of ${streams.length} streams`);
});

test('a run lands the books, a second moves nothing, and a third brings the edits', async () => {
  const bench = await openBench({ documents: 120 });
  const { databricks, books } = bench.sandbox;
  const meltano = await openProject(bench, python);
  const run = async (): Promise<{ readonly words: string; readonly statements: number }> => {
    const before = databricks.statements.length;
    const { code, stdout, stderr } = await meltano('run', 'tap-xero', 'target-databricks');
    const said = stdout + stderr;
    expect([code, said]).toEqual([0, expect.not.stringMatching(/Traceback|CRITICAL/)]);
    return {
      words: lineWith(said, /Block run completed/).replace(/^\S+ /, ''),
      statements: databricks.statements.length - before,
    };
  };
  const agrees = async () => compare(books, await landed(databricks, bench.schema));

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
    'meltano run tap-xero target-databricks',
    `${first.words}; ${compared.compared} figures equal; statements: ${first.statements}, then ${second.statements}, after edits ${third.statements}`,
  );
});

test('a selection of fields is kept', async () => {
  const bench = await openBench({ documents: 20 });
  const meltano = await openProject(bench, python, { select: ['contacts.Name'] });
  const { code, stdout, stderr } = await meltano('run', 'tap-xero', 'target-databricks');
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringMatching(/Traceback|CRITICAL/)]);
  const [row] = await bench.values('contacts', '*');
  expect(
    Object.keys(row ?? {})
      .filter((name) => !name.startsWith('_'))
      .sort(),
  ).toEqual(['ContactID', 'Name', 'TenantID', 'UpdatedDateUTC'].sort());
  expect(await bench.rows('invoices')).toBeUndefined();
});
