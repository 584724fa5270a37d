// `write`: each segment that staging closes is delivered; then what is in Looker is brought up to date.
import type { Arrival, Context, Declaration, Message } from '@airbyte/cdk-typescript-shim';
import { deliverSegments, planTables, type StagedTable, type TablePlan } from '@ledgerpipe/staging';
import { connect, type LookerApi } from './api.ts';
import { type Delivery, type LoadedTable, logOf } from './delivery.ts';
import { openDelivery } from './delivery-of.ts';
import type { Config } from './spec.ts';

/**
 * Yields each state once its rows are durable, in order. A failure in Looker after that ends the run with its error:
 * the rows and the states stay, and the next run publishes again.
 */
export async function* write(
  context: Context<Config>,
  arrivals: AsyncIterable<Arrival>,
): AsyncGenerator<Message> {
  const api = context.config.looker && connectWith(context);
  const declared = new Map<string, Declaration>();
  const widest = new Map<string, StagedTable>();
  let delivery: Delivery | undefined;
  try {
    delivery = await openDelivery(context, api);
    const { job, deliver } = delivery;
    yield* deliverSegments(context, noting(arrivals, declared), {
      job,
      deliver: async (segment) => {
        await deliver(segment);
        for (const table of segment.tables) widest.set(planKey(table), table);
      },
    });
    const loaded = await delivery.finish(plansOf(context, declared, widest));
    if (api && context.config.mode !== 'files') await publish(context, api, loaded);
  } finally {
    await delivery?.close();
    await api?.close();
  }
}

function connectWith(context: Context<Config>): LookerApi | undefined {
  const { config, clock } = context;
  const log = logOf(context);
  return (
    config.looker &&
    connect({
      looker: config.looker,
      clock,
      onWait: ({ until, reason }) =>
        void log('INFO', `Waits until ${new Date(until).toISOString()}: ${reason}`),
    })
  );
}

/** Remembers the streams that are declared: the model is made from all of them, with rows or without. */
async function* noting(
  arrivals: AsyncIterable<Arrival>,
  declared: Map<string, Declaration>,
): AsyncGenerator<Arrival> {
  for await (const arrival of arrivals) {
    if (arrival.kind === 'declare') declared.set(arrival.declaration.stream, arrival.declaration);
    yield arrival;
  }
}

const planKey = ({ name, declaration }: TablePlan): string => JSON.stringify([declaration.stream, name]);

/** The tables of all declared streams; a delivered one says how wide its columns became. */
function plansOf(
  { config }: Context<Config>,
  declared: ReadonlyMap<string, Declaration>,
  widest: ReadonlyMap<string, TablePlan>,
): readonly TablePlan[] {
  const declarations = [...declared.values()];
  return declarations.flatMap((declaration) =>
    planTables(declaration, declarations, { names: config.names }).map(
      (plan) => widest.get(planKey(plan)) ?? plan,
    ),
  );
}

async function publish(
  context: Context<Config>,
  api: LookerApi,
  loaded: readonly LoadedTable[],
): Promise<void> {
  const { publish: publishAll } = await import('./publish/publish.ts');
  await publishAll(context, api, loaded);
}
