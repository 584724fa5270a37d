// Projects: a path of names is walked from the top, for names repeat under different parents.
import { configError } from '@airbyte/cdk-typescript-shim';
import { booleanOf, textOf } from './answers.ts';
import { listAll } from './paging.ts';
import type { Site } from './sessions.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Undefined at the top. */
  readonly parent: string | undefined;
  /** Whether the user may publish in it; undefined where the version does not tell. */
  readonly writeable: boolean | undefined;
}

export async function listProjects(site: Site): Promise<readonly Project[]> {
  const found = await listAll(site, {
    path: 'projects',
    query: 'fields=_all_',
    outer: 'projects',
    inner: 'project',
    purpose: `list the projects of site "${site.name}"`,
  });
  return found.map((project) => ({
    id: textOf(project.id),
    name: textOf(project.name),
    parent: textOf(project.parentProjectId) || undefined,
    writeable: booleanOf(project.writeable),
  }));
}

/** The project at a path such as `Finance/Ledgers`. Throws a config error naming the part that is missing. */
export function projectAt(
  projects: readonly Project[],
  { path, site }: { readonly path: string; readonly site: string },
): Project {
  let parent: Project | undefined;
  for (const name of partsOf(path)) {
    const inside = projects.filter((project) => project.parent === parent?.id);
    const found =
      inside.find((project) => project.name === name) ??
      inside.find((project) => project.name.toLowerCase() === name.toLowerCase());
    if (!found) throw missing(name, { inside, path, site, parent });
    parent = found;
  }
  if (parent) return parent;
  throw configError('Cannot use an empty project path: set "project" to the path of a project');
}

/** A slash that belongs to a name is written `//`. */
const partsOf = (path: string): readonly string[] =>
  path
    .split(/(?<!\/)\/(?!\/)/)
    .map((part) => part.replaceAll('//', '/').trim())
    .filter((part) => part !== '');

function missing(
  name: string,
  about: {
    readonly inside: readonly Project[];
    readonly path: string;
    readonly site: string;
    readonly parent: Project | undefined;
  },
): Error {
  const listed = about.inside.slice(0, 5).map((project) => `"${project.name}"`);
  const there = listed.length === 0 ? 'none that this user sees' : listed.join(', ');
  const where = about.parent ? `project "${about.parent.name}"` : 'the top';
  return configError(
    `Cannot find project "${about.path}" on site "${about.site}": at ${where} there is no "${name}" (there: ${there}), make it or correct the setting "project"`,
  );
}
