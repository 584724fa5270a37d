// One pass over the events that were taken: those whose window is over become jobs that read their records.
import type { Clock, RecordReference } from '@airbyte/cdk-typescript-shim';
import type { Settings } from '../settings/contract.ts';
import type { Job, NewJob, Store, StoredEvent } from '../store/contract.ts';
import { lookAgain } from './gaps.ts';
import { dueAtOf } from './quota.ts';
import { type Routing, routingOf } from './routing.ts';

export interface GatherPorts {
  readonly store: Pick<Store, 'events' | 'jobs' | 'overview'>;
  readonly clock: Clock;
  readonly settings: Pick<Settings, 'pipelines' | 'webhook'>;
}

/** Events of one pass: some 10 MB; what is left over comes with the next one. */
const mostAtOnce = 20_000;

/** Events of one page. SQLite's driver holds the process meanwhile, some milliseconds: requests come between two. */
const pageSize = 500;

/**
 * Events of a tenant are gathered from the first on for `window_seconds`; then one job of each pipeline that moves
 * their streams reads their records, each once, however many events are about it. More than `most_ids` of them, or
 * than fit into a job that waits already, are left to an incremental sync of their streams. Events of no stream or of
 * no pipeline are ignored. Gives how many events were dealt with; without any that are due it costs one look.
 *
 * Jobs are added before events are marked: after a crash in between the same events join the same jobs, or are read
 * twice, but none is lost.
 */
export async function gatherEvents({ store, clock, settings }: GatherPorts): Promise<number> {
  const until = clock.now() - settings.webhook.window_seconds * 1000;
  const [oldest] = await store.events.taken(1);
  if (!oldest || oldest.receivedAt > until) return 0;
  const taken = await allTaken({ store, clock });
  const due = new Set(taken.filter(({ receivedAt }) => receivedAt <= until).map(tenantOf));
  const events = taken.filter((event) => due.has(tenantOf(event)));
  const routing = routingOf(settings.pipelines);
  await lookAgain(events, { routing, store, clock });
  const { plans, ignored } = planned(events, routing);
  const quotas = await store.overview.quotas();
  for (const plan of plans) {
    const dueAt = dueAtOf(plan, { quotas, now: clock.now() });
    const job = await store.jobs.add(await jobOf(plan, dueAt, { store, settings }));
    await store.events.mark(plan.events, 'queued', job.id);
    await clock.sleep(0);
  }
  await store.events.mark(ignored, 'ignored');
  return events.length;
}

async function allTaken({ store, clock }: Pick<GatherPorts, 'store' | 'clock'>): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  while (all.length < mostAtOnce) {
    const page = await store.events.taken(pageSize, all.at(-1));
    all.push(...page);
    if (page.length < pageSize) break;
    await clock.sleep(0);
  }
  return all;
}

const tenantOf = ({ source, tenant }: StoredEvent): string => `${source}/${tenant.toLowerCase()}`;

/** What a pipeline has to read. */
interface Plan {
  readonly pipeline: string;
  readonly tenants: Set<string>;
  /** By tenant and id; a record that may be of several streams is there once, with all of them. */
  readonly records: Map<string, readonly RecordReference[]>;
  readonly events: string[];
}

const emptyPlan = (pipeline: string): Plan => ({
  pipeline,
  tenants: new Set(),
  records: new Map(),
  events: [],
});

/** The newest event of a record comes last in its plan. */
function planned(
  events: readonly StoredEvent[],
  routing: Routing,
): { readonly plans: Iterable<Plan>; readonly ignored: readonly string[] } {
  const plans = new Map<string, Plan>();
  const ignored: string[] = [];
  for (const event of events.toSorted((one, other) => one.happenedAt - other.happenedAt)) {
    const routes = routing.of(event);
    if (routes.length === 0) ignored.push(event.id);
    for (const { pipeline, tenant, streams } of routes) {
      const plan = plans.get(pipeline) ?? emptyPlan(pipeline);
      plans.set(pipeline, plan);
      plan.tenants.add(tenant);
      plan.events.push(event.id);
      plan.records.set(
        `${streams[0]}/${tenant}/${event.record}`.toLowerCase(),
        streams.map((stream) => ({ stream, tenant, id: event.record })),
      );
    }
  }
  return { plans: plans.values(), ignored };
}

async function jobOf(
  plan: Plan,
  dueAt: number,
  { store, settings }: Pick<GatherPorts, 'store' | 'settings'>,
): Promise<NewJob> {
  const { pipeline, events } = plan;
  const job = { pipeline, cause: 'webhook', events, dueAt } as const;
  const records = [...plan.records.values()].flat();
  const streams = [...new Set(records.map(({ stream }) => stream))].sort();
  const waiting = (await store.jobs.list({ pipeline, states: ['waiting'] })).filter(
    ({ cause }) => cause === 'webhook',
  );
  const sync = waiting.find((one) => streams.every((name) => one.streams?.includes(name)));
  if (sync?.streams) return { ...job, streams: sync.streams };
  const count = plan.records.size + waiting.reduce((sum, one) => sum + recordsIn(one), 0);
  return count > settings.webhook.most_ids ? { ...job, streams } : { ...job, records };
}

/** A record that is asked for in several streams counts once. */
const recordsIn = ({ records = [] }: Job): number =>
  new Set(records.map(({ tenant, id }) => `${tenant}/${id}`)).size;
