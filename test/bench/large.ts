// The whole pipeline at 200,000 documents: what lands must equal the books; seconds and calls are told beside it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { openSandbox } from '../sandbox/open.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';

export interface LargeRun {
  readonly agrees: boolean;
  readonly compared: number;
  readonly seconds: number;
  readonly calls: number;
  readonly statements: number;
  /** Statements of a second sync with nothing changed. */
  readonly idleStatements: number;
}

export async function runLarge(documents: number): Promise<LargeRun> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-bench-'));
  const sandbox = await openSandbox({ folder, documents, companies: 1, xeroLimits: UNLIMITED });
  // The log of requests keeps every page that was answered: at this size that is the emulator's memory, not ours.
  const forget = setInterval(() => {
    for (const request of sandbox.xero.requests) request.answer = undefined;
  }, 500);
  try {
    const file = await writePipeline(sandbox, { folder });
    const began = performance.now();
    const { code, output } = await startSync(file).ended;
    if (code !== 0) throw new Error(output);
    const seconds = (performance.now() - began) / 1000;
    const calls = sandbox.xero.calls();
    const statements = sandbox.databricks.statements.length;
    const { agrees, compared } = compare(sandbox.books, await landed(sandbox.databricks));
    await startSync(file).ended;
    const idleStatements = sandbox.databricks.statements.length - statements;
    return { agrees, compared, seconds, calls, statements, idleStatements };
  } finally {
    clearInterval(forget);
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}
