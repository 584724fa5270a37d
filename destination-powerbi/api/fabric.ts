// Mirrored databases of Fabric: found, made, started, and what they say of replication ("Mirrored database REST API").
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import type { Api } from '../api.ts';
import type { MirrorMode } from '../spec.ts';

export interface Mirror {
  readonly id: string;
  readonly displayName: string;
}

const base = ({ addresses }: Api, workspace: string): string =>
  `${addresses.fabric}/v1/workspaces/${encodeURIComponent(workspace)}/mirroredDatabases`;

async function listMirrors(api: Api, workspace: string): Promise<readonly Mirror[]> {
  const found: Mirror[] = [];
  for (let url: string | undefined = base(api, workspace); url; ) {
    const body = (
      await api.fabric({ method: 'GET', url, purpose: 'list the mirrored databases of the workspace' })
    ).json();
    if (isObject(body) && Array.isArray(body.value)) found.push(...(body.value as readonly Mirror[]));
    url = isObject(body) && typeof body.continuationUri === 'string' ? body.continuationUri : undefined;
  }
  return found;
}

/** Throws with advice when the principal cannot use Fabric in this workspace. */
export async function requireFabric(api: Api, workspace: string): Promise<void> {
  await listMirrors(api, workspace);
}

/** The mirrored database that the settings name; undefined when there is none of that name. */
export async function findMirror(
  api: Api,
  workspace: string,
  { database_id, database_name = 'Ledgerpipe' }: Pick<MirrorMode, 'database_id' | 'database_name'>,
): Promise<Mirror | undefined> {
  const all = await listMirrors(api, workspace);
  const found = all.filter(({ id, displayName }) =>
    database_id ? id.toLowerCase() === database_id.toLowerCase() : displayName === database_name,
  );
  if (found.length > 1)
    throw configError(
      `Cannot tell which mirrored database is meant: ${found.length} are called "${database_name}", put the ID of one into "delivery.database_id"`,
    );
  if (database_id && !found[0])
    throw configError(
      `Cannot find the mirrored database "${database_id}": check "delivery.database_id", and that it is in this workspace`,
    );
  return found[0];
}

/** A generic mirror: whoever writes to its landing zone is the source. */
export async function createMirror(
  api: Api,
  workspace: string,
  { name, schema }: { readonly name: string; readonly schema: string },
): Promise<Mirror | undefined> {
  const definition = {
    properties: {
      source: { type: 'GenericMirror', typeProperties: {} },
      target: {
        type: 'MountedRelationalDatabase',
        typeProperties: { defaultSchema: schema, format: 'Delta' },
      },
    },
  };
  const payload = Buffer.from(JSON.stringify(definition)).toString('base64');
  const response = await api.fabric({
    method: 'POST',
    url: base(api, workspace),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      displayName: name,
      definition: { parts: [{ path: 'mirroring.json', payload, payloadType: 'InlineBase64' }] },
    }),
    purpose: 'create the mirrored database',
  });
  // 202: an operation that takes a while; the database shows up in the list.
  if (response.status === 202 || response.body.length === 0) return undefined;
  const body = response.json();
  return isObject(body) && typeof body.id === 'string' ? { id: body.id, displayName: name } : undefined;
}

const act = async (
  api: Api,
  workspace: string,
  mirror: string,
  action: string,
  accept: readonly number[] = [],
) =>
  await api.fabric({
    method: 'POST',
    url: `${base(api, workspace)}/${encodeURIComponent(mirror)}/${action}`,
    headers: { 'content-type': 'application/json' },
    body: '{}',
    purpose: `ask the mirrored database for ${action}`,
    repeatable: true,
    accept,
  });

/** Initialized, Starting, Running, Stopping, Stopped, Initializing. */
export async function mirrorStatus(api: Api, workspace: string, mirror: string): Promise<string> {
  const body = (await act(api, workspace, mirror, 'getMirroringStatus')).json();
  return isObject(body) ? String(body.status ?? '') : '';
}

/** False: refused for the moment, as while it says Initializing. */
export async function startMirror(api: Api, workspace: string, mirror: string): Promise<boolean> {
  const response = await act(api, workspace, mirror, 'startMirroring', [400, 409]);
  return response.status < 300;
}

export interface TableStatus {
  readonly sourceSchemaName?: string;
  readonly sourceTableName?: string;
  /** Snapshotting, Replicating or Failed. */
  readonly status?: string;
  readonly metrics?: {
    readonly processedBytes?: number;
    readonly processedRows?: number;
    readonly lastSyncDateTime?: string;
  };
  readonly error?: { readonly message?: string; readonly errorCode?: string };
}

export async function tableStatuses(
  api: Api,
  workspace: string,
  mirror: string,
): Promise<readonly TableStatus[]> {
  const found: TableStatus[] = [];
  let token: string | undefined;
  do {
    const query = token === undefined ? '' : `?continuationToken=${encodeURIComponent(token)}`;
    const body = (await act(api, workspace, mirror, `getTablesMirroringStatus${query}`)).json();
    if (isObject(body) && Array.isArray(body.data)) found.push(...(body.data as readonly TableStatus[]));
    token = isObject(body) && typeof body.continuationToken === 'string' ? body.continuationToken : undefined;
  } while (token);
  return found;
}
