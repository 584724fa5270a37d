// Refreshing extracts now: of a data source, or of a workbook (tableau.md 4).
import { demand } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure } from './errors.ts';
import { jobBody } from './job-bodies.ts';
import type { Outcome } from './jobs.ts';
import type { DataSource, Site, User, Workbook, World } from './model.ts';
import { sourceOf } from './sources.ts';
import type { Tree } from './tree.ts';
import { workbookOf } from './workbooks.ts';

export function refreshHandlers(world: World) {
  const start = ({ site, session }: Call, content: DataSource | Workbook): Result => {
    demand(session.user, 'Write', { site, content });
    return { status: 202, tree: { job: startRefresh(world, { site, user: session.user, content }) } };
  };
  return {
    source: (call: Call): Result => start(call, sourceOf(call.site, call.parts[0])),
    workbook: (call: Call): Result => start(call, workbookOf(call.site, call.parts[0])),
  };
}

/** Queues a refresh; 409093 while one is queued or runs, and a refusal where there is no extract to refresh. */
export function startRefresh(
  world: World,
  { site, user, content }: { site: Site; user: User; content: DataSource | Workbook },
): Tree {
  const { jobs, quotas, switches, clock } = world;
  if (!isRefreshable(content))
    throw new ApiFailure(
      switches.notRefreshableCode,
      `The extract operation for "${content.name}" is not allowed: it has no extract that can be refreshed`,
    );
  quotas.take(site, 'refresh');
  const queued = jobs.log.some(
    (job) => job.kind === 'refresh' && job.content === content && job.outcome === undefined,
  );
  if (queued)
    throw new ApiFailure(409093, `Job for "${content.name}" is already queued. Not queuing a duplicate.`);
  const work = async (): Promise<Outcome> => {
    content.updatedAt = clock.now();
    const bridge = 'bridge' in content && content.bridge;
    return { finishCode: bridge ? 3 : 0, notes: `Finished refresh of extracts for "${content.name}"` };
  };
  return jobBody(jobs.submit({ kind: 'refresh', site, user, content, work }), world);
}

/** A source that is live to a Hyper file has nothing upstream. */
export const isRefreshable = (content: DataSource | Workbook): boolean =>
  'kind' in content ? content.kind === 'extract' : content.hasExtracts;
