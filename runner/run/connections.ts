// Runs that share one consent without a token store of their own: they may not work at the same time.
import type { PipelineSettings } from '../settings/index.ts';
import type { Store } from '../store/contract.ts';

type Pipelines = Readonly<Record<string, PipelineSettings>>;

/** The names of the pipelines that a runner may claim jobs of while those in `running` work. */
export function claimable(pipelines: Pipelines, running: ReadonlySet<string>): readonly string[] {
  const busy = new Set(
    [...running].flatMap((name) => (pipelines[name]?.exclusive ? [pipelines[name].connection] : [])),
  );
  return Object.values(pipelines)
    .filter(({ name, connection, exclusive }) => !running.has(name) && !(exclusive && busy.has(connection)))
    .map(({ name }) => name);
}

/** The pipeline that works with the consent of this one right now, and keeps it from running. */
export async function busyWith(
  { name, connection, exclusive }: PipelineSettings,
  about: {
    readonly store: Store;
    readonly settings: { readonly pipelines: Pipelines };
    readonly now: number;
  },
): Promise<string | undefined> {
  const sharing = Object.values(about.settings.pipelines).filter(
    (other) => other.name !== name && other.connection === connection && other.exclusive,
  );
  if (!exclusive || sharing.length === 0) return undefined;
  const running = await about.store.jobs.list({ states: ['running'] });
  return running.find(
    ({ pipeline, leaseUntil = 0 }) =>
      leaseUntil >= about.now && sharing.some((other) => other.name === pipeline),
  )?.pipeline;
}
