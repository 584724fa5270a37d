// How events become jobs: one read for each pipeline and window, what is left to a poll, and when an event is done.
import { expect, test } from 'vitest';
import type { PipelineSettings } from '../../runner/settings/index.ts';
import type { NewEvent } from '../../runner/store/index.ts';
import { sourceOf } from '../../runner/webhooks/index.ts';
import { streamNamed, streamsWithEvents } from '../../runner/webhooks/streams.ts';
import { streams as quickbooksStreams } from '../../source-quickbooks/streams.ts';
import { streams as xeroStreams } from '../../source-xero/streams.ts';
import { ENTITIES } from '../emulators/quickbooks/entities.ts';
import { pipelineOf } from './pipeline-of.ts';
import { kinds } from './store-open.ts';
import { company, openReceiver, type Receiver } from './webhooks-setup.ts';

const tenant = '0f1e2d3c-0000-4000-8000-00000000000a';
const other = '0f1e2d3c-0000-4000-8000-00000000000b';
let count = 0;

const eventAt = ({ clock }: Receiver, more: Partial<NewEvent> = {}): NewEvent => {
  count += 1;
  return {
    id: `event-${count}`,
    source: 'xero',
    tenant,
    stream: 'contacts',
    record: `record-${count}`,
    type: 'CONTACT.UPDATE',
    happenedAt: clock.now(),
    receivedAt: clock.now(),
    ...more,
  };
};

const take = async (receiver: Receiver, ...all: Partial<NewEvent>[]): Promise<string[]> => {
  const events = all.map((more) => eventAt(receiver, more));
  await receiver.store.events.take(events);
  return events.map(({ id }) => id);
};

const reference = (stream: string, id: string, of = tenant) => ({ stream, tenant: of, id });

test('every stream that events go to is one of its source, and every entity with events has one', () => {
  const known = { xero: xeroStreams, quickbooks: quickbooksStreams } as const;
  for (const source of ['xero', 'quickbooks'] as const)
    for (const name of streamsWithEvents(source))
      expect(known[source].some((stream) => stream.name === name)).toBe(true);
  for (const { name, events } of ENTITIES.values())
    if (events.length > 0) expect(streamNamed('quickbooks', name)).toBeDefined();
  for (const { name, entity, how } of quickbooksStreams)
    if (how.by !== 'report') expect([name, undefined]).toContain(streamNamed('quickbooks', entity));
});

test('a source is known by its name, or by the name of its program or folder', () => {
  const named = (connector: string) => sourceOf({ source: { connector, config: {} } });
  expect(named('source-xero')).toBe('xero');
  expect(named('/opt/source-quickbooks')).toBe('quickbooks');
  expect(named('./node_modules/source-xero/dist/main.js')).toBe('xero');
  expect(named('./source-xero.mjs')).toBe('xero');
  expect(named('./my-source-xero-2')).toBeUndefined();
});

test.each(kinds)('%s: events of one window become one job, each record once', async (kind) => {
  const receiver = await openReceiver({ kind });
  const now = receiver.clock.now();
  const ids = await take(
    receiver,
    { record: 'a', happenedAt: now - 5 },
    { record: 'b', happenedAt: now - 9 },
    { record: 'a', happenedAt: now - 1 },
    { record: 'A', happenedAt: now - 3 },
  );
  expect(await receiver.look()).toBe(0);
  receiver.clock.advance(1_000);
  ids.push(...(await take(receiver, { record: 'c' })));
  expect(await receiver.look()).toBe(0);
  receiver.clock.advance(1_001);
  expect(await receiver.look()).toBe(5);
  expect(await receiver.look()).toBe(0);
  const [job, ...more] = await receiver.jobs();
  expect(more).toEqual([]);
  expect(job).toMatchObject({ pipeline: 'books', cause: 'webhook', state: 'waiting' });
  expect(job?.records?.map(({ id }) => id.toLowerCase()).sort()).toEqual(['a', 'b', 'c']);
  expect(job?.events).toHaveLength(5);
  expect(await receiver.event(ids[0] ?? '')).toMatchObject({ state: 'queued', job: job?.id });
  await receiver.finish();
  for (const id of ids) expect((await receiver.event(id))?.state).toBe('done');
});

test('an event of an invoice is read as sales invoice and as bill, for it does not tell which it is', async () => {
  const receiver = await openReceiver({
    pipelines: [pipelineOf('all'), pipelineOf('bills', { streams: ['bills'] })],
  });
  await take(receiver, { stream: 'invoices', record: 'i' }, { stream: 'purchase_credit_notes', record: 'n' });
  await receiver.gather();
  const records = (await receiver.jobs()).map((job) => [job.pipeline, job.records]);
  expect(records).toEqual([
    ['all', [reference('invoices', 'i'), reference('bills', 'i'), reference('purchase_credit_notes', 'n')]],
    ['bills', [reference('bills', 'i')]],
  ]);
});

test('a tenant has a window of its own, from its first event on', async () => {
  const receiver = await openReceiver({
    pipelines: [
      pipelineOf('one', { tenants: [tenant.toUpperCase()] }),
      pipelineOf('two', { tenants: [other] }),
    ],
  });
  await take(receiver, { record: 'a' });
  receiver.clock.advance(1_500);
  await take(receiver, { record: 'b' }, { record: 'c', tenant: other });
  receiver.clock.advance(501);
  expect(await receiver.look()).toBe(2);
  receiver.clock.advance(1_500);
  expect(await receiver.look()).toBe(1);
  expect((await receiver.jobs()).map((job) => [job.pipeline, job.records?.map(({ id }) => id)])).toEqual([
    ['one', ['a', 'b']],
    ['two', ['c']],
  ]);
  // Xero's ids are the same in either case; the source is asked by its own configuration's.
  expect((await receiver.jobs())[0]?.records?.[0]?.tenant).toBe(tenant.toUpperCase());
});

test('while a job waits, the next windows join it; once it runs, they make the next one', async () => {
  const receiver = await openReceiver();
  await take(receiver, { record: 'a' });
  await receiver.gather();
  await take(receiver, { record: 'b' });
  await receiver.gather();
  expect((await receiver.jobs()).map(({ records }) => records?.length)).toEqual([2]);
  await receiver.store.jobs.claim('me', { now: receiver.clock.now(), milliseconds: 60_000 });
  await take(receiver, { record: 'a' });
  await receiver.gather();
  expect((await receiver.jobs()).map(({ state }) => state)).toEqual(['running', 'waiting']);
});

test('more records than may be read one by one are left to a sync of their streams', async () => {
  const receiver = await openReceiver({ webhook: { most_ids: 10 } });
  const storm = Array.from({ length: 11 }, (_, index) => ({ stream: 'invoices', record: `r${index}` }));
  const ids = await take(receiver, ...storm, { record: 'contact' });
  await receiver.gather();
  const [job, ...more] = await receiver.jobs();
  expect(more).toEqual([]);
  expect(job).toMatchObject({ cause: 'webhook', streams: ['bills', 'contacts', 'invoices'] });
  expect(job?.records).toBeUndefined();
  expect(job?.events).toHaveLength(12);
  // The storm goes on: the sync that waits reads these too.
  ids.push(...(await take(receiver, { record: 'next' })));
  await receiver.gather();
  expect((await receiver.jobs()).map(({ events }) => events?.length)).toEqual([13]);
  await receiver.finish();
  for (const id of ids) expect((await receiver.event(id))?.state).toBe('done');
});

test('ten records in two streams of one endpoint are ten', async () => {
  const receiver = await openReceiver({ webhook: { most_ids: 10 } });
  await take(
    receiver,
    ...Array.from({ length: 10 }, (_, index) => ({ stream: 'invoices', record: `r${index}` })),
  );
  await receiver.gather();
  expect((await receiver.jobs())[0]?.records).toHaveLength(20);
});

test('windows that add up behind a job that cannot run are left to a sync as well', async () => {
  const receiver = await openReceiver({ webhook: { most_ids: 10 } });
  for (let window = 0; window < 40; window += 1) {
    await take(receiver, { record: `a${window}` }, { record: `b${window}` });
    await receiver.gather();
  }
  const jobs = await receiver.jobs();
  expect(jobs.map(({ records, streams }) => [records?.length, streams])).toEqual([
    [10, undefined],
    [undefined, ['contacts']],
  ]);
  expect(jobs.reduce((sum, { events }) => sum + (events?.length ?? 0), 0)).toBe(80);
});

test('when few calls of the day are left, events are read every quarter of an hour', async () => {
  const receiver = await openReceiver({ pipelines: [pipelineOf('poor'), pipelineOf('rich')] });
  const { overview } = receiver.store;
  const quota = { tenant, limit: 'day', at: receiver.clock.now() };
  await overview.keepQuota({ ...quota, pipeline: 'poor', left: 100 });
  await overview.keepQuota({ ...quota, pipeline: 'rich', left: 900 });
  await overview.keepQuota({ ...quota, pipeline: 'rich', left: 1, limit: 'minute' });
  await take(receiver, { record: 'a' });
  await receiver.gather();
  const [poor, rich] = await receiver.jobs();
  expect(Math.round(((poor?.dueAt ?? 0) - (rich?.dueAt ?? 0)) / 60_000)).toBe(15);
  for (let minute = 0; minute < 10; minute += 1) {
    receiver.clock.advance(60_000);
    await take(receiver, { record: `r${minute}` });
    await receiver.gather();
    await receiver.finish();
  }
  expect((await receiver.jobs()).filter((job) => job.pipeline === 'poor')).toHaveLength(1);
  receiver.clock.advance(86_400_000);
  await receiver.finish();
  await take(receiver, { record: 'tomorrow' });
  await receiver.gather();
  const last = (await receiver.jobs()).findLast((job) => job.pipeline === 'poor');
  expect((last?.dueAt ?? 0) - receiver.clock.now()).toBeLessThan(1_000);
});

test('events of no stream, and of streams that no pipeline moves, are ignored', async () => {
  const receiver = await openReceiver({ pipelines: [pipelineOf('books', { streams: ['contacts'] })] });
  const { stream: _, ...none } = eventAt(receiver);
  await receiver.store.events.take([none]);
  const ids = [none.id, ...(await take(receiver, { stream: 'payments' }, { source: 'quickbooks' }))];
  const [read = ''] = await take(receiver, { record: 'a' });
  expect(await receiver.gather()).toBe(4);
  for (const id of ids) expect((await receiver.event(id))?.state).toBe('ignored');
  expect((await receiver.event(read))?.state).toBe('queued');
});

test('journal codes are read where the source is asked for them alone', async () => {
  const asks = company('b', '9', {
    source: { connector: 'source-quickbooks', config: { more_streams: ['journal_codes'] } },
  });
  const receiver = await openReceiver({ pipelines: [company('a', '9'), asks] });
  await take(receiver, { source: 'quickbooks', tenant: '9', stream: 'journal_codes' });
  await receiver.gather();
  expect((await receiver.jobs()).map((job) => job.pipeline)).toEqual(['b']);
});

test('both records of a merge are read, and one that was deleted or voided is', async () => {
  const receiver = await openReceiver({ pipelines: [company('qb', '9')] });
  const event = { source: 'quickbooks', tenant: '9' } as const;
  await take(
    receiver,
    { ...event, stream: 'customers', record: '7', type: 'customer.merged' },
    { ...event, stream: 'customers', record: '27', type: 'customer.merged' },
    { ...event, stream: 'invoices', record: '1', type: 'invoice.deleted' },
    { ...event, stream: 'payments', record: '2', type: 'payment.voided' },
  );
  await receiver.gather();
  const [job] = await receiver.jobs();
  expect(job?.records).toEqual([
    reference('customers', '7', '9'),
    reference('customers', '27', '9'),
    reference('invoices', '1', '9'),
    reference('payments', '2', '9'),
  ]);
});

test.each(kinds)('%s: an event of two pipelines is done when both have delivered it', async (kind) => {
  const receiver = await openReceiver({ kind, pipelines: [pipelineOf('a'), pipelineOf('b')] });
  const [id = ''] = await take(receiver, { record: 'x' });
  const [alone = ''] = await take(receiver, { record: 'y', source: 'quickbooks' });
  await receiver.gather();
  expect(await receiver.jobs()).toHaveLength(2);
  await receiver.finish('done', ['a']);
  expect((await receiver.event(id))?.state).toBe('queued');
  await receiver.finish('parked', ['b']);
  const parked = await receiver.event(id);
  expect(parked).toMatchObject({ state: 'parked', job: 2 });
  // A replay of the parked job makes up for it.
  await receiver.store.jobs.add({ pipeline: 'b', cause: 'replay', replayOf: 2, events: [id], dueAt: 0 });
  await receiver.finish();
  expect(await receiver.event(id)).toMatchObject({ state: 'done', job: 3 });
  expect((await receiver.event(alone))?.state).toBe('ignored');
});

test.each(kinds)('%s: word that comes late does not bring an event back', async (kind) => {
  const receiver = await openReceiver({ kind });
  const [id = ''] = await take(receiver, { record: 'x' });
  await receiver.gather();
  const { events, jobs } = receiver.store;
  await receiver.finish();
  await events.mark([id], 'queued', 1);
  expect((await receiver.event(id))?.state).toBe('done');
  await jobs.add({ pipeline: 'books', cause: 'replay', replayOf: 1, events: [id], dueAt: 0 });
  await receiver.finish();
  await events.mark([id], 'parked', 1);
  expect(await receiver.event(id)).toMatchObject({ state: 'done', job: 2 });
});

test('after a crash between the jobs and the marks, the same events join the same jobs', async () => {
  const receiver = await openReceiver();
  const ids = await take(receiver, { record: 'a' }, { record: 'b' });
  await receiver.gather();
  await receiver.store.events.mark(ids, 'taken');
  await receiver.gather();
  const [job, ...more] = await receiver.jobs();
  expect([more, job?.records?.length, job?.events?.length]).toEqual([[], 2, 2]);
});

test.each(kinds)('%s: two runners that gather at once lose nothing and add nothing', async (kind) => {
  const receiver = await openReceiver({ kind });
  const ids = await take(receiver, ...Array.from({ length: 50 }, (_, index) => ({ record: `r${index}` })));
  receiver.clock.advance(2_001);
  await Promise.all([receiver.look(), receiver.look()]);
  const jobs = await receiver.jobs();
  expect(jobs.map(({ records }) => records?.length)).toEqual([50]);
  await receiver.finish();
  for (const id of ids) expect((await receiver.event(id))?.state).toBe('done');
});

const numbered = (sequence: number, more: Partial<NewEvent> = {}) => ({ sequence, ...more });
const reconciling = async (receiver: Receiver) =>
  (await receiver.jobs()).filter(({ cause }) => cause === 'reconcile');

test.each(kinds)(
  '%s: a number that is missing makes every pipeline of the app look again, once',
  async (kind) => {
    const pipelines: readonly PipelineSettings[] = [
      pipelineOf('a', { tenants: [tenant] }),
      pipelineOf('b', { tenants: [other], streams: ['invoices', 'accounts'] }),
      pipelineOf('c', { streams: ['accounts'] }),
      company('qb', '9'),
    ];
    const receiver = await openReceiver({ kind, pipelines });
    await take(receiver, numbered(4), numbered(5, { tenant: other }), numbered(6));
    await receiver.gather();
    expect(await reconciling(receiver)).toEqual([]);
    await take(receiver, numbered(9), numbered(8, { tenant: other }));
    await receiver.gather();
    const found = await reconciling(receiver);
    expect(found.map((job) => job.pipeline)).toEqual(['a', 'b']);
    expect(found[1]?.streams).toEqual(['invoices']);
    expect(found[0]?.streams).toContain('contacts');
    // Not at once: the delivery may still be repeated, and more gaps share the look.
    expect((found[0]?.dueAt ?? 0) - receiver.clock.now()).toBeGreaterThan(10 * 60_000);
    await take(receiver, numbered(7), numbered(12), numbered(10));
    await receiver.gather();
    expect(await reconciling(receiver)).toHaveLength(2);
  },
);

test('deliveries that overtake one another within a window are no gap', async () => {
  const receiver = await openReceiver();
  await take(receiver, numbered(1));
  await receiver.gather();
  await take(receiver, numbered(5), numbered(4), numbered(2));
  await take(receiver, numbered(3));
  await receiver.gather();
  expect(await reconciling(receiver)).toEqual([]);
});

test('numbers that another tenant has in a window that is still open are no gap', async () => {
  const receiver = await openReceiver();
  await take(receiver, numbered(1));
  receiver.clock.advance(1_500);
  await take(receiver, numbered(2, { tenant: other }), numbered(3));
  receiver.clock.advance(600);
  expect(await receiver.look()).toBe(2);
  expect(await reconciling(receiver)).toEqual([]);
});
