// Claims of runners that share a store: what is due, which of it reads single records, and one job for each shared consent.
import type { Catalog } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { configure } from '../../runner/run/catalog.ts';
import type { Store } from '../../runner/store/index.ts';
import { newKey } from '../../runner/vault/key.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const records = [{ stream: 'invoices', tenant: 't', id: '1' }];
const lease = (now: number, pipeline: string, connection?: string) => ({
  ...{ now, milliseconds: 100, pipelines: [pipeline] },
  ...(connection !== undefined && { connection }),
});

test.each(kinds)(
  'what is due is told in its order, with what runs on a lease that is over (%s)',
  async (kind) => {
    const store = await storeOf(kind);
    await store.jobs.add({ pipeline: 'later', cause: 'manual', dueAt: 500 });
    await store.jobs.add({ pipeline: 'second', cause: 'webhook', dueAt: 20, records });
    await store.jobs.add({ pipeline: 'first', cause: 'manual', dueAt: 10 });
    const [second, first] = [
      { pipeline: 'second', single: true, dueAt: 20 },
      { pipeline: 'first', single: false, dueAt: 10 },
    ];
    expect(await store.jobs.due(100)).toEqual([first, second]);
    await store.jobs.claim('r', lease(100, 'first'));
    expect(await store.jobs.due(200)).toEqual([second]);
    expect(await store.jobs.due(201)).toEqual([first, second]);
  },
);

test.each(kinds)('a lane for single records leaves whole streams to others (%s)', async (kind) => {
  const store = await storeOf(kind);
  await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: 1 });
  expect(await store.jobs.claim('r', { ...lease(5, 'p'), single: true })).toBe(undefined);
  const { id } = await store.jobs.add({ pipeline: 'p', cause: 'webhook', dueAt: 2, records });
  expect(await store.jobs.claim('r', { ...lease(5, 'p'), single: true })).toMatchObject({ id });
});

test.each(kinds)(
  'a consent is held while a job of it runs, and given up with its end or its lease (%s)',
  async (kind) => {
    const store = await storeOf(kind);
    for (const pipeline of ['a', 'b', 'c']) await store.jobs.add({ pipeline, cause: 'manual', dueAt: 1 });
    const held = await store.jobs.claim('one', lease(10, 'a', 'consent'));
    expect(await store.jobs.claim('two', lease(10, 'b', 'consent'))).toBe(undefined);
    expect(await store.jobs.claim('two', lease(10, 'c', 'another'))).toMatchObject({ pipeline: 'c' });
    // Its runner is gone: it waits again, and the late answer of that runner counts for nothing.
    expect(await store.jobs.claim('two', lease(111, 'b', 'consent'))).toMatchObject({ pipeline: 'b' });
    expect(await store.jobs.get(held?.id ?? 0)).toMatchObject({ state: 'waiting', attempt: 1 });
    expect(await store.jobs.renew(held?.id ?? 0, 'one', 500)).toBe(false);
    expect(await store.jobs.claim('one', lease(112, 'a', 'consent'))).toBe(undefined);
    const [b] = await store.jobs.list({ pipeline: 'b' });
    await store.jobs.finish(b?.id ?? 0, 'two', { state: 'done', read: 0, committed: 0, endedAt: 113 });
    expect(await store.jobs.claim('one', lease(114, 'a', 'consent'))).toMatchObject({ attempt: 2 });
  },
);

test('however hard two runners try, no consent has two jobs at once', async () => {
  const [url, key] = [await emptyDatabase('postgres'), newKey()];
  const stores = [await storeOf('postgres', { url, key }), await storeOf('postgres', { url, key })];
  const [first] = stores as [Store, Store];
  const pipelines = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const consentOf = (name: string): string => `consent ${Number(name.slice(1)) % 3}`;
  for (let round = 0; round < 10; round++) {
    for (const pipeline of pipelines) await first.jobs.add({ pipeline, cause: 'manual', dueAt: round });
    const claims = stores.flatMap(({ jobs }, runner) =>
      pipelines.map(
        async (name) =>
          await jobs.claim(`r${runner}`, { ...lease(round, name, consentOf(name)), milliseconds: 1e6 }),
      ),
    );
    const claimed = (await Promise.all(claims)).filter((job) => job !== undefined);
    expect(claimed.map(({ pipeline }) => consentOf(pipeline)).sort()).toEqual(
      [0, 1, 2].map((one) => `consent ${one}`),
    );
    for (const { id, owner = '' } of claimed)
      await first.jobs.finish(id, owner, { state: 'done', read: 0, committed: 0, endedAt: round });
  }
});

test.each(kinds)(
  'firings are noted with their jobs, once; schedules that begin keep what is known (%s)',
  async (kind) => {
    const { firings, jobs } = await storeOf(kind);
    const firing = (name: string, at: number) => ({
      name,
      at,
      job: { pipeline: name, cause: 'schedule', dueAt: at } as const,
    });
    await firings.begin(['a', 'b'], 10);
    expect(
      (await firings.fire([firing('a', 20), firing('b', 10), firing('c', 5)])).map(
        ({ pipeline }) => pipeline,
      ),
    ).toEqual(['a', 'c']);
    expect(await firings.fire([firing('a', 20), firing('a', 15)])).toEqual([]);
    await firings.begin(['a', 'd'], 99);
    expect([...(await firings.all())].sort()).toEqual([
      ['a', 20],
      ['b', 10],
      ['c', 5],
      ['d', 99],
    ]);
    expect(await jobs.list()).toHaveLength(2);
  },
);

const field = (role?: string) => ({ type: 'string', ...(role !== undefined && { 'x-role': role }) });
const catalog: Catalog = {
  streams: [
    { name: 'invoices', json_schema: { properties: { Date: field('date'), Status: field('status') } } },
    { name: 'bills', json_schema: { properties: { Date: field('date'), Status: field('status') } } },
    { name: 'contacts', json_schema: { properties: { Name: field() } } },
  ].map((stream) => ({ ...stream, supported_sync_modes: ['full_refresh'] })) as Catalog['streams'],
};

test('a job of a group reads those of its streams that the pipeline moves', () => {
  const chosen = (streams: readonly string[] | undefined, moved?: readonly string[]) =>
    configure(catalog, { streams, moved, job: 1 }).streams.map(({ stream }) => stream.name);
  expect(chosen(['facts'])).toEqual(['invoices', 'bills']);
  expect(chosen(['facts'], ['invoices', 'contacts'])).toEqual(['invoices']);
  expect(chosen(['reference', 'bills'])).toEqual(['bills', 'contacts']);
  expect(chosen(['reference'], ['bills'])).toEqual([]);
  expect(chosen(undefined, ['bills'])).toEqual(['bills']);
  expect(() => chosen(['factz'])).toThrow('Unknown stream "factz"');
  const facts = { ...catalog.streams[2], name: 'facts' } as Catalog['streams'][number];
  const named = configure({ streams: [...catalog.streams, facts] }, { streams: ['facts'], job: 1 });
  expect(named.streams.map(({ stream }) => stream.name)).toEqual(['facts']);
});
