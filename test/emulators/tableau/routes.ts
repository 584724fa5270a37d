// Every endpoint, with the version and the Connected App scope it needs.
import type { AppTokens } from './connected-app.ts';
import { contentHandler } from './content.ts';
import type { Route } from './dispatch.ts';
import { jobHandlers } from './job-routes.ts';
import type { World } from './model.ts';
import { permissionHandlers } from './permissions.ts';
import { projectHandlers } from './projects.ts';
import { type LoggedPayload, publishHandler } from './publish.ts';
import { refreshHandlers } from './refresh.ts';
import { scheduleHandlers, taskHandlers } from './schedules.ts';
import { serverHandlers } from './server.ts';
import type { Sessions } from './sessions.ts';
import { signInHandlers } from './sign-in.ts';
import { sourceHandlers } from './sources.ts';
import { updateHandler } from './update-data.ts';
import { uploadHandlers } from './upload-routes.ts';
import { workbookHandlers } from './workbooks.ts';

export interface RouteParts {
  readonly sessions: Sessions;
  readonly appTokens: AppTokens;
  readonly payloads: LoggedPayload[];
}

export function routesOf(world: World, parts: RouteParts): Route[] {
  return [
    ...serverRoutes(world, parts),
    ...contentRoutes(world, parts),
    ...jobRoutes(world),
    ...projectRoutes(world),
  ];
}

const read = 'tableau:content:read';

function serverRoutes(world: World, parts: RouteParts): Route[] {
  const auth = signInHandlers(world, parts);
  const server = serverHandlers(world);
  const users = 'tableau:users:read';
  return [
    { on: 'GET /serverinfo', does: server.info, open: true, since: '2.4' },
    { on: 'POST /auth/signin', does: auth.signIn, open: true },
    { on: 'POST /auth/signout', does: auth.signOut },
    { on: 'POST /auth/switchSite', does: auth.switchSite },
    { on: 'GET /sessions/current', does: auth.current },
    { on: 'GET /sites/*', does: server.site, scope: read },
    { on: 'GET /sites/*/users', does: server.users, scope: users },
    { on: 'GET /sites/*/users/*', does: server.user, scope: users },
  ];
}

function contentRoutes(world: World, { payloads }: RouteParts): Route[] {
  const uploads = uploadHandlers(world);
  const sources = sourceHandlers(world);
  const workbooks = workbookHandlers(world);
  const update = updateHandler(world);
  const upload = 'tableau:file_uploads:create';
  const change = 'tableau:datasources:update';
  const tags = 'tableau:datasource_tags:update';
  const data = {
    does: update,
    since: '3.12',
    scope: 'tableau:hyper_data:update',
    ...(world.switches.hyperDataScopeSince === 'always' ? {} : { scopeSince: '3.27' }),
  };
  return [
    { on: 'POST /sites/*/fileUploads', does: uploads.start, scope: upload },
    { on: 'PUT /sites/*/fileUploads/*', does: uploads.append, scope: upload },
    {
      on: 'POST /sites/*/datasources',
      does: publishHandler(world, payloads),
      scope: 'tableau:datasources:create',
    },
    { on: 'GET /sites/*/datasources', does: sources.list, scope: read },
    { on: 'GET /sites/*/datasources/*', does: sources.get, scope: read },
    { on: 'PUT /sites/*/datasources/*', does: sources.update, scope: change },
    { on: 'DELETE /sites/*/datasources/*', does: sources.remove, scope: 'tableau:datasources:delete' },
    { on: 'GET /sites/*/datasources/*/connections', does: sources.connections, scope: read },
    { on: 'GET /sites/*/datasources/*/revisions', does: sources.revisions, scope: read },
    {
      on: 'GET /sites/*/datasources/*/content',
      does: contentHandler(world),
      scope: 'tableau:datasources:download',
    },
    { on: 'PUT /sites/*/datasources/*/tags', does: sources.addTags, scope: tags },
    { on: 'DELETE /sites/*/datasources/*/tags/*', does: sources.removeTag, scope: tags },
    { on: 'PATCH /sites/*/datasources/*/data', ...data },
    { on: 'PATCH /sites/*/datasources/*/connections/*/data', ...data },
    { on: 'GET /sites/*/workbooks', does: workbooks.list, scope: read },
    { on: 'GET /sites/*/workbooks/*', does: workbooks.get, scope: read },
    { on: 'PUT /sites/*/workbooks/*', does: workbooks.update, scope: 'tableau:workbooks:update' },
    { on: 'GET /sites/*/workbooks/*/connections', does: workbooks.connections, scope: read },
  ];
}

function jobRoutes(world: World): Route[] {
  const jobs = jobHandlers(world);
  const refresh = refreshHandlers(world);
  const tasks = taskHandlers(world);
  const schedules = scheduleHandlers(world);
  const jobScope = { scope: 'tableau:jobs:read', scopeSince: '3.27' };
  const run = 'tableau:tasks:run';
  const write = 'tableau:tasks:write';
  return [
    { on: 'GET /sites/*/jobs', does: jobs.list, ...jobScope },
    { on: 'GET /sites/*/jobs/*', does: jobs.get, ...jobScope },
    { on: 'PUT /sites/*/jobs/*', does: jobs.cancel, ...jobScope },
    { on: 'POST /sites/*/datasources/*/refresh', does: refresh.source, scope: run },
    { on: 'POST /sites/*/workbooks/*/refresh', does: refresh.workbook, scope: run },
    { on: 'GET /sites/*/tasks/extractRefreshes', does: tasks.list, scope: 'tableau:tasks:read' },
    {
      on: 'POST /sites/*/tasks/extractRefreshes',
      does: tasks.create,
      only: 'cloud',
      since: '3.19',
      scope: write,
    },
    {
      on: 'POST /sites/*/tasks/extractRefreshes/*',
      does: tasks.update,
      only: 'cloud',
      since: '3.20',
      scope: write,
    },
    { on: 'POST /sites/*/tasks/extractRefreshes/*/runNow', does: tasks.runNow, scope: run },
    { on: 'DELETE /sites/*/tasks/extractRefreshes/*', does: tasks.remove, scope: 'tableau:tasks:delete' },
    { on: 'GET /schedules', does: schedules.list, only: 'server', scope: 'tableau:tasks:read' },
    { on: 'PUT /sites/*/schedules/*/datasources', does: schedules.add, only: 'server', scope: write },
    { on: 'PUT /sites/*/schedules/*/workbooks', does: schedules.add, only: 'server', scope: write },
    {
      on: 'GET /sites/*/schedules/*/extracts',
      does: schedules.extracts,
      only: 'server',
      scope: 'tableau:tasks:read',
    },
  ];
}

function projectRoutes(world: World): Route[] {
  const projects = projectHandlers(world);
  const permissions = permissionHandlers();
  const see = 'tableau:permissions:read';
  const change = 'tableau:permissions:update';
  const defaults = '/sites/*/projects/*/default-permissions/datasources';
  return [
    { on: 'GET /sites/*/projects', does: projects.list, scope: read },
    { on: 'POST /sites/*/projects', does: projects.create, scope: 'tableau:projects:create' },
    { on: 'PUT /sites/*/projects/*', does: projects.update, scope: 'tableau:projects:update' },
    { on: 'DELETE /sites/*/projects/*', does: projects.remove, scope: 'tableau:projects:delete' },
    { on: 'GET /sites/*/projects/*/permissions', does: permissions.getProject, scope: see },
    { on: 'PUT /sites/*/projects/*/permissions', does: permissions.putProject, scope: change },
    { on: `GET ${defaults}`, does: permissions.getDefaults, scope: see },
    { on: `PUT ${defaults}`, does: permissions.putDefaults, scope: change },
    { on: 'GET /sites/*/datasources/*/permissions', does: permissions.getSource, scope: see },
    { on: 'PUT /sites/*/datasources/*/permissions', does: permissions.putSource, scope: change },
  ];
}
