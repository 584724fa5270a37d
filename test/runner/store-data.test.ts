// States, secrets, events, audit and numbers of the store: the same answers from both databases.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type StateBody, stateMessage } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditFilter, AuditRow, NewEvent, Store } from '../../runner/store/index.ts';
import { temporaryFolder } from '../program.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const state = (stream: string, cursor: number, records?: number): StateBody => {
  const message = stateMessage(stream, { cursor }, 1);
  if (message.type !== 'STATE') throw new Error('not a state');
  return { ...message.state, ...(records !== undefined && { destinationStats: { recordCount: records } }) };
};

test.each(kinds)(
  '%s: the newest state of each stream is there after a restart, without the counts',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const clock = { now: () => 77, sleep: async () => undefined };
    const store = await storeOf(kind, { url, clock });
    await store.states.keep('p', state('b', 1, 5), 1);
    await store.states.keep('p', state('b', 2, 6), 1);
    await store.states.keep('p', state('a', 3), 1);
    await store.states.keep('other', state('a', 9, 1), 2);
    await store.close();
    const again = await storeOf(kind, { url, clock });
    expect((await again.states.of('p')).map(({ stream }) => stream)).toEqual([
      { stream_descriptor: { name: 'a' }, stream_state: { cursor: 3 } },
      { stream_descriptor: { name: 'b' }, stream_state: { cursor: 2 } },
    ]);
    expect(JSON.stringify(await again.states.of('p'))).not.toContain('recordCount');
    await again.states.keep('other', state('a', 10, 4), 3);
    expect(await again.overview.freshness()).toEqual([
      { pipeline: 'other', stream: 'a', committedAt: 77, records: 4 },
      { pipeline: 'p', stream: 'a', committedAt: 77, records: 0 },
      { pipeline: 'p', stream: 'b', committedAt: 77, records: 11 },
    ]);
  },
);

test.each(kinds)(
  '%s: a secret comes back as it was, whatever it is, until it is replaced or deleted',
  async (kind) => {
    const { secrets } = await storeOf(kind);
    expect(await secrets.get('nothing')).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.jsonValue(), async (text, value) => {
        const name = text.replaceAll('\0', '-');
        await secrets.put(name, 'before');
        await secrets.put(name, value);
        expect(await secrets.get(name)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 20 },
    );
    for (const name of await secrets.names()) await secrets.delete(name);
    await secrets.put('b', 1);
    await secrets.put('a', 2);
    expect(await secrets.names()).toEqual(['a', 'b']);
    await secrets.delete('a');
    expect(await secrets.get('a')).toBeUndefined();
  },
);

test('no secret can be read in the files of a store, and only their owner may open them', async () => {
  const file = join(await temporaryFolder(), 'deep', 'store.db');
  const { secrets } = await storeOf('sqlite', { url: file });
  await secrets.put('xero', { refresh_token: 'the-secret-token' });
  for (const name of [file, `${file}-wal`]) {
    expect((await readFile(name)).includes('the-secret')).toBe(false);
    expect((await stat(name)).mode & 0o777).toBe(0o600);
  }
});

const event = (id: string, more: Partial<NewEvent> = {}): NewEvent => ({
  id,
  source: 'xero',
  tenant: 't',
  stream: 'invoices',
  record: `record ${id}`,
  type: 'UPDATE',
  happenedAt: 5,
  receivedAt: 10,
  ...more,
});

test.each(kinds)(
  '%s: an event is taken once, however often it comes, and stays until it is dealt with',
  async (kind) => {
    const { events } = await storeOf(kind);
    const [one, two] = [event('1', { sequence: 7, receivedAt: 11 }), event('2', { sequence: 9 })];
    expect(await events.take([one, one])).toEqual([one]);
    const both = await Promise.all([events.take([two, one]), events.take([two]), events.take([])]);
    expect(both.flat()).toEqual([two]);
    const { stream: _, ...unknown } = event('3', { receivedAt: 12 });
    await events.take([unknown]);
    const [first, second] = await events.taken(2);
    expect([first?.id, second?.id]).toEqual(['2', '1']);
    expect((await events.taken(2, first)).map(({ id }) => id)).toEqual(['1', '3']);
    await events.mark(['2', '1'], 'queued', 4);
    await events.mark([], 'done');
    expect(await events.taken(9)).toEqual([{ ...unknown, state: 'taken' }]);
    await events.mark(['1'], 'done');
    expect(await events.get('1')).toEqual({ ...one, state: 'done', job: 4 });
    expect(await events.get('0')).toBeUndefined();
    expect((await events.list(['2', '0', '3'])).map(({ id }) => id).sort()).toEqual(['2', '3']);
  },
);

test.each(kinds)(
  '%s: of events that come at once with duplicates, every one is new to exactly one caller',
  async (kind) => {
    const { events } = await storeOf(kind);
    let run = 0;
    const calls = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(calls, async (lists) => {
        run += 1;
        const fresh = await Promise.all(
          lists.map((list) => events.take(list.map((number) => event(`${run}-${number}`)))),
        );
        const ids = fresh.flat().map(({ id }) => id);
        expect(ids.sort()).toEqual([...new Set(lists.flat().map((number) => `${run}-${number}`))].sort());
      }),
      { numRuns: 20 },
    );
  },
);

test.each(kinds)('%s: 10,000 events, many at once, are all there', async (kind) => {
  const { events } = await storeOf(kind);
  const calls = Array.from({ length: 10_000 }, (_, index) => events.take([event(String(index % 9_000))]));
  expect((await Promise.all(calls)).flat()).toHaveLength(9_000);
  expect(await events.taken(20_000)).toHaveLength(9_000);
});

const row = (key: string, more: Partial<AuditRow> = {}): AuditRow => ({
  pipeline: 'p',
  tenant: 't',
  stream: 'invoices',
  key,
  hash: '0'.repeat(32),
  job: 1,
  attempt: 1,
  outcome: 'delivered',
  readAt: 100,
  deliveredAt: 200,
  ...more,
});

const found = async (store: Store, filter: AuditFilter): Promise<AuditRow[]> => {
  const rows: AuditRow[] = [];
  for await (const one of store.audit.find(filter)) rows.push(one);
  return rows;
};

test.each(kinds)(
  '%s: audit rows are found by key, document, job, pipeline, stream, outcome and time',
  async (kind) => {
    const store = await storeOf(kind);
    const { deliveredAt: _, ...undelivered } = row('k4', { outcome: 'failed', readAt: 300 });
    const full = row('k1', {
      ...{
        document: 'INV-0042',
        sourceTime: '2026-01-01T00:00:00Z',
        event: 'e',
        eventAt: 50,
        receipt: 'statement 1',
      },
    });
    await store.audit.add([
      full,
      row('INV-0042', { pipeline: 'q', job: 2 }),
      row('k3', { stream: 'bills' }),
      undelivered,
    ]);
    expect(await found(store, { record: 'k1' })).toEqual([full]);
    const keys = async (filter: AuditFilter) => (await found(store, filter)).map(({ key }) => key);
    expect(await keys({})).toEqual(['k4', 'k3', 'INV-0042', 'k1']);
    expect(await keys({ record: 'INV-0042' })).toEqual(['INV-0042', 'k1']);
    expect(await keys({ job: 2 })).toEqual(['INV-0042']);
    expect(await keys({ pipeline: 'q' })).toEqual(['INV-0042']);
    expect(await keys({ stream: 'bills', job: 1 })).toEqual(['k3']);
    expect(await found(store, { outcome: 'failed' })).toEqual([undelivered]);
    expect(await keys({ since: 201 })).toEqual(['k4']);
    expect(await keys({ limit: 2 })).toEqual(['k4', 'k3']);
    expect(await keys({ limit: 0 })).toEqual([]);
  },
);

test.each(kinds)(
  '%s: a record that a job delivers again has one row, in its newest version, per tenant',
  async (kind) => {
    const store = await storeOf(kind);
    await store.audit.add([row('1', { attempt: 1 }), row('1', { attempt: 2 }), row('1', { tenant: 'u' })]);
    await store.audit.add([row('1', { attempt: 3, receipt: 'r' })]);
    await store.audit.add([row('1', { outcome: 'rejected' }), row('1', { job: 2 })]);
    await store.audit.add([]);
    const rows = await found(store, { record: '1' });
    expect(rows.map(({ tenant, attempt, job, outcome }) => [tenant, attempt, job, outcome])).toEqual([
      ['t', 1, 2, 'delivered'],
      ['t', 1, 1, 'rejected'],
      ['u', 1, 1, 'delivered'],
      ['t', 3, 1, 'delivered'],
    ]);
  },
);

test.each(kinds)('%s: a document number with a NUL in it does not fail its batch', async (kind) => {
  const store = await storeOf(kind);
  await store.audit.add([row('1', { document: 'INV\x0042' }), row('2')]);
  expect((await found(store, {})).map(({ document }) => document)).toEqual([undefined, 'INV\uFFFD42']);
});

test.each(kinds)('%s: a search over more rows than a page gives each once', async (kind) => {
  const store = await storeOf(kind);
  const rows = Array.from({ length: 2_500 }, (_, index) => row(String(index)));
  await store.audit.add(rows);
  const keys = (await found(store, { job: 1 })).map(({ key }) => Number(key));
  expect(keys.sort((one, other) => one - other)).toEqual(rows.map((_, index) => index));
  expect(await found(store, { limit: 2_100 })).toHaveLength(2_100);
});

test('10,000 audit rows are kept in well under a second of processor time', async () => {
  const { audit } = await storeOf('sqlite');
  const rows = (job: number) => Array.from({ length: 10_000 }, (_, index) => row(`${job}-${index}`, { job }));
  await audit.add(rows(1));
  const before = process.cpuUsage();
  await audit.add(rows(2));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(800);
});

test.each(kinds)(
  '%s: what is too old goes: rows, ended jobs, events done; what waits for somebody stays',
  async (kind) => {
    const { audit, jobs, events } = await storeOf(kind);
    await audit.add([row('old', { deliveredAt: 99 }), row('new', { deliveredAt: 100 })]);
    const outcomes = [
      { state: 'done', endedAt: 99 },
      { state: 'parked', endedAt: 99 },
      { state: 'failed', endedAt: 99 },
      { state: 'done', endedAt: 100 },
      { state: 'waiting', endedAt: 99 },
    ] as const;
    for (const [index, outcome] of outcomes.entries()) {
      const { id } = await jobs.add({ pipeline: `p${index}`, cause: 'manual', dueAt: 0 });
      await jobs.claim('me', { now: 0, milliseconds: 1_000 });
      await jobs.finish(id, 'me', { ...outcome, read: 0, committed: 0 });
    }
    await events.take([1, 2, 3].map((sequence) => event(String(sequence), { sequence })));
    await events.take([event('plain'), event('waits', { tenant: 'u' }), event('young', { receivedAt: 100 })]);
    await events.mark(['1', '3', 'plain', 'young'], 'done');
    await events.mark(['2'], 'parked');
    expect(await audit.prune(100)).toBe(1);
    expect((await jobs.list()).map(({ id }) => id)).toEqual([5, 4, 2]);
    const left = await Promise.all(['1', '2', '3', 'plain', 'waits', 'young'].map((id) => events.get(id)));
    expect(left.map((one) => one?.state)).toEqual([undefined, 'parked', 'done', undefined, 'taken', 'done']);
    await events.take([event('5', { sequence: 5 })]);
    expect(await events.gaps('xero', { from: 1, to: 9 })).toEqual([5]);
  },
);

test.each(kinds)('%s: days, quotas and counts are what jobs and sources told', async (kind) => {
  const { jobs, overview } = await storeOf(kind);
  const day = (text: string) => Date.parse(`2026-03-${text}:00Z`);
  for (const [pipeline, endedAt, committed] of [
    ['a', day('01T23:59'), 5],
    ['a', day('02T00:00'), 7],
    ['b', day('02T10:00'), 1],
    ['b', day('02T12:00'), 2],
    ['b', day('02T13:00'), 0],
  ] as const) {
    const { id } = await jobs.add({ pipeline, cause: 'manual', dueAt: 0 });
    await jobs.claim('me', { now: 0, milliseconds: 1_000 });
    await jobs.finish(id, 'me', { state: 'done', read: committed, committed, endedAt });
  }
  const now = day('02T20:00');
  expect(await overview.recordsPerDay(2, now)).toEqual([
    { day: '2026-03-01', pipeline: 'a', records: 5 },
    { day: '2026-03-02', pipeline: 'a', records: 7 },
    { day: '2026-03-02', pipeline: 'b', records: 3 },
  ]);
  expect(await overview.recordsPerDay(1, now)).toHaveLength(2);
  const quota = { pipeline: 'a', tenant: 't', limit: 'day' };
  await overview.keepQuota({ ...quota, left: 10, at: 5 });
  await overview.keepQuota({ ...quota, left: 8, at: 7 });
  await overview.keepQuota({ ...quota, left: 9, at: 6 });
  expect(await overview.quotas()).toEqual([{ ...quota, left: 8, at: 7 }]);
  expect(await overview.countJobs()).toMatchObject({ done: 5, running: 0 });
});
