// What the page asks of the store, on both databases.
import { expect, test } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { endedJob, noon } from './page-open.ts';
import { kinds, storeOf } from './store-open.ts';

const day = 86_400_000;

test.each(kinds)('%s: the newest job of each pipeline, however many there are', async (kind) => {
  const clock = fastClock({ start: noon });
  const store = await storeOf(kind, { clock });
  const names = Array.from({ length: 450 }, (_, index) => `p${index}`);
  for (const pipeline of [...names.slice(0, 430), ...names.slice(0, 3)])
    await store.jobs.add({ pipeline, cause: 'manual', dueAt: noon, streams: [`${Math.random()}`] });
  const newest = await store.jobs.newest(names);
  expect(newest).toHaveLength(430);
  const idOf = new Map(newest.map(({ pipeline, id }) => [pipeline, id]));
  expect([idOf.get('p0'), idOf.get('p2'), idOf.get('p3')]).toEqual([431, 433, 4]);
  expect(await store.jobs.newest([])).toEqual([]);
});

test.each(kinds)('%s: jobs are listed page by page, waiting ones counted by pipeline', async (kind) => {
  const clock = fastClock({ start: noon });
  const store = await storeOf(kind, { clock });
  for (const streams of [['a'], ['b'], ['c']])
    await store.jobs.add({ pipeline: 'p', cause: 'manual', dueAt: noon + streams.length, streams });
  await store.jobs.add({ pipeline: 'q', cause: 'manual', dueAt: noon - 5 });
  await endedJob({ store, clock }, { pipeline: 'r' });
  expect((await store.jobs.list({ limit: 2, before: 4 })).map(({ id }) => id)).toEqual([3, 2]);
  expect((await store.jobs.list({ pipeline: 'p', before: 2 })).map(({ id }) => id)).toEqual([1]);
  expect(await store.overview.waiting()).toEqual([
    { pipeline: 'p', jobs: 3, dueAt: noon + 1 },
    { pipeline: 'q', jobs: 1, dueAt: noon - 5 },
  ]);
});

test.each(kinds)('%s: records per day of all pipelines or of one, freshness of some', async (kind) => {
  const clock = fastClock({ start: noon });
  const store = await storeOf(kind, { clock });
  for (const [pipeline, days, committed] of [
    ['p', 1, 5],
    ['p', 0, 7],
    ['q', 0, 10],
    ['q', 40, 99],
  ] as const)
    await endedJob({ store, clock }, { pipeline }, { committed, endedAt: noon - days * day });
  expect(await store.overview.totalsPerDay(30, noon)).toEqual([
    { day: '2026-11-19', records: 5 },
    { day: '2026-11-20', records: 17 },
  ]);
  expect(await store.overview.totalsPerDay(30, noon, 'q')).toEqual([{ day: '2026-11-20', records: 10 }]);
  for (const pipeline of ['p', 'q', 'r'])
    await store.states.keep(
      pipeline,
      { type: 'STREAM', stream: { stream_descriptor: { name: 'invoices' }, stream_state: {} } },
      1,
    );
  expect((await store.overview.freshness(['p', 'r'])).map(({ pipeline }) => pipeline)).toEqual(['p', 'r']);
  expect(await store.overview.freshness([])).toEqual([]);
  expect(await store.overview.freshness()).toHaveLength(3);
});
