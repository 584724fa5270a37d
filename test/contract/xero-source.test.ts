// Every request of the Xero source is one that the official documents know, and every message it prints is Airbyte's.
import {
  catalogMessage,
  connectionStatusMessage,
  type LoginPorts,
  type Message,
  specMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect } from 'vitest';
import { source } from '../../source-xero/index.ts';
import type { Config } from '../../source-xero/spec.ts';
import { type Stream, streams } from '../../source-xero/streams.ts';
import { editBooks } from '../books/index.ts';
import { contextOf } from '../conformance/in-process.ts';
import { UNLIMITED, type XeroEmulator } from '../emulators/xero/index.ts';
import { type Bench, type BenchOptions, type Outcome, openBench, run } from '../source-xero/bench.ts';
import { expectNone, knownDifferences, unseenIn } from './findings.ts';
import { expectValid } from './protocol.ts';
import { contractTest } from './specs.ts';
import { judgeAccounting, ROOT } from './xero-contract.ts';
import { answerDifferences, identityDifferences, requestDifferences } from './xero-differences.ts';
import { flow, judgeExample, judgeIdentity } from './xero-identity.ts';

const DAY = 86_400_000;
const all: readonly Stream[] = streams;
const knownRequests = knownDifferences(requestDifferences);
const knownAnswers = knownDifferences(answerDifferences);
const knownIdentity = knownDifferences(identityDifferences);

/** The operations that were asked for, over all tests: what the last test looks at. */
const asked = new Set<string>();

/** Fails the running test unless every exchange with this Xero is as the documents say. */
function expectContract({ requests }: XeroEmulator): void {
  for (const { method, url } of requests) asked.add(`${method} ${url.pathname}`);
  const found = requests.flatMap((logged) => {
    const isData = logged.url.pathname.startsWith(`${ROOT}/`);
    const { request, answer } = isData ? judgeAccounting(logged) : judgeIdentity(logged);
    if (!isData) return knownIdentity.unexplained([...request, ...answer]);
    return [...knownRequests.unexplained(request), ...knownAnswers.unexplained(answer)];
  });
  expectNone(found);
}

const open = ({ config, ...options }: BenchOptions = {}): Promise<Bench> =>
  openBench({
    ...{ documents: 200, limits: UNLIMITED, switches: { journals: true } },
    ...options,
    config: { page_size: 40, journals: true, ...config },
  });

/** A run whose messages are as the protocol wants them. */
async function validRun(...args: Parameters<typeof run>): Promise<Outcome> {
  const outcome = await run(...args);
  expect(outcome.errors).toEqual([]);
  expectValid(outcome.messages);
  return outcome;
}

contractTest('a first read, one after edits and one without any', async () => {
  const bench = await open({ companies: 2 });
  let { states } = await validRun(bench);
  bench.clock.advance(2 * DAY);
  for (const books of bench.books) editBooks(books, { seed: 3, edits: 60, at: bench.clock.now() });
  bench.clock.advance(60_000);
  const second = await validRun(bench, { states });
  expect(second.messages.some(({ type }) => type === 'RECORD')).toBe(true);
  ({ states } = second);
  bench.clock.advance(60_000);
  await validRun(bench, { states });
  expectContract(bench.xero);
});

contractTest('records asked for by their ids, and one that is not there', async () => {
  const bench = await open();
  const first = await validRun(bench);
  const only = all.flatMap(({ name, key, single }) => {
    const ids = first
      .live(name)
      .slice(0, 3)
      .map((record) => String(record[key]));
    const unknown = '99999999-8888-7777-6666-555555555555';
    return single === 'none'
      ? []
      : [...ids, unknown].map((id) => ({ stream: name, tenant: bench.books[0].company.id, id }));
  });
  await validRun(bench, { only });
  expectContract(bench.xero);
});

contractTest('other settings: no archived records, deletions asked for, a start, cash basis', async () => {
  const bench = await open({
    config: {
      include_archived: false,
      deleted_documents: 'queried',
      start_date: '2025-06-01',
      reports: { from: '2025-11-01', cash_basis: true },
    },
  });
  const { states } = await validRun(bench);
  bench.clock.advance(DAY);
  await validRun(bench, { states });
  expectContract(bench.xero);
});

contractTest('lists that Xero refuses for their size', async () => {
  const bench = await open({ limits: { ...UNLIMITED, highVolume: 60 }, documents: 300 });
  await validRun(bench);
  expect(bench.xero.requests.some(({ status }) => status === 400)).toBe(true);
  expectContract(bench.xero);
});

contractTest('a custom connection, with scopes of its own and without', async () => {
  const bench = await open({ app: { kind: 'custom' } });
  const { clientId, clientSecret } = bench.xero.app;
  for (const scopes of [undefined, 'accounting.settings.read accounting.contacts.read']) {
    const credentials = { auth_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    bench.config = { ...bench.config, credentials: { ...credentials, ...(scopes ? { scopes } : {}) } };
    await validRun(bench, { streams: ['contacts', 'accounts'] });
  }
  expectContract(bench.xero);
});

contractTest('a check, a catalog and a specification', async () => {
  const bench = await open();
  const said: Message[] = [];
  const context = await contextOf(source, bench, said);
  const { ok, message = '' } = await source.check(context);
  expectValid([
    ...said,
    connectionStatusMessage({ status: ok ? 'SUCCEEDED' : 'FAILED', message }),
    catalogMessage(await source.discover(context)),
    specMessage(source.spec),
  ]);
  expect(ok).toBe(true);
  expectContract(bench.xero);
});

/** A person who allows everything and picks the first organisation. */
function willing(xero: XeroEmulator): LoginPorts {
  let answer: Promise<URL> | undefined;
  return {
    listen: async (port) => ({
      url: `http://localhost:${port}/callback`,
      wait: async () => (await answer) ?? new URL('http://localhost/'),
      close: async () => undefined,
    }),
    async open(url) {
      const reply = fetch(url, { redirect: 'manual' });
      answer = reply.then(({ headers }) => new URL(headers.get('location') ?? xero.url));
    },
    choose: async (_, options) => options.slice(0, 1).map(({ value }) => value),
  };
}

contractTest.each(['web', 'pkce'] as const)('the login of an app of kind %s', async (kind) => {
  const bench = await open({
    app: { kind, redirectUris: ['http://localhost:8976/callback'] },
    switches: { consent: 'allow', journals: true },
  });
  const { clientId, clientSecret } = bench.xero.app;
  const secret = kind === 'web' ? { client_secret: clientSecret } : {};
  const { endpoints, journals } = bench.config;
  const draft = { credentials: { client_id: clientId, ...secret }, endpoints, journals };
  const context = { ...(await contextOf(source, bench, [])), config: draft as unknown as Config };
  bench.config = (await source.login?.(context, willing(bench.xero))) ?? {};
  await validRun(bench, { streams: ['users'] });
  const paths = bench.xero.requests.map(({ url }) => url.pathname);
  expect(paths).toEqual(expect.arrayContaining([flow().authorize, flow().token, '/connections']));
  expectContract(bench.xero);
});

contractTest('all endpoints were asked, and every known difference was met', () => {
  const paths = [...asked];
  for (const { path } of all) {
    const byId = all.some((one) => one.path === path && one.single === 'path');
    expect(paths).toContain(`GET ${ROOT}/${path}`);
    expect([path, paths.some((one) => one.startsWith(`GET ${ROOT}/${path}/`))]).toEqual([path, byId]);
  }
  const writes = paths.filter((one) => !one.startsWith('GET ') && one !== `POST ${flow().token}`);
  expect(writes).toEqual([]);
  expect([...knownRequests.unused(), ...knownIdentity.unused()]).toEqual([]);
  expect(unseenIn(judgeExample(), identityDifferences)).toEqual([]);
});
