// The Databricks emulator: a workspace on loopback with tokens, a SQL warehouse, volumes and Unity Catalog.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Emulator, startEmulator } from '../emulator.ts';
import type { Routes } from '../routes.ts';
import { json, notFound } from './answers.ts';
import { Auth, type Credentials, discovery } from './auth.ts';
import { catalogHandlers } from './catalog.ts';
import { type Engine, openEngine } from './engine.ts';
import { serveDirectory, serveFile } from './files.ts';
import { Grants, type GrantsControl, type Privilege, privileges } from './grants.ts';
import { CatalogModel } from './model.ts';
import { router } from './routes.ts';
import { rowObjects } from './rows-for-tests.ts';
import { statementRunner } from './runner.ts';
import { statementApi } from './sea.ts';
import { quoted } from './sql/types.ts';
import { type LoggedStatement, type StatementFault, Statements } from './statements.ts';
import { likeliest, type Switches } from './switches.ts';
import { openVolumes } from './volumes.ts';
import { Warehouse, type WarehouseControl, type WarehouseOptions } from './warehouse.ts';

export type { GrantsControl, Privilege } from './grants.ts';
export type { LoggedStatement, StatementFault } from './statements.ts';
export type { Switches } from './switches.ts';
export type { WarehouseControl, WarehouseOptions } from './warehouse.ts';

export interface DatabricksOptions {
  readonly clock: Clock;
  readonly port?: number;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** A personal access token of the same principal. */
  readonly token?: string;
  readonly warehouse?: WarehouseOptions & { readonly id?: string };
  /** Name of the one catalog. */
  readonly catalog?: string;
  /** The privileges held everywhere; all of them unless said otherwise. */
  readonly grants?: readonly Privilege[];
  readonly switches?: Partial<Switches>;
  /** Off: statements are parsed and answered with zero counts; only definitions take effect, in Unity Catalog. */
  readonly execute?: boolean;
  /** Where volumes and the engine's database live; a temporary directory, removed at the end, unless said otherwise. */
  readonly directory?: string;
  /** The engine's memory, in DuckDB's notation. */
  readonly memoryLimit?: string;
}

export interface DatabricksEmulator extends Emulator {
  /** Host and port, as a connector's setting would hold it. */
  readonly host: string;
  readonly warehouseId: string;
  readonly httpPath: string;
  readonly catalog: string;
  readonly credentials: Credentials;
  /** Every statement submitted, in order. */
  readonly statements: readonly LoggedStatement[];
  readonly warehouse: WarehouseControl;
  readonly grants: GrantsControl;
  /** Bytes and files of uploads dropped under `discardUploads`. */
  readonly counted: Readonly<{ bytes: number; files: number }>;
  /** Engine SQL, for assertions: decimals and instants as text, integers as numbers where they are safe. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Every file in volumes, as `/Volumes/...`. */
  files(): string[];
  /** The path on disk of a `/Volumes/...` file. */
  localPath(path: string): string;
  failNext(fault: StatementFault): void;
}

/** Starts a workspace on a free loopback port. */
export async function startDatabricks(options: DatabricksOptions): Promise<DatabricksEmulator> {
  const { clock, port, execute = true } = options;
  const { id: warehouseId = '5f8c1e2a9b3d4c70', ...warehouseOptions } = options.warehouse ?? {};
  const switches: Switches = { ...likeliest, ...options.switches };
  const credentials: Credentials = {
    clientId: options.clientId ?? '8a1f2c3d-4e5f-4a6b-9c7d-0e1f2a3b4c5d',
    clientSecret: options.clientSecret ?? 'dose1234567890abcdef1234567890abcdef',
    token: options.token ?? 'dapi0123456789abcdef0123456789abcdef',
  };
  const directory = await workDirectory(options.directory);
  const model = new CatalogModel(options.catalog ?? 'workspace', clock.now());
  const grants = new Grants(options.grants ?? privileges, model);
  const volumes = openVolumes(join(directory.path, 'Volumes'), model);
  const { memoryLimit } = options;
  const engine = execute
    ? await openEngine(directory.path, { catalog: model.name, switches, memoryLimit })
    : undefined;
  const auth = new Auth(credentials, { clock, switches });
  const warehouse = new Warehouse(clock, warehouseOptions);
  const shared = { model, grants, volumes, switches, user: credentials.clientId, now: () => clock.now() };
  const statements = new Statements(statementRunner(engine, shared), {
    clock,
    warehouse,
    sqlStateField: switches.sqlStateField,
  });
  const counted = { bytes: 0, files: 0 };
  const routes: Parts = {
    ...shared,
    clock,
    statements,
    warehouse,
    warehouseId,
    counted,
    engine,
    url: '',
    auth,
  };
  const emulator = await startEmulator(
    router(auth, { open: openRoutes(routes), closed: closedRoutes(routes) }),
    {
      clock,
      ...(port === undefined ? {} : { port }),
      keepBodies: (_, url) => !url.pathname.startsWith('/api/2.0/fs/'),
    },
  );
  routes.url = emulator.url;
  return {
    ...emulator,
    host: new URL(emulator.url).host,
    warehouseId,
    httpPath: `/sql/1.0/warehouses/${warehouseId}`,
    catalog: model.name,
    credentials,
    statements: statements.log,
    warehouse,
    counted,
    grants: {
      revoke: (privilege, securable) => grants.change(privilege, securable, false),
      grant: (privilege, securable) => grants.change(privilege, securable, true),
      expireToken: () => auth.expireAll(),
    },
    query: (sql) => queryRows(engine, sql),
    files: () => volumes.files(),
    localPath: (path) => join(volumes.root, path.replace(/^\/Volumes/, '')),
    failNext: (fault) => statements.failNext(fault),
    close: async () => {
      await emulator.close();
      await statements.cancelAll();
      engine?.close();
      await directory.remove();
    },
  };
}

type Shared = Parameters<typeof statementRunner>[1];

interface Parts extends Shared {
  readonly clock: Clock;
  readonly statements: Statements;
  readonly warehouse: Warehouse;
  readonly warehouseId: string;
  readonly counted: { bytes: number; files: number };
  readonly engine: Engine | undefined;
  readonly auth: Auth;
  /** Known only once the server listens. */
  url: string;
}

function openRoutes(parts: Parts): Routes {
  return {
    'POST /oidc/v1/token': (request) => parts.auth.issue(request),
    'GET /oidc/.well-known/oauth-authorization-server': () => discovery(parts.url),
    'GET /.well-known/databricks-config': () => discovery(parts.url),
  };
}

function closedRoutes(parts: Parts): Routes {
  const api = statementApi({ ...parts, catalog: parts.model.name });
  const { engine } = parts;
  const onSchema = async (name: string): Promise<void> => {
    if (engine)
      await queryRows(
        engine,
        `CREATE SCHEMA IF NOT EXISTS ${quoted(engine.database)}.${quoted(name.toLowerCase())}`,
      );
  };
  const unity = Object.entries(catalogHandlers({ ...parts, onSchema })).map(([key, handle]) => {
    const [method, path] = key.split(' ');
    return [`${method} /api/2.1/unity-catalog/${path}`, handle] as const;
  });
  return {
    'POST /api/2.0/sql/statements': (request) => api.submit(request),
    'GET /api/2.0/sql/statements/*': (_, [id = '']) => api.get(id),
    'GET /api/2.0/sql/statements/*/result/chunks/*': (_, [id = '', index]) => api.chunk(id, Number(index)),
    'POST /api/2.0/sql/statements/*/cancel': (_, [id = '']) => api.cancel(id),
    'DELETE /api/2.0/sql/statements/*': (_, [id = '']) => api.close(id),
    ...warehouseRoutes(parts),
    '* /api/2.0/fs/files/**': (request, _, rest) => serveFile(parts, `/${rest}`, request),
    '* /api/2.0/fs/directories/**': (request, _, rest) => serveDirectory(parts, `/${rest}`, request),
    ...Object.fromEntries(unity),
    'GET /api/2.0/preview/scim/v2/Me': () => json(200, me(parts.user)),
  };
}

function warehouseRoutes(parts: Parts): Routes {
  const { warehouse, warehouseId } = parts;
  const known = (id = ''): { id: string; host: string } => {
    if (id !== warehouseId) throw notFound('RESOURCE_DOES_NOT_EXIST', `SQL warehouse ${id} does not exist.`);
    return { id, host: new URL(parts.url).hostname };
  };
  return {
    'GET /api/2.0/sql/warehouses': () => json(200, { warehouses: [warehouse.describe(known(warehouseId))] }),
    'GET /api/2.0/sql/warehouses/*': (_, [id]) => json(200, warehouse.describe(known(id))),
    'POST /api/2.0/sql/warehouses/*/start': (_, [id]) => {
      known(id);
      warehouse.start();
      return json(200, {});
    },
    'POST /api/2.0/sql/warehouses/*/stop': (_, [id]) => {
      known(id);
      warehouse.stop();
      return json(200, {});
    },
  };
}

/** The calling service principal, as SCIM describes it. */
function me(user: string): Record<string, unknown> {
  return {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:workspace:2.0:User',
    ],
    id: '4567890123456789',
    userName: user,
    displayName: 'Ledger loader',
    active: true,
    emails: [{ type: 'work', value: user, primary: true }],
    groups: [{ display: 'users', type: 'direct', value: '123456789' }],
  };
}

async function queryRows(engine: Engine | undefined, sql: string): Promise<Record<string, unknown>[]> {
  if (!engine) throw new Error('Cannot query: the emulator was started with execute: false.');
  const connection = await engine.open();
  try {
    return rowObjects(await connection.run(sql));
  } finally {
    connection.close();
  }
}

async function workDirectory(
  given: string | undefined,
): Promise<{ path: string; remove: () => Promise<void> }> {
  if (given !== undefined) await mkdir(given, { recursive: true });
  const path = await mkdtemp(join(given ?? tmpdir(), 'databricks-'));
  return {
    path,
    remove: async () => (given === undefined ? rm(path, { recursive: true, force: true }) : undefined),
  };
}
