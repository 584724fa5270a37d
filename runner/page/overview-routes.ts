// Routes of the first page, of each pipeline, of failures, quotas, and of what runs.
import type { FastifyInstance } from 'fastify';
import { unresolvedJobs } from '../run/unresolved.ts';
import { firingTimes } from '../serve/firing-times.ts';
import { failuresOf } from './failures.ts';
import { failuresOfPage, failuresPage } from './failures-page.ts';
import { field, numberOf, oneOf } from './fields.ts';
import { textOf } from './html.ts';
import type { Page } from './layout.ts';
import { liveRuns, liveView } from './live.ts';
import type { TimesOf } from './next-run.ts';
import { overviewPage } from './overview-page.ts';
import { pageOf } from './pager.ts';
import { pipelinePage } from './pipeline-page.ts';
import { type Choice, shownOf } from './pipelines-part.ts';
import { everyDay, plottedDays } from './plot.ts';
import { byScarcity } from './quota-table.ts';
import { quotasOfPage, quotasPage } from './quotas-page.ts';
import { notFound } from './refusals.ts';
import { conditions, standings } from './standing.ts';
import { type PageOptions, pipelineNamed, type Show, type Visit } from './visit.ts';

const newestJobs = 20;

export function serveOverview(app: FastifyInstance, show: Show<Page>, options: PageOptions): void {
  const { store, clock, settings } = options;
  const timesOf = firingTimes();

  app.get('/', (request, reply) =>
    show(request, reply, (visit) => overview(choiceOf(request.query), visit, { ...options, timesOf })),
  );

  app.get('/pipelines/:name', (request, reply) => {
    const name = field(request.params, 'name') ?? '';
    return show(request, reply, (visit) => pipeline(name, visit, { ...options, timesOf }));
  });

  app.get('/failures', (request, reply) =>
    show(request, reply, async (visit) => {
      const only = field(request.query, 'pipeline');
      const all = await unresolvedJobs(store);
      const jobs = only === undefined ? all : all.filter((job) => job.pipeline === only);
      const page = pageOf(failuresOf(jobs), pageIn(request.query), failuresOfPage);
      const isKnown = (name: string) => pipelineNamed(settings, name) !== undefined;
      return failuresPage({ failures: page, jobs: jobs.length, pipeline: only, isKnown }, visit);
    }),
  );

  app.get('/quotas', (request, reply) =>
    show(request, reply, async (visit) => {
      const quotas = byScarcity(await store.overview.quotas());
      return quotasPage(pageOf(quotas, pageIn(request.query), quotasOfPage), visit);
    }),
  );

  app.get('/live', async (request, reply) => {
    const pipeline = field(request.query, 'pipeline');
    const job = numberOf(field(request.query, 'job'));
    const scope = { ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }) };
    const view = await liveView(options, scope);
    return reply.type('text/html; charset=utf-8').send(textOf(liveRuns(view, clock.now())));
  });
}

const pageIn = (query: unknown): number => numberOf(field(query, 'page')) ?? 1;

const choiceOf = (query: unknown): Choice => ({
  text: field(query, 'q'),
  condition: oneOf(conditions, field(query, 'health')),
  page: pageIn(query),
});

type Needs = PageOptions & { readonly timesOf: TimesOf };

async function overview(choice: Choice, visit: Visit, needs: Needs): Promise<Page> {
  const { store, timesOf } = needs;
  const all = await standings(needs);
  const shown = shownOf(all, choice).map(({ pipeline: { name } }) => name);
  const [freshness, live, days, quotas] = await Promise.all([
    store.overview.freshness(shown),
    liveView(needs),
    store.overview.totalsPerDay(plottedDays, visit.now),
    store.overview.quotas(),
  ]);
  return overviewPage(
    { standings: all, choice, freshness, live, days: everyDay(days, visit.now), quotas, timesOf },
    visit,
  );
}

async function pipeline(name: string, visit: Visit, needs: Needs): Promise<Page> {
  const { store, settings, timesOf } = needs;
  const own = pipelineNamed(settings, name);
  if (!own) throw notFound(`The settings have no pipeline "${name}"`);
  const [[standing], live, freshness, quotas, days, jobs] = await Promise.all([
    standings({ ...needs, settings: { ...settings, pipelines: { [name]: own } } }),
    liveView(needs, { pipeline: name }),
    store.overview.freshness([name]),
    store.overview.quotas(),
    store.overview.totalsPerDay(plottedDays, visit.now, name),
    store.jobs.list({ pipeline: name, limit: newestJobs }),
  ]);
  if (!standing) throw notFound(`The settings have no pipeline "${name}"`);
  return pipelinePage(
    {
      ...{ standing, live, freshness, jobs, timesOf },
      quotas: quotas.filter((quota) => quota.pipeline === name),
      days: everyDay(days, visit.now),
    },
    visit,
  );
}
