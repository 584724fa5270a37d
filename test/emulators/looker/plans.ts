// Scheduled plans: kept, listed, changed, and run: what would leave Looker is recorded instead of sent.

import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure, invalid, missing, notFound, nothing } from './answers.ts';
import type { Datagroup } from './datagroups.ts';
import { checkPlan, type Fields, permissionFor } from './plan-rules.ts';
import { type Call, type Routes, route } from './routes.ts';
import type { Switches } from './switches.ts';
import { may, publicUser, type User } from './users.ts';

/** One delivery that a plan made. */
export interface Delivery {
  readonly plan: string;
  readonly planId: string;
  readonly type: string;
  readonly address: string;
  readonly format: string;
  /** As S3 and SFTP deliveries are named. */
  readonly filename: string;
  /** The result of the plan's query; undefined for dashboards, whose files are pictures and archives. */
  readonly content: string | undefined;
  readonly why: 'run once' | 'datagroup';
  readonly at: number;
}

interface Plan {
  readonly id: string;
  readonly owner: User;
  readonly createdAt: number;
  fields: Fields;
  updatedAt: number;
  lastRunAt: number | undefined;
}

interface Parts {
  readonly clock: Clock;
  readonly switches: Switches;
  /** The result of a query in a format, as its plan's owner. */
  readonly contentOf: (queryId: string, options: { format: string; owner: User }) => Promise<string>;
  readonly contentExists: (field: string, id: string) => boolean;
}

export interface Plans {
  readonly routes: Routes;
  readonly deliveries: readonly Delivery[];
  list(): Record<string, unknown>[];
  fire(datagroup: Datagroup): Promise<void>;
}

/** run_once more often than this in a second is refused (looker.md 6). */
const RUNS_PER_SECOND = 10;

const READ_ONLY = ['id', 'title', 'next_run_at', 'last_run_at', 'created_at', 'updated_at', 'user', 'can'];

export function plans(parts: Parts): Plans {
  const kept = new Map<string, Plan>();
  const deliveries: Delivery[] = [];
  const runs: number[] = [];
  let next = 1;
  const visible = (plan: Plan, { caller }: Call): boolean =>
    plan.owner === caller.user || may(caller.user, 'see_schedules');
  const of = (call: Call): Plan => {
    const found = kept.get(call.parts[0] ?? '');
    if (!found || !visible(found, call)) throw notFound();
    return found;
  };
  const make = (fields: Fields, call: Call): Plan => {
    allow(fields, { call, parts });
    const now = parts.clock.now();
    const owner = call.caller.user;
    return {
      id: String(next++),
      owner,
      createdAt: now,
      updatedAt: now,
      lastRunAt: undefined,
      fields: withIds(fields, String(next)),
    };
  };
  const deliver = async (plan: Plan, why: Delivery['why']): Promise<void> => {
    plan.lastRunAt = parts.clock.now();
    for (const one of destinationsOf(plan.fields)) deliveries.push(await delivery(plan, one, { why, parts }));
  };
  const once = async (plan: Plan, call: Call): Promise<ReturnType<Call['answer']>> => {
    const now = parts.clock.now();
    runs.push(now);
    if (runs.filter((at) => now - at < 1000).length > RUNS_PER_SECOND)
      throw new ApiFailure(429, 'Too many requests.');
    await deliver(plan, 'run once');
    return call.answer(describe(plan));
  };
  const listed = (call: Call, test: (plan: Plan) => boolean) =>
    call.answer([...kept.values()].filter((plan) => visible(plan, call) && test(plan)).map(describe));
  const routes: Routes = {
    'GET /scheduled_plans': route('db_query', (call) => {
      const user = call.query.get('user_id') ?? call.caller.user.id;
      return listed(call, (plan) => call.query.get('all_users') === 'true' || plan.owner.id === user);
    }),
    'POST /scheduled_plans': route('db_query', (call) => {
      checkPlan(call.body, { scheduled: true, switches: parts.switches });
      const plan = make(writable(call.body), call);
      kept.set(plan.id, plan);
      return call.answer(describe(plan));
    }),
    'POST /scheduled_plans/run_once': route('db_query', (call) => {
      // Seen with a tool of the vendor: a body with an id answers 404.
      if (call.body.id !== undefined) throw notFound();
      checkPlan(call.body, { scheduled: false, switches: parts.switches });
      return once(make(writable(call.body), call), call);
    }),
    ...Object.fromEntries(
      (['look', 'dashboard', 'lookml_dashboard'] as const).map((kind) => [
        `GET /scheduled_plans/${kind}/*`,
        route('db_query', (call) =>
          listed(call, (plan) => String(plan.fields[`${kind}_id`]) === call.parts[0]),
        ),
      ]),
    ),
    'GET /scheduled_plans/*': route('db_query', (call) => call.answer(describe(of(call)))),
    'PATCH /scheduled_plans/*': route('db_query', (call) => {
      const plan = of(call);
      plan.fields = changed(plan, { call, parts });
      plan.updatedAt = parts.clock.now();
      return call.answer(describe(plan));
    }),
    'DELETE /scheduled_plans/*': route('db_query', (call) => {
      kept.delete(of(call).id);
      return nothing();
    }),
    'POST /scheduled_plans/*/run_once': route('db_query', (call) => {
      const fields = { ...of(call).fields, ...writable(call.body) };
      checkPlan(fields, { scheduled: false, switches: parts.switches });
      return once(make(fields, call), call);
    }),
  };
  return {
    routes,
    deliveries,
    list: () => [...kept.values()].map(describe),
    fire: async ({ model, name }) => {
      const names = [`${model}::${name}`, ...(parts.switches.planDatagroup === 'either' ? [name] : [])];
      for (const plan of kept.values())
        if (plan.fields.enabled !== false && names.includes(String(plan.fields.datagroup)))
          await deliver(plan, 'datagroup');
    },
  };
}

const writable = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY.includes(name)));

const destinationsOf = ({ scheduled_plan_destination: list }: Fields): Fields[] =>
  Array.isArray(list) ? list.filter(isObject) : [];

function withIds(fields: Fields, plan: string): Fields {
  const list = destinationsOf(fields).map((one, index) => ({ ...one, id: `${plan}${index}` }));
  return { ...fields, scheduled_plan_destination: list };
}

/** Content that is there, and the permission of every destination; a missing one answers 404. */
function allow(fields: Fields, { call, parts }: { call: Call; parts: Parts }): void {
  for (const field of ['dashboard_id', 'lookml_dashboard_id', 'query_id'])
    if (typeof fields[field] === 'string' && !parts.contentExists(field, fields[field])) throw notFound();
  for (const { type } of destinationsOf(fields))
    if (!may(call.caller.user, permissionFor(String(type)))) throw notFound();
}

/** The destination list is replaced whole when it is given, kept when it is not (looker.md 6). */
function changed(plan: Plan, { call, parts }: { call: Call; parts: Parts }): Fields {
  const given = writable(call.body);
  if ('scheduled_plan_destination' in given && destinationsOf(given).length === 0)
    throw invalid(missing('scheduled_plan_destination'));
  const before = new Map(destinationsOf(plan.fields).map((one) => [one.id, one]));
  const fields = { ...plan.fields, ...given };
  if (given.datagroup && !given.crontab) Object.assign(fields, { crontab: null });
  if (given.crontab && !given.datagroup) Object.assign(fields, { datagroup: null });
  const list = destinationsOf(fields).map((one) => {
    const secret = one.secret_parameters ?? before.get(one.id)?.secret_parameters;
    return secret === undefined ? one : { ...one, secret_parameters: secret };
  });
  const result = { ...fields, scheduled_plan_destination: list };
  checkPlan(result, { scheduled: true, switches: parts.switches });
  allow(result, { call, parts });
  return withIds(result, plan.id);
}

async function delivery(
  plan: Plan,
  one: Fields,
  { why, parts }: { why: Delivery['why']; parts: Parts },
): Promise<Delivery> {
  const format = String(one.format);
  const at = parts.clock.now();
  const queryId = plan.fields.query_id;
  const name = String(plan.fields.name ?? 'Untitled');
  const safe = one.type === 'sftp' ? name.replace(/[^A-Za-z0-9_-]/g, '') : name;
  const stamp = new Date(at).toISOString().slice(0, 16).replace(':', '');
  const extension =
    format.startsWith('json') || format === 'inline_json' ? 'json' : format.replace(/^csv_zip$/, 'zip');
  const suffix = Math.random().toString(36).slice(2, 8).padEnd(6, '0');
  return {
    ...{
      plan: name,
      planId: plan.id,
      type: String(one.type),
      address: String(one.address ?? ''),
      format,
      why,
      at,
    },
    filename: `${safe}_${stamp}_${suffix}.${extension}`,
    content:
      typeof queryId === 'string' ? await parts.contentOf(queryId, { format, owner: plan.owner }) : undefined,
  };
}

/** Secrets go in and never come out. */
function describe(plan: Plan): Record<string, unknown> {
  const { fields, owner } = plan;
  const time = (at: number | undefined): string | null =>
    at === undefined ? null : new Date(at).toISOString();
  return {
    can: { show: true, update: true },
    ...fields,
    scheduled_plan_destination: destinationsOf(fields).map(({ secret_parameters: _, ...one }) => ({
      ...one,
      ...{ scheduled_plan_id: plan.id, looker_recipient: false },
    })),
    ...{
      id: plan.id,
      user_id: owner.id,
      title: String(fields.name ?? ''),
      enabled: fields.enabled !== false,
    },
    ...{
      created_at: time(plan.createdAt),
      updated_at: time(plan.updatedAt),
      last_run_at: time(plan.lastRunAt),
    },
    ...{ next_run_at: null, user: publicUser(owner), timezone: fields.timezone ?? 'UTC' },
  };
}
