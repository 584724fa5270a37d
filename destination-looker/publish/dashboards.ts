// Dashboards as user-defined ones: imported from LookML by their slug, and only when they changed.
import { createHash } from 'node:crypto';
import { pathOf } from '../api.ts';
import { dashboardName, type ModelFile, slugOf } from '../model/index.ts';
import { objectsIn, type Publication, say } from './steps.ts';

/**
 * POST /dashboards/lookml creates or overwrites by `preferred_slug`, and an overwritten dashboard loses its alerts:
 * so a digest in the description tells whether there is anything new.
 */
export async function importDashboards(publication: Publication, files: readonly ModelFile[]): Promise<void> {
  const { api, context, settings } = publication;
  for (const { path, content } of files) {
    if (!path.endsWith('.dashboard.lookml')) continue;
    const purpose = `import the dashboard "${path}"`;
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const found = await api.json({
      method: 'GET',
      path: '/dashboards/search',
      query: { slug: slugOf(settings.name, dashboardName), fields: 'id,slug,description,deleted' },
      purpose,
      signal: context.signal,
    });
    const slug = slugOf(settings.name, dashboardName);
    const current = objectsIn(found).find((one) => one.slug === slug && one.deleted !== true);
    if (String(current?.description ?? '').includes(digest)) continue;
    await api.call({
      method: 'POST',
      path: '/dashboards/lookml',
      body: {
        lookml: withDigest(content, digest),
        ...(settings.folder_id === undefined ? {} : { folder_id: settings.folder_id }),
      },
      purpose: `${purpose} (permission "save_dashboards")`,
      // By its slug: a second time overwrites the first.
      repeatable: true,
      signal: context.signal,
    });
    await say(publication, 'INFO', `Imported the dashboard "${path}" as ${pathOf('dashboards', slug)}`);
  }
}

const withDigest = (content: string, digest: string): string =>
  content.replace(/^(\s+description: ".*)"$/m, `$1 (version ${digest})"`);
