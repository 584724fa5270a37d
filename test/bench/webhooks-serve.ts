// The endpoints in a process of its own, over a store on disk, with the events gathered as the runner does it.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { fastify } from 'fastify';
import type { PipelineSettings } from '../../runner/settings/index.ts';
import { openStore } from '../../runner/store/index.ts';
import { gatherEvents, webhookRoutes } from '../../runner/webhooks/index.ts';
import { tenantOf } from '../runner/webhooks-storm.ts';

const [url = '', xero = '', quickbooks = '', tenants = '1'] = process.argv.slice(2);
const store = await openStore({ url, clock: systemClock });
const pipelines: Record<string, PipelineSettings> = {};
for (const source of ['xero', 'quickbooks'] as const)
  for (let index = 0; index < Number(tenants); index += 1) {
    const name = `${source}-${index}`;
    pipelines[name] = {
      ...{ name, base: name, connection: name, exclusive: true, schedules: [], problems: [] },
      tenants: [tenantOf(source, index)],
      source: { connector: `source-${source}`, config: {} },
      destination: { connector: 'destination-databricks', config: {} },
    };
  }
const silent = { info() {}, warn() {}, error() {} };
const settings = { pipelines, webhook: { window_seconds: 2, most_ids: 500 } };
const server = fastify();
const keys = { xero: { key: xero }, quickbooks: { verifier_token: quickbooks } };
await server.register(webhookRoutes({ keys, store, clock: systemClock, pipelines, log: silent }));
const address = await server.listen({ host: '127.0.0.1', port: 0 });

const stop = new AbortController();
const gathering = (async () => {
  while (!stop.signal.aborted) {
    await gatherEvents({ store, clock: systemClock, settings });
    await finishAll();
    await systemClock.sleep(250);
  }
})();

/** Jobs end as soon as they are there: the endpoints share the process with those that take notes of them. */
async function finishAll(): Promise<void> {
  for (;;) {
    const now = systemClock.now();
    const job = await store.jobs.claim('bench', { now, milliseconds: 60_000 });
    if (!job) return;
    await store.events.mark(job.events ?? [], 'done', job.id);
    await store.jobs.finish(job.id, 'bench', { state: 'done', read: 0, committed: 0, endedAt: now });
  }
}

const before = process.cpuUsage();
process.stdout.write(`${address}\n`);
process.stdin.resume();
process.stdin.once('end', async () => {
  stop.abort();
  await gathering;
  await server.close();
  await systemClock.sleep(settings.webhook.window_seconds * 1000);
  await gatherEvents({ store, clock: systemClock, settings });
  await finishAll();
  await store.close();
  const { user, system } = process.cpuUsage(before);
  const memory = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ processor: (user + system) / 1e6, memory })}\n`);
});
