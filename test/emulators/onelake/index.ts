// OneLake and the Fabric API around it: landing zones, mirrored databases, models over them.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Datasets } from '../powerbi/datasets.ts';
import type { Entra } from '../powerbi/entra.ts';
import type { Switches } from '../powerbi/switches.ts';
import type { Tenant } from '../powerbi/tenant.ts';
import type { RouteHandler, Routes } from '../routes.ts';
import { dfsError, serveDfs } from './dfs.ts';
import { lazyEngine, quoted } from './engine.ts';
import { openFabricAccess } from './fabric-access.ts';
import { fabricJson } from './fabric-answers.ts';
import { type FabricParts, type MirroredDatabase, mirroredDatabaseCalls } from './mirrored-databases.ts';
import { type MirroredRow, mirroredRows } from './mirrored-rows.ts';
import { Operations } from './operations.ts';
import { semanticModelCalls } from './semantic-models.ts';
import { Storage } from './storage.ts';

export type { MirroredDatabase } from './mirrored-databases.ts';
export type { MirroredRow } from './mirrored-rows.ts';
export type { MirroredTable } from './replication.ts';

export interface OneLake {
  readonly routes: Routes;
  readonly databases: readonly MirroredDatabase[];
  /** Rows of a mirrored table once all files that are due were applied. */
  mirrored(
    table: string,
    options?: { readonly schema?: string; readonly database?: string },
  ): Promise<MirroredRow[]>;
  /** Paths of all files, from the item on. */
  files(): string[];
  setUrl(url: string): void;
  close(): Promise<void>;
}

export function openOneLake(
  { tenant, entra, datasets }: { tenant: Tenant; entra: Entra; datasets: Datasets },
  { clock, switches }: { clock: Clock; switches: Switches },
): OneLake {
  const storages = new Map<string, Storage>();
  const engine = lazyEngine();
  const storage = (id: string): Storage => {
    const found = storages.get(id) ?? new Storage(id);
    storages.set(id, found);
    return found;
  };
  const access = openFabricAccess(entra, { tenant, switches });
  const operations = new Operations();
  const databases: MirroredDatabase[] = [];
  const parts: FabricParts & { datasets: Datasets } = {
    clock,
    switches,
    access,
    engine,
    operations,
    storage,
    databases,
    datasets,
  };
  return {
    routes: {
      ...fabricRoutes(parts, tenant),
      '* /onelake/*': oneLakeRoute(parts),
      '* /onelake/*/**': oneLakeRoute(parts),
    },
    get databases() {
      return parts.databases;
    },
    mirrored: async (table, { schema, database } = {}) => {
      const found = parts.databases.filter(
        (one) => database === undefined || one.name === database || one.id === database,
      );
      const [only] = found;
      if (!only || found.length > 1)
        throw new Error(`There are ${found.length} mirrored databases, not one.`);
      await only.replication.catchUp();
      const mirror = only.replication.tables.find(
        (one) => one.name === table && one.schema === (schema ?? only.schema),
      );
      if (!mirror)
        throw new Error(`Mirrored database "${only.name}" has no table "${schema ?? only.schema}.${table}".`);
      return mirror.columns.size === 0 ? [] : mirroredRows(engine, quoted(mirror.table));
    },
    files: () =>
      [...storages.values()].flatMap((one) =>
        one.list('', true).flatMap(({ path, file }) => (file ? [path] : [])),
      ),
    setUrl: (url) => {
      operations.url = url;
    },
    close: () => engine.close(),
  };
}

function fabricRoutes(parts: FabricParts & { datasets: Datasets }, tenant: Tenant): Routes {
  const describe = ({ id, name }: Tenant['workspaces'][number]) => ({
    id,
    displayName: name,
    type: 'Workspace',
  });
  const calls: Routes = {
    'GET /workspaces': () =>
      fabricJson(200, { value: tenant.workspaces.filter(({ role }) => role !== 'None').map(describe) }),
    'GET /workspaces/*': (_, [id = '']) => fabricJson(200, describe(parts.access.workspace(id, 'read'))),
    ...mirroredDatabaseCalls(parts),
    ...semanticModelCalls(parts),
    ...parts.operations.calls(),
  };
  return Object.fromEntries(
    Object.entries(calls).map(([key, handle]) => {
      const [method, path] = key.split(' ');
      const guarded: RouteHandler = (request, taken, rest) => {
        parts.access.enter(request);
        return handle(request, taken, rest);
      };
      return [`${method} /fabric/v1${path}`, guarded];
    }),
  );
}

/** Items and their first folders are managed by Fabric: nothing is created, moved or deleted there. */
const managed = /^[^/]+(\/(Files|Tables)(\/LandingZone)?)?$/;

function oneLakeRoute(parts: FabricParts): RouteHandler {
  return (request, [name = ''], rest) => {
    const need = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write';
    const workspace = parts.access.oneLake(request, name, need);
    const storage = parts.storage(workspace.id);
    const pathOf = (encoded: string, use: 'read' | 'write'): string => {
      const path = decodeURIComponent(encoded).replace(/\/+$/, '');
      if (path === '') return path;
      const [first = '', ...below] = path.split('/');
      const item = parts.databases.find(
        (one) =>
          one.workspaceId === workspace.id &&
          (one.id === first.toLowerCase() || `${one.name}.MountedRelationalDatabase` === first),
      );
      if (!item) throw dfsError(404, 'PathNotFound', `The item "${first}" does not exist.`);
      const full = [item.id, ...below].join('/');
      if (use === 'write' && (managed.test(full) || !full.startsWith(`${item.id}/Files/LandingZone/`)))
        throw dfsError(
          403,
          'OperationNotAllowed',
          'Items and their first-level folders are managed by Fabric.',
        );
      return full;
    };
    return serveDfs({ storage, clock: parts.clock, pathOf }, rest, request);
  };
}
