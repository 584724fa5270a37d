// Publishing: the model, its deployment, and everything that is done in Looker once rows are durable.
import type { Context } from '@airbyte/cdk-typescript-shim';
import type { LookerApi } from '../api.ts';
import type { Config } from '../spec.ts';
import { importDashboards } from './dashboards.ts';
import { triggerDatagroup } from './datagroup.ts';
import { type Generated, generate } from './generate.ts';
import { publishFiles } from './publish-project.ts';
import { readBack } from './read-back.ts';
import { applySchedules } from './schedules.ts';
import { type LoadedTable, type Publication, say } from './steps.ts';
import { readCategories } from './tracking.ts';

export type { LoadedTable } from './steps.ts';

/**
 * Brings Looker up to date with what was loaded; `loaded` are the tables of all declared streams, with rows or
 * without. Safe to repeat: every step looks first at what is there. Throws a ConnectorError of the step that failed.
 */
export async function publish(
  context: Context<Config>,
  api: LookerApi,
  loaded: readonly LoadedTable[],
): Promise<void> {
  const { looker, model: settings, after_commit } = context.config;
  if (!looker || !settings || loaded.length === 0) return await applySchedules({ context, api });
  const publication: Publication = { context, api, looker, settings, loaded };
  const { model, files } = await publishModel(publication);
  if (settings.dashboards === 'import') await importDashboards(publication, files);
  if (after_commit.trigger_datagroup) await triggerDatagroup(publication);
  await applySchedules(publication);
  if (after_commit.read_back === 'looker') await readBack({ ...publication, model });
}

/**
 * Names of tracking categories are rows, read through the model itself: where that is not deployed yet, it is
 * deployed without them first.
 */
async function publishModel(publication: Publication): Promise<Generated> {
  const bare = generate(publication, []);
  const known = await readCategories(publication, bare.model);
  const first = known === undefined || known.length === 0 ? bare : generate(publication, known);
  await publishFiles(publication, first.files);
  if (known !== undefined) return first;
  const found = await readCategories(publication, bare.model);
  if (found === undefined) {
    if (publication.settings.deploy !== 'none')
      await say(
        publication,
        'WARN',
        `Cannot read the names of tracking categories through the model "${publication.settings.name}": it is not configured, or the key's user may not use it; the model has no dimensions for them`,
      );
    return first;
  }
  if (found.length === 0) return first;
  const second = generate(publication, found);
  await publishFiles(publication, second.files);
  return second;
}
