// The Power BI destination: its parts, put together. `spec` answers without loading the rest.
import type { Destination } from '@airbyte/cdk-typescript-shim';
import { type Config, spec } from './spec.ts';
import { version } from './version.ts';

export type { Config } from './spec.ts';

const destination: Destination<Config> = {
  name: 'destination-powerbi',
  version,
  spec,
  check: async (context) => (await import('./check.ts')).check(context),
  async *write(context, arrivals) {
    const { write } = await import('./write.ts');
    yield* write(context, arrivals);
  },
};

export default destination;
