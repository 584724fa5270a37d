// `ledgerpipe check`: one line for each connector with the reason, rotated tokens kept, nothing left behind.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { checkAll } from '../../runner/checks/check-all.ts';
import { planChecks, titleOf } from '../../runner/checks/plan.ts';
import { readSettings } from '../../runner/settings/index.ts';
import { openStore } from '../../runner/store/index.ts';
import { newKey } from '../../runner/vault/key.ts';
import { UNLIMITED } from '../emulators/xero/index.ts';
import { run, start, temporaryFolder } from '../program.ts';
import { openSandbox } from '../sandbox/open.ts';
import { configAt, programOf, writePipelines } from './pipelines-file.ts';

const main = '../runner/dist/main.js';

async function sandboxed() {
  const folder = await temporaryFolder();
  const sandbox = await openSandbox({ folder, documents: 10, companies: 2, xeroLimits: UNLIMITED });
  onTestFinished(() => sandbox.close());
  const { token_store: _, ...xero } = await configAt(sandbox.configs['source-xero']);
  const databricks = await configAt(sandbox.configs['destination-databricks']);
  return { folder, sandbox, xero, databricks };
}

const message = (value: unknown) => `process.stdout.write(${JSON.stringify(`${JSON.stringify(value)}\n`)});`;
const status = (word: string, text: string) =>
  message({ type: 'CONNECTION_STATUS', connectionStatus: { status: word, message: text } });

/** A store that is not on disk's way of any other, with its key. */
async function openedStore(folder: string) {
  const store = await openStore({ url: join(folder, 'ledgerpipe.db'), key: newKey(), clock: systemClock });
  onTestFinished(() => store.close());
  return store;
}

test('connectors that can work say so, and what the source rotated is used by the next check', async () => {
  const { folder, sandbox, xero, databricks } = await sandboxed();
  const file = await writePipelines(folder, {
    books: {
      source: { connector: 'source-xero', config: xero },
      destination: { connector: 'destination-databricks', config: databricks },
    },
  });
  for (let time = 0; time < 2; time++) {
    const { code, stdout } = await run(main, ['check', '--file', file]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {2}books {2}source-xero {13}\S/m)]);
    expect(stdout).toMatch(/^ok {2}books {2}destination-databricks {2}\S/m);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  }
  const used = sandbox.xero.requests
    .filter(({ url }) => url.pathname === '/connect/token')
    .map(({ body }) => new URLSearchParams(body.toString('utf8')).get('refresh_token'));
  expect(new Set(used).size).toBe(2);
  expect((await readdir(join(folder, 'store'))).filter((name) => name.startsWith('config-'))).toEqual([]);
});

test('a connector that cannot work is told with its reason, the others are checked, and no secret is shown', async () => {
  const { folder, xero, databricks } = await sandboxed();
  const credentials = { ...(xero.credentials as object), client_secret: 'hunter2-is-wrong' };
  const file = await writePipelines(folder, {
    books: {
      source: { connector: 'source-xero', config: { ...xero, credentials } },
      destination: { connector: 'destination-databricks', config: databricks },
    },
  });
  const { code, stdout, stderr } = await run(main, ['check', '--file', file]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^FAILED {2}books {2}source-xero {13}.*client/m);
  expect(stdout).toMatch(/^ok {2}books {2}destination-databricks {2}/m);
  expect(stderr).toMatch(
    /^warning: line \d+, column \d+: "pipelines.books.source.config.credentials.client_secret" is a secret/m,
  );
  expect(stdout + stderr).not.toContain('hunter2');
});

test('one pipeline is checked by its name, and a name that is none is refused', async () => {
  const folder = await temporaryFolder();
  const good = await programOf(folder, 'good', status('SUCCEEDED', ''));
  const pipeline = { source: { connector: good }, destination: { connector: good } };
  const file = await writePipelines(folder, { one: pipeline, other: pipeline });
  const { code, stdout } = await run(main, ['check', 'one', '--file', file]);
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 2)),
  ).toEqual([
    ['ok', 'one'],
    ['ok', 'one'],
  ]);
  const { code: refused, stderr } = await run(main, ['check', 'onne', '--file', file]);
  expect([refused, stderr]).toEqual([1, 'error: Unknown pipeline "onne": did you mean "one"?\n']);
});

test('whatever a program does instead of answering is a reason', async () => {
  const folder = await temporaryFolder();
  const programs = {
    hangs: 'setInterval(() => {}, 1000);',
    crashes: 'process.stderr.write("out of\\n  luck\\n"); process.exit(3);',
    silent: 'process.exit(4);',
    traced: message({ type: 'TRACE', trace: { type: 'ERROR', error: { message: 'no such door' } } }),
    chatty: `process.stdout.write('hello\\n'); ${status('FAILED', 'two\nlines')}`,
  };
  const good = await programOf(folder, 'good', status('SUCCEEDED', 'fine'));
  const pipelines: Record<string, unknown> = {
    missing: { source: { connector: './nowhere' }, destination: { connector: good } },
  };
  for (const [name, lines] of Object.entries(programs))
    pipelines[name] = {
      source: { connector: await programOf(folder, name, lines) },
      destination: { connector: good },
    };
  const settings = await readSettings(await writePipelines(folder, pipelines), {});
  const said: string[] = [];
  const ok = await checkAll(Object.values(settings.pipelines), {
    settings,
    store: await openedStore(folder),
    seconds: 1,
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
  expect(ok).toBe(false);
  const reasons = Object.fromEntries(
    said
      .filter((line) => line.startsWith('FAILED'))
      .map((line) => line.split(/ {2,}/))
      .map(([, name = '', , ...reason]) => [name, reason.join(' ')]),
  );
  expect(reasons).toEqual({
    missing: expect.stringMatching(/ENOENT/),
    hangs: 'it gave no answer within 1 seconds',
    crashes: 'out of luck',
    silent: 'it ended with code 4 and no word',
    traced: 'no such door',
    chatty: 'two lines',
  });
  // The destinations are one configuration, which is checked once for all six.
  expect(said.filter((line) => line.startsWith('ok'))).toEqual([expect.stringMatching(/missing and 5 more/)]);
});

test('a stopped check stops its children, and leaves no configuration behind', async () => {
  const folder = await temporaryFolder();
  const hangs = await programOf(folder, 'hangs', 'process.stderr.write("up"); setInterval(() => {}, 1000);');
  const file = await writePipelines(folder, {
    p: { source: { connector: hangs }, destination: { connector: hangs } },
  });
  const { child, ended } = start(main, ['check', '--file', file]);
  const configs = async () =>
    (await readdir(join(folder, 'store')).catch(() => [])).filter((name) => name.startsWith('config-'));
  await expect.poll(configs, { timeout: 20_000 }).toHaveLength(2);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(1);
  expect(await configs()).toEqual([]);
});

test('what the settings have wrong is told with its place, and nothing is started', async () => {
  const { folder, xero } = await sandboxed();
  const good = await programOf(folder, 'good', status('SUCCEEDED', 'fine'));
  const file = await writePipelines(folder, {
    wrong: {
      source: { connector: 'source-xero', config: { ...xero, page_size: 0 } },
      destination: { connector: good },
    },
    right: { source: { connector: good }, destination: { connector: good } },
  });
  const { code, stdout } = await run(main, ['check', '--file', file]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^FAILED {2}wrong {2}settings +line \d+, column \d+: "pipelines.wrong.source.config.page_size" must be >= 1, found 0$/m,
  );
  expect(stdout).not.toMatch(/wrong {2}source-xero/);
  expect(stdout).toMatch(/^ok {2}right {2}/m);
});

test('without a consent the remedy is the login', async () => {
  const { folder, xero } = await sandboxed();
  const { refresh_token: _, ...credentials } = xero.credentials as Record<string, unknown>;
  const good = await programOf(folder, 'good', status('SUCCEEDED', 'fine'));
  const file = await writePipelines(folder, {
    books: {
      source: { connector: 'source-xero', config: { ...xero, credentials } },
      destination: { connector: good },
    },
  });
  const { stdout } = await run(main, ['check', '--file', file]);
  expect(stdout).toMatch(
    /^FAILED {2}books {2}source-xero +Pipeline "books" has no consent yet \("credentials.refresh_token"\): run "ledgerpipe login books"$/m,
  );
});

test('a consent that a job is reading with is left alone', async () => {
  const folder = await temporaryFolder();
  const bad = await programOf(folder, 'bad', status('FAILED', 'started'));
  const good = await programOf(folder, 'good', status('SUCCEEDED', ''));
  const settings = await readSettings(
    await writePipelines(folder, { p: { source: { connector: bad }, destination: { connector: good } } }),
    {},
  );
  const store = await openedStore(folder);
  const now = systemClock.now();
  await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: now });
  const job = await store.jobs.claim('me', { now, milliseconds: 60_000 });
  const said: string[] = [];
  const signal = new AbortController().signal;
  const ports = { settings, store, seconds: 20, signal, say: (line: string) => void said.push(line) };
  expect(await checkAll(Object.values(settings.pipelines), ports)).toBe(true);
  expect(said.join('\n')).toContain(`in use by job ${job?.id}: its run tells`);
  await store.jobs.finish(job?.id ?? 0, 'me', { state: 'done', read: 0, committed: 0, endedAt: now });
  expect(await checkAll(Object.values(settings.pipelines), ports)).toBe(false);
});

test('tenants on one consent are one check, and differing destinations are checked each', async () => {
  const folder = await temporaryFolder();
  const tenants = ['a', 'b', 'c'].map((tenant) => ({
    tenant,
    destination: { schema: tenant === 'c' ? 'x' : 'y' },
  }));
  const file = await writePipelines(folder, {
    books: {
      source: { connector: 'source-xero', config: { credentials: { auth_type: 'oauth2', client_id: 'i' } } },
      destination: { connector: './mine', config: { host: 'h' } },
      tenants,
    },
  });
  const { pipelines } = await readSettings(file, {});
  const plan = planChecks(Object.values(pipelines));
  expect(plan.map((check) => [check.end, titleOf(check)])).toEqual([
    ['source', 'books.a and 2 more'],
    ['destination', 'books.a and 1 more'],
    ['destination', 'books.c'],
  ]);
  expect(plan[0]?.settings.config.tenant_ids).toEqual(['a', 'b', 'c']);
  expect(plan[0]).toMatchObject({ secret: 'config:books', lane: 'connection books' });
});
