// The quotas of a dataset, counted: whatever is sent, the service's own count never refuses it; and the waits are told.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Quota } from '../../destination-powerbi/push/quota.ts';
import type { Post } from '../../destination-powerbi/store/store.ts';
import type { FastClock } from '../emulators/clock.ts';
import { Quotas } from '../emulators/powerbi/quotas.ts';
import { likeliest } from '../emulators/powerbi/switches.ts';
import { steppingClock } from './workspace.ts';

const hour = 3_600_000;

interface Counting {
  readonly quota: Quota;
  readonly clock: FastClock;
  readonly waits: readonly string[];
}

async function counting({
  clock = steppingClock(),
  posts = [],
  longest = 3 * hour,
}: {
  clock?: FastClock;
  posts?: Post[];
  longest?: number;
} = {}): Promise<Counting> {
  const waits: string[] = [];
  const quota = await Quota.open({
    clock,
    signal: new AbortController().signal,
    store: { recentPosts: async () => posts, notePost: (post) => void posts.push(post) },
    interval: 1_000,
    longest,
    announce: async (message) => void waits.push(message),
  });
  return { quota, clock, waits };
}

async function send({ quota }: Counting, rows: number, held = 0): Promise<void> {
  await quota.admit(rows, held);
  quota.sent(rows);
}

test('a million rows an hour are shared by all tables and by runs, and the wait is told every five minutes', async () => {
  const posts: Post[] = [];
  const first = await counting({ posts });
  const began = first.clock.now();
  for (let batch = 0; batch < 60; batch += 1) await send(first, 10_000);
  const second = await counting({ posts, clock: first.clock });
  for (let batch = 0; batch < 40; batch += 1) await send(second, 10_000);
  expect([...first.waits, ...second.waits]).toEqual([]);
  await send(second, 10_000);
  expect(second.clock.now() - began).toBeGreaterThan(hour);
  expect(second.clock.now() - began).toBeLessThan(hour + 10_000);
  expect(second.waits[0]).toMatch(/^Waits until .*: the quota of 1000000 rows an hour is spent$/);
  expect(second.waits.length).toBeGreaterThanOrEqual(11);
});

test('a table of 250,000 rows takes 120 requests an hour, a smaller one 120 a minute', async () => {
  const large = await counting();
  for (let batch = 0; batch < 121; batch += 1) await send(large, 10, 250_000);
  expect(large.waits[0]).toMatch(/120 requests an hour to a large table/);
  const small = await counting();
  const began = small.clock.now();
  for (let batch = 0; batch < 121; batch += 1) await send(small, 10, 249_999);
  expect(small.clock.now() - began).toBeLessThan(3 * 60_000);
});

test('a wait beyond the setting ends the run with the time to come back', async () => {
  const short = await counting({ longest: 60_000 });
  for (let batch = 0; batch < 100; batch += 1) await send(short, 10_000);
  await expect(short.quota.admit(10_000, 0)).rejects.toMatchObject({
    kind: 'transient',
    message: expect.stringMatching(/^Cannot add 10000 rows: .* until 20.*Z, run again after that/),
  });
});

test('no order of batches is refused by the service, with windows of either kind', async () => {
  const batch = fc.record({
    rows: fc.oneof(fc.constant(10_000), fc.integer({ min: 1, max: 10_000 })),
    held: fc.constantFrom(0, 0, 300_000),
    pause: fc.constantFrom(0, 0, 0, 7_000, 1_000_000),
  });
  const batches = fc.array(batch, { minLength: 100, maxLength: 400, size: 'max' });
  const kinds = fc.record({
    quotaWindow: fc.constantFrom('sliding' as const, 'fixed' as const),
    largeTableQuota: fc.constantFrom('large tables' as const, 'whole dataset' as const),
  });
  await fc.assert(
    fc.asyncProperty(batches, kinds, async (all, switches) => {
      const sender = await counting();
      const service = new Quotas(sender.clock, { ...likeliest, ...switches });
      for (const { rows, held, pause } of all) {
        sender.clock.advance(pause);
        await sender.quota.admit(rows, held);
        const { done } = service.enter(held);
        service.rows(rows).take();
        done();
        sender.quota.sent(rows);
      }
    }),
    { numRuns: 25 },
  );
});
