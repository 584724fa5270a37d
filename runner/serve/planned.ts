// What is to be run by itself: the schedules of all pipelines, and the poll that proves that no event was missed.
import { createHash } from 'node:crypto';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { NewJob } from '../store/contract.ts';
import { type FiringTimes, firingTimes } from './firing-times.ts';

export interface Planned {
  /** The same for the same line of the settings, in every runner and after every start. */
  readonly name: string;
  readonly times: FiringTimes;
  /** Milliseconds by which its runs are late, always the same. */
  readonly offset: number;
  readonly job: Omit<NewJob, 'dueAt'>;
}

/** Reconciling polls have a time of night in common: they begin within ten minutes of it. */
const reconcileJitter = 600;

export interface PlanOptions {
  /** Whether events of the pipeline's source are received. */
  readonly hasWebhooks: (pipeline: PipelineSettings) => boolean;
}

/** Pipelines that cannot start are left out: each of their runs would fail for what `status` shows anyway. */
export function planOf(
  { pipelines, reconcile }: Pick<Settings, 'pipelines' | 'reconcile'>,
  { hasWebhooks }: PlanOptions,
): readonly Planned[] {
  const timesOf = firingTimes();
  const startable = Object.values(pipelines).filter(({ problems }) => problems.length === 0);
  return startable.flatMap((pipeline): Planned[] => {
    const scheduled = pipeline.schedules.map(({ streams, cron, timezone, jitter_seconds: jitter }) => {
      const name = JSON.stringify([pipeline.name, 'schedule', streams ?? null, cron, timezone]);
      const wanted = typeof streams === 'string' ? [streams] : streams;
      return {
        name,
        times: timesOf({ cron, timezone }),
        offset: offsetOf(name, jitter),
        job: { pipeline: pipeline.name, cause: 'schedule', ...(wanted && { streams: wanted }) },
      } as const;
    });
    if (!reconcile || !hasWebhooks(pipeline)) return scheduled;
    const name = JSON.stringify([pipeline.name, 'reconcile', reconcile.cron, reconcile.timezone]);
    const poll = {
      name,
      times: timesOf(reconcile),
      offset: offsetOf(name, reconcileJitter),
      job: { pipeline: pipeline.name, cause: 'reconcile' },
    } as const;
    return [...scheduled, poll];
  });
}

/** From 0 up to the jitter, in milliseconds: two runners must agree on it. */
function offsetOf(name: string, jitterSeconds: number): number {
  const share = createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(share * jitterSeconds * 1000);
}
