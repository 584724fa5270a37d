// What the handlers of all calls share.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Access } from './access.ts';
import type { Datasets } from './datasets.ts';
import type { Switches } from './switches.ts';
import type { Tenant } from './tenant.ts';

export interface Parts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly tenant: Tenant;
  readonly access: Access;
  readonly datasets: Datasets;
  /** Rows that POSTs stored, over all tables. */
  posted: number;
}
