// Schedules under `serve`: each firing makes one job, jitter is always the same, what was missed is made up for once.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import { firingTimes } from '../../runner/serve/firing-times.ts';
import { type Planned, planOf } from '../../runner/serve/planned.ts';
import { Schedules } from '../../runner/serve/schedules.ts';
import { StaleDimensions } from '../../runner/serve/stale.ts';
import type { PipelineSettings, Schedule } from '../../runner/settings/index.ts';
import type { Job, Store } from '../../runner/store/index.ts';
import { kinds, storeOf } from './store-open.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 10, 20, 12, 5, 0);
const log = pino({ level: 'silent' });

const pipelineOf = (name: string, schedules: readonly Schedule[], more: Partial<PipelineSettings> = {}) => ({
  ...{ name, base: name, tenants: [], connection: name, exclusive: true, problems: [], schedules },
  source: { connector: 'source-xero', config: {} },
  destination: { connector: 'destination-databricks', config: {} },
  ...more,
});

const every = (cron: string, more: Partial<Schedule> = {}): Schedule => ({
  ...{ cron, timezone: 'UTC', jitter_seconds: 0 },
  ...more,
});

const plan = (...pipelines: PipelineSettings[]): readonly Planned[] =>
  planOf(
    { pipelines: Object.fromEntries(pipelines.map((one) => [one.name, one])) },
    { hasWebhooks: () => false },
  );

const openAt = (planned: readonly Planned[], store: Store, now: number) =>
  Schedules.open(planned, { store, log, now });

/** Ends what waits, so that the next firing makes a job of its own; gives the jobs so far, oldest first. */
async function settle(store: Store, now: number): Promise<readonly Job[]> {
  for (;;) {
    const job = await store.jobs.claim('tester', { now, milliseconds: 1_000 });
    if (!job) break;
    await store.jobs.finish(job.id, 'tester', { state: 'done', read: 0, committed: 0, endedAt: now });
  }
  return (await store.jobs.list()).toReversed();
}

test.each(kinds)('each firing makes a job, due at its time (%s)', async (kind) => {
  const store = await storeOf(kind);
  const schedules = await openAt(
    plan(pipelineOf('p', [every('*/15 * * * *', { streams: 'facts' })])),
    store,
    start,
  );
  for (let now = start; now <= start + hour; now += minute) {
    await schedules.run(now);
    await settle(store, now);
  }
  const jobs = await settle(store, start + hour);
  expect(jobs.map(({ cause, streams, dueAt }) => [cause, streams, dueAt - start])).toEqual(
    [10, 25, 40, 55].map((minutes) => ['schedule', ['facts'], minutes * minute]),
  );
});

test.each(kinds)('two runners that see the same firings make one job of each (%s)', async (kind) => {
  const store = await storeOf(kind);
  const planned = plan(...['a', 'b', 'c'].map((name) => pipelineOf(name, [every('* * * * *')])));
  const runners = [await openAt(planned, store, start), await openAt(planned, store, start)];
  for (let now = start; now <= start + 5 * minute; now += 20_000) {
    await Promise.all(runners.map((schedules) => schedules.run(now)));
    await settle(store, now);
    // Later than the other, whose job is long done.
    await runners[0]?.run(now + 1);
  }
  const jobs = await settle(store, start + 5 * minute);
  expect(jobs).toHaveLength(15);
  for (const name of ['a', 'b', 'c'])
    expect(new Set(jobs.filter(({ pipeline }) => pipeline === name).map(({ dueAt }) => dueAt)).size).toBe(5);
});

test('what was missed while no runner ran is made up for once, and the schedule goes on', async () => {
  const store = await storeOf('sqlite');
  const planned = plan(pipelineOf('p', [every('*/15 * * * *')]));
  const before = await openAt(planned, store, start);
  await before.run(start + 10 * minute);
  await settle(store, start + 10 * minute);
  const later = start + 50 * hour;
  const after = await openAt(planned, store, later);
  await after.run(later);
  await after.run(later + 1_000);
  const jobs = await settle(store, later);
  expect(jobs.map(({ dueAt }) => dueAt - start)).toEqual([10 * minute, 50 * hour - 5 * minute]);
  await after.run(later + 10 * minute);
  expect(await settle(store, later + 10 * minute)).toHaveLength(3);
});

test('a schedule that is new does not fire for the time before it', async () => {
  const store = await storeOf('sqlite');
  const schedules = await openAt(plan(pipelineOf('p', [every('0 3 * * *')])), store, start);
  await schedules.run(start);
  expect(await store.jobs.list()).toEqual([]);
  expect(schedules.next).toBe(Date.UTC(2026, 10, 21, 3));
});

test('jitter delays each run by as much every day, different ones differently, never beyond the setting', () => {
  const jittered = [every('0 0 * * *', { jitter_seconds: 600 })];
  const names = Array.from({ length: 200 }, (_, index) => `p${index}`);
  const offsets = () => plan(...names.map((name) => pipelineOf(name, jittered))).map(({ offset }) => offset);
  const first = offsets();
  expect(offsets()).toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(190);
  expect(Math.min(...first)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...first)).toBeLessThan(600_000);
  expect(Math.max(...first)).toBeGreaterThan(500_000);
});

test('a job still waits while the next firing comes: the one takes the other in', async () => {
  const store = await storeOf('sqlite');
  const schedules = await openAt(plan(pipelineOf('p', [every('* * * * *')])), store, start);
  await schedules.run(start + minute);
  await schedules.run(start + 2 * minute);
  expect((await store.jobs.list()).map(({ dueAt }) => dueAt - start)).toEqual([minute]);
});

test('times are those of the zone, before and after the clocks change', () => {
  const times = firingTimes()({ cron: '30 1 * * *', timezone: 'Europe/London' });
  expect(times.after(Date.UTC(2026, 9, 24, 12))).toBe(Date.UTC(2026, 9, 25, 0, 30));
  expect(times.after(Date.UTC(2026, 9, 25, 12))).toBe(Date.UTC(2026, 9, 26, 1, 30));
  expect(times.until(Date.UTC(2026, 9, 26, 1, 30))).toBe(Date.UTC(2026, 9, 26, 1, 30));
  expect(times.until(Date.UTC(2026, 9, 26, 1, 30) - 1)).toBe(Date.UTC(2026, 9, 25, 0, 30));
});

test('pipelines whose events are received are polled by the reconcile schedule, others are not', () => {
  const pipelines = {
    heard: pipelineOf('heard', []),
    deaf: pipelineOf('deaf', []),
    broken: pipelineOf('broken', [every('* * * * *')], { problems: [{ line: 1, column: 1, message: 'no' }] }),
  };
  const reconcile = { cron: '17 3 * * *', timezone: 'UTC' };
  const planned = planOf({ pipelines, reconcile }, { hasWebhooks: ({ name }) => name !== 'deaf' });
  expect(planned.map(({ job }) => job)).toEqual([{ pipeline: 'heard', cause: 'reconcile' }]);
  expect(planned[0]?.offset).toBeLessThan(600_000);
  expect(planOf({ pipelines }, { hasWebhooks: () => true })).toEqual([]);
});

const job: Job = {
  ...{ id: 1, pipeline: 'p', cause: 'schedule', state: 'running', streams: ['invoices'] },
  ...{ dueAt: 0, attempt: 1, createdAt: 0, read: 0, committed: 0 },
};

test('keys without a row ask for their stream when it is known, for all reference streams when it is not', () => {
  const load = (dimension: string, more = {}) => ({
    ...{
      job,
      pipeline: { name: 'p' },
      read: new Set(['invoices']),
      streams: ['invoices', 'tax_rates'],
      now: 1,
    },
    ...{ sightings: [{ fact: 'invoices', dimension, keys: 2 }], ...more },
  });
  const refreshed = (dimension: string, more = {}) =>
    new StaleDimensions().refreshFor(load(dimension, more))?.streams;
  expect(refreshed('TaxRates')).toEqual(['tax_rates']);
  expect(refreshed('dim_contacts')).toEqual(['reference']);
  expect(refreshed('invoices')).toBe(undefined);
  expect(refreshed('dim_contacts', { job: { ...job, streams: undefined } })).toBe(undefined);
});

test('keys that a refresh does not bring are asked for once an hour, and at once when there are more of them', () => {
  const stale = new StaleDimensions();
  const ask = (keys: number, now: number) =>
    stale.refreshFor({
      ...{ job, pipeline: { name: 'p' }, read: new Set<string>(), streams: ['contacts'], now },
      sightings: [{ fact: 'invoices', dimension: 'contacts', keys }],
    }) !== undefined;
  expect([ask(2, 0), ask(2, minute), ask(1, 2 * minute), ask(3, 3 * minute), ask(3, 70 * minute)]).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});
