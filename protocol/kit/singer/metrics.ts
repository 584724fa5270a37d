// Metrics as singer-python writes them: counters of records every minute and at the end, the duration of the job.
import { systemClock } from '../clock.ts';
import type { Log } from './log.ts';

export interface Metrics {
  /** Counts one record of a stream. */
  record(stream: string): void;
  /** Writes the counters that are open, and how long the job took. */
  end(status: 'succeeded' | 'failed'): void;
}

/** Milliseconds between the lines of a counter (singer-python: DEFAULT_LOG_INTERVAL, 60 s). */
export const metricInterval = 60_000;

/** Each counter line tells the records since the one before. Every stream of `streams` gets one, if only of 0. */
export function openMetrics(log: Log, streams: readonly string[]): Metrics {
  const began = systemClock.now();
  const counts = new Map(streams.map((stream) => [stream, 0]));
  const told = new Set<string>();
  const write = (metric: Readonly<Record<string, unknown>>) =>
    log.line('INFO', `METRIC: ${JSON.stringify(metric)}`);
  const tell = (last: boolean): void => {
    for (const [stream, value] of counts) {
      if (value === 0 && (!last || told.has(stream))) continue;
      write({ type: 'counter', metric: 'record_count', value, tags: { endpoint: stream } });
      told.add(stream);
      counts.set(stream, 0);
    }
  };
  const timer = setInterval(() => tell(false), metricInterval);
  timer.unref();
  return {
    record(stream) {
      counts.set(stream, (counts.get(stream) ?? 0) + 1);
    },
    end(status) {
      clearInterval(timer);
      tell(true);
      const value = (systemClock.now() - began) / 1000;
      write({ type: 'timer', metric: 'job_duration', value, tags: { job_type: 'sync', status } });
    },
  };
}
