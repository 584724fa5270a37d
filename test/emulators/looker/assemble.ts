// The parts of an instance and how they know each other; what it answers without a token is here too.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, json, notFound, refusal, text } from './answers.ts';
import { connectionRoutes } from './connection-routes.ts';
import { Connections } from './connections.ts';
import { dashboards } from './dashboards.ts';
import { type Datagroups, datagroups } from './datagroups.ts';
import { exploreRoutes } from './explore-routes.ts';
import { folders } from './folders.ts';
import type { LookerOptions } from './index.ts';
import { compiled, Models, modelRoutes } from './models.ts';
import { type Delivery, plans } from './plans.ts';
import { fileRoutes } from './projects/files.ts';
import { commitFiles, git } from './projects/git.ts';
import { type ProjectOptions, Projects } from './projects/projects.ts';
import { projectRoutes } from './projects/routes.ts';
import { deployWebhook } from './projects/webhook.ts';
import { queries } from './query/queries.ts';
import { queryOf } from './query/request.ts';
import { type QueryRun, Runner } from './query/run.ts';
import { editions, Quota } from './quota.ts';
import { ROOT, type Routes, route } from './routes.ts';
import { Sessions } from './sessions.ts';
import { type SqlRun, sqlRunner } from './sql-runner.ts';
import { likeliest, type Switches } from './switches.ts';
import { Users, userRoutes } from './users.ts';

export const CONNECTION = 'warehouse';

export interface Instance {
  readonly switches: Switches;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly quota: Quota;
  readonly projects: Projects;
  readonly routes: Routes;
  readonly groups: Datagroups;
  readonly sqlRuns: readonly SqlRun[];
  readonly queryRuns: readonly QueryRun[];
  readonly deliveries: readonly Delivery[];
  plans(): Record<string, unknown>[];
  publish(project: string, files: Readonly<Record<string, string>>): Promise<void>;
  query(body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>[]>;
}

/** Builds the instance; repositories go under `folder`. */
export async function assemble(options: LookerOptions, folder: string): Promise<Instance> {
  const { clock } = options;
  const switches: Switches = { ...likeliest, ...options.switches };
  const users = usersOf(options);
  const sessions = new Sessions({ users, clock, switches, lifetime: options.tokenLifetime ?? 3600 });
  const limits = { ...editions[options.edition ?? 'enterprise'], ...options.quota };
  const quota = new Quota(clock, { limits, ...switches });
  const connections = connectionsOf(options, switches);
  const projects = new Projects(folder, clock);
  const initial: readonly ProjectOptions[] = options.projects ?? [{ name: 'ledgerpipe' }];
  for (const one of initial) await projects.create(one);
  const models = new Models(projects);
  const shared = { clock, switches, connections, models };

  const groups: Datagroups = datagroups(shared, (one) => scheduled.fire(one));
  const runner = new Runner({ ...shared, staleBefore: (model, name) => groups.staleBefore(model, name) });
  const asked = queries(runner);
  const content = folders();
  const boards = dashboards({ folders: content, models, queries: asked, now: () => clock.now() });
  const scheduled = plans({
    ...{ clock, switches },
    contentExists: (field, id) => (field === 'query_id' ? asked.find(id) !== undefined : boards.exists(id)),
    contentOf: async (id, { format, owner }) => {
      const query = asked.find(id);
      if (!query) throw notFound();
      const session = { token: '', user: owner, expiresAt: 0, workspace: 'production' } as const;
      const answer = await runner.run(query, { format, session, forceProduction: true });
      return String(answer.body ?? '');
    },
  });
  const sql = sqlRunner({ ...shared, connectionOfModel: (name) => models.find(name, undefined).connection });
  const problems = (_: unknown, files: ReadonlyMap<string, string>): number =>
    compiled(files).problems.filter(({ severity }) => severity === 'error').length;
  const projectParts = { projects, switches, problems };
  return {
    ...{ switches, users, sessions, quota, projects, groups },
    ...{ sqlRuns: sql.runs, queryRuns: runner.runs, deliveries: scheduled.deliveries, plans: scheduled.list },
    routes: {
      ...sessionRoutes(sessions, users),
      ...userRoutes({ users, ...switches }),
      ...connectionRoutes(connections),
      ...sql.routes,
      ...asked.routes,
      ...projectRoutes(projectParts),
      ...fileRoutes(projectParts),
      ...exploreRoutes({ models, projects, dialect: switches.postgresDialect }),
      ...modelRoutes({ models, connections: connections.list }),
      ...groups.routes,
      ...scheduled.routes,
      ...boards.routes,
      ...content.routes,
    },
    publish: (name, files) => publish(name, { files, projects, models, clock }),
    query: (body) => rowsOf(runner, body),
  };
}

function usersOf({ users, permissions }: LookerOptions): Users {
  const only = {
    clientId: 'pX7mKq2LwZ9tRb4NcV8y',
    clientSecret: 'gH5jF3kD9sW7qZ2xC6vB8nM4',
    name: 'Ledger Loader',
    permissions: permissions ?? 'Admin',
  };
  return new Users(users ?? [only]);
}

function connectionsOf(
  { postgres, connectionRole = 'reader', connection, connections = [] }: LookerOptions,
  switches: Switches,
): Connections {
  const { host, port, database } = postgres;
  const { user: username, password } = postgres[connectionRole];
  const own = { name: CONNECTION, host, port, database, username, password, ...connection };
  return new Connections([own, ...connections], switches);
}

function sessionRoutes(sessions: Sessions, users: Users): Routes {
  const describe = ({ workspace }: { workspace: string }): Record<string, unknown> => ({
    can: { view: true, update: true },
    ...{ workspace_id: workspace, sudo_user_id: null },
  });
  return {
    'POST /login/*': route('none', ({ parts: [id = ''] }) => sessions.open(users.byId(id)), {
      needs: ['sudo'],
    }),
    'DELETE /logout': route('none', ({ caller }) => sessions.logout(caller)),
    'GET /session': route('non_query', ({ caller, answer }) => answer(describe(caller))),
    'PATCH /session': route('non_query', ({ caller, body, answer }) => {
      const { workspace_id: wanted } = body;
      if (wanted !== 'dev' && wanted !== 'production')
        throw new ApiFailure(422, 'Validation Failed', {
          problems: [{ field: 'workspace_id', code: 'invalid', message: 'is "dev" or "production"' }],
        });
      if (wanted === 'dev' && !caller.user.permissions.has('develop')) throw notFound();
      caller.workspace = wanted;
      return answer(describe(caller));
    }),
  };
}

/** Login, versions, the sign of life and the deploy webhook; undefined for everything else. */
export async function openAnswer(
  request: EmulatorRequest,
  { sessions, projects, switches, url }: Instance & { url: string },
): Promise<Answer | undefined> {
  const { method, url: asked } = request;
  if (asked.pathname === '/alive') return text('');
  if (method === 'POST' && asked.pathname === `${ROOT}/login`)
    try {
      return sessions.login(request);
    } catch (error) {
      if (error instanceof ApiFailure) return refusal(error, 'post/login');
      throw error;
    }
  if (method === 'GET' && asked.pathname === `${ROOT}/versions`) return json(versions(url));
  return deployWebhook(request, { projects, switches });
}

function versions(url: string): Record<string, unknown> {
  const current = {
    version: '4.0',
    full_version: '4.0.26.12',
    status: 'current',
    swagger_url: `${url}/api/4.0/swagger.json`,
  };
  return {
    ...{ looker_release_version: '26.12.3', current_version: current, supported_versions: [current] },
    ...{ api_server_url: url, web_server_url: url },
  };
}

/** Commits to the remote (or Looker's own repository), deploys, and configures the models for every connection. */
async function publish(
  name: string,
  {
    files,
    projects,
    models,
    clock,
  }: { files: Readonly<Record<string, string>>; projects: Projects; models: Models; clock: Clock },
): Promise<void> {
  const project = projects.get(name);
  await project.fetch();
  const branch = project.settings.git_production_branch_name;
  const repository = project.settings.git_remote_url ?? project.repository;
  const found = await git(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]).catch(
    () => undefined,
  );
  const parent = found?.toString().trim();
  const commit = await commitFiles(repository, {
    ...{ files: new Map(Object.entries(files)), parent, message: 'Publish', at: clock.now() },
  });
  await git(repository, ['update-ref', `refs/heads/${branch}`, commit]);
  await project.deploy();
  for (const model of compiled(project.production.files).models.keys())
    if (!models.configured.has(model))
      models.configured.set(model, { name: model, project: name, connections: [], unlimited: true });
}

async function rowsOf(
  runner: Runner,
  body: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>[]> {
  const answer = await runner.run(queryOf(body), {
    format: 'json',
    session: undefined,
    limit: '-1',
    cache: false,
  });
  // Digits of numbers are kept by quoting them before they are read.
  const exact = String(answer.body).replace(
    /("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)/g,
    (_, quoted: string | undefined, number: string) => quoted ?? `"${number}"`,
  );
  const rows = JSON.parse(exact) as Record<string, unknown>[];
  const [{ looker_error: error } = {}] = Array.isArray(rows) ? rows : [];
  if (error !== undefined || answer.status !== 200)
    throw new Error(`Query failed: ${String(error ?? answer.body)}`);
  return rows;
}
