// The semantic model to write to: found by ID or unique name, or made.
import { asConnectorError, configError, transientError } from '@airbyte/cdk-typescript-shim';
import { createDataset, type Dataset, getDataset, listDatasets } from '../api/datasets.ts';
import { datasetBody } from '../model/definition.ts';
import type { Model, ModelTable } from '../model/layout.ts';
import type { Run } from '../run.ts';
import type { PushSettings } from './settings.ts';

export interface Place {
  readonly run: Run;
  readonly workspace: string;
  readonly settings: PushSettings;
}

/** The model that the settings name; undefined when there is none of that name. Throws a config error for any other case. */
export async function findDataset({ run, workspace, settings }: Place): Promise<Dataset | undefined> {
  const { id, name } = settings;
  const dataset = id
    ? await getDataset(run.api, workspace, id)
    : onlyOne(await listDatasets(run.api, workspace), name);
  if (id && !dataset)
    throw configError(
      `Cannot find the semantic model "${id}": check "delivery.dataset_id", and that it is in this workspace`,
    );
  if (dataset) requirePush(dataset);
  return dataset;
}

/** Names are not unique, and a guess may fill the wrong one. */
export function onlyOne(datasets: readonly Dataset[], name: string): Dataset | undefined {
  const found = datasets.filter((dataset) => dataset.name === name);
  if (found.length <= 1) return found[0];
  throw configError(
    `Cannot tell which semantic model is meant: ${found.length} are called "${name}" (${found.map(({ id }) => id).join(', ')}), put the ID of one into "delivery.dataset_id"`,
  );
}

export function requirePush({ name, id, addRowsAPIEnabled }: Dataset): void {
  if (addRowsAPIEnabled !== false) return;
  throw configError(
    `Cannot write to the semantic model "${name || id}": it is not a push semantic model, choose another "delivery.dataset_name" and it will be made`,
  );
}

/** How long a new model may take to be listed, in milliseconds. */
const appears = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

/**
 * Makes the model with all its tables, for none can be added later. An answer that was lost is looked for under the
 * name before anything is made again; `not` are models of that name which were there before.
 */
export async function makeDataset(
  place: Place,
  model: Model,
  { versioned, not }: { readonly versioned: (table: ModelTable) => boolean; readonly not: readonly string[] },
): Promise<Dataset> {
  const { run, workspace, settings } = place;
  const body = datasetBody(settings.name, model, versioned);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createDataset(run.api, workspace, { body, retention: settings.retention });
    } catch (thrown) {
      const error = asConnectorError(thrown);
      if (error.kind !== 'transient' || error.status === 429) throw error;
      const made = await lookFor(place, not);
      if (made) return made;
      if (attempt === 3)
        throw transientError(
          `Cannot create the semantic model "${settings.name}": no answer came, run again later`,
          {
            cause: error,
          },
        );
    }
  }
}

async function lookFor(
  { run, workspace, settings }: Place,
  not: readonly string[],
): Promise<Dataset | undefined> {
  for (const wait of appears) {
    await run.context.clock.sleep(wait, run.context.signal);
    const all = await listDatasets(run.api, workspace);
    const made = onlyOne(
      all.filter(({ id }) => !not.includes(id)),
      settings.name,
    );
    if (made) return made;
  }
  return undefined;
}
