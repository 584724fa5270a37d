// The replay button's other end: adds the jobs, and leads to what they do.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { FastifyInstance } from 'fastify';
import { type ReplayOf, replaysOf } from '../run/replay.ts';
import type { Job } from '../store/index.ts';
import { routingOf } from '../webhooks/routing.ts';
import { field, numberOf } from './fields.ts';
import { jobLink, linkTo } from './figures.ts';
import type { Guard } from './guard.ts';
import { type PageOptions, pipelineNamed } from './visit.ts';

export function serveReplay(app: FastifyInstance, guard: Guard, options: PageOptions): void {
  app.post('/replay', async (request, reply) => {
    guard.refuseForeign(request);
    const jobs = await addReplays(askedIn(request.body), options);
    const [job, ...others] = jobs;
    // After a POST a page of its own: loading it again replays nothing.
    if (job && others.length === 0) return reply.redirect(jobLink(job.id), 303);
    return reply.redirect(job ? linkTo('/jobs', { state: 'waiting' }) : '/failures', 303);
  });
}

function askedIn(body: unknown): ReplayOf {
  const job = field(body, 'job');
  const number = numberOf(job);
  if (job !== undefined && number === undefined)
    throw configError('Cannot replay: that is no number of a job');
  return {
    job: number,
    event: field(body, 'event'),
    record: field(body, 'record'),
    failed: field(body, 'failed') === 'yes',
    pipeline: field(body, 'pipeline'),
  };
}

async function addReplays(what: ReplayOf, { settings, store, clock }: PageOptions): Promise<readonly Job[]> {
  const routing = routingOf(settings.pipelines);
  const replays = await replaysOf(what, {
    store,
    now: clock.now(),
    pipelinesOf: (event) => routing.of(event).map(({ pipeline }) => pipeline),
  });
  const known = replays.filter(({ pipeline }) => pipelineNamed(settings, pipeline) !== undefined);
  const [first] = replays;
  if (first && known.length === 0)
    throw configError(`Cannot replay for pipeline "${first.pipeline}": the settings have no such pipeline`);
  const jobs: Job[] = [];
  for (const replay of known) jobs.push(await store.jobs.add(replay));
  return jobs;
}
