// Datagroups of the models in production: listed, marked as triggered, and checked by the maintenance run.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure, invalid, notFound, wrong } from './answers.ts';
import type { Connections } from './connections.ts';
import { runSql, SqlFailure } from './engine.ts';
import type { DatagroupSource, Model } from './lookml/model.ts';
import type { Models } from './models.ts';
import { type Routes, route } from './routes.ts';
import type { Switches } from './switches.ts';

/** Times are UNIX seconds, as in the API. */
export interface Datagroup {
  readonly id: string;
  readonly model: string;
  readonly name: string;
  readonly createdAt: number;
  staleBefore: number;
  triggeredAt: number | null;
  checkedAt: number | null;
  value: string | null;
  error: string | null;
}

interface Parts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly models: Models;
  readonly connections: Connections;
}

export interface Datagroups {
  readonly routes: Routes;
  list(): readonly Datagroup[];
  /** ms since the epoch before which nothing in the cache may be used. */
  staleBefore(model: string, name: string): number;
  /** Checks every trigger as the maintenance schedule does; answers those that fired. */
  maintain(): Promise<readonly Datagroup[]>;
}

/** `fired` learns of each datagroup that is triggered: its deliveries are due. */
export function datagroups(parts: Parts, fired: (one: Datagroup) => Promise<void>): Datagroups {
  const known = new Map<string, Datagroup>();
  const seconds = (): number => Math.floor(parts.clock.now() / 1000);
  const list = (): Datagroup[] => {
    for (const { model } of parts.models.inProduction())
      for (const { name } of model.datagroups) {
        const key = `${model.name}::${name}`;
        if (!known.has(key))
          known.set(key, fresh(String(known.size + 1), { model: model.name, name, at: seconds() }));
      }
    const live = new Set(
      parts.models
        .inProduction()
        .flatMap(({ model }) => model.datagroups.map(({ name }) => `${model.name}::${name}`)),
    );
    return [...known].flatMap(([key, one]) => (live.has(key) ? [one] : []));
  };
  const of = (id = ''): Datagroup => {
    const found = list().find((one) => one.id === id);
    if (!found) throw notFound();
    return found;
  };
  const update = async (one: Datagroup, body: Readonly<Record<string, unknown>>): Promise<void> => {
    const stale = timeIn(body, 'stale_before', { now: seconds(), status: parts.switches.futureTimeStatus });
    const triggered = timeIn(body, 'triggered_at', {
      now: seconds(),
      status: parts.switches.futureTimeStatus,
    });
    if (stale !== undefined) one.staleBefore = stale;
    if (triggered !== undefined) await trigger(one, triggered);
  };
  const trigger = async (one: Datagroup, at: number): Promise<void> => {
    one.triggeredAt = at;
    one.staleBefore = Math.max(one.staleBefore, at);
    await fired(one);
  };
  return {
    list,
    staleBefore: (model, name) => (known.get(`${model}::${name}`)?.staleBefore ?? 0) * 1000,
    routes: {
      'GET /datagroups': route('non_query', ({ answer }) => answer(list().map(describe)), {
        needs: ['see_datagroups'],
      }),
      'GET /datagroups/*': route('non_query', ({ parts: [id], answer }) => answer(describe(of(id))), {
        needs: ['see_datagroups'],
      }),
      'PATCH /datagroups/*': route(
        'non_query',
        async ({ parts: [id], body, answer }) => {
          const one = of(id);
          await update(one, body);
          return answer(describe(one));
        },
        { needs: ['update_datagroups'] },
      ),
    },
    maintain: async () => {
      const triggered: Datagroup[] = [];
      const live = list();
      for (const { model } of parts.models.inProduction())
        for (const source of model.datagroups) {
          const one = live.find((each) => each.model === model.name && each.name === source.name);
          if (!one || !(await isDue(one, { source, model, parts, now: seconds() }))) continue;
          await trigger(one, seconds());
          triggered.push(one);
        }
      return triggered;
    },
  };
}

const fresh = (id: string, { model, name, at }: { model: string; name: string; at: number }): Datagroup => ({
  ...{
    id,
    model,
    name,
    createdAt: at,
    staleBefore: 0,
    triggeredAt: null,
    checkedAt: null,
    value: null,
    error: null,
  },
});

function timeIn(
  body: Readonly<Record<string, unknown>>,
  field: string,
  { now, status }: { now: number; status: 422 | 400 },
): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw invalid(wrong(field, 'must be UNIX seconds'));
  if (value > now)
    throw new ApiFailure(status, 'Validation Failed', {
      problems: [wrong(field, 'must not be in the future')],
    });
  return value;
}

/** A trigger fires when the value of its SQL changes, not on its first check, or when its interval has passed. */
async function isDue(
  one: Datagroup,
  { source, model, parts, now }: { source: DatagroupSource; model: Model; parts: Parts; now: number },
): Promise<boolean> {
  one.checkedAt = now;
  if (source.interval !== undefined)
    return now - (one.triggeredAt ?? one.createdAt) >= secondsOf(source.interval);
  if (source.sqlTrigger === undefined) return false;
  try {
    const target = parts.connections.target(parts.connections.get(model.connection));
    const { rows, columns } = await runSql(target, source.sqlTrigger);
    if (rows.length !== 1 || columns.length !== 1) throw new SqlFailure('sql_trigger must return one cell.');
    const value = rows[0]?.[0] ?? null;
    const changed = one.value !== null && one.value !== value;
    one.value = value;
    one.error = null;
    return changed;
  } catch (error) {
    one.error = (error as Error).message;
    return false;
  }
}

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

function secondsOf(interval: string): number {
  const [, count = '1', unit = 'hour'] = /^(\d+)\s+(second|minute|hour|day)s?$/.exec(interval.trim()) ?? [];
  return Number(count) * (UNITS[unit] ?? 3600);
}

const describe = (one: Datagroup): Record<string, unknown> => ({
  can: { show: true, update: true },
  ...{ id: one.id, model_name: one.model, name: one.name, created_at: one.createdAt },
  ...{
    stale_before: one.staleBefore || null,
    triggered_at: one.triggeredAt,
    trigger_check_at: one.checkedAt,
  },
  ...{ trigger_value: one.value, trigger_error: one.error },
});
