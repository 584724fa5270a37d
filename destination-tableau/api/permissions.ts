// Whether the user may change a data source that is there, as far as Tableau tells.
import { at, fields, listOf, textOf } from './answers.ts';
import type { DataSource } from './data-sources.ts';
import type { Site } from './sessions.ts';

/** `unknown`: permissions are shown to owners, project leaders and administrators alone, and groups are not looked into. */
export type Right = 'yes' | 'no' | 'unknown';

/** Publishing over and updating: `Write` in every version, `Overwrite` beside it in newer schemas. */
const needed: ReadonlySet<string> = new Set(['Write', 'Overwrite']);

/** The user's own rules go before those of groups, and Deny before Allow ("Effective permissions"). */
export async function mayChange(site: Site, { id, owner }: DataSource): Promise<Right> {
  if (owner !== '' && owner === site.userId) return 'yes';
  const response = await site.send({
    method: 'GET',
    url: `${site.url}/datasources/${id}/permissions`,
    headers: { accept: 'application/json' },
    accept: [403, 404],
    purpose: `look at the permissions of data source "${id}"`,
  });
  if (response.status !== 200) return 'unknown';
  const own = listOf(response.json(), 'permissions', 'granteeCapabilities').filter(
    (grantee) => textOf(at(grantee, 'user', 'id')) === site.userId,
  );
  const modes = own
    .flatMap((grantee) => listOf(fields(grantee), 'capabilities', 'capability'))
    .flatMap(({ name, mode }) => (needed.has(textOf(name)) ? [textOf(mode)] : []));
  if (modes.includes('Deny')) return 'no';
  return modes.includes('Allow') ? 'yes' : 'unknown';
}
