// Who may use the Fabric API and OneLake: the right audience, the tenant's settings, a role and a capacity.
import type { EmulatorRequest } from '../emulator.ts';
import type { Audience, Entra } from '../powerbi/entra.ts';
import type { Switches } from '../powerbi/switches.ts';
import type { Tenant, Workspace } from '../powerbi/tenant.ts';
import { dfsError } from './dfs.ts';
import { fabricError } from './fabric-answers.ts';

export interface FabricAccess {
  /** A call of the Fabric API. */
  enter(request: EmulatorRequest): void;
  workspace(id: string, need: 'read' | 'write'): Workspace;
  /** A call of OneLake, which names the workspace by id or by name. */
  oneLake(request: EmulatorRequest, workspace: string, need: 'read' | 'write'): Workspace;
}

const writes = (workspace: Workspace, { contributorWrites }: Switches): boolean =>
  ['Member', 'Admin', ...(contributorWrites ? ['Contributor'] : [])].includes(workspace.role);

export function openFabricAccess(
  entra: Entra,
  { tenant, switches }: { tenant: Tenant; switches: Switches },
): FabricAccess {
  const worth = ({ headers }: EmulatorRequest): 'unknown' | 'expired' | Audience =>
    entra.look(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '');
  return {
    enter: (request) => {
      const token = worth(request);
      if (token === 'expired')
        throw fabricError(401, 'TokenExpired', 'Access token has expired, resubmit with a new access token');
      if (token !== 'fabric' && !(switches.fabricTakesPowerBiTokens && token === 'powerbi'))
        throw fabricError(401, 'InvalidToken', 'The access token is not valid for this API.');
      if (!tenant.servicePrincipals || tenant.refusedCalls > 0) {
        tenant.refusedCalls = Math.max(0, tenant.refusedCalls - 1);
        throw fabricError(
          403,
          'Unauthorized',
          'The service principal is not allowed to call Fabric public APIs.',
        );
      }
    },
    workspace: (id, need) => {
      const found = tenant.workspaces.find((one) => one.id === id);
      if (!found) throw fabricError(404, 'WorkspaceNotFound', 'The requested workspace could not be found.');
      if (found.role === 'None' || (need === 'write' && !writes(found, switches)))
        throw fabricError(
          403,
          'InsufficientPrivileges',
          'The caller does not have sufficient permissions to perform this operation.',
        );
      return found;
    },
    oneLake: (request, name, need) => {
      const token = worth(request);
      if (token !== 'storage')
        throw dfsError(
          401,
          'InvalidAuthenticationInfo',
          `Server failed to authenticate the request: the token is ${token === 'expired' ? 'expired' : 'not one for Storage'}.`,
        );
      const found = tenant.workspaces.find((one) => one.id === name.toLowerCase() || one.name === name);
      if (!found) throw dfsError(404, 'FilesystemNotFound', 'The specified filesystem does not exist.');
      if (
        found.role === 'None' ||
        (need === 'write' && !writes(found, switches)) ||
        !tenant.servicePrincipals
      )
        throw dfsError(
          403,
          'AuthorizationPermissionMismatch',
          'This request is not authorized to perform this operation using this permission.',
        );
      return found;
    },
  };
}
