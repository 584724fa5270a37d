// What `serve` answers over HTTP: probes, metrics, and who is refused.
import { createServer } from 'node:net';
import {
  recordMessage,
  stateMessage,
  streamStatusMessage,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../program.ts';
import { writeEnds } from './ends.ts';
import { ended, serve, settingsOf, until } from './serving.ts';
import { storeOf } from './store-open.ts';

async function setUp() {
  const folder = await temporaryFolder();
  const reads = [
    [
      recordMessage('invoices', { TenantID: 't', InvoiceID: '1' }, 1),
      stateMessage('invoices', { cursor: 1 }, 1),
      streamStatusMessage('invoices', 'COMPLETE', 1),
    ],
  ];
  const { pipeline } = await writeEnds(folder, 'one', { source: { reads } });
  return { store: await storeOf('sqlite', { clock: systemClock }), settings: settingsOf(folder, [pipeline]) };
}

const get = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

test('it says that it lives and that it is ready, with headers that keep answers to themselves', async () => {
  const { store, settings } = await setUp();
  const { url } = await serve(settings, { store });
  expect(await get(`${url}/healthz`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
  const { headers, ...ready } = await get(`${url}/readyz`);
  expect(ready).toEqual({ status: 200, text: '{"status":"ready"}' });
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
});

test('without its store or its key it is alive and not ready, and says why', async () => {
  const { store, settings } = await setUp();
  let away = false;
  const refuse = async () => {
    if (away) throw transientError('Cannot reach the store "db": is PostgreSQL running?');
  };
  const jobs = {
    ...store.jobs,
    due: async (now: number) => {
      await refuse();
      return await store.jobs.due(now);
    },
  };
  const secrets = { ...store.secrets, prove: refuse };
  const { url, log } = await serve(settings, { store: { ...store, jobs, secrets, ping: refuse } });
  away = true;
  expect((await get(`${url}/healthz`)).status).toBe(200);
  const { status, text } = await get(`${url}/readyz`);
  expect([status, JSON.parse(text)]).toEqual([
    503,
    { status: 'not ready', problems: ['Cannot reach the store "db": is PostgreSQL running?'] },
  ]);
  const stranger = await get(`${url}/readyz`, { 'x-forwarded-for': '203.0.113.9' });
  expect(stranger).toMatchObject({ status: 503, text: '{"status":"not ready"}' });
  const told = () => log.filter(({ part }) => part === 'jobs').map(({ message }) => message);
  await until(async () => told()[0]);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect(told()).toEqual(['failed']);
  away = false;
  await until(async () => told()[1]);
  expect(told()).toEqual(['failed', 'works again']);
  expect((await get(`${url}/readyz`)).status).toBe(200);
});

test('while it stops it is not ready', async () => {
  const { store, settings } = await setUp();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked: true | undefined;
  const due = async () => {
    asked = true;
    await held;
    return [];
  };
  const jobs = { ...store.jobs, due };
  const { url, drain } = await serve(settings, { store: { ...store, jobs } });
  await until(async () => asked);
  const over = drain(10_000);
  const { status, text } = await get(`${url}/readyz`);
  expect([status, text]).toEqual([503, expect.stringContaining('The runner is stopping')]);
  release();
  expect(await over).toBe(true);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test('metrics tell of jobs, records, freshness, quotas, events and requests', async () => {
  const { store, settings } = await setUp();
  const { url } = await serve(settings, {
    store,
    routes: (ports) => {
      const event = { id: 'e', source: 'xero', tenant: 't', record: 'r', type: 'u' } as const;
      const one = { ...event, happenedAt: 1, receivedAt: 1 };
      return [
        async (app) => {
          app.post('/event', async () => (await ports.store.events.take([one])).length);
        },
      ];
    },
  });
  const { id } = await store.jobs.add({ pipeline: 'one', cause: 'manual', dueAt: 0 });
  await ended(store, id);
  await store.overview.keepQuota({ pipeline: 'one', tenant: 't', limit: 'day', left: 41, at: 5 });
  for (const fresh of ['1', '0'])
    expect(await (await fetch(`${url}/event`, { method: 'POST' })).text()).toBe(fresh);
  const { text, headers } = await until(async () => {
    const answer = await get(`${url}/metrics`);
    return answer.text.includes('ledgerpipe_records_committed_total{') ? answer : undefined;
  });
  expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')[1],
    );
  expect(value('ledgerpipe_jobs{state="done"}')).toBe(1);
  expect(value('ledgerpipe_jobs{state="parked"}')).toBe(0);
  expect(value('ledgerpipe_records_committed_total{pipeline="one"}')).toBe(1);
  expect(value('ledgerpipe_job_seconds_count{cause="manual",state="done"}')).toBe(1);
  expect(value('ledgerpipe_quota_left{pipeline="one",tenant="t",limit="day"}')).toBe(41);
  const fresh = value('ledgerpipe_stream_committed_timestamp_seconds{pipeline="one",stream="invoices"}');
  expect(Math.abs(fresh - Date.now() / 1000)).toBeLessThan(60);
  expect(value('ledgerpipe_webhook_events_total{source="xero",known="false"}')).toBe(1);
  expect(value('ledgerpipe_webhook_events_total{source="xero",known="true"}')).toBe(1);
  expect(value('ledgerpipe_http_request_seconds_count{method="POST",route="/event",status="200"}')).toBe(2);
  expect(value('ledgerpipe_jobs_running_here')).toBe(0);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
});

test('where there is a token, metrics need it; where there is none, they are for this machine alone', async () => {
  const { store, settings } = await setUp();
  const { url } = await serve({ ...settings, http: { ...settings.http, token: 'sesame' } }, { store });
  const status = async (headers: Record<string, string>) => (await get(`${url}/metrics`, headers)).status;
  expect(await status({})).toBe(401);
  expect(await status({ authorization: 'Bearer sesam' })).toBe(401);
  expect(await status({ authorization: 'Basic sesame' })).toBe(401);
  expect(await status({ authorization: 'Bearer sesame' })).toBe(200);
  const open = await serve(settings, { store });
  expect((await get(`${open.url}/metrics`)).status).toBe(200);
  expect((await get(`${open.url}/metrics`, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
});

test('an answer that failed tells the log why, and whoever asked only that it did', async () => {
  const { store, settings } = await setUp();
  const routes = () => [
    async (app: import('fastify').FastifyInstance) => {
      app.get('/broken', async () => {
        throw new Error('password=hunter2');
      });
    },
  ];
  const { url, log } = await serve(settings, { store, routes });
  const { status, text } = await get(`${url}/broken?token=secret`);
  expect([status, text]).toEqual([500, '{"error":"The runner failed: see its log"}']);
  expect(log.find(({ message }) => message === 'request failed')).toMatchObject({ route: '/broken' });
  expect(JSON.stringify(log)).not.toContain('token=secret');
});

test('an address that is taken is refused with what to do', async () => {
  const { store, settings } = await setUp();
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await expect(serve({ ...settings, http: { ...settings.http, port } }, { store })).rejects.toMatchObject({
    kind: 'config',
    message: `Cannot listen on 127.0.0.1:${port}: another program uses the port, end it or change "port" below "http"`,
  });
});
