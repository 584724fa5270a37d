// Deploying by webhook: outside the API, without a token, guarded by a secret where one is set (looker.md 4).
import { randomUUID } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../../emulator.ts';
import { ApiFailure, json } from '../answers.ts';
import type { Switches } from '../switches.ts';
import type { Projects } from './projects.ts';

const PATH = /^\/webhooks\/projects\/([^/]+)\/deploy(?:\/(branch|ref)\/(.+))?$/;

/** The answer to `/webhooks/projects/...`; undefined for other paths. */
export async function deployWebhook(
  { method, url, headers }: EmulatorRequest,
  { projects, switches }: { projects: Projects; switches: Switches },
): Promise<Answer | undefined> {
  const found = PATH.exec(decodeURIComponent(url.pathname));
  if (!found || method !== 'POST') return undefined;
  const [, name = '', kind, value = ''] = found;
  const project = projects.list.get(name);
  const secret = project?.settings.deploy_secret ?? null;
  if (!project || (secret !== null && headers['x-looker-deploy-secret'] !== secret))
    return switches.webhookRefusal === 'not found'
      ? json({ error: 'Not found.' }, 404)
      : json({ message: 'Not found', documentation_url: 'https://cloud.google.com/looker/docs/' }, 404);
  try {
    const ref = kind === 'branch' ? `refs/heads/${value}` : value;
    const { before, after } = await project.deploy(kind === undefined ? undefined : ref);
    const operations = [
      { error: false, error_code: null, command: 'deploy', node_id: randomUUID(), results: [] },
    ];
    return json({ operations, new_head: after, old_head: before ?? null });
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    const failedOne = { error: true, error_code: 'git_error', command: 'deploy', results: [error.message] };
    return json({ operations: [failedOne], new_head: null, old_head: project.production.commit ?? null });
  }
}
