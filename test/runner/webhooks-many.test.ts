// Ten thousand events with duplicates, in any order, some forged: none is lost, none taken unsigned, few reads come of them.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fastClock } from '../emulators/clock.ts';
import { pipelineOf } from './pipeline-of.ts';
import { kinds } from './store-open.ts';
import { company, keys, openReceiver, type Receiver } from './webhooks-setup.ts';
import { type Delivery, storm, tenantOf } from './webhooks-storm.ts';

const tenants = 5;
const pipelines = Array.from({ length: tenants }, (_, index) => [
  pipelineOf(`xero-${index}`, { tenants: [tenantOf('xero', index)] }),
  company(`quickbooks-${index}`, tenantOf('quickbooks', index)),
]).flat();
const secrets = { xero: keys.xero.key, quickbooks: keys.quickbooks.verifier_token };

/** Sends all, so many at a time; what is not taken is sent again, as the vendors do. Statuses by delivery. */
async function sendAll(
  receiver: Receiver,
  deliveries: readonly Delivery[],
  together = 32,
): Promise<ReadonlyMap<Delivery, readonly number[]>> {
  const statuses = new Map<Delivery, number[]>();
  const waiting = deliveries.values();
  const worker = async (): Promise<void> => {
    for (const delivery of waiting) {
      const { headers, body, source, forged } = delivery;
      for (let taken = false; !taken; ) {
        const { status } = await fetch(receiver[source], { method: 'POST', headers, body });
        statuses.set(delivery, [...(statuses.get(delivery) ?? []), status]);
        taken = forged || status === 200;
      }
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  return statuses;
}

const recordsOf = (deliveries: readonly Delivery[], forged: boolean): ReadonlySet<string> =>
  new Set(deliveries.filter((one) => one.forged === forged).flatMap(({ records }) => records));

test('10,000 events as they come in a storm: each is read, none that was forged is, once a window at most', async () => {
  const window = 0.5;
  const receiver = await openReceiver({
    pipelines,
    webhook: { window_seconds: window, most_ids: 100_000 },
  });
  const deliveries = storm({ seed: 4, events: 10_000, tenants, keys: secrets });
  let over = false;
  const gathering = (async () => {
    while (!over) {
      await receiver.look();
      await receiver.finish('done');
      await delay(50);
    }
  })();
  const statuses = await sendAll(receiver, deliveries);
  over = true;
  await gathering;
  await receiver.gather();
  await receiver.finish('done');
  for (const [{ forged }, list] of statuses) expect(list).toEqual(forged ? [401] : list.map(() => 200));

  const jobs = (await receiver.jobs()).filter(({ cause }) => cause === 'webhook');
  const read = new Set(jobs.flatMap(({ records = [] }) => records.map((one) => `${one.tenant}/${one.id}`)));
  expect(read).toEqual(recordsOf(deliveries, false));
  expect([...recordsOf(deliveries, true)].filter((record) => read.has(record))).toEqual([]);
  expect(await receiver.store.events.taken(1)).toEqual([]);
  const events = await receiver.store.events.list(jobs.flatMap((job) => job.events ?? []));
  expect(events).toHaveLength(10_000);
  expect(events.every(({ state }) => state === 'done')).toBe(true);
  const arrivals = new Map(events.map(({ id, receivedAt }) => [id, receivedAt]));
  for (const { name } of pipelines) {
    const own = jobs.filter((job) => job.pipeline === name);
    const first = Math.min(...own.flatMap((job) => (job.events ?? []).map((id) => arrivals.get(id) ?? 0)));
    const last = own.at(-1)?.createdAt ?? 0;
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThanOrEqual(Math.ceil((last - first) / (window * 1000)));
  }
  // Numbers in no order look like gaps: all of them together make one look at the books.
  const looks = (await receiver.jobs()).filter(({ cause }) => cause === 'reconcile');
  expect(looks.length).toBeLessThanOrEqual(tenants);
});

test.each(kinds)(
  '%s: a storm beyond what is read one by one becomes one sync of each pipeline',
  async (kind) => {
    const receiver = await openReceiver({ kind, pipelines, clock: fastClock() });
    const deliveries = storm({ seed: 5, events: 6_000, tenants, most: 60, keys: secrets });
    await sendAll(receiver, deliveries);
    expect(await receiver.gather()).toBe(6_000);
    const jobs = (await receiver.jobs()).filter(({ cause }) => cause === 'webhook');
    expect(jobs.map((job) => job.pipeline).sort()).toEqual(pipelines.map(({ name }) => name).sort());
    for (const job of jobs)
      expect(job.streams).toEqual(
        job.pipeline.startsWith('xero') ? ['bills', 'invoices'] : ['customers', 'invoices', 'payments'],
      );
    await receiver.finish('done');
    const events = await receiver.store.events.list(jobs.flatMap((job) => job.events ?? []));
    expect(events.filter(({ state }) => state === 'done')).toHaveLength(6_000);
  },
);

test('while writes fail now and then, every event is there in the end', async () => {
  let calls = 0;
  const receiver = await openReceiver({
    pipelines,
    through: ({ events }) => ({
      events: {
        ...events,
        take: async (list) => {
          calls += 1;
          if (calls % 3 === 0) throw new Error('the disk is full');
          const fresh = await events.take(list);
          // Written, but the answer is lost.
          if (calls % 3 === 1) throw new Error('the connection broke');
          return fresh;
        },
      },
    }),
  });
  const deliveries = storm({ seed: 6, events: 500, tenants, keys: secrets });
  const statuses = await sendAll(receiver, deliveries, 4);
  expect([...statuses.values()].flat()).toContain(503);
  const kept = await receiver.store.events.taken(1_000);
  const wanted = recordsOf(deliveries, false);
  expect(new Set(kept.map(({ tenant, record }) => `${tenant}/${record}`))).toEqual(wanted);
  expect(kept).toHaveLength(wanted.size);
});
