// Cron expressions and time zones: refused when they can never fire.
import { Cron } from 'croner';
import type { Schedule } from './contract.ts';

/** `schedules: default`: what changes all day, and once a night what it refers to. Delays keep runs apart. */
export const defaultSchedules: readonly Schedule[] = [
  { streams: 'facts', cron: '*/15 * * * *', timezone: 'UTC', jitter_seconds: 60 },
  { streams: 'reference', cron: '20 1 * * *', timezone: 'UTC', jitter_seconds: 600 },
];

/** Why the zone cannot be used; undefined: it can. */
export function timezoneProblem(timezone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return undefined;
  } catch {
    return 'is no time zone: write an IANA name such as "Europe/London"';
  }
}

/** Why the expression cannot be used; undefined: it fires one day. */
export function cronProblem(cron: string): string | undefined {
  try {
    if (new Cron(cron, { paused: true, timezone: 'UTC' }).nextRun()) return undefined;
    return 'never fires: no date to come is like that';
  } catch (error) {
    const reason = (error as Error).message.replace(/^\w+: /, '').replace(/\.$/, '');
    return `is no cron expression: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
  }
}
