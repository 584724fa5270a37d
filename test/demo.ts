// `npm run demo`: two organisations from Xero to Databricks, twice, with edits in between; ends with what landed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editBooks } from './books/index.ts';
import { compare, landed } from './demo/compare.ts';
import { UNLIMITED } from './emulators/xero/index.ts';
import { openSandbox, type Sandbox } from './sandbox/open.ts';
import { startSync, writePipeline } from './sandbox/pipeline.ts';

const documents = 1_000;
const edits = 60;
const say = (text: string) => process.stdout.write(`${text}\n`);

const began = performance.now();
const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-demo-'));
let failed = true;
try {
  say(`Starting the sandbox: Xero with two organisations of ${documents} documents each, and Databricks.`);
  const sandbox = await openSandbox({ folder, documents, xeroLimits: UNLIMITED });
  try {
    failed = !(await runDemo(sandbox));
  } finally {
    await sandbox.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
say(`\n${failed ? 'The demo FAILED' : 'Everything agrees'}, in ${seconds(began)} s.`);
process.exitCode = failed ? 1 : 0;

async function runDemo(sandbox: Sandbox): Promise<boolean> {
  const file = await writePipeline(sandbox, { folder });
  const outcomes = [await syncStep('First sync', sandbox, file)];
  for (const [index, books] of sandbox.books.entries())
    editBooks(books, { seed: 7 + index, edits, at: Date.now() });
  outcomes.push(await syncStep(`Second sync, after ${edits} edits in each organisation`, sandbox, file));
  outcomes.push(await syncStep('Third sync, with nothing changed', sandbox, file, { statements: 0 }));
  return outcomes.every(Boolean);
}

/** One sync, what it cost, and whether the tables then agree with the books. */
async function syncStep(
  title: string,
  sandbox: Sandbox,
  file: string,
  expected: { readonly statements?: number } = {},
): Promise<boolean> {
  say(`\n== ${title}`);
  const before = { calls: sandbox.xero.calls(), statements: sandbox.databricks.statements.length };
  const start = performance.now();
  const { code } = await startSync(file, { show: true }).ended;
  const statements = sandbox.databricks.statements.length - before.statements;
  say(
    `Xero API calls: ${sandbox.xero.calls() - before.calls}; Databricks statements: ${statements}; ${seconds(start)} s`,
  );
  if (code !== 0) return false;
  const tables = await landed(sandbox.databricks);
  const { text, agrees } = compare(sandbox.books, tables);
  if (expected.statements === undefined) say(`${tables.text}\n${text}`);
  if (expected.statements === undefined || statements === expected.statements) return agrees;
  say(`Expected ${expected.statements} statements, found ${statements}`);
  return false;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}
