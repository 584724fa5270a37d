// When a pipeline's schedules fire next.
import type { FiringTimes, Timing } from '../serve/firing-times.ts';
import type { PipelineSettings, Schedule } from '../settings/index.ts';

export type TimesOf = (timing: Timing) => FiringTimes;

export interface NextRun {
  readonly schedule: Schedule;
  /** Milliseconds since the epoch, before its jitter. */
  readonly at: number;
}

/** Soonest first. */
export const nextRuns = (
  { schedules }: Pick<PipelineSettings, 'schedules'>,
  { now, timesOf }: { readonly now: number; readonly timesOf: TimesOf },
): readonly NextRun[] =>
  schedules
    .flatMap((schedule) => {
      const at = timesOf(schedule).after(now);
      return at === undefined ? [] : [{ schedule, at }];
    })
    .sort((one, other) => one.at - other.at);
