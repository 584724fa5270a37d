// A receiver of webhooks for tests: its endpoints on loopback over a store, and what came of their events.
import { request } from 'node:http';
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { fastify } from 'fastify';
import { onTestFinished } from 'vitest';
import type { PipelineSettings, Settings } from '../../runner/settings/index.ts';
import type { Job, Store, StoredEvent } from '../../runner/store/index.ts';
import { gatherEvents, type WebhookOptions, webhookRoutes } from '../../runner/webhooks/index.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { pipelineOf } from './pipeline-of.ts';
import { type Kind, storeOf } from './store-open.ts';

export const keys = {
  xero: { key: 'example-webhook-signing-key' },
  quickbooks: { verifier_token: 'verifier-token-of-tests' },
} as const;

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly about: object;
  readonly message: string;
}

/** A pipeline over one company of QuickBooks. */
export const company = (
  name: string,
  realm: string,
  more: Partial<PipelineSettings> = {},
): PipelineSettings =>
  pipelineOf(name, {
    tenants: [realm],
    source: { connector: 'source-quickbooks', config: { realm_id: realm } },
    ...more,
  });

export interface ReceiverOptions {
  readonly pipelines?: readonly PipelineSettings[];
  readonly webhook?: Partial<Settings['webhook']>;
  readonly kind?: Kind;
  /** Of the store, where it is not a new one. */
  readonly url?: string;
  readonly keys?: WebhookOptions['keys'];
  readonly clock?: FastClock;
  /** Changes what the endpoints see of the store. */
  readonly through?: (store: Store) => Pick<Store, 'events'>;
}

export interface Receiver {
  readonly url: string;
  readonly xero: string;
  readonly quickbooks: string;
  readonly store: Store;
  readonly clock: FastClock;
  readonly log: readonly LogLine[];
  /** One pass after the window. */
  gather(): Promise<number>;
  /** One pass now. */
  look(): Promise<number>;
  /** Newest last. */
  jobs(): Promise<readonly Job[]>;
  /** Claims every job that is due, and ends it; the ids in their order. */
  finish(state?: 'done' | 'parked', pipelines?: readonly string[]): Promise<readonly number[]>;
  event(id: string): Promise<StoredEvent | undefined>;
}

export async function openReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { pipelines = [pipelineOf('books')], kind = 'sqlite', clock = fastClock() } = options;
  const store = await storeOf(kind, { clock, ...(options.url !== undefined && { url: options.url }) });
  const settings = {
    pipelines: Object.fromEntries(pipelines.map((one) => [one.name, one])),
    webhook: { window_seconds: 2, most_ids: 500, ...options.webhook },
  };
  const log: LogLine[] = [];
  const logAt = (level: LogLine['level']) => (about: object, message: string) =>
    void log.push({ level, about, message });
  const url = await serve({
    keys: options.keys ?? keys,
    store: options.through?.(store) ?? store,
    clock,
    pipelines: settings.pipelines,
    log: { info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
  });
  const look = () => gatherEvents({ store, clock, settings });
  return {
    url,
    xero: `${url}/webhooks/xero`,
    quickbooks: `${url}/webhooks/quickbooks`,
    store,
    clock,
    log,
    look,
    async gather() {
      clock.advance(settings.webhook.window_seconds * 1000 + 1);
      return await look();
    },
    jobs: async () => (await store.jobs.list({ limit: 10_000 })).toReversed(),
    finish: (state = 'done', names) => finishAll({ store, clock }, state, names),
    event: (id) => store.events.get(id),
  };
}

async function serve(options: WebhookOptions): Promise<string> {
  const server = fastify();
  await server.register(webhookRoutes(options));
  // Routes of others in the same server keep their own ways with bodies.
  await server.register(async (other) => {
    other.post('/form', async ({ body }) => body);
  });
  onTestFinished(() => server.close());
  return await server.listen({ host: '127.0.0.1', port: 0 });
}

async function finishAll(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  state: 'done' | 'parked',
  pipelines?: readonly string[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (;;) {
    const now = clock.now();
    const lease = { now, milliseconds: 60_000, ...(pipelines && { pipelines }) };
    const job = await store.jobs.claim('tester', lease);
    if (!job) return ids;
    ids.push(job.id);
    await store.events.mark(job.events ?? [], state, job.id);
    await store.jobs.finish(job.id, 'tester', { state, read: 0, committed: 0, endedAt: now });
  }
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends exactly these headers and bytes. `slow`: the body stops after half of it until that many milliseconds are over. */
export function send(
  url: string,
  body: string | Buffer,
  { headers = {}, slow }: { readonly headers?: Record<string, string>; readonly slow?: number } = {},
): Promise<Answer> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          headers: response.headers,
        }),
      );
    });
    call.on('error', reject);
    if (slow === undefined) {
      call.end(bytes);
      return;
    }
    call.write(bytes.subarray(0, bytes.length / 2));
    const rest = setTimeout(() => call.end(bytes.subarray(bytes.length / 2)), slow);
    call.on('close', () => clearTimeout(rest));
  });
}
