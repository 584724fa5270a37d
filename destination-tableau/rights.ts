// Looks, for `check`, at the data sources that runs have made: whether they are still live, and may be changed.
import { configError } from '@airbyte/cdk-typescript-shim';
import { type DataSource, isLive, listConnections } from './api/data-sources.ts';
import { mayChange, type Right } from './api/permissions.ts';
import { isAdministrator } from './api/users.ts';
import { ownTag } from './layout/fit.ts';
import type { Target } from './run.ts';

/** Two requests each: enough to notice that somebody took rights away, few enough for a site of thousands. */
const mostLooked = 20;

/** What it found. Throws a config error for a data source that can no longer be changed. */
export async function lookAtOwn(target: Target, role: string): Promise<string> {
  const { site, project, place, sources } = target;
  const own = (await sources.inProject(site, project.id)).filter(
    ({ name, tags }) => tags.includes(ownTag) && name.toLowerCase().startsWith(place.prefix.toLowerCase()),
  );
  if (own.length === 0) return 'own data sources there: none yet';
  const looked = own.slice(0, mostLooked);
  let untold = 0;
  for (const source of looked) {
    await refuseForeign(target, source);
    const right = await rightTo(target, { source, role });
    if (right === 'no')
      throw configError(
        `Cannot change data source "${source.name}" in project "${project.name}" of site "${site.name}": it belongs to somebody else, and its permissions deny "Overwrite" to this user (Tableau answers 403004 then), ask its owner or the project's leader for it`,
      );
    if (right === 'unknown') untold += 1;
  }
  const of = looked.length < own.length ? `${looked.length} of ${own.length}` : String(own.length);
  const right = untold > 0 ? `the right to change ${untold} of them not told` : 'may be changed';
  return `own data sources there: ${of}, live, ${right}`;
}

async function refuseForeign({ site, project }: Target, { id, name }: DataSource): Promise<void> {
  const foreign = (await listConnections(site, id)).find(({ type }) => !isLive(type));
  if (foreign)
    throw configError(
      `Cannot update data source "${name}" in project "${project.name}" of site "${site.name}": it is connected to "${foreign.type}" now, publish ours under another "name_prefix" or delete it`,
    );
}

/** Tokens of Connected Apps have no scope for reading permissions that every version knows. */
async function rightTo(
  { site, place }: Target,
  { source, role }: { readonly source: DataSource; readonly role: string },
): Promise<Right> {
  if (isAdministrator(role) || source.owner === site.userId) return 'yes';
  return place.credentials.auth_type === 'connected_app' ? 'unknown' : await mayChange(site, source);
}
