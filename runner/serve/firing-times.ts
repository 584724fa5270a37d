// When cron expressions fire: the next time and the last one, computed once for all schedules that say the same.
import { Cron } from 'croner';
import type { Schedule } from '../settings/index.ts';

export type Timing = Pick<Schedule, 'cron' | 'timezone'>;

export interface FiringTimes {
  /** The first firing after `time`; undefined: it never fires again. Milliseconds since the epoch. */
  after(time: number): number | undefined;
  /** The last firing at or before `time`. */
  until(time: number): number | undefined;
}

/** Gives equal timings one computation. */
export function firingTimes(): (timing: Timing) => FiringTimes {
  const known = new Map<string, FiringTimes>();
  return ({ cron, timezone }) => {
    const key = `${timezone} ${cron}`;
    const found = known.get(key) ?? timesOf(new Cron(cron, { timezone, paused: true }));
    known.set(key, found);
    return found;
  };
}

/** A thousand schedules ask for the same instant one after another. */
function timesOf(cron: Cron): FiringTimes {
  return {
    after: latest((time) => cron.nextRun(new Date(time))?.getTime()),
    until: latest((time) => {
      // A firing in the very second of the reference counts only up to the second that has begun.
      const [found] = cron.previousRuns(1, new Date(Math.floor(time / 1000) * 1000 + 1));
      return found?.getTime();
    }),
  };
}

function latest(compute: (time: number) => number | undefined): (time: number) => number | undefined {
  let asked: number | undefined;
  let answer: number | undefined;
  return (time) => {
    if (time !== asked) answer = compute(time);
    asked = time;
    return answer;
  };
}
