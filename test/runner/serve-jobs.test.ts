// Jobs under `serve`: claimed at once, several beside each other, short ones never behind long ones, ends told of.
import { createServer } from 'node:http';
import {
  errorMessage,
  logMessage,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import type { PipelineSettings } from '../../runner/settings/index.ts';
import type { Store } from '../../runner/store/index.ts';
import { temporaryFolder } from '../program.ts';
import { type DestinationScript, type Line, writeEnds } from './ends.ts';
import { ended, serve, settingsOf, until } from './serving.ts';
import { storeOf } from './store-open.ts';

const complete: readonly Line[] = [
  recordMessage('invoices', { TenantID: 't', InvoiceID: '1' }, 1),
  stateMessage('invoices', { cursor: 1 }, 1),
  streamStatusMessage('invoices', 'COMPLETE', 1),
];
const slow = (milliseconds: number): readonly Line[] => [{ wait: milliseconds }, ...complete];
const records = [{ stream: 'invoices', tenant: 't', id: '1' }];

interface SetUp {
  readonly store: Store;
  readonly folder: string;
  pipe(name: string, lines?: readonly Line[], destination?: DestinationScript): Promise<PipelineSettings>;
  sourceRuns: Map<string, () => Promise<readonly Readonly<Record<string, unknown>>[]>>;
}

async function setUp(): Promise<SetUp> {
  const folder = await temporaryFolder();
  const sourceRuns: SetUp['sourceRuns'] = new Map();
  return {
    folder,
    sourceRuns,
    store: await storeOf('sqlite', { clock: systemClock }),
    async pipe(name, lines = complete, destination = {}) {
      const ends = await writeEnds(folder, name, { source: { reads: [lines] }, destination });
      sourceRuns.set(name, ends.sourceRuns);
      return ends.pipeline;
    },
  };
}

const add = async (store: Store, pipeline: string, more = {}) =>
  (await store.jobs.add({ pipeline, cause: 'manual', dueAt: 0, ...more })).id;

test('a job added in this process begins at once, and its begin and end are in the log', async () => {
  const { store, folder, pipe } = await setUp();
  let own: Store | undefined;
  const routes = (ports: { readonly store: Store }) => {
    own = ports.store;
    return [];
  };
  const { log } = await serve(settingsOf(folder, [await pipe('one')]), { store, routes });
  const waits: number[] = [];
  let id = 0;
  for (let round = 0; round < 3; round++) {
    const added = Date.now();
    id = await add(own ?? store, 'one');
    waits.push(((await ended(store, id)).startedAt ?? 0) - added);
  }
  // Sooner than by looking twice a second.
  expect(Math.min(...waits)).toBeLessThan(250);
  const [began, over] = await until(async () => {
    const lines = log.filter((line) => line.job === id);
    return lines.length >= 2 ? lines : undefined;
  });
  expect(began).toMatchObject({ message: 'job began', level: 'info', pipeline: 'one', attempt: 1 });
  expect(over).toMatchObject({ message: 'job ended', state: 'done', read: 1, committed: 1 });
});

test('a job that another program adds is found, too', async () => {
  const { store, folder, pipe } = await setUp();
  await serve(settingsOf(folder, [await pipe('one')]), { store });
  const added = Date.now();
  const job = await ended(store, await add(store, 'one'));
  expect((job.startedAt ?? 0) - added).toBeLessThan(3_000);
});

test('as many jobs run at once as there are lanes; single records go past the long ones', async () => {
  const { store, folder, pipe } = await setUp();
  const pipelines = [await pipe('long', slow(6_000)), await pipe('next'), await pipe('short')];
  const long = await add(store, 'long');
  await serve(settingsOf(folder, pipelines), { store, lanes: 1 });
  await ended(store, long, 'running');
  const next = await add(store, 'next');
  const short = await add(store, 'short', { records, cause: 'webhook' });
  await ended(store, short);
  expect((await store.jobs.get(long))?.state).toBe('running');
  expect((await store.jobs.get(next))?.state).toBe('waiting');
  await ended(store, next);
  expect((await store.jobs.get(long))?.state).toBe('done');
});

test('runs that share a consent follow each other, others run beside them', async () => {
  const { store, folder, pipe } = await setUp();
  const shared = async (name: string) => ({ ...(await pipe(name, slow(700))), connection: 'consent' });
  const pipelines = [await shared('a'), await shared('b'), await shared('c'), await pipe('free', slow(700))];
  const ids: number[] = [];
  for (const { name } of pipelines) ids.push(await add(store, name));
  await serve(settingsOf(folder, pipelines), { store, lanes: 4 });
  const jobs = [];
  for (const id of ids) jobs.push(await ended(store, id));
  const spans = jobs.slice(0, 3).map(({ startedAt = 0, endedAt = 0 }) => ({ startedAt, endedAt }));
  spans.sort((one, other) => one.startedAt - other.startedAt);
  for (const [index, span] of spans.slice(1).entries())
    expect(span.startedAt).toBeGreaterThanOrEqual(spans[index]?.endedAt ?? Number.POSITIVE_INFINITY);
  const [first, , , free] = jobs;
  expect(free?.startedAt).toBeLessThan(first?.endedAt ?? 0);
});

test('among runs that share a consent, single records go first, but not before what has waited long', async () => {
  const { store, folder, pipe } = await setUp();
  const shared = async (name: string) => ({ ...(await pipe(name)), connection: 'consent' });
  const pipelines = [await shared('poll'), await shared('old'), await shared('event')];
  const now = Date.now();
  const ids = [
    await add(store, 'poll', { dueAt: now - 60_000 }),
    await add(store, 'old', { dueAt: now - 3_600_000 }),
    await add(store, 'event', { dueAt: now, cause: 'webhook', records }),
  ];
  const { log } = await serve(settingsOf(folder, pipelines), { store });
  for (const id of ids) await ended(store, id);
  const order = log.filter(({ message }) => message === 'job began').map(({ pipeline }) => pipeline);
  expect(order).toEqual(['old', 'event', 'poll']);
});

test('the job of a runner that died is taken up when its lease runs out', async () => {
  const { store, folder, pipe } = await setUp();
  const id = await add(store, 'one');
  const now = Date.now();
  await store.jobs.claim('dead', { now, milliseconds: 1_500, pipelines: ['one'], connection: 'one' });
  await serve(settingsOf(folder, [await pipe('one')]), { store });
  const job = await ended(store, id);
  expect(job.attempt).toBe(2);
  expect((job.startedAt ?? 0) - now).toBeGreaterThanOrEqual(1_500);
  expect((job.startedAt ?? 0) - now).toBeLessThan(6_000);
});

test('the job of a dead runner keeps nobody from the consent, though its pipeline is gone from the settings', async () => {
  const { store, folder, pipe } = await setUp();
  await add(store, 'removed');
  await store.jobs.claim('dead', {
    ...{ now: Date.now(), milliseconds: 600, pipelines: ['removed'], connection: 'consent' },
  });
  const one = { ...(await pipe('one')), connection: 'consent' };
  const id = await add(store, 'one');
  await serve(settingsOf(folder, [one]), { store });
  await ended(store, id);
  expect((await store.jobs.list({ pipeline: 'removed' })).map(({ state }) => state)).toEqual(['waiting']);
});

test('whoever is told of failures hears of each that is final, though it fails to listen at first', async () => {
  const { store, folder, pipe } = await setUp();
  const heard: unknown[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (refused++ === 0) response.writeHead(500).end();
    else {
      heard.push(JSON.parse(body));
      response.writeHead(204).end();
    }
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  const failing = await pipe('one', [
    errorMessage({ message: 'The key was refused: make a new one', failure_type: 'config_error' }, 1),
    { exit: 1 },
  ]);
  const settings = settingsOf(folder, [failing], { on_failure: { url: `http://127.0.0.1:${port}/hook` } });
  const { log } = await serve(settings, { store });
  const id = await add(store, 'one');
  await until(async () => heard[0]);
  expect(heard).toEqual([
    expect.objectContaining({
      event: 'job failed',
      job: id,
      pipeline: 'one',
      state: 'failed',
      kind: 'config',
      message: 'source: The key was refused: make a new one',
      replay: `ledgerpipe replay --job ${id}`,
    }),
  ]);
  expect(log.find(({ message }) => message === 'job ended')).toMatchObject({
    level: 'error',
    state: 'failed',
    kind: 'config',
    reason: 'source: The key was refused: make a new one',
  });
});

test('a job that is tried again later is no failure to tell of', async () => {
  const { store, folder, pipe } = await setUp();
  const failing = await pipe('one', [
    errorMessage({ message: 'Away', failure_type: 'transient_error' }, 1),
    { exit: 1 },
  ]);
  const settings = settingsOf(folder, [failing], { on_failure: { url: 'http://127.0.0.1:9/' } });
  const { log } = await serve(settings, { store });
  await add(store, 'one');
  const over = await until(async () => log.find(({ message }) => message === 'job ended'));
  expect(over).toMatchObject({ level: 'warn', state: 'waiting', kind: 'transient' });
  expect(over?.again_at).toMatch(/^\d{4}-/);
  expect(log.some(({ message }) => message.includes('on_failure'))).toBe(false);
});

const sighting = (keys: number) =>
  JSON.stringify({
    event: 'keys without a row',
    fact: 'invoices',
    columns: ['k'],
    dimension: 'Contacts',
    keys,
  });

test('a dimension that a load found stale is refreshed at once, and not again for the same keys', async () => {
  const { store, folder, pipe } = await setUp();
  const one = await pipe('one', complete, { logs: [sighting(3)] });
  await serve(settingsOf(folder, [one]), { store });
  const first = await add(store, 'one', { streams: ['invoices'] });
  await ended(store, first);
  const refresh = await until(async () =>
    (await store.jobs.list()).find(({ streams }) => streams?.[0] === 'reference'),
  );
  expect(refresh).toMatchObject({ pipeline: 'one', cause: 'schedule', streams: ['reference'] });
  expect(refresh.dueAt).toBeLessThanOrEqual(Date.now());
  await ended(store, refresh.id);
  await ended(store, await add(store, 'one', { streams: ['invoices'] }));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await store.jobs.list()).toHaveLength(3);
});

test('what a source tells of its limits is kept', async () => {
  const { store, folder, pipe } = await setUp();
  const quota = (left: number) =>
    logMessage('INFO', JSON.stringify({ event: 'quota', tenant: 't', limit: 'day', left }));
  await serve(settingsOf(folder, [await pipe('one', [quota(4_000), quota(3_999), ...complete])]), { store });
  await ended(store, await add(store, 'one'));
  const quotas = await until(async () => {
    const found = await store.overview.quotas();
    return found[0]?.left === 3_999 ? found : undefined;
  });
  expect(quotas).toEqual([
    { pipeline: 'one', tenant: 't', limit: 'day', left: 3_999, at: expect.any(Number) },
  ]);
});

test('asked to stop, it commits what was read and gives the job back', async () => {
  const { store, folder, pipe, sourceRuns } = await setUp();
  const [record, state] = complete;
  const one = await pipe('one', [record, state, { wait: 60_000 }] as readonly Line[]);
  const { drain, log } = await serve(settingsOf(folder, [one]), { store });
  const id = await add(store, 'one');
  await until(async () => (await store.states.of('one'))[0]);
  const later = await add(store, 'one', { streams: ['notes'] });
  expect(await drain(10_000)).toBe(true);
  const job = await store.jobs.get(id);
  expect(job).toMatchObject({ state: 'waiting', committed: 1 });
  expect((await store.jobs.get(later))?.state).toBe('waiting');
  expect(await sourceRuns.get('one')?.()).toHaveLength(1);
  expect(log.at(-1)).toMatchObject({ message: 'job ended', state: 'waiting' });
});

test('a connector that does not end in time is stopped, and the job goes back all the same', async () => {
  const { store, folder, pipe } = await setUp();
  const [record, state] = complete;
  const one = await pipe('one', [record, state, { wait: 60_000 }] as readonly Line[], { deaf: true });
  const { drain } = await serve(settingsOf(folder, [one]), { store });
  const id = await add(store, 'one');
  await until(async () => (await store.states.of('one'))[0]);
  const began = Date.now();
  expect(await drain(5_000)).toBe(true);
  expect(Date.now() - began).toBeLessThan(8_000);
  expect(await store.jobs.get(id)).toMatchObject({ state: 'waiting', committed: 1 });
});
