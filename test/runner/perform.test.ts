// A job from end to end: what is kept of it, what the audit trail says, and how it ends when something goes wrong.
import { readFile } from 'node:fs/promises';
import {
  configError,
  controlMessage,
  errorMessage,
  type Message,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Line } from './ends.ts';
import { openEngine, retry } from './engine.ts';
import { kinds } from './store-open.ts';

const tenant = '0f1e2d3c-0000-4000-8000-000000000001';
const changed = '2026-11-20T08:00:00.000Z';

const invoice = (number: number): Message =>
  recordMessage(
    'invoices',
    { TenantID: tenant, InvoiceID: `id-${number}`, InvoiceNumber: `INV-${number}`, UpdatedDateUTC: changed },
    1,
  );
const state = (cursor: number): Message => stateMessage('invoices', { cursor }, 1);
const complete = streamStatusMessage('invoices', 'COMPLETE', 1);
const incomplete = streamStatusMessage('invoices', 'INCOMPLETE', 1);
const failing = (failure: 'config_error' | 'transient_error' | 'system_error'): readonly Line[] => [
  errorMessage({ message: 'No luck', failure_type: failure }, 1),
  incomplete,
  { exit: 1 },
];

const whole: readonly Line[] = [invoice(1), invoice(2), state(1), invoice(3), state(2), complete];

test.each(kinds)(
  'a job is done: states are kept, records are in the trail with number, time and receipt (%s)',
  async (kind) => {
    const engine = await openEngine(
      {
        source: { reads: [whole] },
        destination: {
          logs: [
            JSON.stringify({
              event: 'table loaded',
              stream: 'invoices',
              table: 'invoices',
              statement: '01ef',
            }),
          ],
        },
      },
      kind,
    );
    const { id } = await engine.add();
    const { outcome, kept } = await engine.perform();
    expect([kept, outcome]).toEqual([
      true,
      expect.objectContaining({ state: 'done', read: 3, committed: 3 }),
    ]);
    expect(await engine.store.jobs.get(id)).toMatchObject({ state: 'done', read: 3, committed: 3 });
    expect((await engine.store.states.of('pipe')).map(({ stream }) => stream?.stream_state)).toEqual([
      { cursor: 2 },
    ]);
    const rows = await engine.audit();
    expect(rows.map(({ key, outcome: ended }) => [key, ended]).sort()).toEqual([
      ['id-1', 'delivered'],
      ['id-2', 'delivered'],
      ['id-3', 'delivered'],
    ]);
    const [row] = await engine.audit({ record: 'INV-2' });
    expect(row).toMatchObject({
      pipeline: 'pipe',
      tenant,
      stream: 'invoices',
      document: 'INV-2',
      sourceTime: changed,
      job: id,
      attempt: 1,
      receipt: 'statement 01ef',
    });
    expect(row?.deliveredAt).toBeGreaterThanOrEqual(row?.readAt ?? Number.POSITIVE_INFINITY);
  },
);

test('a destination that dies leaves its records failed, and the same job delivers each of them once', async () => {
  const engine = await openEngine({
    source: { reads: [whole, [invoice(3), state(2), complete]] },
    destination: { die: { at: 1, runs: 1, code: 137 } },
  });
  const { id } = await engine.add();
  const before = Date.now();
  const first = await engine.perform();
  expect(first.outcome).toMatchObject({ state: 'waiting', committed: 2, failure: { kind: 'transient' } });
  expect(first.outcome.dueAt).toBeGreaterThanOrEqual(before + retry.first_seconds * 1000);
  expect((await engine.audit({ outcome: 'failed' })).map(({ key }) => key)).toEqual(['id-3']);

  const second = await engine.perform();
  expect([second.job.id, second.job.attempt, second.outcome.state]).toEqual([id, 2, 'done']);
  const [, again] = await engine.sourceRuns();
  expect(again?.state).toContain('"cursor":1');
  const delivered = await engine.audit({ outcome: 'delivered' });
  expect(delivered.map(({ key, attempt }) => [key, attempt]).sort()).toEqual([
    ['id-1', 1],
    ['id-2', 1],
    ['id-3', 2],
  ]);
});

test.each([
  ['config_error', undefined, 'failed'],
  ['config_error', [{ stream: 'invoices', tenant, id: 'id-1' }], 'parked'],
  ['transient_error', undefined, 'waiting'],
  ['system_error', undefined, 'waiting'],
] as const)('a %s of a job (records: %j) makes it %s', async (kind, records, ended) => {
  const engine = await openEngine({ source: { reads: [failing(kind)] } });
  await engine.add(records ? { records } : {});
  const { outcome } = await engine.perform();
  expect(outcome).toMatchObject({ state: ended, failure: { message: 'source: No luck' } });
});

test('a job that fails every time is parked at the limit, after pauses that double', async () => {
  const engine = await openEngine({ source: { reads: [failing('transient_error')] } });
  await engine.add();
  const pauses: number[] = [];
  for (let attempt = 1; attempt < retry.attempts; attempt++) {
    const { outcome } = await engine.perform();
    pauses.push((outcome.dueAt ?? 0) - outcome.endedAt);
  }
  expect(pauses).toEqual([30_000, 60_000]);
  expect((await engine.perform()).outcome).toMatchObject({ state: 'parked' });
});

test('a spent quota is not asked again before it is there', async () => {
  const reset = Date.now() + 7_200_000;
  const engine = await openEngine({
    source: {
      reads: [[streamStatusMessage('invoices', 'RUNNING', 1, reset), ...failing('transient_error')]],
    },
  });
  await engine.add();
  expect((await engine.perform()).outcome.dueAt).toBe(reset);
});

test('a source that cannot say what it offers ends the job with its words', async () => {
  const engine = await openEngine({ source: { reads: [whole] } });
  await engine.add({ streams: ['bills'] });
  const { outcome, error } = await engine.perform();
  expect(error?.message).toBe('Unknown stream "bills": the source offers invoices, notes');
  expect(outcome).toMatchObject({ state: 'failed', failure: { kind: 'config' } });
});

test('a job of records reads them alone, merges them in, and moves no state', async () => {
  const engine = await openEngine({
    source: { reads: [[invoice(1), complete]] },
    destination: {},
  });
  const event = {
    id: 'event-1',
    source: 'xero',
    tenant: tenant.toUpperCase(),
    stream: 'invoices',
    record: 'id-1',
    type: 'UPDATE',
    happenedAt: 5,
    receivedAt: 7,
  } as const;
  await engine.store.events.take([event]);
  const records = [{ stream: 'invoices', tenant, id: 'id-1' }];
  const { id } = await engine.add({ cause: 'webhook', records, events: ['event-1'] });
  const { outcome } = await engine.perform();
  expect(outcome).toMatchObject({ state: 'done', read: 1, committed: 1 });
  const [run] = await engine.sourceRuns();
  expect(run).toMatchObject({ state: null, only: `${JSON.stringify(records[0])}\n` });
  const [start] = await engine.arrived();
  expect(start?.catalog).toMatchObject({
    streams: [{ stream: { name: 'invoices' }, destination_sync_mode: 'append_dedup', sync_id: id }],
  });
  expect(await engine.store.states.of('pipe')).toEqual([]);
  expect(await engine.audit()).toEqual([
    expect.objectContaining({ key: 'id-1', outcome: 'delivered', event: 'event-1', eventAt: 7 }),
  ]);
  expect(await engine.store.events.get('event-1')).toMatchObject({ state: 'done', job: id });
});

test('records without a key are never merged one by one', async () => {
  const engine = await openEngine({ source: { reads: [whole] } });
  await engine.add({ records: [{ stream: 'notes', tenant, id: 'x' }] });
  expect((await engine.perform()).outcome).toMatchObject({
    state: 'parked',
    failure: { message: expect.stringContaining('Cannot read single records of "notes"') },
  });
});

test('records that the destination put aside are told apart from those that arrived', async () => {
  const engine = await openEngine({ source: { reads: [whole] }, destination: { reject: 'INV-2' } });
  await engine.add();
  await engine.perform();
  const rows = await engine.audit();
  expect(rows.map(({ key, outcome }) => [key, outcome]).sort()).toEqual([
    ['id-1', 'delivered'],
    ['id-2', 'rejected'],
    ['id-3', 'delivered'],
  ]);
});

test('asked to stop, it keeps what was committed and the job waits to go on at once', async () => {
  const engine = await openEngine({
    source: { reads: [[invoice(1), state(1), { wait: 60_000 }]] },
  });
  await engine.add();
  const stop = new AbortController();
  const running = engine.perform({ signal: stop.signal });
  await vi.waitFor(async () => expect(await engine.store.states.of('pipe')).toHaveLength(1), 20_000);
  stop.abort();
  const { outcome } = await running;
  expect(outcome).toMatchObject({ state: 'waiting', committed: 1 });
  expect(outcome.dueAt).toBe(outcome.endedAt);
});

test('a lease that was lost stops both ends, and the job is left to its new owner', async () => {
  const engine = await openEngine({
    source: { reads: [[invoice(1), state(1), { wait: 60_000 }]] },
  });
  const { id } = await engine.add();
  const running = engine.perform({ leaseMilliseconds: 600 });
  await vi.waitFor(async () => expect(await engine.store.states.of('pipe')).toHaveLength(1), 20_000);
  // The engine claims as of tomorrow.
  const later = Date.now() + 2 * 86_400_000;
  expect(await engine.store.jobs.claim('thief', { now: later, milliseconds: 60_000 })).toMatchObject({ id });
  expect((await running).kept).toBe(false);
  expect(await engine.store.jobs.get(id)).toMatchObject({ state: 'running', owner: 'thief' });
});

test("a rotated secret is sealed, and the next run has it; the key of the vault is no connector's", async () => {
  vi.stubEnv('LEDGERPIPE_KEY', 'not for connectors');
  onTestFinished(() => void vi.unstubAllEnvs());
  const engine = await openEngine({ source: { reads: [[complete]] } });
  const { script } = engine.pipeline.source.config;
  const pipeline = { ...engine.pipeline.source, config: { script, refresh_token: 'one' } };
  Object.assign(engine.pipeline, { source: pipeline });
  const rotated = [controlMessage({ script, refresh_token: 'two' }, 1), complete];
  const { writeFile } = await import('node:fs/promises');
  const text = JSON.parse(await readFile(String(script), 'utf8')) as object;
  await writeFile(String(script), JSON.stringify({ ...text, reads: [rotated] }));
  for (let run = 0; run < 2; run++) {
    await engine.add();
    expect((await engine.perform()).outcome.state).toBe('done');
  }
  const runs = await engine.sourceRuns();
  expect(runs.map(({ config, key }) => [(config as { refresh_token: string }).refresh_token, key])).toEqual([
    ['one', null],
    ['two', null],
  ]);
  expect(await engine.store.secrets.names()).toEqual(['config:pipe']);
});

test('without the key of the vault a source that rotates its secrets does not begin', async () => {
  const engine = await openEngine({ source: { reads: [whole] } });
  const { source } = engine.pipeline;
  Object.assign(engine.pipeline, {
    source: { ...source, config: { ...source.config, credentials: { refresh_token: 'one' } } },
  });
  await engine.add();
  const secrets = { ...engine.store.secrets, put: () => Promise.reject(configError('There is no key')) };
  const { outcome } = await engine.perform({ store: { ...engine.store, secrets } });
  expect(outcome).toMatchObject({ state: 'failed', failure: { message: 'There is no key' } });
  expect(await engine.sourceRuns()).toEqual([]);
});
