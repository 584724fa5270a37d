// The user who is signed in: the site role decides whether publishing is possible at all.
import { at, textOf } from './answers.ts';
import type { Site } from './sessions.ts';

/** Roles that may publish ("User Permissions and Site Roles"). */
const publishers: ReadonlySet<string> = new Set([
  'ServerAdministrator',
  'SiteAdministratorCreator',
  'SiteAdministratorExplorer',
  'SiteAdministrator',
  'Creator',
  'ExplorerCanPublish',
]);

/** The user's own site role; empty when Tableau does not tell. */
export async function ownRole(site: Site): Promise<string> {
  const response = await site.send({
    method: 'GET',
    url: `${site.url}/users/${site.userId}`,
    headers: { accept: 'application/json' },
    accept: [403, 404],
    purpose: `ask for the site role on site "${site.name}"`,
  });
  return response.status === 200 ? textOf(at(response.json(), 'user', 'siteRole')) : '';
}

/** May change all content of the site. */
export const isAdministrator = (role: string): boolean => /^(Server|Site)Administrator/.test(role);

export const mayPublish = (role: string): boolean => role === '' || publishers.has(role);
