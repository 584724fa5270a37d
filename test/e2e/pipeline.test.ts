// The whole pipeline by its programs: what lands equals the books, and nothing is written when nothing changed.
import { describe, expect, onTestFinished, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox, type SandboxOptions } from '../sandbox/open.ts';
import { startSync, writePipeline } from '../sandbox/pipeline.ts';

async function openPipeline(options: Partial<SandboxOptions> & { documents: number }) {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, xeroLimits: UNLIMITED, ...options });
  onTestFinished(() => sandbox.close());
  const file = await writePipeline(sandbox, { folder });
  const sync = async () => {
    const before = sandbox.databricks.statements.length;
    const { code, output } = await startSync(file).ended;
    expect([code, output]).toEqual([0, expect.stringContaining('complete in')]);
    return { output, statements: sandbox.databricks.statements.slice(before) };
  };
  const differences = async () => {
    const { text, agrees } = compare(sandbox.books, await landed(sandbox.databricks));
    return agrees ? '' : text;
  };
  return { sandbox, sync, differences };
}

describe('Xero to Databricks', () => {
  test('two organisations land to the cent, edits follow, and an idle sync writes nothing', async () => {
    const { sandbox, sync, differences } = await openPipeline({ documents: 1_000 });
    await sync();
    expect(await differences()).toBe('');
    for (const books of sandbox.books) editBooks(books, { seed: 3, edits: 80, at: Date.now() });
    await sync();
    expect(await differences()).toBe('');
    const uploads = sandbox.databricks.requests.length;
    const { statements, output } = await sync();
    expect(statements).toEqual([]);
    expect(output).toContain('streams without changes');
    const idle = sandbox.databricks.requests.slice(uploads).filter(({ method }) => method === 'PUT');
    expect(idle).toEqual([]);
  });

  test('changed tables cost one statement each, and one for the log', async () => {
    const { sandbox, sync } = await openPipeline({ documents: 300, companies: 1 });
    await sync();
    for (const books of sandbox.books) editBooks(books, { seed: 5, edits: 40, at: Date.now() });
    const { statements } = await sync();
    const merged = new Set(statements.map(({ text }) => /MERGE INTO (\S+)/.exec(text)?.[1]));
    expect(new Set(statements.map(({ kind }) => kind))).toEqual(new Set(['merge']));
    expect(merged.size).toBe(statements.length);
    expect([...merged].filter((table) => table?.includes('ledgerpipe_commits'))).toHaveLength(1);
  });
});
