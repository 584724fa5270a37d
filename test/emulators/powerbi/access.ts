// Who may do what: the bearer token, the settings of the tenant, the role in the workspace (powerbi.md 6).
import type { EmulatorRequest } from '../emulator.ts';
import { emptyError, notFound, odataError, pbiError, plainError, type Refusal } from './answers.ts';
import type { Audience, Entra } from './entra.ts';
import type { Switches } from './switches.ts';
import type { Role, Tenant, Workspace } from './tenant.ts';

const ranks: readonly Role[] = ['None', 'Viewer', 'Contributor', 'Member', 'Admin'];

export interface Access {
  /** Refuses a call whose token does not work here, or that the tenant does not allow. */
  enter(request: EmulatorRequest): void;
  /** The workspace, when the role there reaches. */
  workspace(id: string, need: 'read' | 'write'): Workspace;
  /** My workspace, which a service principal does not have. */
  mine(): Refusal;
}

export function openAccess(
  entra: Entra,
  { tenant, switches }: { tenant: Tenant; switches: Switches },
): Access {
  const unauthorised = (): Refusal =>
    switches.tenantRefusal === 'B'
      ? pbiError(401, 'PowerBINotAuthorizedException')
      : plainError(401, 'API is not accessible for application.');
  const forbidden = (): Refusal =>
    switches.roleRefusal === 'B' ? pbiError(403, 'PowerBINotAuthorizedException') : emptyError(403);
  return {
    enter: ({ headers }) => {
      checkToken(entra, headers.authorization, ['powerbi']);
      if (!tenant.servicePrincipals) throw unauthorised();
      if (tenant.refusedCalls > 0) {
        tenant.refusedCalls -= 1;
        throw unauthorised();
      }
    },
    workspace: (id, need) => {
      const found = tenant.workspaces.find((one) => one.id === id);
      if (!found) throw notFound(switches.notFoundEnvelope, 'PowerBIFolderNotFound');
      if (found.role === 'None') throw unauthorised();
      const needed: Role = need === 'read' ? 'Viewer' : switches.contributorWrites ? 'Contributor' : 'Member';
      if (ranks.indexOf(found.role) < ranks.indexOf(needed)) throw forbidden();
      return found;
    },
    mine: () => forbidden(),
  };
}

/** An expired token is a 403, a header that is no bearer or is for somebody else a bare 403 (powerbi.md 6). */
export function checkToken(
  entra: Entra,
  authorization: string | undefined,
  audiences: readonly Audience[],
): void {
  const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  const worth = token === undefined ? 'unknown' : entra.look(token);
  if (worth === 'expired')
    throw odataError(403, 'TokenExpired', {
      message: 'Access token has expired, resubmit with a new access token',
    });
  if (worth === 'unknown' || !audiences.includes(worth)) throw emptyError(403);
}
