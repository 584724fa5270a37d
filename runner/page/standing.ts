// How every pipeline stands, in a number of queries that does not grow with them.
import { type Health, healthOf } from '../run/status.ts';
import { unresolvedJobs } from '../run/unresolved.ts';
import type { PipelineSettings } from '../settings/index.ts';
import type { Job, Waiting } from '../store/index.ts';
import type { PageOptions } from './visit.ts';

/** What the page says of a pipeline: as `status`, and that one cannot start. */
export type Condition = Health | 'cannot start';

export interface Standing {
  readonly pipeline: PipelineSettings;
  readonly condition: Condition;
  readonly last: Job | undefined;
  readonly waiting: Waiting | undefined;
  /** Jobs that failed or were parked, and that nothing has made up for; newest first. */
  readonly unresolved: readonly Job[];
}

/** What needs a person first. */
const byUrgency = [
  'cannot start',
  'parked',
  'failed',
  'retrying',
  'running',
  'waiting',
  'never run',
  'ok',
] as const satisfies readonly Condition[];

export const conditions: readonly Condition[] = byUrgency;

export const needsPerson = ({ condition, unresolved }: Standing): boolean =>
  condition === 'cannot start' || condition === 'failed' || condition === 'parked' || unresolved.length > 0;

/** All pipelines of the settings, most urgent first, then in the order of the file. */
export async function standings({ settings, store }: PageOptions): Promise<readonly Standing[]> {
  const pipelines = Object.values(settings.pipelines);
  const [newest, waiting, unresolved] = await Promise.all([
    store.jobs.newest(pipelines.map(({ name }) => name)),
    store.overview.waiting(),
    unresolvedJobs(store),
  ]);
  const lastOf = new Map(newest.map((job) => [job.pipeline, job]));
  const waitingOf = new Map(waiting.map((entry) => [entry.pipeline, entry]));
  const unresolvedOf = byPipeline(unresolved);
  const all = pipelines.map((pipeline): Standing => {
    const last = lastOf.get(pipeline.name);
    return {
      pipeline,
      condition: pipeline.problems.length > 0 ? 'cannot start' : healthOf(last),
      last,
      waiting: waitingOf.get(pipeline.name),
      unresolved: unresolvedOf.get(pipeline.name) ?? [],
    };
  });
  return all.sort((one, other) => urgency(one) - urgency(other));
}

/** A pipeline whose last run went well may still have records that wait for a person. */
const urgency = (standing: Standing): number =>
  byUrgency.indexOf(standing.condition) - (needsPerson(standing) ? byUrgency.length : 0);

function byPipeline(jobs: readonly Job[]): ReadonlyMap<string, readonly Job[]> {
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const group = groups.get(job.pipeline);
    if (group) group.push(job);
    else groups.set(job.pipeline, [job]);
  }
  return groups;
}
