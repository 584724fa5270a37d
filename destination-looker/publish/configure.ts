// The configuration of the model: without one Looker knows its files and answers none of its queries.
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import { pathOf } from '../api.ts';
import { type Publication, say } from './steps.ts';

/** Creates or repairs it: the model belongs to our project and may use our connection. Needs "manage_models". */
export async function configureModel(publication: Publication, project: string): Promise<void> {
  const { api, context, looker, settings } = publication;
  const { name } = settings;
  const path = pathOf('lookml_models', name);
  const purpose = `configure the model "${name}" (permission "manage_models")`;
  const found = await api.call({
    method: 'GET',
    path,
    query: { fields: 'name,project_name,allowed_db_connection_names,unlimited_db_connections' },
    purpose,
    accept: [404],
    signal: context.signal,
  });
  const wanted = { name, project_name: project, allowed_db_connection_names: [looker.connection] };
  if (found.status === 404) {
    // Named by us, so that a second attempt after a lost answer is refused and not doubled.
    const body = { ...wanted, unlimited_db_connections: false };
    await api.call({ method: 'POST', path: '/lookml_models', body, purpose, signal: context.signal });
    await say(publication, 'INFO', `Configured the model "${name}" in Looker`);
    return;
  }
  const current = found.json();
  if (!isObject(current)) return;
  const owner = String(current.project_name ?? '');
  if (owner !== '' && owner !== project)
    throw configError(
      `Cannot configure the model "${name}": it belongs to the LookML project "${owner}" and not to "${project}", choose another "model.name"`,
    );
  const allowed = Array.isArray(current.allowed_db_connection_names)
    ? current.allowed_db_connection_names.map(String)
    : [];
  const mayUse = current.unlimited_db_connections === true || allowed.includes(looker.connection);
  if (mayUse && owner === project) return;
  const body = {
    project_name: project,
    ...(mayUse ? {} : { allowed_db_connection_names: [...allowed, looker.connection] }),
  };
  await api.call({ method: 'PATCH', path, body, purpose, repeatable: true, signal: context.signal });
  await say(publication, 'INFO', `Allowed the model "${name}" the connection "${looker.connection}"`);
}
