// Power BI in the sandbox: a tenant with one workspace on a Fabric capacity, for a push model and for a mirror.
import { join } from 'node:path';
import { type PowerBiEmulator, startPowerBi } from '../emulators/powerbi/index.ts';
import type { Product, ProductOptions } from './product.ts';

export interface PowerBiSandbox extends PowerBiEmulator {
  /** Where the configurations of the sandbox lie. */
  readonly folder: string;
}

/** The semantic model and the mirrored database, by the name of both. */
export const modelName = 'Ledgerpipe';

/** The delivery that outlives push models, in place of the ready configuration's. */
export const mirrorDelivery = { mode: 'open_mirroring', database_name: modelName } as const;

export async function openPowerBi({
  clock,
  folder,
  port,
}: ProductOptions): Promise<Product<PowerBiSandbox, 'destination-powerbi'>> {
  const powerbi = await startPowerBi({
    clock,
    ...port,
    // On a real clock: a new mirror takes its time to start, and about 45 s for a file. The quotas of push are the true ones.
    // New models are made here after 31 October 2027 too: a sandbox begins with none, and the day is not what it shows.
    switches: { initialisingTakes: 0, replicationTakes: 0, creation: 'open' },
  });
  return {
    emulator: Object.assign(powerbi, { folder }),
    connector: 'destination-powerbi',
    config: {
      tenant_id: powerbi.tenantId,
      client_id: powerbi.clientId,
      client_secret: powerbi.clientSecret,
      workspace_id: powerbi.workspaceId,
      // A second between two requests is good practice, not a quota: here it would be most of the time.
      delivery: { mode: 'push', dataset_name: modelName, min_interval_seconds: 0.05 },
      replica_folder: join(folder, 'powerbi-replica'),
      endpoints: {
        login: powerbi.endpoints.login,
        api: powerbi.endpoints.powerBi,
        fabric: powerbi.endpoints.fabric,
        onelake: powerbi.endpoints.oneLake,
      },
    },
    close: () => powerbi.close(),
  };
}
