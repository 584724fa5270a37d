// `check`: the way in first, then Looker, step by step; what was verified is named, and the first failure has its remedy.
import { type CheckResult, checked, configError } from '@airbyte/cdk-typescript-shim';
import { connect, type LookerApi } from './api.ts';
import type { CheckContext, Step, Steps } from './check/step.ts';
import { consistentSettings } from './settings/consistent.ts';

/** Leaves nothing behind but the schema, which it makes when it is missing. */
export async function check(context: CheckContext): Promise<CheckResult> {
  const closing: (() => Promise<void>)[] = [];
  try {
    return await checked(async (verified) => {
      consistentSettings(context.config);
      const way = await stepsOfWay(context);
      closing.push(way.close);
      const looker = await stepsInLooker(context);
      closing.push(looker.close);
      for (const step of [...way.steps, ...looker.steps]) verified(await step());
    });
  } finally {
    for (const close of closing) await close();
  }
}

const nothing: Steps = { steps: [], close: async () => undefined };

async function stepsOfWay(context: CheckContext): Promise<Steps> {
  const { mode, warehouse, files } = context.config;
  if (mode === 'files' && files) return (await import('./files/check.ts')).filesSteps(context, files);
  if (mode !== 'warehouse' || !warehouse) return nothing;
  if (warehouse.kind === 'postgres')
    return (await import('./check/postgres.ts')).postgresSteps(context, warehouse);
  const { checkDatabricks } = await import('./warehouse/databricks.ts');
  const step: Step = async () => {
    const { ok, message } = await checkDatabricks(context, warehouse);
    if (!ok) throw configError(message);
    return message.replace(/^Verified: /, '');
  };
  return { ...nothing, steps: [step] };
}

async function stepsInLooker(context: CheckContext): Promise<Steps> {
  const { looker } = context.config;
  if (!looker) return nothing;
  const api: LookerApi = connect({ looker, clock: context.clock });
  const { lookerSteps } = await import('./check/looker.ts');
  return { steps: lookerSteps(context, api, looker), close: () => api.close() };
}
