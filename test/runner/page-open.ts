// Opens the page over a store of its own, as `serve` would, and fills the store with what runs leave behind.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { pageRoutes } from '../../runner/page/index.ts';
import type { LiveRun } from '../../runner/serve/live.ts';
import type { HttpSettings, PipelineSettings, Settings } from '../../runner/settings/index.ts';
import type { AuditRow, Job, JobOutcome, NewJob, Store } from '../../runner/store/index.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { pipelineOf } from './pipeline-of.ts';
import { storeOf } from './store-open.ts';

export const noon = Date.UTC(2026, 10, 20, 12);

export interface OpenPage {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly clock: FastClock;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** What runs: tests write into it. */
  readonly live: LiveRun[];
}

export interface PageSetUp {
  readonly pipelines?: readonly PipelineSettings[];
  readonly http?: Partial<HttpSettings>;
  readonly store?: Store;
  readonly clock?: FastClock;
}

/** A listening page, closed when the test is over. */
export async function openPage({
  pipelines = [pipelineOf('books')],
  http = {},
  clock = fastClock({ start: noon }),
  store: given,
}: PageSetUp = {}): Promise<OpenPage> {
  const store = given ?? (await storeOf('sqlite', { clock }));
  const live: LiveRun[] = [];
  // Browsers open connections ahead of time: they must not keep a test from its end.
  const app = Fastify({ forceCloseConnections: true });
  const settings: Pick<Settings, 'http' | 'pipelines' | 'retry'> = {
    http: { listen: '127.0.0.1', port: 7460, ...http },
    pipelines: Object.fromEntries(pipelines.map((pipeline) => [pipeline.name, pipeline])),
    retry: { attempts: 6, first_seconds: 30, longest_minutes: 60 },
  };
  await app.register(pageRoutes({ settings, store, clock, progress: () => live, version: '0.1.0' }));
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, store, clock, url, live };
}

/** Adds a job and ends it; by default it is done, with nothing moved. */
export async function endedJob(
  { store, clock }: { readonly store: Store; readonly clock: Pick<Clock, 'now'> },
  job: Partial<NewJob> = {},
  outcome: Partial<JobOutcome> = {},
): Promise<Job> {
  const now = outcome.endedAt ?? clock.now();
  const pipeline = job.pipeline ?? 'books';
  const { id } = await store.jobs.add({ pipeline, cause: 'schedule', dueAt: 0, ...job });
  await store.jobs.claim('tester', { now: now - 42_000, milliseconds: 60_000, pipelines: [pipeline] });
  await store.jobs.finish(id, 'tester', { state: 'done', read: 0, committed: 0, endedAt: now, ...outcome });
  const ended = await store.jobs.get(id);
  if (!ended) throw new Error('the job is gone');
  return ended;
}

export const auditRow = (job: number, key: string, more: Partial<AuditRow> = {}): AuditRow => ({
  pipeline: 'books',
  tenant: 'acme',
  stream: 'invoices',
  key,
  document: `INV-${key}`,
  hash: '0123456789abcdef0123456789abcdef',
  sourceTime: '2026-11-20T11:58:03Z',
  job,
  attempt: 1,
  receipt: 'statement 01f0-77',
  outcome: 'delivered',
  readAt: noon,
  deliveredAt: noon,
  ...more,
});
