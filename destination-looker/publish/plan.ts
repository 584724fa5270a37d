// A Scheduled Plan from its settings: what it delivers, when, where to; by the rules of POST /scheduled_plans.
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import { datagroupName } from '../model/index.ts';
import type { ScheduleSettings } from '../spec.ts';
import type { Publication } from './steps.ts';

export type Body = Readonly<Record<string, unknown>>;

/** Plans over Looks and numbered dashboards need no model. */
export type Asker = Pick<Publication, 'api' | 'context'>;

/** The plan as it is created; the rules are those of POST /scheduled_plans. */
export async function planOf(asker: Asker, schedule: ScheduleSettings): Promise<Body> {
  const { name, crontab, timezone, type, address, format, message } = schedule;
  return {
    name,
    enabled: true,
    ...(await subjectOf(asker, schedule)),
    ...(crontab === undefined
      ? { datagroup: `${modelName(asker, schedule)}::${datagroupName}` }
      : { crontab }),
    ...(timezone === undefined ? {} : { timezone }),
    scheduled_plan_destination: [
      {
        type,
        address,
        format,
        apply_formatting: true,
        ...(message === undefined ? {} : { message }),
        ...parametersOf(schedule),
      },
    ],
  };
}

/** JSON in strings: S3 and SFTP only. */
function parametersOf({ type, user, secret, region }: ScheduleSettings): Body {
  if (type === 's3')
    return {
      parameters: JSON.stringify({ access_key_id: user ?? '', region: region ?? '' }),
      ...(secret === undefined ? {} : { secret_parameters: JSON.stringify({ secret_access_key: secret }) }),
    };
  if (type === 'sftp')
    return {
      parameters: JSON.stringify({ username: user ?? '' }),
      ...(secret === undefined ? {} : { secret_parameters: JSON.stringify({ password: secret }) }),
    };
  return {};
}

async function subjectOf(asker: Asker, schedule: ScheduleSettings): Promise<Body> {
  const { dashboard, look_id, explore, fields = [], filters } = schedule;
  const filtersString = filters === undefined ? {} : { filters_string: filters };
  if (dashboard !== undefined && /^\d+$/.test(dashboard))
    return { dashboard_id: dashboard, ...filtersString };
  if (dashboard !== undefined) {
    const whole = dashboard.includes('::') ? dashboard : `${modelName(asker, schedule)}::${dashboard}`;
    return { lookml_dashboard_id: whole, ...filtersString };
  }
  // With a Look these three must be there.
  if (look_id !== undefined)
    return {
      look_id,
      require_results: false,
      require_no_results: false,
      require_change: false,
      ...filtersString,
    };
  return { query_id: await queryId(asker, { ...schedule, explore: explore ?? '', fields }) };
}

/** Equal queries give the same id. */
async function queryId(
  asker: Asker,
  schedule: ScheduleSettings & { readonly explore: string; readonly fields: readonly string[] },
): Promise<string> {
  const { name, explore, fields, filters = '' } = schedule;
  const answer = await asker.api.json({
    method: 'POST',
    path: '/queries',
    quota: 'query',
    body: {
      model: modelName(asker, schedule),
      view: explore,
      fields,
      filters: Object.fromEntries(new URLSearchParams(filters)),
      limit: '5000',
    },
    purpose: `create the query of the scheduled plan "${name}"`,
    repeatable: true,
    signal: asker.context.signal,
  });
  const id = isObject(answer) ? answer.id : undefined;
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw configError(
    `Cannot create the scheduled plan "${name}": Looker made no query of "${explore}", check "fields"`,
  );
}

function modelName({ context }: Asker, { name }: ScheduleSettings): string {
  const { model } = context.config;
  if (model) return model.name;
  throw configError(
    `Cannot create the scheduled plan "${name}": it needs a model of ours, add "model", or give "crontab" with a Look or the ID of a dashboard`,
  );
}
