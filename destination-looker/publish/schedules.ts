// Scheduled Plans: deliveries out of Looker, found again by their name, created, updated and run once.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { pathOf } from '../api.ts';
import type { ScheduleSettings } from '../spec.ts';
import { type Asker, type Body, planOf } from './plan.ts';
import { objectsIn, say } from './steps.ts';

/** There is no key of idempotency for plans: the name is looked up first. Costs one call, and one for each change. */
export async function applySchedules(asker: Asker): Promise<void> {
  const { api, context } = asker;
  const { schedules } = context.config;
  if (schedules.length === 0) return;
  const list = await api.json({
    method: 'GET',
    path: '/scheduled_plans',
    quota: 'query',
    purpose: "list the scheduled plans of the key's user",
    signal: context.signal,
  });
  const plans = objectsIn(list);
  for (const schedule of schedules) {
    const body = await planOf(asker, schedule);
    const found = plans.find(({ name }) => name === schedule.name);
    const id =
      found?.id === undefined ? await create(asker, body) : await update(asker, { found, body, schedule });
    if (schedule.run_once && id !== undefined) await runOnce(asker, id, schedule.name);
  }
}

async function create(asker: Asker, body: Body): Promise<string | undefined> {
  const purpose = `create the scheduled plan "${String(body.name)}"`;
  const made = await asker.api.json({
    method: 'POST',
    path: '/scheduled_plans',
    quota: 'query',
    body,
    purpose,
    signal: asker.context.signal,
  });
  await say(asker, 'INFO', `Created the scheduled plan "${String(body.name)}"`);
  return isObject(made) && made.id !== undefined ? String(made.id) : undefined;
}

/** Looker never shows secrets, so a plan with one is always sent again; others only when something differs. */
async function update(
  asker: Asker,
  { found, body, schedule }: { found: Body; body: Body; schedule: ScheduleSettings },
): Promise<string> {
  const id = String(found.id);
  const differs = schedule.secret !== undefined || !covers(found, body);
  if (differs) {
    await asker.api.call({
      method: 'PATCH',
      path: pathOf('scheduled_plans', id),
      quota: 'query',
      body: cleared(body),
      purpose: `update the scheduled plan "${schedule.name}"`,
      repeatable: true,
      signal: asker.context.signal,
    });
    await say(asker, 'INFO', `Updated the scheduled plan "${schedule.name}"`);
  }
  return id;
}

/** What the plan was about before must not stay beside what it is about now. */
const subjects = [
  'look_id',
  'dashboard_id',
  'lookml_dashboard_id',
  'query_id',
  'crontab',
  'datagroup',
] as const;

const cleared = (body: Body): Body => ({
  ...Object.fromEntries(subjects.map((name) => [name, null])),
  ...body,
});

/** Whether `found` says everything that `wanted` says; secrets are not compared. */
function covers(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((one, index) => covers(found[index], one))
    );
  if (isObject(wanted))
    return (
      isObject(found) &&
      Object.entries(wanted).every(([key, value]) => key === 'secret_parameters' || covers(found[key], value))
    );
  return found === wanted || String(found ?? '') === String(wanted ?? '');
}

async function runOnce(asker: Asker, id: string, name: string): Promise<void> {
  await asker.api.call({
    method: 'POST',
    path: `${pathOf('scheduled_plans', id)}/run_once`,
    body: {},
    purpose: `run the scheduled plan "${name}" once`,
    quota: 'query',
    signal: asker.context.signal,
  });
  await say(asker, 'INFO', `Ran the scheduled plan "${name}" once`);
}
