// The tenant, its one service principal and its workspaces: what an administrator could change between two calls.
import { randomUUID } from 'node:crypto';

export type Role = 'None' | 'Viewer' | 'Contributor' | 'Member' | 'Admin';

export interface Workspace {
  readonly id: string;
  readonly name: string;
  /** Role of the service principal. */
  role: Role;
  /** On a capacity: what Fabric items need. */
  capacity: boolean;
}

/** Fields may be changed at any time; the next call sees them. */
export interface Tenant {
  readonly tenantId: string;
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Object id of the service principal: what workspaces list, not the client id. */
  readonly objectId: string;
  readonly workspaces: Workspace[];
  secretExpired: boolean;
  /** Tenant setting: service principals may use the APIs. */
  servicePrincipals: boolean;
  /** Tenant setting: Semantic Model Execute Queries REST API. */
  executeQueries: boolean;
  /** So many more calls of the API are refused as if the permission had not arrived yet. */
  refusedCalls: number;
}

export interface TenantOptions {
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly workspaceName?: string;
  readonly role?: Role;
}

export function newTenant(options: TenantOptions): Tenant {
  return {
    tenantId: options.tenantId ?? '6babcaad-604b-40ac-a9d7-9fd97c0b779f',
    domain: 'ledgerpipe.onmicrosoft.com',
    clientId: options.clientId ?? '3f1c9a52-7d0e-4b6a-8f43-52d1c0e7a9b4',
    clientSecret: options.clientSecret ?? 'Q7x8Q~emulated-client-secret-value',
    objectId: randomUUID(),
    workspaces: [newWorkspace(options.workspaceName ?? 'Finance', options.role ?? 'Member')],
    secretExpired: false,
    servicePrincipals: true,
    executeQueries: true,
    refusedCalls: 0,
  };
}

export const newWorkspace = (name: string, role: Role): Workspace => ({
  id: randomUUID(),
  name,
  role,
  capacity: true,
});
