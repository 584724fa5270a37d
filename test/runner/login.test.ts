// `ledgerpipe login`: the consent goes into the vault, sealed, and from there into the next check.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { startQuickbooks } from '../emulators/quickbooks/index.ts';
import { startXero, UNLIMITED } from '../emulators/xero/index.ts';
import { run, start, temporaryFolder } from '../program.ts';
import { programOf, writePipelines } from './pipelines-file.ts';

const main = '../runner/dist/main.js';
const books = (seed: number) => generateBooks({ seed, documents: 10 });

async function openXero() {
  const xero = await startXero({ companies: [books(1), books(2)], clock: systemClock, limits: UNLIMITED });
  onTestFinished(() => xero.close());
  const config = {
    credentials: {
      ...{ auth_type: 'oauth2', client_id: xero.app.clientId, client_secret: xero.app.clientSecret },
      redirect_port: 0,
    },
    endpoints: { api: xero.url, identity: xero.identityUrl, login: xero.url },
  };
  return { xero, config, source: { connector: 'source-xero', config } };
}

async function openQuickbooks() {
  const quickbooks = await startQuickbooks({ companies: [books(1), books(2)], clock: systemClock });
  onTestFinished(() => quickbooks.close());
  const { url, app } = quickbooks;
  const credentials = { auth_type: 'oauth2', client_id: app.clientId, client_secret: app.clientSecret };
  const config = {
    credentials: { ...credentials, redirect_port: 0 },
    endpoints: { api: url, identity: url, login: url },
  };
  return { quickbooks, source: { connector: 'source-quickbooks', config } };
}

const good = (folder: string) =>
  programOf(
    folder,
    'good',
    `console.log(JSON.stringify({type:'CONNECTION_STATUS',connectionStatus:{status:'SUCCEEDED'}}))`,
  );

interface Person {
  /** What the person types when asked for organisations. */
  readonly types?: string;
  /** Fields of the consent page. */
  readonly clicks?: string;
}

/** Runs the login with a person at the terminal and a browser. */
async function loggedIn(args: readonly string[], { types = '', clicks = 'decision=allow' }: Person = {}) {
  const { child, ended } = start(main, ['login', ...args]);
  let told = '';
  const address = new Promise<string>((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8');
      const found = /^ {2}(http\S+)\n/m.exec(told)?.[1];
      if (found) resolve(found);
    });
  });
  child.stdin?.write(types);
  const url = await Promise.race([address, ended.then(() => undefined)]);
  if (url !== undefined) await fetch(`${url}&${clicks}`);
  const result = await ended;
  child.stdin?.end();
  return result;
}

/** Names of secrets, and whether a text is anywhere in the folder's files. */
async function kept(folder: string, text: string) {
  const names = await readdir(join(folder, 'store'), { recursive: true });
  const files = await Promise.all(
    names.map((name) => readFile(join(folder, 'store', name)).catch(() => Buffer.alloc(0))),
  );
  return { names, found: files.some((bytes) => bytes.includes(text)) };
}

test('a consent to Xero is kept with the chosen organisations, and the pipeline can work from then on', async () => {
  const folder = await temporaryFolder();
  const { xero, source, config } = await openXero();
  const file = await writePipelines(folder, {
    books: { source, destination: { connector: await good(folder) } },
  });
  const { code, stdout, stderr } = await loggedIn(['books', '--file', file], { types: '2\n' });
  expect([code, stdout, stderr]).toEqual([
    0,
    'The consent of "books" is in the vault, and that file is gone. Try it: ledgerpipe check books\n',
    expect.stringContaining('Which organisations are to be read?'),
  ]);
  const after = await run(main, ['check', '--file', file]);
  expect([after.code, after.stdout]).toEqual([0, expect.stringMatching(/^ok {2}books {2}source-xero/m)]);
  const [, second] = xero.companies;
  expect(after.stdout).toContain(second?.name);
  expect(after.stdout).not.toContain(xero.companies[0]?.name);

  const { names, found } = await kept(folder, config.credentials.client_secret);
  expect(found).toBe(false);
  expect(names.filter((name) => name.startsWith('config-'))).toEqual([]);
  const listed = await run(main, ['vault', 'list', '--file', file]);
  expect(listed.stdout).toBe('config:books\n');
});

test('one consent serves the tenants of a pipeline, and one that it does not cover is named', async () => {
  const folder = await temporaryFolder();
  const { xero, source } = await openXero();
  const [first, second] = xero.companies.map(({ tenantId }) => tenantId);
  const file = await writePipelines(folder, {
    books: {
      ...{ source, destination: { connector: await good(folder) } },
      tenants: [
        { tenant: first, name: 'one' },
        { tenant: second, name: 'two' },
      ],
    },
  });
  const partial = await loggedIn(['books', '--file', file], { types: '1\n' });
  expect([partial.code, partial.stderr]).toEqual([
    0,
    expect.stringContaining(`warning: the consent is not for "${second}": "books.two" cannot run with it\n`),
  ]);
  const whole = await loggedIn(['books', '--file', file], { types: 'all\n' });
  expect([whole.code, whole.stderr]).toEqual([0, expect.not.stringContaining('warning')]);
  const { code, stdout } = await run(main, ['check', '--file', file]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {2}books.one and 1 more {2}source-xero/m)]);
});

test('each company of QuickBooks is logged in by its run, and the consent of another is refused', async () => {
  const folder = await temporaryFolder();
  const { quickbooks, source } = await openQuickbooks();
  const [one = '', two = ''] = quickbooks.companies.map(({ realmId }) => realmId);
  const file = await writePipelines(folder, {
    books: {
      ...{ source, destination: { connector: await good(folder) } },
      tenants: [
        { tenant: one, name: 'one' },
        { tenant: two, name: 'two' },
      ],
    },
  });
  const both = await loggedIn(['books', '--file', file]);
  expect([both.code, both.stderr]).toEqual([
    1,
    'error: Each tenant of "books" gives its own consent, log in for one: "books.one", "books.two"\n',
  ]);
  const wrong = await loggedIn(['books.two', '--file', file], { clicks: `decision=allow&realm=${one}` });
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain(
    `error: Cannot keep the consent: it is for "${one}", pipeline "books.two" is for "${two}"\n`,
  );
  const right = await loggedIn(['books.two', '--file', file], { clicks: `decision=allow&realm=${two}` });
  expect(right.code).toBe(0);
  const { stdout } = await run(main, ['check', '--file', file]);
  expect(stdout).toMatch(/^FAILED {2}books.one +source-quickbooks +Pipeline "books.one" has no consent yet/m);
  expect(stdout).toMatch(/^ok {2}books.two +source-quickbooks/m);
});

test('a company that the file does not name comes with the consent', async () => {
  const folder = await temporaryFolder();
  const { quickbooks, source } = await openQuickbooks();
  const file = await writePipelines(folder, {
    books: { source, destination: { connector: await good(folder) } },
  });
  const [, second] = quickbooks.companies;
  await loggedIn(['books', '--file', file], { clicks: `decision=allow&realm=${second?.realmId}` });
  const { code, stdout } = await run(main, ['check', '--file', file]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^ok {2}books +source-quickbooks/m)]);
  expect(stdout).toContain(second?.realmId);
});

test('a consent that is refused, a source without a login, and a vault without its key leave nothing', async () => {
  const folder = await temporaryFolder();
  const { source } = await openXero();
  const destination = { connector: await good(folder) };
  const strange = { connector: await programOf(folder, 'strange', 'process.exit(2)') };
  const file = await writePipelines(folder, {
    books: { source, destination },
    mine: { source: strange, destination },
  });
  const refused = await loggedIn(['books', '--file', file], { clicks: 'decision=deny' });
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(/error: "source-xero" ended without a consent, see its message above\n$/);
  const mine = await loggedIn(['mine', '--file', file]);
  expect([mine.code, mine.stderr]).toEqual([1, expect.stringMatching(/" ended without a consent/)]);
  const { names } = await kept(folder, 'nothing');
  expect(names.filter((name) => name.startsWith('config-'))).toEqual([]);
  const { code, stderr } = await run(main, ['login', 'books', '--file', file], {
    env: { LEDGERPIPE_KEY: Buffer.alloc(32, 7).toString('base64') },
    input: '',
  });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^error: Cannot open the vault: key "\w+" was given/),
  ]);
});
