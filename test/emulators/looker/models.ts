// The models of the instance: what each workspace's LookML compiles to, and which of them are configured.
import { ApiFailure, invalid, missing, notFound, nothing, wrong } from './answers.ts';
import { type Compiled, compileProject } from './lookml/compile.ts';
import type { Model } from './lookml/model.ts';
import type { Files } from './projects/git.ts';
import type { Projects } from './projects/projects.ts';
import { type Routes, route } from './routes.ts';
import type { Session } from './sessions.ts';
import { mayUseModel } from './users.ts';

export interface Configured {
  readonly name: string;
  readonly project: string;
  readonly connections: readonly string[];
  readonly unlimited: boolean;
}

const cache = new WeakMap<Files, Compiled>();

/** A set of files is compiled once. */
export function compiled(files: Files): Compiled {
  const found = cache.get(files) ?? compileProject(files);
  cache.set(files, found);
  return found;
}

export class Models {
  readonly configured = new Map<string, Configured>();
  readonly #projects: Projects;

  constructor(projects: Projects) {
    this.#projects = projects;
  }

  /** A configured model as a session sees it; `undefined` in place of a session: as production has it. */
  find(name: string, session: Session | undefined): Model {
    const configured = this.configured.get(name);
    const project = configured && this.#projects.list.get(configured.project);
    const workspace = session ? project?.workspace(session) : project?.production;
    const model = workspace && compiled(workspace.files).models.get(name);
    if (!configured || !model || (session && !mayUseModel(session.user, name))) throw new UnknownModel(name);
    if (!configured.unlimited && !configured.connections.includes(model.connection))
      throw new UnknownModel(name, `Model "${name}" is not allowed to use connection "${model.connection}".`);
    return model;
  }

  /** Configured models whose LookML is in production, with the dashboards of their projects. */
  inProduction(): { model: Model; compiled: Compiled }[] {
    return [...this.configured.values()].flatMap(({ name, project }) => {
      const files = this.#projects.list.get(project)?.production.files;
      const result = files && compiled(files);
      const model = result?.models.get(name);
      return result && model ? [{ model, compiled: result }] : [];
    });
  }
}

/** Not configured, not there, or not allowed: what the answer is depends on a switch. */
export class UnknownModel extends ApiFailure {
  constructor(name: string, message = `Model "${name}" was not found or has not been configured.`) {
    super(404, message);
  }
}

export function modelRoutes({
  models,
  connections,
}: {
  models: Models;
  connections: ReadonlyMap<string, unknown>;
}): Routes {
  const manage = { needs: ['manage_models'] } as const;
  const of = (name = ''): Configured => {
    const found = models.configured.get(name);
    if (!found) throw notFound();
    return found;
  };
  const describe = (one: Configured, session: Session): Record<string, unknown> => {
    const model = lookup(models, one.name, session);
    return {
      can: { index: true, show: true, update: true, destroy: true },
      ...{ name: one.name, project_name: one.project, label: model?.label ?? one.name },
      ...{ allowed_db_connection_names: [...one.connections], unlimited_db_connections: one.unlimited },
      has_content: model !== undefined,
      explores: [...(model?.explores.values() ?? [])].map(({ name, label, node }) => ({
        ...{ name, label, hidden: node.hidden === true, description: node.description ?? null },
        group_label: node.group_label ?? model?.label,
      })),
    };
  };
  const save = (body: Readonly<Record<string, unknown>>, before?: Configured): Configured => {
    const made = configuredOf(body, before);
    for (const name of made.connections)
      if (!connections.has(name))
        throw invalid(wrong('allowed_db_connection_names', `"${name}" is no connection`));
    if (before && before.name !== made.name) models.configured.delete(before.name);
    models.configured.set(made.name, made);
    return made;
  };
  return {
    'GET /lookml_models': route('non_query', ({ query, caller, answer }) => {
      const all = [...models.configured.values()].filter(({ name }) => mayUseModel(caller.user, name));
      const shown =
        query.get('exclude_empty') === 'true' ? all.filter(({ name }) => lookup(models, name, caller)) : all;
      const start = Number(query.get('offset') ?? 0);
      const end = query.has('limit') ? start + Number(query.get('limit')) : undefined;
      return answer(shown.slice(start, end).map((one) => describe(one, caller)));
    }),
    'POST /lookml_models': route(
      'non_query',
      ({ body, caller, answer }) => {
        if (models.configured.has(String(body.name)))
          throw invalid({ field: 'name', code: 'already_exists', message: 'already exists' });
        return answer(describe(save(body), caller));
      },
      manage,
    ),
    'GET /lookml_models/*': route('non_query', ({ parts: [name], caller, answer }) => {
      if (!mayUseModel(caller.user, name ?? '')) throw notFound();
      return answer(describe(of(name), caller));
    }),
    'PATCH /lookml_models/*': route(
      'non_query',
      ({ parts: [name], body, caller, answer }) => answer(describe(save(body, of(name)), caller)),
      manage,
    ),
    'DELETE /lookml_models/*': route(
      'non_query',
      ({ parts: [name] }) => {
        models.configured.delete(of(name).name);
        return nothing();
      },
      manage,
    ),
  };
}

function lookup(models: Models, name: string, session: Session): Model | undefined {
  try {
    return models.find(name, session);
  } catch (error) {
    if (error instanceof UnknownModel) return undefined;
    throw error;
  }
}

function configuredOf(body: Readonly<Record<string, unknown>>, before?: Configured): Configured {
  const name = typeof body.name === 'string' ? body.name : before?.name;
  const project = typeof body.project_name === 'string' ? body.project_name : before?.project;
  if (name === undefined || project === undefined)
    throw invalid(
      ...Object.entries({ name, project_name: project })
        .filter(([, value]) => value === undefined)
        .map(([field]) => missing(field)),
    );
  const names = body.allowed_db_connection_names;
  return {
    ...{ name, project },
    connections: Array.isArray(names) ? names.map(String) : (before?.connections ?? []),
    unlimited:
      typeof body.unlimited_db_connections === 'boolean'
        ? body.unlimited_db_connections
        : (before?.unlimited ?? false),
  };
}
