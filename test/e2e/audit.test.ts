// "Did invoice INV-0042 arrive?": the trail of a real sync, its proofs, a replay of a document, and how the pipeline stands.
import { expect, onTestFinished, test } from 'vitest';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { run, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { pipelineName, startSync, writePipeline } from '../sandbox/pipeline.ts';

interface Entry {
  readonly stream: string;
  readonly key: string;
  readonly tenant: string;
  readonly document: string | null;
  readonly outcome: string;
  readonly receipt: string;
  readonly job: number;
}

test('every record of a sync has one delivered row with its statement, and a document can be replayed', {
  timeout: 180_000,
}, async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 40, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const file = await writePipeline(sandbox, { folder });
  const { output, code } = await startSync(file).ended;
  expect([code, output]).toEqual([0, expect.stringContaining('complete in')]);

  const ledgerpipe = async (...args: string[]) => {
    const ended = await run('../runner/dist/main.js', [...args, '--file', file]);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    return ended.stdout;
  };
  const rowsOf = async (...args: string[]) =>
    JSON.parse(await ledgerpipe('audit', ...args, '--format', 'json')) as readonly Entry[];

  const all = await rowsOf();
  const rows = output.matchAll(/│ \w+ +│ +(\d+) │ +\d+ │ complete/g);
  const total = [...rows].reduce((sum, [, read]) => sum + Number(read), 0);
  expect(all).toHaveLength(total);
  expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']));
  expect(new Set(all.map(({ stream, tenant, key }) => `${stream} ${tenant} ${key}`)).size).toBe(total);

  const statements = new Set(sandbox.databricks.statements.map(({ id }) => `statement ${id}`));
  const invoices = all.filter(({ stream }) => stream === 'invoices');
  expect(invoices.length).toBeGreaterThan(10);
  for (const { receipt } of all) expect(statements.has(receipt), receipt).toBe(true);

  const [invoice] = invoices.filter(({ document }) => document);
  const number = invoice?.document ?? '';
  expect(await ledgerpipe('audit', '--record', number)).toContain(number);
  const known = await rowsOf('--record', number);
  expect(await ledgerpipe('replay', '--record', number)).toMatch(
    new RegExp(`as a replay of job 1: ${known.length} records?\nJob 2 of ${pipelineName()}: done`),
  );
  const replayed = await rowsOf('--job', '2');
  expect(replayed.map(({ key }) => key).sort()).toEqual(known.map(({ key }) => key).sort());
  expect(await rowsOf('--record', number)).toHaveLength(known.length * 2);
  expect(compare(sandbox.books, await landed(sandbox.databricks))).toMatchObject({ agrees: true });

  expect(JSON.parse(await ledgerpipe('status', '--json'))).toMatchObject({
    jobs: { done: 2, failed: 0, parked: 0 },
    pipelines: [{ name: pipelineName(), health: 'ok', unresolved: [], last_job: { id: 2, cause: 'replay' } }],
  });
  expect(await ledgerpipe('status')).toContain(pipelineName());
});
