// The README's shell pipe, as typed: records, then only what changed; no secret in anything it prints.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { editBooks } from '../books/index.ts';
import { compare, landed } from '../demo/compare.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';

const programs = {
  SOURCE: new URL('../../source-xero/dist/main.js', import.meta.url).pathname,
  DESTINATION: new URL('../../destination-databricks/dist/main.js', import.meta.url).pathname,
};

test('a pipe lands the books, and goes on from its own state file', async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 120, companies: 2, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const shell = async (command: string) => {
    const text = command
      .replace('SOURCE', `node ${programs.SOURCE}`)
      .replace('DESTINATION', `node ${programs.DESTINATION}`);
    const ended = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', text], { cwd: folder });
    expect(ended.stderr).toBe('');
    return ended.stdout;
  };
  const agrees = async () => compare(sandbox.books, await landed(sandbox.databricks));

  await shell(
    'SOURCE read --config source-xero.json | DESTINATION write --config destination-databricks.json > state.jsonl',
  );
  expect(await agrees()).toMatchObject({ agrees: true });

  for (const books of sandbox.books) editBooks(books, { seed: 1, edits: 20, at: Date.now() });
  await shell(
    'SOURCE read --config source-xero.json --state state.jsonl | DESTINATION write --config destination-databricks.json > state2.jsonl',
  );
  expect(await agrees()).toMatchObject({ agrees: true });

  const statements = sandbox.databricks.statements.length;
  await shell(
    'SOURCE read --config source-xero.json --state state2.jsonl | DESTINATION write --config destination-databricks.json > state3.jsonl',
  );
  expect(sandbox.databricks.statements.length).toBe(statements);

  const printed = await Promise.all(
    ['state.jsonl', 'state2.jsonl', 'state3.jsonl'].map((name) => readFile(`${folder}/${name}`, 'utf8')),
  );
  const secrets = [sandbox.xero.app.clientSecret, sandbox.databricks.credentials.clientSecret];
  for (const secret of secrets) expect(printed.join('')).not.toContain(secret);
});

test('a wrong field is one line at the terminal and leaves the destination alone', async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 20, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const config = JSON.parse(await readFile(`${folder}/destination-databricks.json`, 'utf8')) as object;
  await writeFile(`${folder}/wrong.json`, JSON.stringify({ ...config, deletion: 'gone' }));
  const failed = promisify(execFile)('bash', [
    '-c',
    `node ${programs.SOURCE} read --config ${folder}/source-xero.json | node ${programs.DESTINATION} write --config ${folder}/wrong.json`,
  ]);
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: 'error: Config field "deletion" must be one of ["soft","hard"], found "gone"\n',
  });
  expect(sandbox.databricks.statements).toEqual([]);
});
