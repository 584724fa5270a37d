// Settings that only make sense together: what a form cannot say is said here, before anything is asked of anybody.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Config } from '../spec.ts';

/** Throws a config error for the first contradiction. */
export function consistentSettings(config: Config): void {
  wayIn(config);
  modelSettings(config);
  scheduleSettings(config);
}

function wayIn({ mode, warehouse, files, looker }: Config): void {
  if (mode === 'warehouse' && !warehouse) throw missing('warehouse', mode, 'the database that Looker models');
  if (mode === 'sql_runner' && !looker)
    throw missing('looker', mode, 'an API key and a connection to run statements on');
  if (mode === 'files' && !files) throw missing('files', mode, 'the storage to write to');
}

const missing = (setting: string, mode: string, what: string) =>
  configError(`Config field "${setting}" is missing: mode "${mode}" needs it (${what})`);

function modelSettings({ looker, model }: Config): void {
  if (!model) return;
  const { deploy, project, git_remote, directory, dashboards } = model;
  if (!looker)
    throw configError(
      'Config field "looker" is missing: "model" needs it (the name of the connection goes into LookML)',
    );
  if (deploy !== 'none' && !project)
    throw configError(`Config field "model.project" is missing: "model.deploy" is "${deploy}"`);
  if ((deploy === 'webhook' || deploy === 'api') && !git_remote)
    throw configError(
      `Config field "model.git_remote" is missing: "model.deploy" is "${deploy}", which pushes by git`,
    );
  if (deploy === 'none' && !directory && dashboards !== 'import')
    throw configError(
      'Config field "model.directory" is missing: with "model.deploy" "none" the files have nowhere to go',
    );
}

function scheduleSettings({ looker, schedules }: Config): void {
  if (schedules.length > 0 && !looker)
    throw configError('Config field "looker" is missing: "schedules" are made there');
  for (const { name, dashboard, look_id, explore, fields } of schedules)
    if ([dashboard, look_id, explore].filter(Boolean).length !== 1 || (explore && !fields?.length))
      throw configError(
        `Cannot make the schedule "${name}": give one of "dashboard", "look_id", or "explore" with "fields"`,
      );
}
