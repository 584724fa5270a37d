// What a replay reads again, and what still waits for one.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { type ReplayOf, replaysOf } from '../../runner/run/replay.ts';
import { statusOf } from '../../runner/run/status.ts';
import { statusText } from '../../runner/run/status-text.ts';
import { unresolvedJobs } from '../../runner/run/unresolved.ts';
import type { AuditRow, JobOutcome, NewJob, Store } from '../../runner/store/index.ts';
import { storeOf } from './store-open.ts';

const now = Date.UTC(2026, 10, 20, 12);

const row = (job: number, key: string, more: Partial<AuditRow> = {}): AuditRow => ({
  pipeline: 'a',
  tenant: 't',
  stream: 'invoices',
  key,
  document: `INV-${key}`,
  hash: '0',
  job,
  attempt: 1,
  outcome: 'delivered',
  readAt: now,
  deliveredAt: now,
  ...more,
});

const openTestStore = (): Promise<Store> => storeOf('sqlite', { clock: systemClock });

/** Adds a job and ends it. */
async function ended(store: Store, job: Partial<NewJob>, outcome: Partial<JobOutcome> = {}): Promise<number> {
  const { id } = await store.jobs.add({ pipeline: 'a', cause: 'schedule', dueAt: 0, ...job });
  await store.jobs.claim('me', { now, milliseconds: 1_000 });
  await store.jobs.finish(id, 'me', { state: 'done', read: 1, committed: 1, endedAt: now, ...outcome });
  return id;
}

const failure = { kind: 'config', message: 'Cannot log in: log in again' } as const;
const reference = (id: string) => ({ stream: 'invoices', tenant: 't', id });

const replay = (store: Store, what: ReplayOf) =>
  replaysOf(what, { store, now, pipelinesOf: ({ stream }) => (stream === 'invoices' ? ['a'] : []) });

test('a job that is done is read again by its records, one of records by those', async () => {
  const store = await openTestStore();
  const whole = await ended(store, {});
  await store.audit.add([row(whole, '1'), row(whole, '2'), row(whole, '3', { outcome: 'failed' })]);
  const [job] = await replay(store, { job: whole });
  expect(job).toMatchObject({ pipeline: 'a', cause: 'replay', replayOf: whole, dueAt: now });
  expect(job?.records?.map(({ id }) => id).sort()).toEqual(['1', '2']);

  const some = await ended(store, { records: [reference('7')], events: ['e'] }, { state: 'parked', failure });
  expect(await replay(store, { job: some })).toEqual([
    { pipeline: 'a', cause: 'replay', replayOf: some, dueAt: now, records: [reference('7')], events: ['e'] },
  ]);
});

test('a job of whole streams that failed goes on from its last states', async () => {
  const store = await openTestStore();
  const id = await ended(store, { streams: ['invoices'] }, { state: 'failed', failure });
  expect(await replay(store, { job: id })).toEqual([
    { pipeline: 'a', cause: 'replay', replayOf: id, dueAt: now, streams: ['invoices'] },
  ]);
});

test('a document is read again in every pipeline that moved it', async () => {
  const store = await openTestStore();
  await store.audit.add([row(4, '1'), row(5, '1'), row(6, '1', { pipeline: 'b', document: 'INV-1' })]);
  const jobs = await replay(store, { record: 'INV-1' });
  expect(jobs.map(({ pipeline, replayOf, records }) => [pipeline, replayOf, records]).sort()).toEqual([
    ['a', 5, [reference('1')]],
    ['b', 6, [reference('1')]],
  ]);
  expect(await replay(store, { record: 'INV-1', pipeline: 'b' })).toHaveLength(1);
});

test('an event is read again where its job was, or where its stream goes', async () => {
  const store = await openTestStore();
  const event = {
    source: 'xero',
    tenant: 't',
    record: '9',
    type: 'UPDATE',
    happenedAt: 1,
    receivedAt: 2,
  } as const;
  await store.events.take([
    { ...event, id: 'new', stream: 'invoices' },
    { ...event, id: 'unknown' },
    { ...event, id: 'elsewhere', stream: 'bills' },
  ]);
  expect(await replay(store, { event: 'new' })).toEqual([
    {
      ...{ pipeline: 'a', cause: 'replay', dueAt: now, events: ['new'] },
      records: [reference('9'), { ...reference('9'), stream: 'bills' }],
    },
  ]);
  await expect(replay(store, { event: 'unknown' })).rejects.toThrow(
    'no stream is known for its type "UPDATE"',
  );
  await expect(replay(store, { event: 'elsewhere' })).rejects.toThrow(
    'no pipeline reads "bills" of tenant "t"',
  );
});

test('failed jobs wait for a replay until something makes up for them', async () => {
  const store = await openTestStore();
  const parked = await ended(store, { records: [reference('1')] }, { state: 'parked', failure });
  const first = await ended(store, {}, { state: 'failed', failure });
  const second = await ended(store, {}, { state: 'failed', failure });
  expect((await unresolvedJobs(store)).map(({ id }) => id)).toEqual([second, first, parked]);
  const jobs = await replay(store, { failed: true });
  // Both failed runs would go on from the same states: one replay is enough.
  expect(jobs.map(({ records }) => records?.length ?? 'all')).toEqual(['all', 1]);

  const status = await statusOf(
    {
      pipelines: {
        a: {
          name: 'a',
          base: 'a',
          tenants: [],
          source: { connector: 'source-xero', config: {} },
          destination: { connector: 'destination-looker', config: {} },
          connection: 'a',
          exclusive: true,
          schedules: [],
          problems: [],
        },
      },
    },
    { store, now },
  );
  expect(status.pipelines[0]).toMatchObject({
    health: 'failed',
    unresolved: [second, first, parked],
    waiting: 0,
  });
  expect(statusText(status)).toContain('a: job 3 failed: Cannot log in: log in again');

  await ended(store, {});
  expect((await unresolvedJobs(store)).map(({ id }) => id)).toEqual([parked]);
  await ended(store, { cause: 'replay', records: [reference('1')], replayOf: parked });
  expect(await unresolvedJobs(store)).toEqual([]);
  expect(await replay(store, { failed: true })).toEqual([]);
});

test.each([
  [{}, 'give one of --job, --event, --record or --failed'],
  [{ job: 1, failed: true }, 'give one of --job, --event, --record or --failed'],
  [{ job: 77 }, 'there is no such job'],
  [{ record: 'INV-0' }, 'no record of that key or number'],
  [{ event: 'x' }, 'no such event has come'],
] as const)('%j is refused: %s', async (what, words) => {
  await expect(replay(await openTestStore(), what)).rejects.toThrow(words);
});
