// Jobs that failed for good and that nothing has made up for since: what a person must still decide on.
import type { Job, Store } from '../store/contract.ts';

/** Jobs that are looked at: the newest ones. */
export const mostJobs = 10_000;

/** Newest first. */
export async function unresolvedJobs({ jobs }: Pick<Store, 'jobs'>): Promise<readonly Job[]> {
  const failed = await jobs.list({ states: ['failed', 'parked'], limit: mostJobs });
  if (failed.length === 0) return [];
  const later = await jobs.list({ states: ['done', 'waiting', 'running'], limit: mostJobs });
  const replayed = new Set(later.map(({ replayOf }) => replayOf));
  const runs = wholeRuns(later);
  return failed.filter((job) => !replayed.has(job.id) && !isReadSince(job, runs.get(job.pipeline)));
}

/** Runs over whole streams that are done, or replays under way, newest first, by pipeline. */
function wholeRuns(jobs: readonly Job[]): ReadonlyMap<string, readonly Job[]> {
  const runs = new Map<string, Job[]>();
  for (const job of jobs) {
    if (job.records || (job.state !== 'done' && job.cause !== 'replay')) continue;
    const known = runs.get(job.pipeline);
    if (known) known.push(job);
    else runs.set(job.pipeline, [job]);
  }
  return runs;
}

/** Whole streams are made up for by any later run of as many of them; single records by their replay alone. */
function isReadSince({ id, records, streams }: Job, runs: readonly Job[] = []): boolean {
  if (records) return false;
  for (const { id: other, streams: covered } of runs) {
    if (other < id) return false;
    if (!covered || streams?.every((name) => covered.includes(name))) return true;
  }
  return false;
}
