// A runner that serves within the test's own process: its jobs, its log and its address, stopped when the test is over.
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Runner, type RunnerPorts, startRunner } from '../../runner/serve/runner.ts';
import type { PipelineSettings, Settings } from '../../runner/settings/index.ts';
import type { Job, Store } from '../../runner/store/index.ts';
import { retry } from './engine.ts';

export type LogLine = Readonly<Record<string, unknown>> & { readonly message: string };

export interface Served extends Runner {
  readonly log: readonly LogLine[];
}

export const settingsOf = (
  folder: string,
  pipelines: readonly PipelineSettings[],
  more: Partial<Settings> = {},
): Settings => ({
  file: `${folder}/ledgerpipe.yaml`,
  store: `${folder}/ledgerpipe.db`,
  folder,
  http: { listen: '127.0.0.1', port: 0 },
  webhooks: {},
  webhook: { window_seconds: 2, most_ids: 500 },
  retry,
  audit: { retention_days: 400 },
  pipelines: Object.fromEntries(pipelines.map((pipeline) => [pipeline.name, pipeline])),
  warnings: [],
  ...more,
});

/** Serves the settings over the store. */
export async function serve(
  settings: Settings,
  { store, ...more }: Partial<RunnerPorts> & { readonly store: Store },
): Promise<Served> {
  const log: LogLine[] = [];
  const write = (line: string): void => void log.push(JSON.parse(line) as LogLine);
  const runner = await startRunner({
    settings,
    store,
    clock: systemClock,
    log: pino(
      { level: 'debug', messageKey: 'message', formatters: { level: (level) => ({ level }) } },
      { write },
    ),
    owner: `tester:${Math.random()}`,
    lanes: 2,
    leaseMilliseconds: 3_000,
    version: '0.0.0',
    routes: () => [],
    hasWebhooks: () => false,
    ...more,
  });
  let over: Promise<boolean> | undefined;
  const drain = (milliseconds: number): Promise<boolean> => {
    over ??= runner.drain(milliseconds);
    return over;
  };
  onTestFinished(() => drain(5_000).then(() => undefined));
  return { ...runner, drain, log };
}

/** Asks until the answer is not undefined. */
export async function until<T>(ask: () => Promise<T | undefined>, seconds = 20): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Nothing came within ${seconds} s`);
    await delay(20);
  }
}

/** The job once it is in that state. */
export const ended = ({ jobs }: Store, id: number, state: Job['state'] = 'done'): Promise<Job> =>
  until(async () => {
    const job = await jobs.get(id);
    return job?.state === state ? job : undefined;
  });
