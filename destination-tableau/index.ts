// The Tableau destination: its parts, put together. `spec` answers without loading the rest.
import type { Context, Destination } from '@airbyte/cdk-typescript-shim';
import { type Config, spec } from './spec.ts';
import { version } from './version.ts';

export type { Config, Credentials, Route } from './spec.ts';

export interface Surroundings {
  /** Path of `hyperd` where the setting `hyperd_path` gives none. */
  readonly hyperd?: string;
}

/** The destination; a program says what its environment told. */
export function tableau({ hyperd }: Surroundings = {}): Destination<Config> {
  const placed = (context: Context<Config>): Context<Config> =>
    hyperd === undefined || context.config.hyperd_path
      ? context
      : { ...context, config: { ...context.config, hyperd_path: hyperd } };
  return {
    name: 'destination-tableau',
    version,
    spec,
    check: async (context) => (await import('./check.ts')).check(placed(context)),
    async *write(context, arrivals) {
      const { write } = await import('./write.ts');
      yield* write(placed(context), arrivals);
    },
  };
}

const destination: Destination<Config> = tableau();

export default destination;
