// The tree of projects: listing, creating, changing, deleting (tableau.md 5).
import { isAdministrator, leads, mayRead, mayWriteInto } from './access.ts';
import type { Call, Result } from './call.ts';
import { ApiFailure, badRequest, forbidden } from './errors.ts';
import { listed } from './list.ts';
import { atLeast, instant, newId, type Project, type Site, type World } from './model.ts';
import { childOf, type Input, type Tree, textOf } from './tree.ts';

const contentPermissions = ['LockedToProject', 'LockedToProjectWithoutNested', 'ManagedByOwner'];

export function projectHandlers(world: World) {
  const { clock } = world;
  return {
    list: (call: Call): Result => {
      const { site, session } = call;
      const seen = [...site.projects.values()].filter((project) => mayRead(session.user, site, project));
      const rows = seen.map((project) => ({
        fields: {
          name: project.name,
          parentProjectId: project.parentId ?? '',
          topLevelProject: project.parentId === undefined,
          ownerName: project.owner.name,
          createdAt: instant(project.createdAt),
          updatedAt: instant(project.updatedAt),
        },
        body: projectBody(project, { world, call }),
      }));
      return listed(call, rows, ['projects', 'project']);
    },
    create: (call: Call): Result => {
      const { site, session } = call;
      const input = childOf(call.input, 'project');
      const name = textOf(input, 'name');
      if (!name) throw badRequest(400003, 'A project needs a name');
      const parent = parentOf(input, site);
      const allowed = parent ? leads(session.user, site, parent) : isAdministrator(session.user, site);
      if (!allowed) throw new ApiFailure(403045, `The user may not create the project "${name}"`);
      refuseTwin(site, name, parent?.id);
      const project: Project = {
        id: newId(),
        name,
        description: textOf(input, 'description') ?? '',
        parentId: parent?.id,
        contentPermissions: permissionsOf(input) ?? 'ManagedByOwner',
        owner: session.user,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        rules: parent ? [...parent.rules] : [],
        defaults: parent ? [...parent.defaults] : [],
      };
      site.projects.set(project.id, project);
      return { status: 201, tree: { project: projectBody(project, { world, call }) } };
    },
    update: (call: Call): Result => {
      const { site, session } = call;
      const project = projectOf(site, call.parts[0]);
      if (!leads(session.user, site, project)) throw forbidden('Changing a project is for its leaders');
      const input = childOf(call.input, 'project');
      const name = textOf(input, 'name');
      if (name && name !== project.name) refuseTwin(site, name, project.parentId);
      project.name = name || project.name;
      project.description = textOf(input, 'description') ?? project.description;
      project.contentPermissions = permissionsOf(input) ?? project.contentPermissions;
      project.updatedAt = clock.now();
      return { status: 200, tree: { project: projectBody(project, { world, call }) } };
    },
    remove: ({ site, session, parts: [id] }: Call): Result => {
      const project = projectOf(site, id);
      if (!leads(session.user, site, project)) throw forbidden('Deleting a project is for its leaders');
      removeTree(site, project);
      return { status: 204 };
    },
  };
}

/** `writeable` shows only when all fields are asked for, and on recent servers. */
function projectBody(project: Project, { world, call }: { world: World; call: Call }): Tree {
  const { session, site, version, query } = call;
  const fields = query.get('fields') ?? '';
  const all = fields.includes('_all_');
  const since = world.switches.writeableSince;
  const knows = since !== 'never' && atLeast(version, since);
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    parentProjectId: project.parentId,
    createdAt: instant(project.createdAt),
    updatedAt: instant(project.updatedAt),
    contentPermissions: project.contentPermissions,
    topLevelProject: all ? project.parentId === undefined : undefined,
    writeable:
      knows && (all || /\bwriteable\b/.test(fields)) ? mayWriteInto(session.user, site, project) : undefined,
    owner: { id: project.owner.id },
  };
}

export function projectOf(site: Site, id: string | undefined): Project {
  const project = site.projects.get(id ?? '');
  if (!project) throw new ApiFailure(404005, `The project ID "${id ?? ''}" could not be found.`);
  return project;
}

/** Where content goes that names no project: the one every site is born with. */
export function defaultProject(site: Site): Project {
  const [first] = site.projects.values();
  if (!first) throw new ApiFailure(404005, 'The site has no project.');
  return first;
}

function parentOf(input: Input | undefined, site: Site): Project | undefined {
  const id = textOf(input, 'parentProjectId');
  return id ? projectOf(site, id) : undefined;
}

function permissionsOf(input: Input | undefined): string | undefined {
  const asked = textOf(input, 'contentPermissions');
  if (asked !== undefined && !contentPermissions.includes(asked))
    throw badRequest(400000, `Unknown contentPermissions "${asked}"`);
  return asked;
}

/** Names are unique below one parent. */
function refuseTwin(site: Site, name: string, parentId: string | undefined): void {
  for (const project of site.projects.values())
    if (project.parentId === parentId && project.name.toLowerCase() === name.toLowerCase())
      throw new ApiFailure(409006, `A project named "${name}" exists already`);
}

function removeTree(site: Site, project: Project): void {
  for (const child of [...site.projects.values()]) if (child.parentId === project.id) removeTree(site, child);
  for (const source of [...site.sources.values()])
    if (source.project === project) site.sources.delete(source.id);
  for (const workbook of [...site.workbooks.values()])
    if (workbook.project === project) site.workbooks.delete(workbook.id);
  site.projects.delete(project.id);
}
