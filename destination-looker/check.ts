// `check`: the way in first, then Looker, step by step; what was verified is named, and the first failure has its remedy.
import { asConnectorError, type CheckResult, configError } from '@airbyte/cdk-typescript-shim';
import { connect, type LookerApi } from './api.ts';
import type { CheckContext, Step, Steps } from './check/step.ts';
import { consistentSettings } from './settings/consistent.ts';

/** Leaves nothing behind but the schema, which it makes when it is missing. */
export async function check(context: CheckContext): Promise<CheckResult> {
  const verified: string[] = [];
  const closing: (() => Promise<void>)[] = [];
  try {
    consistentSettings(context.config);
    const way = await stepsOfWay(context);
    closing.push(way.close);
    const looker = await stepsInLooker(context);
    closing.push(looker.close);
    for (const step of [...way.steps, ...looker.steps]) verified.push(await step());
    return { ok: true, message: `Verified: ${verified.join('; ')}` };
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.kind === 'system') throw error;
    const before = verified.length > 0 ? ` (verified before: ${verified.join('; ')})` : '';
    return { ok: false, message: `${error.message}${before}` };
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
