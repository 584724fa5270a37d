// Mirrored databases of the Fabric API: create, start, stop, and the status that is the receipt (powerbi.md 4.2).
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Switches } from '../powerbi/switches.ts';
import type { Routes } from '../routes.ts';
import type { Engine } from './engine.ts';
import type { FabricAccess } from './fabric-access.ts';
import { at, definitionPart, fabricBody, fabricError, fabricJson } from './fabric-answers.ts';
import type { Operations } from './operations.ts';
import { type MirroredTable, openReplication, type Replication } from './replication.ts';
import type { Storage } from './storage.ts';

export interface MirroredDatabase {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly workspaceId: string;
  readonly endpointId: string;
  /** Of tables whose folder names none. */
  readonly schema: string;
  readonly createdAt: number;
  readonly replication: Replication;
  stopped: boolean;
}

export interface FabricParts {
  readonly clock: Clock;
  readonly switches: Switches;
  readonly access: FabricAccess;
  readonly engine: Engine;
  readonly operations: Operations;
  storage(workspaceId: string): Storage;
  /** All there are; calls add and remove. */
  databases: MirroredDatabase[];
}

/** Tables of one page of the status. */
const pageSize = 200;

export function mirroredDatabaseCalls(parts: FabricParts): Routes {
  const { access } = parts;
  const find = (workspace = '', id = '', need: 'read' | 'write' = 'read'): MirroredDatabase => {
    access.workspace(workspace, need);
    const found = parts.databases.find((one) => one.id === id && one.workspaceId === workspace);
    return found ?? refuseMissing();
  };
  const root = '/workspaces/*/mirroredDatabases';
  return {
    [`GET ${root}`]: (_, [workspace = '']) => {
      access.workspace(workspace, 'read');
      const value = parts.databases.filter((one) => one.workspaceId === workspace).map(describe);
      return fabricJson(200, { value });
    },
    [`POST ${root}`]: ({ body }, [workspace = '']) => {
      const created = create(parts, { workspaceId: workspace, fields: fabricBody(body) });
      return parts.operations.created(describe(created), parts.switches.itemCreation);
    },
    [`GET ${root}/*`]: (_, [workspace, id]) => fabricJson(200, describe(find(workspace, id))),
    [`DELETE ${root}/*`]: (_, [workspace, id]) => {
      const gone = find(workspace, id, 'write');
      parts.databases = parts.databases.filter((one) => one !== gone);
      parts.storage(gone.workspaceId).remove(gone.id);
      return { status: 200 };
    },
    [`POST ${root}/*/startMirroring`]: (_, [workspace, id]) => {
      const database = find(workspace, id, 'write');
      if (statusOf(parts, database) === 'Initializing')
        throw fabricError(
          400,
          'MirroringOperationNotAllowed',
          'Mirroring cannot be started while its status is Initializing.',
        );
      database.stopped = false;
      database.replication.start();
      return { status: 200 };
    },
    [`POST ${root}/*/stopMirroring`]: (_, [workspace, id]) => {
      const database = find(workspace, id, 'write');
      database.stopped = true;
      database.replication.stop();
      return { status: 200 };
    },
    [`POST ${root}/*/getMirroringStatus`]: (_, [workspace, id]) =>
      fabricJson(200, { status: statusOf(parts, find(workspace, id)) }),
    [`POST ${root}/*/getTablesMirroringStatus`]: async ({ url }, [workspace, id]) => {
      const { replication } = find(workspace, id);
      await replication.catchUp();
      return tablesStatus(replication.tables, url);
    },
  };
}

const refuseMissing = (): never => {
  throw fabricError(404, 'ItemNotFound', 'The requested item could not be found.');
};

/** Creates the item and the folders it manages. */
function create(
  parts: FabricParts,
  { workspaceId, fields }: { workspaceId: string; fields: Readonly<Record<string, unknown>> },
): MirroredDatabase {
  const { clock, switches, engine, access } = parts;
  const { capacity } = access.workspace(workspaceId, 'write');
  const { displayName, description = '' } = fields;
  if (typeof displayName !== 'string' || displayName === '')
    throw fabricError(400, 'InvalidInput', 'The DisplayName field is required.');
  if (!capacity)
    throw fabricError(
      403,
      'FeatureNotAvailable',
      'The workspace is not assigned to a capacity that supports this item.',
    );
  if (parts.databases.some((one) => one.name === displayName && one.workspaceId === workspaceId))
    throw fabricError(400, 'ItemDisplayNameAlreadyInUse', 'Requested item display name is already in use.');
  const schema = schemaIn(definitionPart(fields, 'mirroring.json'));
  const id = randomUUID();
  const storage = parts.storage(workspaceId);
  storage.makeDirectory(`${id}/Files/LandingZone`);
  const database: MirroredDatabase = {
    id,
    name: displayName,
    description: String(description),
    workspaceId,
    endpointId: randomUUID(),
    schema,
    createdAt: clock.now(),
    replication: openReplication({ id, storage, engine, schema }, { clock, switches }),
    stopped: false,
  };
  parts.databases.push(database);
  return database;
}

/** The default schema of a definition that is as it must be. */
function schemaIn(mirroring: unknown): string {
  const wanted: readonly (readonly [readonly string[], string])[] = [
    [['properties', 'source', 'type'], 'GenericMirror'],
    [['properties', 'target', 'type'], 'MountedRelationalDatabase'],
    [['properties', 'target', 'typeProperties', 'format'], 'Delta'],
  ];
  for (const [path, value] of wanted)
    if (at(mirroring, ...path) !== value)
      throw fabricError(
        400,
        'InvalidDefinitionContent',
        `mirroring.json: ${path.join('.')} must be "${value}".`,
      );
  const schema = at(mirroring, 'properties', 'target', 'typeProperties', 'defaultSchema');
  if (typeof schema === 'string' && schema !== '') return schema;
  throw fabricError(
    400,
    'InvalidDefinitionContent',
    'mirroring.json: properties.target.typeProperties.defaultSchema is missing.',
  );
}

function statusOf({ clock, switches }: FabricParts, database: MirroredDatabase): string {
  if (clock.now() < database.createdAt + switches.initialisingTakes) return 'Initializing';
  if (database.stopped) return 'Stopped';
  return database.replication.running ? 'Running' : 'Initialized';
}

function tablesStatus(tables: readonly MirroredTable[], url: URL) {
  const start = Number(url.searchParams.get('continuationToken') ?? 0);
  const data = tables.slice(start, start + pageSize).map((one) => ({
    status: one.error ? 'Failed' : 'Replicating',
    ...(one.error ? { error: { errorCode: one.error.code, message: one.error.message } } : {}),
    metrics: {
      processedBytes: one.bytes,
      processedRows: one.rows,
      ...(one.syncedAt === undefined ? {} : { lastSyncDateTime: new Date(one.syncedAt).toISOString() }),
    },
    sourceSchemaName: one.schema,
    sourceTableName: one.name,
    sourceObjectType: 'Table',
  }));
  const token = String(start + pageSize);
  const next = new URL(url);
  next.searchParams.set('continuationToken', token);
  const more =
    start + pageSize < tables.length ? { continuationToken: token, continuationUri: next.href } : {};
  return fabricJson(200, { data, ...more });
}

const describe = ({ id, name, description, workspaceId, endpointId, schema }: MirroredDatabase) => ({
  id,
  type: 'MirroredDatabase',
  displayName: name,
  description,
  workspaceId,
  properties: {
    oneLakeTablesPath: `https://onelake.dfs.fabric.microsoft.com/${workspaceId}/${id}/Tables`,
    sqlEndpointProperties: {
      connectionString: `${workspaceId}.datawarehouse.fabric.microsoft.com`,
      id: endpointId,
      provisioningStatus: 'Success',
    },
    defaultSchema: schema,
  },
});
