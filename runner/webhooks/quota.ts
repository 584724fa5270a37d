// When a job of events may begin: at once, or less often while the calls of the day or month run out.
import type { Quota } from '../store/contract.ts';

/** Calls that are kept for the polls: a fifth of the smallest daily limit (Xero's Starter tier, 1,000). */
const keptCalls = 200;

/** The pace at which events are read then: that of polling facts. */
const paceMilliseconds = 15 * 60_000;

const day = 86_400_000;

/** As sources call them; shorter ones are waited for within a run. */
const longLimits: readonly string[] = ['day', 'month'];

/**
 * Milliseconds since the epoch. Events that come until then join the job, so that a storm of a whole day makes four
 * reads an hour at most once few calls are left. What was said of a quota a day ago says nothing any more.
 */
export function dueAtOf(
  { pipeline, tenants }: { readonly pipeline: string; readonly tenants: ReadonlySet<string> },
  { quotas, now }: { readonly quotas: readonly Quota[]; readonly now: number },
): number {
  const scarce = quotas.some(
    (quota) =>
      quota.pipeline === pipeline &&
      (quota.tenant === '' || tenants.has(quota.tenant)) &&
      longLimits.includes(quota.limit) &&
      quota.left < keptCalls &&
      now - quota.at < day,
  );
  return scarce ? now + paceMilliseconds : now;
}
