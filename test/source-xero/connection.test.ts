// The connection: both grants, rotation, several organisations, the check, and the login.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, type LoginPorts, type Message } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import { source } from '../../source-xero/index.ts';
import type { Config } from '../../source-xero/spec.ts';
import { scopes } from '../../source-xero/streams.ts';
import { contextOf, readAll } from '../conformance/in-process.ts';
import { type Bench, openBench, run } from './bench.ts';

const contextFor = (bench: Bench, said: Message[] = []) => contextOf(source, bench, said);

test('a check makes one call that counts and names what it verified', async () => {
  const bench = await openBench({ companies: 2 });
  const result = await source.check(await contextFor(bench));
  const [one, two] = bench.books.map(({ company }) => company);
  expect(result.ok).toBe(true);
  for (const text of [one?.name, one?.id, two?.name, two?.id]) expect(result.message).toContain(text);
  expect(bench.xero.calls()).toBe(1);
  expect(bench.xero.calls('Organisation')).toBe(1);
});

test('a check without any connected organisation says what is missing', async () => {
  const bench = await openBench();
  bench.xero.disconnect(bench.books[0].company.id);
  await expect(contextFor(bench).then(source.check)).rejects.toThrow(/no organisation is connected/);
});

test('discover calls nothing', async () => {
  const bench = await openBench();
  const { streams } = await source.discover(await contextFor(bench));
  expect(streams.length).toBe(31);
  expect(bench.xero.requests).toEqual([]);
});

test('a rotated refresh token leaves as the complete configuration before any record', async () => {
  const bench = await openBench();
  const before = bench.config.credentials as Record<string, string>;
  const outcome = await run(bench, { streams: ['accounts'] });
  const control = outcome.messages.findIndex(({ type }) => type === 'CONTROL');
  expect(control).toBeGreaterThanOrEqual(0);
  expect(control).toBeLessThan(outcome.messages.findIndex(({ type }) => type === 'RECORD'));
  const after = bench.config.credentials as Record<string, string>;
  expect(after).toEqual({ ...before, refresh_token: expect.not.stringMatching(`^${before.refresh_token}$`) });
  expect(bench.config).toMatchObject({ endpoints: { api: bench.xero.url }, daily_reserve: 0 });
  // An hour later the old token would be dead: the new one is what lives on.
  bench.clock.advance(3_600_000);
  expect((await run(bench, { streams: ['accounts'] })).errors).toEqual([]);
});

test('with a token store the configuration may keep its old refresh token for ever', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xero-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const bench = await openBench({
    config: { token_store: join(folder, 'tokens'), token_store_key: 'a passphrase' },
  });
  for (let day = 0; day < 3; day += 1) {
    expect((await readAll(source, { ...bench, streams: ['accounts'] })).length).toBeGreaterThan(3);
    bench.clock.advance(86_400_000);
  }
});

test('a custom connection needs no refresh token and no list of organisations', async () => {
  const bench = await openBench({ app: { kind: 'custom' } });
  const { clientId, clientSecret } = bench.xero.app;
  bench.config = {
    ...bench.config,
    credentials: { auth_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
  };
  const outcome = await run(bench, { streams: ['invoices', 'bills'] });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('bills')).toHaveLength(bench.books[0].bills.length);
});

test('two organisations share a configuration but no key and no cursor', async () => {
  const bench = await openBench({ companies: 2, documents: 200 });
  const [one, two] = bench.books;
  const outcome = await run(bench, { streams: ['invoices', 'bills', 'currencies'] });
  for (const books of [one, two]) {
    const own = outcome.of('invoices').filter(({ TenantID }) => TenantID === books?.company.id);
    expect(own).toHaveLength(books?.invoices.length ?? -1);
  }
  const keys = outcome.of('currencies').map(({ TenantID, Code }) => `${TenantID} ${Code}`);
  expect(new Set(keys).size).toBe(keys.length);
  const tenants = outcome.states.get('invoices')?.tenants;
  expect(new Set(Object.keys(isObject(tenants) ? tenants : {}))).toEqual(
    new Set([one.company.id, two?.company.id]),
  );
  const again = await run(bench, { streams: ['invoices', 'bills', 'currencies'], states: outcome.states });
  expect(again.messages.filter(({ type }) => type === 'RECORD')).toEqual([]);
});

test('only the organisations of the configuration are read', async () => {
  const bench = await openBench({ companies: 2, documents: 60 });
  const [, two] = bench.books;
  bench.config = { ...bench.config, tenant_ids: [two?.company.id.toUpperCase()] };
  const outcome = await run(bench, { streams: ['contacts'] });
  expect(new Set(outcome.of('contacts').map(({ TenantID }) => TenantID))).toEqual(new Set([two?.company.id]));
});

/** A person who allows everything at once, and picks the first organisation. */
function person(bench: Bench, asked: URL[]): LoginPorts {
  let callback: Promise<URL> | undefined;
  return {
    listen: async (port) => ({
      url: `http://localhost:${port}/callback`,
      wait: async () => (await callback) ?? new URL('http://localhost/'),
      close: async () => undefined,
    }),
    async open(url) {
      asked.push(new URL(url));
      callback = fetch(url, { redirect: 'manual' }).then(
        (response) => new URL(response.headers.get('location') ?? bench.xero.url),
      );
    },
    choose: async (_, options) => options.slice(0, 1).map(({ value }) => value),
  };
}

test.each([
  ['with PKCE where there is no secret', 'pkce' as const],
  ['with the secret where there is one', 'web' as const],
])('a login %s gives a configuration that reads', async (_, kind) => {
  const bench = await openBench({
    companies: 2,
    app: { kind, redirectUris: ['http://localhost:8976/callback'] },
    switches: { consent: 'allow' },
  });
  const { clientId, clientSecret } = bench.xero.app;
  const draft = {
    credentials: { client_id: clientId, ...(kind === 'web' ? { client_secret: clientSecret } : {}) },
    endpoints: bench.config.endpoints,
    start_date: '2024-01-01',
  };
  const said: Message[] = [];
  const partial = { ...(await contextFor(bench, said)), config: draft as unknown as Config };
  const asked: URL[] = [];
  const config = (await source.login?.(partial, person(bench, asked))) ?? {};
  expect(asked[0]?.searchParams.get('scope')?.split(' ').sort()).toEqual(
    [...scopes, 'offline_access'].sort(),
  );
  expect(asked[0]?.searchParams.has('code_challenge')).toBe(kind === 'pkce');
  expect(config).toMatchObject({
    start_date: '2024-01-01',
    tenant_ids: [bench.books[0].company.id],
    credentials: { auth_type: 'oauth2', client_id: clientId, refresh_token: expect.any(String) },
  });
  bench.config = config;
  const outcome = await run(bench, { streams: ['accounts'] });
  expect(outcome.errors).toEqual([]);
  expect(outcome.of('accounts').length).toBeGreaterThan(0);
});

test('a custom connection is told that it needs no login', async () => {
  const bench = await openBench();
  const config = { credentials: { auth_type: 'client_credentials', client_id: 'x' } } as unknown as Config;
  const partial = { ...(await contextFor(bench)), config };
  await expect(source.login?.(partial, person(bench, []))).rejects.toThrow(/needs no consent/);
});

test('a login without a client id says where to get one', async () => {
  const bench = await openBench();
  const partial = { ...(await contextFor(bench)), config: {} as unknown as Config };
  await expect(source.login?.(partial, person(bench, []))).rejects.toThrow(/developer\.xero\.com/);
});
