// The Tableau emulator: a Cloud pod or a Server on loopback whose data sources are real .hyper files under hyperd.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Emulator, startEmulator } from '../emulator.ts';
import { type HyperTable, type Row, startHyperd } from '../hyperd/index.ts';
import { type Lost, losing } from './afterwards.ts';
import { AppTokens } from './connected-app.ts';
import { dispatcher } from './dispatch.ts';
import {
  addExtract,
  addWorkbook,
  type ContentOptions,
  findSource,
  rowsOf,
  type SourceRef,
  type SourceView,
  tablesOf,
  viewSources,
} from './for-tests.ts';
import { type Job, type JobKind, Jobs, type Outcome, type Pace } from './jobs.ts';
import { type ConnectedApp, type SiteRole, siteOf, type World } from './model.ts';
import type { LoggedPayload } from './publish.ts';
import { type Metered, Quotas } from './quotas.ts';
import { routesOf } from './routes.ts';
import { type SiteOptions, seed, type UserOptions, usualApp, usualSites, usualUser } from './seed.ts';
import { type LoggedSignIn, Sessions } from './sessions.ts';
import { likeliest, type Switches } from './switches.ts';
import { Uploads } from './uploads.ts';

export { gatewayTimeout, type Lost } from './afterwards.ts';
export type { SourceRef, SourceView } from './for-tests.ts';
export type { Job, JobKind, Outcome, Pace } from './jobs.ts';
export type { SiteRole } from './model.ts';
export type { ProjectOptions, SiteOptions, UserOptions } from './seed.ts';
export type { Switches } from './switches.ts';

export interface TableauOptions {
  readonly clock: Clock;
  readonly kind?: 'cloud' | 'server';
  readonly port?: number;
  /** The REST API version the server speaks. */
  readonly version?: string;
  readonly sites?: readonly SiteOptions[];
  /** The first one is the one of `config`. */
  readonly users?: readonly UserOptions[];
  readonly connectedApp?: ConnectedApp;
  readonly switches?: Partial<Switches>;
  /** How long jobs take and are remembered, ms of emulator time. */
  readonly pace?: Partial<Pace>;
  /** Cloud's caps, where they shall not be the usual ones. */
  readonly quotas?: Partial<Record<Metered, number>>;
  /** Ms of a session's life; 240 minutes on Server, 120 on Cloud unless said otherwise. */
  readonly sessionLife?: number;
  /** Ms until name filters find what was just published. */
  readonly indexDelay?: number;
  /** The newest .hyper format it reads. */
  readonly fileVersion?: number;
  /** Where files live; a temporary directory, removed at the end, unless said otherwise. */
  readonly directory?: string;
  /** The memory of its hyperd, e.g. `1g`. */
  readonly memoryLimit?: string;
}

/** What a connector's settings need to reach the server as its first user. */
export interface TableauConfig {
  readonly url: string;
  /** contentUrl of the first site. */
  readonly site: string;
  readonly pat: { readonly name: string; readonly secret: string };
  readonly connectedApp: ConnectedApp & { readonly username: string };
  readonly user: { readonly name: string; readonly password: string };
}

export interface TableauEmulator extends Emulator {
  readonly config: TableauConfig;
  /** The newest REST API version it speaks. */
  readonly version: string;
  /** LUID of each site, by contentUrl. */
  readonly siteIds: ReadonlyMap<string, string>;
  sources(): SourceView[];
  /** Rows of a stored file: of a table, or of `sql`, in which `{table}` stands for it. Decimals and dates are text. */
  rows(source: string | SourceRef, table?: string, sql?: string): Promise<Row[]>;
  tables(source: string | SourceRef): Promise<HyperTable[]>;
  readonly jobs: JobsControl;
  /** Successful sign-ins so far; of one site, when named. */
  signIns(site?: string): LoggedSignIn[];
  readonly sessions: { readonly live: number; endAll(): void };
  /** request_payload parts of publishes. */
  readonly payloads: readonly LoggedPayload[];
  /** Does the work of the next matching request but answers otherwise, e.g. with `gatewayTimeout`. */
  lose(...lost: readonly Lost[]): void;
  /** What somebody adds to a source on the server. */
  addCalculatedField(source: string | SourceRef, name: string): void;
  /** A refreshable source with a database upstream; gives its LUID. */
  addExtract(options: ContentOptions & { readonly bridge?: boolean }): string;
  /** A workbook over sources named by LUID or name; gives its LUID. */
  addWorkbook(
    options: ContentOptions & {
      readonly hasExtracts?: boolean;
      readonly sources?: readonly (string | SourceRef)[];
    },
  ): string;
  setRole(user: string, site: string, role: SiteRole): void;
  /** Takes the personal access token away, as if it had been revoked or had expired. */
  revokeToken(name: string): void;
}

export interface JobsControl {
  /** Every job ever submitted, in order. */
  readonly log: readonly Job[];
  purge(): void;
  setPace(pace: Partial<Pace>): void;
  failNext(outcome: Outcome, kind?: JobKind): void;
  idle(): Promise<void>;
}

/** Starts a server on a free loopback port, with a hyperd of its own. */
export async function startTableau(options: TableauOptions): Promise<TableauEmulator> {
  const { clock, kind = 'cloud', port } = options;
  const directory = await workDirectory(options.directory);
  const { world, sessions } = await openWorld(options, directory.path);
  const payloads: LoggedPayload[] = [];
  const appTokens = new AppTokens(world.app, world);
  const routes = routesOf(world, { sessions, appTokens, payloads });
  const { handle, lose } = losing(dispatcher(routes, { world, sessions }));
  const emulator = await startEmulator(handle, {
    clock,
    ...(port === undefined ? {} : { port }),
    keepBodies: keepsBody,
  });
  return {
    ...emulator,
    config: configOf(options, { url: emulator.url, world, kind }),
    siteIds: new Map([...world.sites.values()].map(({ contentUrl, id }) => [contentUrl, id])),
    version: world.version,
    payloads,
    lose,
    ...lookingIn(world),
    ...content(world),
    jobs: {
      log: world.jobs.log,
      purge: () => world.jobs.purge(),
      setPace: (pace) => world.jobs.setPace(pace),
      failNext: (outcome, jobKind) => world.jobs.failNext(outcome, jobKind),
      idle: () => world.jobs.idle(),
    },
    signIns: (site) => sessions.log.filter((one) => site === undefined || one.site === site),
    sessions: {
      get live() {
        return sessions.live;
      },
      endAll: () => sessions.endAll(),
    },
    close: async () => {
      await emulator.close();
      await world.jobs.close();
      await world.hyperd.close();
      await directory.remove();
    },
  };
}

/** Chunks, and publishes that carry their file, are too large to keep. */
const keepsBody = (method: string, { pathname, searchParams }: URL): boolean =>
  !(method === 'PUT' && pathname.includes('/fileUploads/')) &&
  !(method === 'POST' && pathname.endsWith('/datasources') && !searchParams.has('uploadSessionId'));

async function openWorld(
  options: TableauOptions,
  directory: string,
): Promise<{ world: World; sessions: Sessions }> {
  const { clock, kind = 'cloud', sites = usualSites(kind), users = [usualUser] } = options;
  const switches: Switches = { ...likeliest, ...options.switches };
  const { memoryLimit } = options;
  const world: World = {
    clock,
    kind,
    version: options.version ?? '3.29',
    switches,
    ...seed({ sites, users }, { kind, now: clock.now() }),
    app: options.connectedApp ?? usualApp,
    jobs: new Jobs(clock, options.pace),
    quotas: new Quotas(clock, { on: kind === 'cloud', switches, most: options.quotas ?? {} }),
    uploads: new Uploads(join(directory, 'uploads'), { clock, switches }),
    hyperd: await startHyperd(memoryLimit === undefined ? {} : { memoryLimit }),
    directory,
    indexDelay: options.indexDelay ?? 1_500,
    fileVersion: options.fileVersion ?? 4,
  };
  return { world, sessions: new Sessions(clock, { kind, switches, life: options.sessionLife }) };
}

function configOf(
  options: TableauOptions,
  { url, world, kind }: { url: string; world: World; kind: 'cloud' | 'server' },
): TableauConfig {
  const [user = usualUser] = options.users ?? [];
  const [site] = options.sites ?? usualSites(kind);
  const [pat = { name: '', secret: '' }] = user.tokens ?? [];
  const password = world.users.find(({ name }) => name === user.name)?.password ?? '';
  return {
    url,
    site: site?.contentUrl ?? '',
    pat,
    connectedApp: { ...world.app, username: user.name },
    user: { name: user.name, password },
  };
}

function lookingIn(world: World) {
  return {
    sources: () => viewSources(world),
    rows: async (source: string | SourceRef, table?: string, sql?: string) =>
      rowsOf(world, findSource(world, source), { table, sql }),
    tables: async (source: string | SourceRef) => tablesOf(world, findSource(world, source)),
  };
}

function content(
  world: World,
): Pick<TableauEmulator, 'addCalculatedField' | 'addExtract' | 'addWorkbook' | 'setRole' | 'revokeToken'> {
  return {
    addCalculatedField: (source, name) => {
      findSource(world, source).calculatedFields.push(name);
    },
    addExtract: (options) => addExtract(world, options).id,
    addWorkbook: ({ sources = [], ...options }) =>
      addWorkbook(world, { ...options, sources: sources.map((source) => findSource(world, source)) }).id,
    setRole: (name, contentUrl, role) => {
      const site = siteOf(world, contentUrl);
      const user = world.users.find((one) => one.name === name);
      if (!site || !user) throw new Error(`Cannot set a role: no user "${name}" or site "${contentUrl}"`);
      user.roles.set(site.id, role);
    },
    revokeToken: (name) => {
      const index = world.tokens.findIndex((token) => token.name === name);
      if (index < 0) throw new Error(`Cannot revoke the token "${name}": there is none`);
      world.tokens.splice(index, 1);
    },
  };
}

async function workDirectory(
  given: string | undefined,
): Promise<{ path: string; remove: () => Promise<void> }> {
  if (given !== undefined) await mkdir(given, { recursive: true });
  const path = await mkdtemp(join(given ?? tmpdir(), 'tableau-'));
  return {
    path,
    remove: async () => (given === undefined ? rm(path, { recursive: true, force: true }) : undefined),
  };
}
