// From the repository to production: by the deploy webhook, or through the API.
import { configError, isObject, systemError } from '@airbyte/cdk-typescript-shim';
import { pathOf } from '../api.ts';
import { objectsIn, type Publication, say } from './steps.ts';

export interface Deployment {
  readonly project: string;
  /** What production is to be. */
  readonly commit: string;
}

/** POST <instance>/webhooks/projects/<project>/deploy (docs/webhook-deploy-secret): outside the API, no quota. */
export async function deployByWebhook(publication: Publication, { project }: Deployment): Promise<void> {
  const { api, context, settings } = publication;
  const response = await api.open({
    method: 'POST',
    url: `${api.url}/webhooks${pathOf('projects', project)}/deploy`,
    headers: {
      accept: 'application/json',
      ...(settings.webhook_secret === undefined ? {} : { 'x-looker-deploy-secret': settings.webhook_secret }),
    },
    purpose: `deploy the LookML project "${project}" by webhook`,
    // Production is pulled to where it is already: a second time does nothing.
    repeatable: true,
    // A wrong secret is answered like an unknown project, with one status or another.
    accept: [400, 403, 404],
    signal: context.signal,
  });
  const answer = response.json();
  const failed = isObject(answer) ? objectsIn(answer.operations).find(({ error }) => error) : undefined;
  const refused =
    isObject(answer) && answer.operations === undefined
      ? String(answer.error ?? answer.message ?? '')
      : undefined;
  if (refused !== undefined)
    throw configError(
      `Cannot deploy the LookML project "${project}" by webhook: Looker said "${refused}", check "model.project" and "model.webhook_secret"`,
    );
  if (failed)
    throw systemError(
      `Cannot deploy the LookML project "${project}" by webhook: Looker said "${String(failed.error)}" (${String(failed.error_code ?? 'no code')})`,
    );
  await say(publication, 'INFO', `Deployed the LookML project "${project}" by webhook`);
}

/**
 * By reference; where the project is not in advanced deploy mode and Looker refuses that, the development workspace of
 * the key's user is put on the same commit and deployed, which pulls production.
 */
export async function deployByApi(
  publication: Publication,
  { project, commit, offer }: Deployment & { readonly offer: () => Promise<string> },
): Promise<void> {
  const { api, context } = publication;
  const place = pathOf('projects', project);
  const common = {
    method: 'POST',
    workspace: 'dev',
    repeatable: true,
    slow: true,
    signal: context.signal,
  } as const;
  const purpose = `deploy the LookML project "${project}" (permission "deploy")`;
  const byRef = await api.call({
    ...common,
    path: `${place}/deploy_ref_to_production`,
    query: { ref: commit },
    purpose,
    accept: [400, 404, 405, 422],
  });
  if (byRef.status >= 300) {
    await checkout(publication, { project, commit, branch: await offer() });
    await api.call({ ...common, path: `${place}/deploy_to_production`, purpose });
  }
  await say(publication, 'INFO', `Deployed the LookML project "${project}" through the API`);
}

/** Puts the development workspace of the key's user on a branch at a commit; false where Looker does not let us. */
export async function checkout(
  publication: Publication,
  { project, branch, commit }: Deployment & { readonly branch: string },
): Promise<boolean> {
  const { api, context } = publication;
  const common = {
    path: `${pathOf('projects', project)}/git_branch`,
    workspace: 'dev',
    body: { name: branch, ref: commit },
    repeatable: true,
    signal: context.signal,
    purpose: `check out branch "${branch}" of the LookML project "${project}" (permission "develop")`,
    accept: [400, 404, 409, 422],
  } as const;
  // One makes the branch, the other resets the one that is there: a run before this one may have made it.
  const made = await api.call({ ...common, method: 'POST' });
  if (made.status < 300) return true;
  const reset = await api.call({ ...common, method: 'PUT' });
  return reset.status < 300;
}
