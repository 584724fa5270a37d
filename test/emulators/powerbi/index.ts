// The Power BI emulator: Entra, the push dataset API with its quotas, and DAX over the rows, on one loopback port.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Emulator, startEmulator } from '../emulator.ts';
import { FaultScript } from '../faults.ts';
import { type OneLake, openOneLake } from '../onelake/index.ts';
import { openAccess } from './access.ts';
import type { Cell } from './cells.ts';
import { Datasets } from './datasets.ts';
import { openEntra } from './entra.ts';
import { controls, type PowerBiControls } from './for-tests.ts';
import type { Parts } from './parts.ts';
import { afterwards, powerBiRoutes } from './power-bi-routes.ts';
import { router } from './routes.ts';
import { likeliest, type Switches } from './switches.ts';
import { newTenant, type Tenant, type TenantOptions } from './tenant.ts';

export type { Switches } from './switches.ts';
export type { Role, Tenant, Workspace } from './tenant.ts';
export type { Cell };

export interface PowerBiOptions extends TenantOptions {
  readonly clock: Clock;
  readonly port?: number;
  readonly switches?: Partial<Switches>;
  /** Off: the request log forgets bodies of rows and files, for loads too long to keep. */
  readonly keepBodies?: boolean;
}

export interface PowerBiEmulator extends Emulator, PowerBiControls, Pick<OneLake, 'mirrored' | 'files'> {
  /** What a connector's settings would hold. */
  readonly endpoints: Readonly<{
    /** In place of https://login.microsoftonline.com */
    login: string;
    /** In place of https://api.powerbi.com */
    powerBi: string;
    /** In place of https://api.fabric.microsoft.com */
    fabric: string;
    /** In place of https://onelake.dfs.fabric.microsoft.com */
    oneLake: string;
  }>;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly workspaceId: string;
  readonly workspaceName: string;
  /** May be changed at any time: roles, tenant settings, an expired secret, permissions that take their time. */
  readonly tenant: Tenant;
  /** Like `faults`, but an `answer` replaces the emulator's own after the work was done. */
  readonly faultsAfter: FaultScript;
  /** Whatever nobody has confirmed behaves otherwise from now on. */
  change(switches: Partial<Switches>): void;
}

/** Starts a tenant with one workspace on a free loopback port. */
export async function startPowerBi(options: PowerBiOptions): Promise<PowerBiEmulator> {
  const { clock, port, keepBodies = true } = options;
  const switches: Switches = { ...likeliest, ...options.switches };
  const tenant = newTenant(options);
  const entra = openEntra(tenant, { clock, switches });
  const access = openAccess(entra, { tenant, switches });
  const datasets = new Datasets(clock, switches);
  const parts: Parts = { clock, switches, tenant, access, datasets, posted: 0 };
  const faultsAfter = new FaultScript();
  const counted = { throttled: 0 };
  const oneLake = openOneLake({ tenant, entra, datasets }, { clock, switches });
  const handle = router({
    'POST /login/*/oauth2/v2.0/token': (request, [path = '']) => entra.issue(request, path),
    'POST /login/*/oauth2/token': (request, [path = '']) => entra.issue(request, path),
    ...powerBiRoutes(parts),
    ...oneLake.routes,
  });
  const emulator = await startEmulator(afterwards(handle, { faultsAfter, counted }), {
    clock,
    ...(port === undefined ? {} : { port }),
    keepBodies: (_, { pathname }) => keepBodies || !/\/rows$|^\/onelake\//.test(pathname),
  });
  oneLake.setUrl(`${emulator.url}/fabric`);
  const [workspace] = tenant.workspaces;
  return Object.assign(controls({ parts, entra, counted, oneLake }), {
    ...emulator,
    endpoints: {
      login: `${emulator.url}/login`,
      powerBi: emulator.url,
      fabric: `${emulator.url}/fabric`,
      oneLake: `${emulator.url}/onelake`,
    },
    tenantId: tenant.tenantId,
    clientId: tenant.clientId,
    clientSecret: tenant.clientSecret,
    workspaceId: workspace?.id ?? '',
    workspaceName: workspace?.name ?? '',
    tenant,
    faultsAfter,
    change: (changed: Partial<Switches>) => void Object.assign(switches, changed),
    mirrored: oneLake.mirrored,
    files: oneLake.files,
    close: async () => {
      await emulator.close();
      await oneLake.close();
    },
  });
}
