// Asking for jobs, listing and cancelling them (tableau.md 4).
import { isAdministrator } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest, forbidden } from './errors.ts';
import { backgroundJob, jobBody } from './job-bodies.ts';
import type { Job } from './jobs.ts';
import { listed } from './list.ts';
import type { World } from './model.ts';

export function jobHandlers(world: World) {
  const { jobs, quotas, switches } = world;

  const find = ({ site, session, parts: [id = ''] }: Call): Job => {
    quotas.take(site, 'jobs');
    const job = jobs.find(site, id);
    if (!job) throw new ApiFailure(switches.purgedJobCode, `The job "${id}" could not be found.`);
    const own = job.user === session.user && switches.ownJobsReadable;
    if (!own && !isAdministrator(session.user, site)) throw forbidden('Jobs are for site administrators');
    return job;
  };

  return {
    get: (call: Call): Result => ({ status: 200, tree: { job: jobBody(find(call), world) } }),
    list: (call: Call): Result => {
      const { site, session } = call;
      quotas.take(site, 'jobs');
      if (!isAdministrator(session.user, site)) throw forbidden('Listing jobs is for site administrators');
      const rows = jobs.known(site).map((job) => ({ fields: backgroundJob(job), body: backgroundJob(job) }));
      return listed(call, rows, ['backgroundJobs', 'backgroundJob']);
    },
    cancel: (call: Call): Result => {
      const job = find(call);
      if (job.kind !== 'refresh')
        throw badRequest(400031, `A job of type ${jobBody(job, world).type} cannot be cancelled`);
      jobs.cancel(job);
      return { status: 200 };
    },
  };
}
