// Jobs of the store, on both databases: joined while they wait, claimed once, resumed after a crash, ended by their owner.
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { expect, test } from 'vitest';
import type { NewJob, Store } from '../../runner/store/index.ts';
import { emptyDatabase, kinds, storeOf } from './store-open.ts';

const job = (pipeline: string, more: Partial<NewJob> = {}): NewJob => ({
  pipeline,
  cause: 'schedule',
  dueAt: 0,
  ...more,
});

const lease = (now: number) => ({ now, milliseconds: 1_000 });

const record = (id: string) => ({ stream: 'invoices', tenant: 't', id });

test.each(kinds)(
  '%s: a job is claimed once, by the oldest due time, and ends with its numbers',
  async (kind) => {
    const store = await storeOf(kind);
    const later = await store.jobs.add(job('b', { dueAt: 20 }));
    const sooner = await store.jobs.add(job('a', { dueAt: 10, streams: ['x'], events: ['e'] }));
    expect([later.id, sooner.id]).toEqual([1, 2]);
    expect(await store.jobs.claim('me', lease(5))).toBeUndefined();
    const claimed = await store.jobs.claim('me', lease(30));
    expect(claimed).toMatchObject({ id: 2, state: 'running', attempt: 1, owner: 'me', leaseUntil: 1_030 });
    expect(claimed).toMatchObject({ streams: ['x'], events: ['e'], startedAt: 30 });
    expect(await store.jobs.claim('other', lease(30))).toMatchObject({ id: 1 });
    expect(await store.jobs.claim('third', lease(30))).toBeUndefined();
    const outcome = { state: 'done', read: 3, committed: 2, endedAt: 40 } as const;
    expect(await store.jobs.finish(2, 'other', outcome)).toBe(false);
    expect(await store.jobs.finish(2, 'me', outcome)).toBe(true);
    const done = await store.jobs.get(2);
    expect(done).toMatchObject({ state: 'done', read: 3, committed: 2, endedAt: 40 });
    expect(done).not.toHaveProperty('owner');
    expect(await store.jobs.renew(2, 'me', 99)).toBe(false);
  },
);

test.each(kinds)(
  '%s: jobs that say the same are one while they wait, with the records of both',
  async (kind) => {
    const store = await storeOf(kind);
    const { jobs } = store;
    await jobs.add(job('a', { cause: 'webhook', records: [record('1')], events: ['x'], dueAt: 50 }));
    const joined = await jobs.add(
      job('a', { cause: 'webhook', records: [record('1'), record('2')], events: ['y'], dueAt: 40 }),
    );
    expect(joined).toMatchObject({
      id: 1,
      dueAt: 40,
      records: [record('1'), record('2')],
      events: ['x', 'y'],
    });
    const others = [
      job('a', { cause: 'webhook' }),
      job('a', { cause: 'webhook', streams: ['invoices'] }),
      job('b', { cause: 'webhook', records: [] }),
      job('a', { cause: 'replay', records: [record('1')], replayOf: 1 }),
      job('a', { cause: 'replay', records: [record('1')], replayOf: 2 }),
    ];
    const ids = [];
    for (const other of others) ids.push((await jobs.add(other)).id);
    expect(ids).toEqual([2, 3, 4, 5, 6]);
    const running = await jobs.claim('me', { ...lease(100), pipelines: ['b'] });
    expect(running?.id).toBe(4);
    expect((await jobs.add(job('b', { cause: 'webhook', records: [] }))).id).toBe(7);
  },
);

test.each(kinds)('%s: a hundred missed runs, added at once, are one job', async (kind) => {
  const url = await emptyDatabase(kind);
  const stores = [await storeOf(kind, { url }), await storeOf(kind, { url })];
  const added = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (stores[index % 2] as Store).jobs.add(job('a', { dueAt: 100 - index })),
    ),
  );
  expect(new Set(added.map(({ id }) => id)).size).toBe(1);
  expect(await stores[0]?.jobs.list()).toMatchObject([{ dueAt: 1 }]);
});

test.each(kinds)(
  '%s: a job whose runner died goes to another one, before newer jobs of its pipeline',
  async (kind) => {
    const { jobs } = await storeOf(kind);
    await jobs.add(job('a'));
    await jobs.claim('dead', lease(0));
    const newer = await jobs.add(job('a', { dueAt: 1 }));
    expect(await jobs.claim('alive', lease(1_000))).toBeUndefined();
    expect(await jobs.claim('alive', lease(1_001))).toMatchObject({ id: 1, attempt: 2, owner: 'alive' });
    expect(await jobs.renew(1, 'dead', 9_999)).toBe(false);
    expect(await jobs.finish(1, 'dead', { state: 'done', read: 0, committed: 0, endedAt: 1_002 })).toBe(
      false,
    );
    expect(await jobs.renew(1, 'alive', 9_999)).toBe(true);
    expect(await jobs.claim('third', lease(5_000))).toBeUndefined();
    await jobs.finish(1, 'alive', { state: 'done', read: 0, committed: 0, endedAt: 5_001 });
    expect(await jobs.claim('third', lease(5_001))).toMatchObject({ id: newer.id });
  },
);

test.each(kinds)(
  '%s: a retry waits for its time although the schedule comes again, but not for a person',
  async (kind) => {
    const { jobs } = await storeOf(kind);
    await jobs.add(job('a'));
    await jobs.claim('me', lease(0));
    const failure = { kind: 'transient', message: 'The daily quota is spent' } as const;
    const outcome = { state: 'waiting', read: 5, committed: 4, failure, dueAt: 900, endedAt: 10 } as const;
    expect(await jobs.finish(1, 'me', outcome)).toBe(true);
    // The same call again, as after an answer that was lost on its way.
    expect(await jobs.finish(1, 'me', outcome)).toBe(true);
    expect(await jobs.add(job('a', { dueAt: 20 }))).toMatchObject({ id: 1, dueAt: 900, failure });
    expect(await jobs.claim('me', lease(899))).toBeUndefined();
    expect(await jobs.claim('me', lease(900))).toMatchObject({ id: 1, attempt: 2 });
    await jobs.finish(1, 'me', { state: 'done', read: 2, committed: 2, endedAt: 950 });
    const ended = await jobs.get(1);
    expect(ended).toMatchObject({ state: 'done', read: 7, committed: 6 });
    expect(ended).not.toHaveProperty('failure');
  },
);

test.each(kinds)('%s: jobs are listed newest first, by pipeline, state and time', async (kind) => {
  const { jobs, overview } = await storeOf(kind, { clock: { now: () => 500, sleep: async () => undefined } });
  for (const pipeline of ['a', 'b', 'a'])
    await jobs.add(job(pipeline, { cause: pipeline === 'b' ? 'manual' : 'schedule' }));
  await jobs.add(job('a', { streams: ['s'] }));
  await jobs.claim('me', { ...lease(1), pipelines: ['b'] });
  expect((await jobs.list()).map(({ id }) => id)).toEqual([3, 2, 1]);
  expect((await jobs.list({ pipeline: 'a', limit: 1 })).map(({ id }) => id)).toEqual([3]);
  expect((await jobs.list({ states: ['running'] })).map(({ id }) => id)).toEqual([2]);
  expect(await jobs.list({ states: [] })).toEqual([]);
  expect(await jobs.list({ since: 501 })).toEqual([]);
  expect(await overview.countJobs()).toEqual({ waiting: 2, running: 1, done: 0, failed: 0, parked: 0 });
  expect(await jobs.claim('me', { ...lease(1), pipelines: [] })).toBeUndefined();
});

test.each(kinds)(
  '%s: of sixteen claimers at once, one gets a pipeline with many jobs waiting',
  async (kind) => {
    const url = await emptyDatabase(kind);
    const stores = [await storeOf(kind, { url }), await storeOf(kind, { url })] as const;
    for (let index = 0; index < 30; index += 1)
      for (const pipeline of ['a', 'b'])
        await stores[0].jobs.add(job(pipeline, { streams: [String(index)] }));
    for (let round = 0; round < 15; round += 1) {
      const taken = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          stores[index % 2 === 0 ? 0 : 1].jobs.claim(`${index}`, lease(1)),
        ),
      );
      const got = taken.filter((one) => one !== undefined);
      expect(got.map(({ pipeline }) => pipeline).sort()).toEqual(['a', 'b']);
      for (const { id, owner = '' } of got)
        await stores[0].jobs.finish(id, owner, { state: 'done', read: 0, committed: 0, endedAt: 1 });
    }
  },
);

test.each([
  { end: 'commit', taken: { id: undefined, owner: undefined } },
  { end: 'rollback', taken: { id: 2, owner: 'fast' } },
])(
  'postgres: a claim waits for one that is under way in its pipeline, and heeds its $end',
  async ({ end, taken }) => {
    const url = await emptyDatabase('postgres');
    const { jobs } = await storeOf('postgres', { url });
    for (const stream of ['x', 'y']) await jobs.add(job('a', { streams: [stream] }));
    const slow = new pg.Client({ connectionString: url });
    await slow.connect();
    await slow.query('begin');
    await slow.query(
      "update ledgerpipe_job set state = 'running', owner = 'slow', lease_until = 9999 where id = 1",
    );
    const claimed = jobs.claim('fast', lease(1));
    const first = await Promise.race([claimed, delay(300, 'still waiting')]);
    expect(first).toBe('still waiting');
    await slow.query(end);
    await slow.end();
    const { id, owner } = (await claimed) ?? {};
    expect({ id, owner }).toEqual(taken);
  },
);

const owners = ['one', 'two', 'three', 'four'] as const;

/** What happens to pipelines, in an order that fast-check chooses. */
const steps = fc.array(
  fc.record({
    owner: fc.constantFrom(...owners),
    act: fc.constantFrom('claim', 'claim', 'claim', 'finish', 'fail', 'renew', 'add', 'add'),
    pipeline: fc.constantFrom('a', 'b', 'c'),
    wait: fc.constantFrom(0, 0, 0, 400, 1_100),
  }),
  { minLength: 5, maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

/** Four claimers on two connections, and what each must believe it holds. */
class Claimers {
  readonly #stores: readonly [Store, Store];
  readonly #held = new Map<string, { readonly owner: string; readonly id: number; until: number }>();
  #now: number;

  constructor(stores: readonly [Store, Store], now: number) {
    this.#stores = stores;
    this.#now = now;
  }

  jobs(owner: (typeof owners)[number]) {
    return this.#stores[owner === 'one' || owner === 'two' ? 0 : 1].jobs;
  }

  async step({ owner, act, pipeline, wait }: Step): Promise<void> {
    this.#now += wait;
    if (act === 'add')
      await this.jobs(owner).add(job(pipeline, { dueAt: this.#now, streams: [String(this.#now % 7)] }));
    else if (act === 'claim') await this.#claimAtOnce();
    else await this.#goOn(owner, act);
  }

  async #claimAtOnce(): Promise<void> {
    const taken = await Promise.all(owners.map((owner) => this.jobs(owner).claim(owner, lease(this.#now))));
    for (const one of taken) {
      if (!one) continue;
      const holder = this.#held.get(one.pipeline);
      const isFree = holder === undefined || holder.until < this.#now;
      expect(isFree, `"${one.pipeline}" is held by ${holder?.owner} and ${one.owner}`).toBe(true);
      this.#held.set(one.pipeline, { owner: one.owner ?? '', id: one.id, until: this.#now + 1_000 });
    }
  }

  /** Every holder does it, and is believed: a lease that nobody took over is good even when its time is up. */
  async #goOn(owner: (typeof owners)[number], act: 'finish' | 'fail' | 'renew'): Promise<void> {
    const now = this.#now;
    for (const [pipeline, holder] of this.#held) {
      if (holder.owner !== owner) continue;
      if (act === 'renew') {
        expect(await this.jobs(owner).renew(holder.id, owner, now + 1_000)).toBe(true);
        holder.until = now + 1_000;
        continue;
      }
      const state = act === 'finish' ? 'done' : 'waiting';
      const outcome = { state, read: 0, committed: 0, endedAt: now } as const;
      expect(await this.jobs(owner).finish(holder.id, owner, outcome)).toBe(true);
      this.#held.delete(pipeline);
    }
  }

  /** Leaves nothing running for the next script. */
  async end(): Promise<number> {
    for (const owner of owners) await this.#goOn(owner, 'finish');
    return this.#now + 10_000;
  }
}

test.each(kinds)('%s: no pipeline is ever held by two claimers, whatever they do at once', async (kind) => {
  const url = await emptyDatabase(kind);
  const stores = [await storeOf(kind, { url }), await storeOf(kind, { url })] as const;
  let now = 0;
  const property = fc.asyncProperty(steps, async (script) => {
    const claimers = new Claimers(stores, now);
    for (const step of script) await claimers.step(step);
    now = await claimers.end();
  });
  await fc.assert(property, { numRuns: 25 });
  expect((await stores[0].jobs.list({ states: ['done'], limit: 1_000 })).length).toBeGreaterThan(25);
});
