// The Looker emulator: API 4.0 on loopback, LookML that is really read, and queries that run on a real PostgreSQL.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Answer, type Emulator, type EmulatorRequest, startEmulator } from '../emulator.ts';
import type { Postgres, Role } from '../postgres/index.ts';
import { text } from './answers.ts';
import { assemble, CONNECTION, openAnswer } from './assemble.ts';
import type { ConnectionOptions } from './connections.ts';
import type { Datagroup } from './datagroups.ts';
import type { Compiled } from './lookml/compile.ts';
import { compiled } from './models.ts';
import type { Granted } from './permissions.ts';
import type { Delivery } from './plans.ts';
import type { ProjectOptions } from './projects/projects.ts';
import type { QueryRun } from './query/run.ts';
import type { Edition, QuotaCounts } from './quota.ts';
import { apiRouter, ROOT } from './routes.ts';
import type { SqlRun } from './sql-runner.ts';
import type { Switches } from './switches.ts';
import type { UserOptions } from './users.ts';

export type { ConnectionOptions } from './connections.ts';
export type { Datagroup } from './datagroups.ts';
export type { Granted, Permission } from './permissions.ts';
export type { Delivery } from './plans.ts';
export type { ProjectOptions } from './projects/projects.ts';
export type { QueryRun } from './query/run.ts';
export type { QuotaCounts } from './quota.ts';
export type { SqlRun } from './sql-runner.ts';
export type { Switches } from './switches.ts';
export type { UserOptions } from './users.ts';

export interface LookerOptions {
  readonly clock: Clock;
  /** The warehouse behind the connection "warehouse". */
  readonly postgres: Postgres;
  readonly port?: number;
  readonly switches?: Partial<Switches>;
  /** API users; one with the built-in set "Admin" unless said otherwise. The first is `credentials`. */
  readonly users?: readonly UserOptions[];
  /** What the one user may do, where `users` is not given. */
  readonly permissions?: Granted;
  /** Whom the connection "warehouse" logs in as: "reader" (a well-run instance) unless said otherwise. */
  readonly connectionRole?: Role;
  /** Settings of the connection "warehouse", such as its time zones. */
  readonly connection?: Partial<ConnectionOptions>;
  /** Further connections. */
  readonly connections?: readonly ConnectionOptions[];
  /** Projects that are there from the start; one named "ledgerpipe", with a remote, unless said otherwise. */
  readonly projects?: readonly ProjectOptions[];
  /** Quotas of an edition of Google Cloud core; "enterprise" unless said otherwise. */
  readonly edition?: Edition;
  /** Quotas of one's own. */
  readonly quota?: Partial<Readonly<Record<'db_query' | 'non_query', number>>>;
  /** Seconds a token lives; 3,600 unless said otherwise. */
  readonly tokenLifetime?: number;
}

export interface LookerEmulator extends Emulator {
  /** Address of the API, with /api/4.0. */
  readonly api: string;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  /** Name of the connection that leads to the warehouse. */
  readonly connection: string;
  /** Statements that SQL Runner sent to a database, in order. */
  readonly sqlRuns: readonly SqlRun[];
  /** Queries through explores, in order, with their SQL. */
  readonly queryRuns: readonly QueryRun[];
  /** What Scheduled Plans would have sent. */
  readonly deliveries: readonly Delivery[];
  /** Calls of the current month by activity. */
  quotaCalls(): QuotaCounts;
  /** Address of a project's remote, for git: a folder on this machine. */
  gitUrl(project: string): string;
  /** The files in production by path. */
  files(project: string): ReadonlyMap<string, string>;
  /** Puts files into production, as a push and a deploy would, and configures its models. */
  publish(project: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** What production's LookML compiles to, problems included. */
  lookml(project: string): Compiled;
  /** Rows of a query in production, past API, cache and quota; figures are text with every digit. */
  query(body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>;
  /** Scheduled plans as the API shows them. */
  plans(): Record<string, unknown>[];
  datagroups(): readonly Datagroup[];
  /** One run of the maintenance schedule: triggers of datagroups are checked, deliveries follow. */
  maintain(): Promise<readonly Datagroup[]>;
  /** Ends all sessions: the next call with an old token answers 401. */
  expireTokens(): void;
  /** Changes what the first user may do. */
  grant(permissions: Granted): void;
}

/** Starts an instance on a free loopback port, in front of a PostgreSQL. */
export async function startLooker(options: LookerOptions): Promise<LookerEmulator> {
  const { clock } = options;
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-looker-'));
  const parts = await assemble(options, folder);
  const { sessions, quota, projects, users } = parts;
  const api = apiRouter(parts.routes, { sessions, quota });
  const handle = async (request: EmulatorRequest): Promise<Answer> => {
    const open = await openAnswer(request, { ...parts, url: emulator.url });
    if (open) return open;
    // A wrong prefix shows as 403 (looker.md 1).
    if (!request.url.pathname.startsWith(`${ROOT}/`)) return text('Forbidden', { status: 403 });
    return api(request);
  };
  const { port } = options;
  const emulator = await startEmulator(handle, { clock, ...(port === undefined ? {} : { port }) });
  const [first] = users.list;
  if (!first) throw new Error('An instance needs at least one user');
  return {
    ...emulator,
    api: `${emulator.url}${ROOT}`,
    credentials: { clientId: first.clientId, clientSecret: first.clientSecret },
    connection: CONNECTION,
    sqlRuns: parts.sqlRuns,
    queryRuns: parts.queryRuns,
    deliveries: parts.deliveries,
    quotaCalls: () => quota.counts(),
    gitUrl: (project) => projects.remotePath(projects.get(project).name),
    files: (project) => projects.get(project).production.files,
    publish: (project, files) => parts.publish(project, files),
    lookml: (project) => compiled(projects.get(project).production.files),
    query: (body) => parts.query(body),
    plans: parts.plans,
    datagroups: () => parts.groups.list(),
    maintain: () => parts.groups.maintain(),
    expireTokens: () => sessions.expireAll(),
    grant: (permissions) => users.grant(first, permissions),
    close: async () => {
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
