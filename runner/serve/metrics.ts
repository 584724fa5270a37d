// Numbers for Prometheus: counted as things happen, or read from the store when somebody asks for them.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Job, JobOutcome, NewEvent, Store } from '../store/contract.ts';
import type { LiveRuns } from './live.ts';

export interface Metrics {
  /** A job ended, after so many seconds of this attempt. */
  ended(job: Job, outcome: JobOutcome, seconds: number): void;
  took(source: NewEvent['source'], counts: { readonly fresh: number; readonly known: number }): void;
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /** The text form that Prometheus reads, and its content type. */
  text(): Promise<{ readonly type: string; readonly body: string }>;
}

export interface MetricsPorts {
  readonly store: Pick<Store, 'overview'>;
  readonly live: LiveRuns;
  readonly version: string;
}

/** Seconds: from a targeted read to a first one of years of books. */
const jobBuckets = [0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200];
const answerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

export function openMetrics(ports: MetricsPorts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const committed = new Counter({
    ...{ name: 'ledgerpipe_records_committed_total', help: 'Records that destinations confirmed, here' },
    ...{ labelNames: ['pipeline'] as const, registers },
  });
  const jobSeconds = new Histogram({
    ...{ name: 'ledgerpipe_job_seconds', help: 'How long jobs ran, each attempt by itself' },
    ...{ labelNames: ['cause', 'state'] as const, buckets: jobBuckets, registers },
  });
  const events = new Counter({
    ...{ name: 'ledgerpipe_webhook_events_total', help: 'Events received; known: they had come before' },
    ...{ labelNames: ['source', 'known'] as const, registers },
  });
  const answers = new Histogram({
    ...{ name: 'ledgerpipe_http_request_seconds', help: 'How long requests took' },
    ...{ labelNames: ['method', 'route', 'status'] as const, buckets: answerBuckets, registers },
  });
  stored(ports, registers);
  ofProcess(ports, registers);
  return {
    ended({ pipeline, cause }, { state, committed: count }, seconds) {
      committed.inc({ pipeline }, count);
      jobSeconds.observe({ cause, state }, seconds);
    },
    took(source, { fresh, known }) {
      events.inc({ source, known: 'false' }, fresh);
      events.inc({ source, known: 'true' }, known);
    },
    answered: ({ method, route, status, seconds }) =>
      answers.observe({ method, route, status: String(status) }, seconds),
    text: async () => ({ type: registry.contentType, body: await registry.metrics() }),
  };
}

/** What all runners of the store have in common. */
function stored({ store }: MetricsPorts, registers: Registry[]): void {
  const { overview } = store;
  new Gauge({
    ...{ name: 'ledgerpipe_jobs', help: 'Jobs in the store by state', labelNames: ['state'], registers },
    async collect() {
      for (const [state, count] of Object.entries(await overview.countJobs())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: 'ledgerpipe_stream_committed_timestamp_seconds',
    help: 'When a state of the stream was committed last',
    ...{ labelNames: ['pipeline', 'stream'], registers },
    async collect() {
      this.reset();
      for (const { pipeline, stream, committedAt } of await overview.freshness())
        this.set({ pipeline, stream }, committedAt / 1000);
    },
  });
  new Gauge({
    ...{ name: 'ledgerpipe_quota_left', help: 'What is left of a limit of the source' },
    ...{ labelNames: ['pipeline', 'tenant', 'limit'], registers },
    async collect() {
      this.reset();
      for (const { pipeline, tenant, limit, left } of await overview.quotas())
        this.set({ pipeline, tenant, limit }, left);
    },
  });
}

/** Read when asked: the packaged set of process metrics keeps a timer going all the time. */
function ofProcess({ live, version }: MetricsPorts, registers: Registry[]): void {
  new Gauge({
    ...{ name: 'ledgerpipe_build_info', help: 'The version that runs', labelNames: ['version'], registers },
    collect() {
      this.set({ version }, 1);
    },
  });
  new Gauge({
    ...{ name: 'ledgerpipe_jobs_running_here', help: 'Jobs that this process works on', registers },
    collect() {
      this.set(live.list().length);
    },
  });
  new Gauge({
    ...{ name: 'process_resident_memory_bytes', help: 'Resident memory of the runner itself', registers },
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    ...{ name: 'process_cpu_seconds_total', help: 'Processor time of the runner itself', registers },
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
  new Gauge({
    ...{ name: 'process_start_time_seconds', help: 'When the runner began', registers },
    collect() {
      this.set(Math.round(performance.timeOrigin / 1000));
    },
  });
}
