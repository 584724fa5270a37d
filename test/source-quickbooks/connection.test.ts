// The connection: the check, rotation, two processes at once, the end of a consent, and the login.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginPorts, type Message, readStates } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import { source } from '../../source-quickbooks/index.ts';
import type { Config } from '../../source-quickbooks/spec.ts';
import { contextOf, readAll } from '../conformance/in-process.ts';
import { type Bench, DAY, openBench, run } from './bench.ts';

const contextFor = (bench: Bench, said: Message[] = []) => contextOf(source, bench, said);

async function storeFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quickbooks-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'tokens');
}

test('a check makes one call and names the company', async () => {
  const bench = await openBench();
  const result = await source.check(await contextFor(bench));
  expect(result.ok).toBe(true);
  for (const text of [bench.books.company.name, bench.realm, 'production'])
    expect(result.message).toContain(text);
  expect(bench.quickbooks.calls()).toBe(1);
});

test('discover calls nothing, and offers rare streams only where they are wanted', async () => {
  const bench = await openBench();
  const { streams } = await source.discover(await contextFor(bench));
  expect(streams.length).toBe(42);
  expect(bench.quickbooks.requests).toEqual([]);
  bench.config = { ...bench.config, more_streams: ['journal_codes'] };
  const more = await source.discover(await contextFor(bench));
  expect(more.streams.map(({ name }) => name)).toContain('journal_codes');
});

test('a rotated refresh token leaves as the complete configuration before any record', async () => {
  const bench = await openBench({ switches: { rotateAfterHours: 24 } });
  const before = bench.config.credentials as Record<string, string>;
  await run(bench, { streams: ['accounts'] });
  expect(bench.config.credentials).toEqual(before);
  bench.clock.advance(25 * 3_600_000);
  const outcome = await run(bench, { streams: ['accounts'] });
  const control = outcome.messages.findIndex(({ type }) => type === 'CONTROL');
  expect(control).toBeGreaterThanOrEqual(0);
  expect(control).toBeLessThan(outcome.messages.findIndex(({ type }) => type === 'RECORD'));
  const after = bench.config.credentials as Record<string, string>;
  expect(after.refresh_token).not.toBe(before.refresh_token);
  expect(bench.config).toMatchObject({ realm_id: bench.realm, endpoints: { api: bench.quickbooks.url } });
  bench.clock.advance(25 * 3_600_000);
  expect((await run(bench, { streams: ['accounts'] })).errors).toEqual([]);
});

test('with a token store the configuration may keep its old refresh token for ever', async () => {
  const bench = await openBench({
    switches: { rotateAfterHours: 0, reuseRevokes: true },
    config: { token_store: await storeFile(), token_store_key: 'a passphrase' },
  });
  for (let day = 0; day < 3; day += 1) {
    expect((await readAll(source, { ...bench, streams: ['accounts'] })).length).toBeGreaterThan(3);
    bench.clock.advance(DAY);
  }
});

test('runs side by side never refresh at once: where reuse ends the consent, all of them are complete', async () => {
  const bench = await openBench({
    switches: { rotateAfterHours: 0, reuseRevokes: true },
    config: { token_store: await storeFile() },
  });
  const outcomes = await Promise.all(
    Array.from({ length: 4 }, () => readAll(source, { ...bench, streams: ['accounts', 'terms'] })),
  );
  for (const messages of outcomes)
    expect(messages.filter(({ type }) => type === 'RECORD').length).toBeGreaterThan(10);
  expect(bench.quickbooks.requests.filter(({ url }) => url.pathname.includes('tokens/bearer'))).toHaveLength(
    1,
  );
});

test('thirty days before a consent ends for good every refresh says so, and not earlier', async () => {
  const bench = await openBench();
  const years = 157_680_000_000;
  const granted = (left: number): string => {
    const { refresh_token } = bench.quickbooks.issueTokens({
      grantedAt: bench.clock.now() - years + left * DAY,
    });
    return refresh_token;
  };
  const credentials = bench.config.credentials as Record<string, string>;
  bench.config = { ...bench.config, credentials: { ...credentials, refresh_token: granted(31) } };
  const early = await run(bench, { streams: ['accounts'] });
  expect(early.logs.filter((text) => text.includes('ends for good'))).toEqual([]);
  bench.config = { ...bench.config, credentials: { ...credentials, refresh_token: granted(29) } };
  const day = new Date(bench.clock.now() + 29 * DAY).toISOString().slice(0, 10);
  const late = await run(bench, { streams: ['accounts'] });
  const [told, ...more] = late.logs.filter((text) => text.includes('ends for good'));
  expect(more).toEqual([]);
  expect(told).toContain(day);
  expect(told).toContain('"source-quickbooks login"');
});

/** A person who answers the consent page. */
function person(bench: Bench, answer: (callback: URL) => URL = (callback) => callback) {
  const asked: URL[] = [];
  let callback: Promise<URL> | undefined;
  const ports: LoginPorts = {
    listen: async (port) => ({
      url: `http://localhost:${port}/callback`,
      wait: async () => (await callback) ?? new URL('http://localhost/'),
      close: async () => undefined,
    }),
    async open(url) {
      asked.push(new URL(url));
      callback = fetch(url, { redirect: 'manual' }).then((response) =>
        answer(new URL(response.headers.get('location') ?? bench.quickbooks.url)),
      );
    },
    choose: async () => [],
  };
  return { asked, ports };
}

const appOnly = ({ quickbooks }: Bench): Config =>
  ({
    credentials: { client_id: quickbooks.app.clientId, client_secret: quickbooks.app.clientSecret },
    endpoints: { api: quickbooks.url, identity: quickbooks.url, login: quickbooks.url },
  }) as unknown as Config;

const loginContext = async (bench: Bench) => ({ ...(await contextFor(bench)), config: appOnly(bench) });

test('a login ends in a configuration that reads, with the company of the callback', async () => {
  const bench = await openBench({ switches: { consent: 'allow' } });
  const { asked, ports } = person(bench);
  const config = await source.login?.(await loginContext(bench), ports);
  expect(config).toMatchObject({ realm_id: bench.realm, environment: 'production' });
  const [url] = asked;
  expect(url?.searchParams.get('scope')).toBe('com.intuit.quickbooks.accounting');
  expect(url?.searchParams.get('code_challenge')).toBeNull();
  bench.config = config ?? {};
  expect((await run(bench, { streams: ['accounts'] })).errors).toEqual([]);
});

test.each([
  [
    'a person who refuses',
    { consent: 'deny' as const },
    (url: URL) => url,
    /consent page answered "access_denied"/,
  ],
  [
    'a callback without a company',
    { consent: 'allow' as const },
    (url: URL) => {
      url.searchParams.delete('realmId');
      return url;
    },
    /did not say which company/,
  ],
  [
    'a callback of another login',
    { consent: 'allow' as const },
    (url: URL) => {
      url.searchParams.set('state', 'another');
      return url;
    },
    /belongs to another login/,
  ],
])('%s ends the login with a word on it', async (_, switches, answer, words) => {
  const bench = await openBench({ switches });
  const { ports } = person(bench, answer);
  const context = await loginContext(bench);
  await expect(source.login?.(context, ports)).rejects.toThrow(words);
});

test('a login without keys asks for them', async () => {
  const bench = await openBench();
  const context = { ...(await contextFor(bench)), config: {} as Config };
  await expect(source.login?.(context, person(bench).ports)).rejects.toThrow(
    /set "credentials.client_id" .* developer.intuit.com/,
  );
});

test('a state file in any form goes on where it stood', async () => {
  const bench = await openBench();
  const first = await run(bench, { streams: ['invoices'] });
  const lines = first.messages
    .filter(({ type }) => type === 'STATE')
    .map((message) => JSON.stringify(message));
  const again = await run(bench, { streams: ['invoices'], states: readStates(lines.join('\n'), 'state') });
  expect(again.of('invoices')).toEqual([]);
});
