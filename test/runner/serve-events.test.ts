// An event's way through `serve`: signed, taken, gathered, read as a single record, and told of by the page and the metrics.
import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { mounted } from '../../runner/serve/parts.ts';
import { temporaryFolder } from '../program.ts';
import { writeEnds } from './ends.ts';
import { ended, serve, settingsOf, until } from './serving.ts';
import { storeOf } from './store-open.ts';

const tenant = '0f1e2d3c-0000-4000-8000-000000000001';
const key = 'webhook key';

const bodyOf = (record: string): string =>
  JSON.stringify({
    events: [
      {
        resourceUrl: `https://api.xero.com/api.xro/2.0/Invoices/${record}`,
        resourceId: record,
        eventDateUtc: '2026-11-20T08:00:00.000',
        eventType: 'UPDATE',
        eventCategory: 'INVOICE',
        tenantId: tenant,
        tenantType: 'ORGANISATION',
      },
    ],
    ...{ firstEventSequence: 1, lastEventSequence: 1, entropy: 'S0m3r4Nd0mt3xt' },
  });

const sign = (body: string): string => createHmac('sha256', key).update(body).digest('base64');

test('a signed event is read within its window, a forged one is refused, and the page shows the job', async () => {
  const folder = join(await temporaryFolder(), 'source-xero');
  await mkdir(folder);
  const record = 'aaaaaaaa-0000-4000-8000-000000000001';
  const lines = [
    recordMessage('invoices', { TenantID: tenant, InvoiceID: record, InvoiceNumber: 'INV-0042' }, 1),
    stateMessage('invoices', { cursor: 1 }, 1),
    streamStatusMessage('invoices', 'COMPLETE', 1),
  ];
  const ends = await writeEnds(folder, 'books', { source: { reads: [lines] } });
  const store = await storeOf('sqlite', { clock: systemClock });
  const settings = settingsOf(folder, [{ ...ends.pipeline, tenants: [tenant] }], {
    webhooks: { xero: { key } },
    webhook: { window_seconds: 0.5, most_ids: 500 },
    reconcile: { cron: '17 3 * * *', timezone: 'UTC' },
  });
  const { url, log } = await serve(settings, { store, ...mounted(settings, systemClock) });
  const post = async (body: string, signature: string) =>
    await fetch(`${url}/webhooks/xero`, { method: 'POST', body, headers: { 'x-xero-signature': signature } });

  const body = bodyOf(record);
  expect((await post(body, sign(`${body} `))).status).toBe(401);
  const sent = Date.now();
  const answer = await post(body, sign(body));
  expect([answer.status, await answer.text()]).toEqual([200, '']);

  const job = await until(async () => (await store.jobs.list())[0]);
  expect(job).toMatchObject({ pipeline: 'books', cause: 'webhook' });
  const done = await ended(store, job.id);
  expect(done.createdAt - sent).toBeGreaterThanOrEqual(450);
  expect((done.startedAt ?? 0) - sent).toBeLessThan(5_000);
  const [run] = await ends.sourceRuns();
  expect(String(run?.only)).toContain(record);
  expect(log.filter(({ message }) => message === 'events gathered')).toMatchObject([{ events: 1 }]);

  const html = await (await fetch(`${url}/jobs/${job.id}`, { headers: { accept: 'text/html' } })).text();
  expect(html).toContain('books');
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('ledgerpipe_webhook_events_total{source="xero",known="false"} 1');
  expect(metrics).toMatch(/route="\/webhooks\/xero",status="401"\} 1/);
  expect((await store.firings.all()).size).toBe(1);
});
