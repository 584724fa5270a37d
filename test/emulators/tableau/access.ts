// Who may do what: site roles first, then ownership and project leadership, then rules (tableau.md 5).
import { forbidden } from './errors.ts';
import type { DataSource, Project, Rule, Site, SiteRole, User, Workbook } from './model.ts';

const publishers: ReadonlySet<SiteRole> = new Set([
  'ServerAdministrator',
  'SiteAdministratorCreator',
  'SiteAdministratorExplorer',
  'Creator',
  'ExplorerCanPublish',
]);

const administrators: ReadonlySet<SiteRole> = new Set([
  'ServerAdministrator',
  'SiteAdministratorCreator',
  'SiteAdministratorExplorer',
]);

const roleOf = (user: User, site: Site): SiteRole => user.roles.get(site.id) ?? 'Unlicensed';

export const isAdministrator = (user: User, site: Site): boolean => administrators.has(roleOf(user, site));

/** Refuses roles below ExplorerCanPublish. */
export function mayPublishAtAll(user: User, site: Site): void {
  const role = roleOf(user, site);
  if (!publishers.has(role))
    throw forbidden(`The user "${user.name}" with site role ${role} may not publish on this site`);
}

/** A rule of the user himself goes before one of everybody; Deny goes before Allow. */
function granted(rules: readonly Rule[], capability: string, user: User): boolean {
  for (const kind of ['user', 'group'] as const) {
    const said = rules
      .filter(({ grantee }) => grantee.kind === kind && (kind === 'group' || grantee.id === user.id))
      .map(({ capabilities }) => capabilities.get(capability));
    if (said.includes('Deny')) return false;
    if (said.includes('Allow')) return true;
  }
  return false;
}

/** Owner, project leader (of this project or one above), or administrator. */
export function leads(user: User, site: Site, project: Project): boolean {
  if (isAdministrator(user, site)) return true;
  for (
    let at: Project | undefined = project;
    at;
    at = at.parentId === undefined ? undefined : site.projects.get(at.parentId)
  )
    if (at.owner === user || granted(at.rules, 'ProjectLeader', user)) return true;
  return false;
}

/** May put content into the project. */
export const mayWriteInto = (user: User, site: Site, project: Project): boolean =>
  publishers.has(roleOf(user, site)) && (leads(user, site, project) || granted(project.rules, 'Write', user));

export const mayRead = (user: User, site: Site, project: Project): boolean =>
  leads(user, site, project) || granted(project.rules, 'Read', user);

/** Holds a capability on content: Read, Write, Delete, ChangePermissions, ... */
export function may(
  user: User,
  capability: string,
  { site, content }: { site: Site; content: DataSource | Workbook },
): boolean {
  if (content.owner === user || leads(user, site, content.project)) return true;
  return 'rules' in content
    ? granted(content.rules, capability, user)
    : granted(content.project.rules, 'Read', user);
}

export function demand(
  user: User,
  capability: string,
  { site, content }: { site: Site; content: DataSource | Workbook },
): void {
  if (!may(user, capability, { site, content }))
    throw forbidden(`The user "${user.name}" lacks the capability ${capability} on "${content.name}"`);
}

/** Everybody in the site may do this. */
export const forEveryone = (site: Site, capabilities: readonly string[]): Rule => ({
  grantee: { kind: 'group', id: site.everyone },
  capabilities: new Map(capabilities.map((name) => [name, 'Allow' as const])),
});
