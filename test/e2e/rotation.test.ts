// A rotated refresh token without a token store: the runner keeps what CONTROL told it and uses it the next time.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { pipelineName, startSync, writePipeline } from '../sandbox/pipeline.ts';

test('the runner hands each run the newest token, and nothing readable of it is in the store', async () => {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 20, companies: 1, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const written = JSON.parse(await readFile(sandbox.configs['source-xero'], 'utf8')) as {
    credentials: { refresh_token: string };
    token_store?: string;
  };
  const file = await writePipeline(sandbox, { folder, streams: ['accounts'] });
  const text = await readFile(file, 'utf8');
  const storeless = text.replace(/^\s+token_store: .*\n/m, '');
  expect(storeless).not.toBe(text);
  await writeFile(file, storeless);

  for (let run = 0; run < 3; run++) expect((await startSync(file).ended).code).toBe(0);

  const used = sandbox.xero.requests
    .filter(({ url }) => url.pathname === '/connect/token')
    .map(({ body }) => new URLSearchParams(body.toString('utf8')).get('refresh_token'));
  expect(used).toHaveLength(3);
  expect(used[0]).toBe(written.credentials.refresh_token);
  expect(new Set(used).size).toBe(3);
  const store = `${folder}/store`;
  expect((await stat(`${store}/vault.key`)).mode & 0o777).toBe(0o600);
  const kept = Buffer.concat(
    await Promise.all(
      (await readdir(store, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => readFile(join(parentPath, name))),
    ),
  );
  expect(kept.includes(`config:${pipelineName()}`)).toBe(true);
  for (const token of [...used, sandbox.xero.app.clientSecret])
    expect(kept.includes(token ?? '?')).toBe(false);
});
