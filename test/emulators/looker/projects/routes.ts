// The endpoints of projects: settings, branches, deploying, resetting; the file endpoints are elsewhere.
import { ApiFailure, invalid, missing, nothing, text, wrong } from '../answers.ts';
import { type Call, type Handler, type Routes, route } from '../routes.ts';
import type { Switches } from '../switches.ts';
import type { Project } from './project.ts';
import type { Projects } from './projects.ts';

export interface ProjectParts {
  readonly projects: Projects;
  readonly switches: Switches;
  /** Number of problems that stand in the way of a deploy. */
  readonly problems: (project: Project, files: ReadonlyMap<string, string>) => number;
}

const develop = { needs: ['develop'] } as const;
const deploy = { needs: ['develop', 'deploy'] } as const;

export function projectRoutes(parts: ProjectParts): Routes {
  const { projects } = parts;
  const of = ({ parts: [name = ''] }: Call): Project => projects.get(name);
  return {
    'GET /projects': route('non_query', ({ answer }) => answer([...projects.list.values()].map(describe)), {
      ...develop,
      denied: 403,
    }),
    'POST /projects': route(
      'non_query',
      async ({ body, caller, answer }) => {
        inDev(caller);
        const { name } = body;
        if (typeof name !== 'string' || name === '') throw invalid(missing('name'));
        if (body.git_remote_url != null) throw invalid(wrong('git_remote_url', 'may not be set on create'));
        if (projects.list.has(name)) throw new ApiFailure(409, `Project "${name}" already exists.`);
        return answer(describe(await projects.create({ name, git: 'none' })));
      },
      { needs: ['develop', 'manage_models'] },
    ),
    'GET /projects/*': route('non_query', (call) => call.answer(describe(of(call))), {
      ...develop,
      denied: 403,
    }),
    'PATCH /projects/*': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        await update(of(call), call.body);
        return call.answer(describe(of(call)));
      },
      develop,
    ),
    'POST /projects/*/git/deploy_key': route(
      'non_query',
      (call) => text(`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${of(call).name} looker`),
      develop,
    ),
    'GET /projects/*/current_workspace': route(
      'non_query',
      (call) => {
        const workspace = of(call).workspace(call.caller);
        return call.answer({
          can: {},
          ...{
            project_id: of(call).name,
            workspace_id: call.caller.workspace,
            git_head: workspace.commit ?? null,
          },
          ...{ git_status: workspace.dirty ? 'uncommitted' : 'clean', dependency_status: 'install_none' },
          git_branch: branchOf(of(call), workspace.branch),
        });
      },
      develop,
    ),
    ...branchRoutes(of),
    ...deployRoutes(of, parts),
  };
}

/** A new branch starts at the ref or where the developer is; an old one is taken as it is in the repository. */
async function checkOutBranch(
  project: Project,
  { session, name, ref, create }: { session: Call['caller']; name: string; ref: unknown; create: boolean },
): Promise<void> {
  await project.fetch();
  const workspace = project.workspace(session);
  if (create && workspace.branch === name) throw new ApiFailure(409, `Branch "${name}" already exists.`);
  if (workspace.dirty && typeof ref !== 'string')
    throw new ApiFailure(400, 'There are uncommitted changes: commit or reset them first.');
  const here = create ? workspace.commit : `refs/heads/${name}`;
  const base = typeof ref === 'string' ? ref : here;
  if (base !== undefined) await project.reset(workspace, base);
  workspace.branch = name;
}

function branchRoutes(of: (call: Call) => Project): Routes {
  const show: Handler = (call) => call.answer(branchOf(of(call), of(call).workspace(call.caller).branch));
  const checkOut =
    (create: boolean): Handler =>
    async (call) => {
      inDev(call.caller);
      const project = of(call);
      const { name, ref } = call.body;
      if (typeof name !== 'string') throw invalid(missing('name'));
      await checkOutBranch(project, { session: call.caller, name, ref, create });
      return show(call);
    };
  return {
    'GET /projects/*/git_branches': route(
      'non_query',
      (call) => {
        const project = of(call);
        const names = new Set([
          project.settings.git_production_branch_name,
          project.workspace(call.caller).branch,
        ]);
        return call.answer([...names].map((name) => branchOf(project, name)));
      },
      develop,
    ),
    'GET /projects/*/git_branch': route('non_query', show, develop),
    'POST /projects/*/git_branch': route('non_query', checkOut(true), develop),
    'PUT /projects/*/git_branch': route('non_query', checkOut(false), develop),
    'POST /projects/*/reset_to_production': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        const project = of(call);
        await project.reset(project.workspace(call.caller), project.production.commit ?? 'no commit');
        return nothing();
      },
      develop,
    ),
    'POST /projects/*/reset_to_remote': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        const project = of(call);
        await project.fetch();
        const workspace = project.workspace(call.caller);
        await project.reset(workspace, `refs/heads/${workspace.branch}`);
        return nothing();
      },
      develop,
    ),
  };
}

function deployRoutes(of: (call: Call) => Project, { problems, switches }: ProjectParts): Routes {
  const byRef = async (call: Call): Promise<{ before: string | undefined; after: string }> => {
    const project = of(call);
    const branch = call.query.get('branch');
    const ref = call.query.get('ref');
    if ((branch === null) === (ref === null))
      throw invalid(wrong('ref', 'give exactly one of branch and ref'));
    if (switches.deployRefNeedsAdvancedMode && !project.settings.git_release_mgmt_enabled)
      throw new ApiFailure(400, 'Advanced deploy mode is not enabled for this project.');
    const heads = await project.deploy(branch === null ? (ref ?? '') : `refs/heads/${branch}`);
    return heads;
  };
  return {
    'POST /projects/*/deploy_to_production': route(
      'non_query',
      async (call) => {
        inDev(call.caller);
        const project = of(call);
        const workspace = project.workspace(call.caller);
        if (!project.usesGit) throw new ApiFailure(400, 'Git is not configured for this project.');
        if (project.settings.pull_request_mode === 'required')
          throw new ApiFailure(400, 'This project deploys by pull requests.');
        if (project.settings.validation_required && problems(project, workspace.files) > 0)
          throw new ApiFailure(400, 'The project does not validate, which deploying requires.');
        await project.fetch();
        await project.push(workspace, project.settings.git_production_branch_name);
        const { after } = await project.deploy();
        return text(JSON.stringify(after), { type: 'application/json' });
      },
      deploy,
    ),
    'POST /projects/*/deploy_ref_to_production': route(
      'non_query',
      async (call) => {
        await byRef(call);
        return nothing();
      },
      deploy,
    ),
  };
}

export function inDev({ workspace }: Call['caller']): void {
  if (workspace !== 'dev')
    throw new ApiFailure(400, 'This call needs development mode: set the session to workspace "dev".');
}

async function update(project: Project, body: Readonly<Record<string, unknown>>): Promise<void> {
  const { settings } = project;
  const { git_service_name, git_remote_url } = body;
  if (typeof git_remote_url === 'string') await project.setRemote(git_remote_url);
  if (git_remote_url === null) settings.git_remote_url = null;
  if (typeof git_service_name === 'string') settings.git_service_name = git_service_name;
  const flags = ['validation_required', 'allow_warnings', 'git_release_mgmt_enabled'] as const;
  for (const flag of flags) if (typeof body[flag] === 'boolean') settings[flag] = body[flag];
  const modes = ['off', 'links', 'recommended', 'required'] as const;
  const mode = modes.find((one) => one === body.pull_request_mode);
  if (body.pull_request_mode !== undefined && !mode)
    throw invalid(wrong('pull_request_mode', 'is not a mode'));
  if (mode) settings.pull_request_mode = mode;
  if (typeof body.git_production_branch_name === 'string')
    settings.git_production_branch_name = body.git_production_branch_name;
  if (typeof body.deploy_secret === 'string') settings.deploy_secret = body.deploy_secret;
  if (body.unset_deploy_secret === true) settings.deploy_secret = null;
}

function describe(project: Project): Record<string, unknown> {
  const { deploy_secret: _, ...settings } = project.settings;
  return {
    can: { index: true, show: true, update: true },
    ...{ id: project.name, name: project.name, uses_git: project.usesGit, is_git_dev_locked: false },
    ...settings,
    ...{ is_example: false, has_production_counterpart: project.production.commit !== undefined },
    ...{ use_git_cookie_auth: false, dependency_status: 'install_none' },
  };
}

function branchOf(project: Project, name: string): Record<string, unknown> {
  const is_production = name === project.settings.git_production_branch_name;
  return {
    can: {},
    ...{ name, is_production, readonly: is_production, personal: name.startsWith('dev-') },
    ...{
      is_local: true,
      is_remote: project.settings.git_remote_url !== null,
      remote: 'origin',
      remote_name: name,
    },
    ...{ ref: project.production.commit ?? null, error: null },
  };
}
