// Routes of the jobs: the list, and each one.
import type { FastifyInstance } from 'fastify';
import type { AuditFilter, AuditRow, Job, Store, StoredEvent } from '../store/index.ts';
import { field, numberOf, oneOf } from './fields.ts';
import { eventsOfJob, jobPage, recordsOfJob } from './job-page.ts';
import { jobStates, jobsOfPage, jobsPage } from './jobs-page.ts';
import type { Page } from './layout.ts';
import { liveView } from './live.ts';
import { notFound } from './refusals.ts';
import { type PageOptions, pipelineNamed, type Show } from './visit.ts';

/** Replays come soon after their job: they are looked for among the newest of the pipeline. */
const jobsLookedAt = 200;

export function serveJobs(app: FastifyInstance, show: Show<Page>, options: PageOptions): void {
  const { store, settings } = options;

  app.get('/jobs', (request, reply) =>
    show(request, reply, async (visit) => {
      const choice = {
        pipeline: field(request.query, 'pipeline'),
        state: oneOf(jobStates, field(request.query, 'state')),
        before: numberOf(field(request.query, 'before')),
      };
      const { pipeline, state, before } = choice;
      const jobs = await store.jobs.list({
        limit: jobsOfPage + 1,
        ...(pipeline !== undefined && { pipeline }),
        ...(state !== undefined && { states: [state] }),
        ...(before !== undefined && { before }),
      });
      return jobsPage({ jobs, choice }, visit);
    }),
  );

  app.get('/jobs/:id', (request, reply) =>
    show(request, reply, async (visit) => {
      const id = numberOf(field(request.params, 'id'));
      const job = id === undefined ? undefined : await store.jobs.get(id);
      if (!job) throw notFound('There is no job of that number');
      const [records, events, replays, live] = await Promise.all([
        rowsOf(store, { job: job.id, limit: recordsOfJob + 1 }),
        eventsOf(job, store),
        replaysOf(job, store),
        liveView(options, { job: job.id }),
      ]);
      const known = pipelineNamed(settings, job.pipeline) !== undefined;
      const { attempts } = settings.retry;
      return jobPage({ job, attempts, records, events, replays, live, known }, visit);
    }),
  );
}

/** All rows that the filter finds: it has a limit. */
export async function rowsOf(
  { audit }: Pick<Store, 'audit'>,
  filter: AuditFilter & { readonly limit: number },
): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const row of audit.find(filter)) rows.push(row);
  return rows;
}

async function eventsOf({ events = [] }: Job, store: Store): Promise<readonly StoredEvent[]> {
  const found = await Promise.all(events.slice(0, eventsOfJob).map((id) => store.events.get(id)));
  return found.filter((event) => event !== undefined);
}

async function replaysOf({ id, pipeline }: Job, { jobs }: Store): Promise<readonly Job[]> {
  const newest = await jobs.list({ pipeline, limit: jobsLookedAt });
  return newest.filter(({ replayOf }) => replayOf === id);
}
