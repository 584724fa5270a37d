// A sync that a person asks for: its own job, the one that a killed run left, and runs that are in each other's way.

import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { busyWith, claimable } from '../../runner/run/connections.ts';
import type { Performed } from '../../runner/run/perform.ts';
import { sync } from '../../runner/run/sync.ts';
import type { Line } from './ends.ts';
import { type Engine, openEngine, retry, silent } from './engine.ts';

const complete: readonly Line[] = [
  recordMessage('invoices', { TenantID: 't', InvoiceID: '1' }, 1),
  stateMessage('invoices', { cursor: 1 }, 1),
  streamStatusMessage('invoices', 'COMPLETE', 1),
];

function syncOf({ store, pipeline, folder }: Engine) {
  const performed: Performed[] = [];
  const job = sync(pipeline, {
    settings: { file: `${folder}/ledgerpipe.yaml`, folder, retry, pipelines: { pipe: pipeline } },
    store,
    clock: systemClock,
    signal: new AbortController().signal,
    progress: silent,
    performed: (one) => void performed.push(one),
  });
  return { job, performed };
}

test('it adds a job and performs it; the next one has the next number', async () => {
  const engine = await openEngine({ source: { reads: [complete] } });
  expect(await syncOf(engine).job).toMatchObject({ id: 1, cause: 'manual', state: 'done' });
  expect(await syncOf(engine).job).toMatchObject({ id: 2, state: 'done' });
});

test('a job that a killed run left is taken up with its number, once its lease has run out', async () => {
  const engine = await openEngine({ source: { reads: [complete] } });
  const { id } = await engine.add();
  const now = Date.now();
  await engine.store.jobs.claim('killed:1', { now, milliseconds: 1_500 });
  expect(await syncOf(engine).job).toMatchObject({ id, attempt: 2, state: 'done' });
  expect(Date.now() - now).toBeGreaterThanOrEqual(1_500);
  expect(await engine.store.jobs.list()).toHaveLength(1);
});

test('a failed sync is tried again under its number by the next one', async () => {
  const failed: readonly Line[] = [streamStatusMessage('invoices', 'INCOMPLETE', 1), { exit: 1 }];
  const engine = await openEngine({ source: { reads: [failed, complete] } });
  expect(await syncOf(engine).job).toMatchObject({ id: 1, state: 'waiting' });
  expect(await syncOf(engine).job).toMatchObject({ id: 1, attempt: 2, state: 'done' });
});

test('two at once: the second says that the pipeline is running already, and leaves nothing behind', async () => {
  const engine = await openEngine({ source: { reads: [[{ wait: 9_000 }, ...complete]] } });
  const first = syncOf(engine).job;
  while ((await engine.store.jobs.list({ states: ['running'] })).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  await expect(syncOf(engine).job).rejects.toMatchObject({
    kind: 'transient',
    message: 'Pipeline "pipe" is running already: wait for that run to end',
  });
  expect(await first).toMatchObject({ state: 'done', attempt: 1 });
  expect(await engine.store.jobs.list()).toHaveLength(1);
});

test('jobs that were due before are done first', async () => {
  const engine = await openEngine({ source: { reads: [complete] } });
  await engine.add({ cause: 'webhook', records: [{ stream: 'invoices', tenant: 't', id: '1' }], dueAt: 5 });
  const { job, performed } = syncOf(engine);
  expect(await job).toMatchObject({ id: 2, state: 'done' });
  expect(performed.map((one) => one.job.cause)).toEqual(['webhook', 'manual']);
});

test('runs that share a consent without a token store wait for each other, those with one do not', async () => {
  const engine = await openEngine({ source: { reads: [complete] } });
  const one = { ...engine.pipeline, name: 'a.one', connection: 'a' };
  const two = { ...engine.pipeline, name: 'a.two', connection: 'a' };
  const free = { ...engine.pipeline, name: 'a.free', connection: 'a', exclusive: false };
  const pipelines = { 'a.one': one, 'a.two': two, 'a.free': free };
  expect(claimable(pipelines, new Set())).toEqual(['a.one', 'a.two', 'a.free']);
  expect(claimable(pipelines, new Set(['a.one']))).toEqual(['a.free']);
  expect(claimable(pipelines, new Set(['a.free']))).toEqual(['a.one', 'a.two']);

  await engine.store.jobs.add({ pipeline: 'a.one', cause: 'manual', dueAt: 0 });
  const about = { store: engine.store, settings: { pipelines }, now: 100 };
  expect(await busyWith(two, about)).toBe(undefined);
  await engine.store.jobs.claim('other', { now: 100, milliseconds: 50 });
  expect(await busyWith(two, about)).toBe('a.one');
  expect(await busyWith(free, about)).toBe(undefined);
  expect(await busyWith(two, { ...about, now: 151 })).toBe(undefined);
});
