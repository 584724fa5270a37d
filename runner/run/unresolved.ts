// Jobs that failed for good and that nothing has made up for since: what a person must still decide on.
import type { Job, Store } from '../store/contract.ts';

/** Jobs that are looked at: the newest ones. */
export const mostJobs = 10_000;

/** Newest first. */
export async function unresolvedJobs({ jobs }: Pick<Store, 'jobs'>): Promise<readonly Job[]> {
  const failed = await jobs.list({ states: ['failed', 'parked'], limit: mostJobs });
  const oldest = failed.at(-1);
  if (!oldest) return [];
  const later = await jobs.list({ states: ['done', 'waiting', 'running'], limit: mostJobs });
  return failed.filter((job) => !later.some((other) => makesUpFor(other, job)));
}

/** A replay that is done or under way; for whole streams, any later run of as many streams that is done. */
function makesUpFor(other: Job, job: Job): boolean {
  if (other.replayOf === job.id) return true;
  if (other.pipeline !== job.pipeline || other.id < job.id || other.state !== 'done') return false;
  if (job.records || other.records) return false;
  const { streams: covered } = other;
  return !covered || (job.streams?.every((name) => covered.includes(name)) ?? false);
}
