// Without hyperd: whole tables, published as Parquet files, one data source for each table.

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { fitTags, ownTag } from './layout/fit.ts';
import { fullName } from './layout/names.ts';
import { type Place, tenantColumn } from './places.ts';
import { push } from './push.ts';
import { rewrite } from './rewrite.ts';
import type { Run, Target } from './run.ts';

const remedy =
  'install hyperd (npm package "hyperdb-mcp-linux-x64-gnu", or that of the Hyper API) and set "hyperd_path"';

/** Publishes what can be published whole: new data sources, and those of streams that are replaced. */
export async function deliverParquet(run: Run, segment: Segment): Promise<void> {
  const refreshed = segment.completed.find(({ retireBelow }) => retireBelow > 0);
  if (refreshed)
    throw configError(
      `Cannot refresh stream "${refreshed.stream}": without hyperd rows cannot be deleted from a data source, ${remedy}`,
      { stream: refreshed.stream },
    );
  for (const place of run.places)
    for (const table of segment.tables) {
      const main = segment.tables.find(
        ({ parent, declaration }) => !parent && declaration.stream === table.declaration.stream,
      );
      if (!main || (tenantColumn(main) === undefined && place.tenants.kind === 'these')) continue;
      await run.sessions.on(place, async (site) =>
        publishTable(run, await run.target(place, site), { table, main }),
      );
    }
}

async function publishTable(
  run: Run,
  target: Target,
  { table, main }: { readonly table: StagedTable; readonly main: StagedTable },
): Promise<void> {
  const { stream, namespace } = table.declaration;
  const name = fullName(target.place.prefix, namespace ? `${namespace} ${table.name}` : table.name);
  run.claim(target, name, `${stream} ${table.name}`);
  const existing = await target.sources.find(target.site, target.project.id, name);
  if (existing && table.mode !== 'replace') {
    if (main.rows === 0) return;
    throw configError(
      `Cannot update data source "${name}": without hyperd only whole tables can be published, ${remedy}, or sync stream "${stream}" with overwrite`,
      { stream },
    );
  }
  if (existing && !existing.tags.includes(ownTag))
    throw configError(
      `Cannot publish data source "${name}": another one has that name, choose another "name_prefix" or project, or tag it "${ownTag}" if it may be replaced`,
      { stream },
    );
  const folder = join(run.folder, `parquet-${run.sequence()}`);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'data.parquet');
  const rows = await rewrite({ table, main, folder, path, tenants: tenantsOf(target.place) });
  if (rows > 0 || existing) {
    const { size } = await stat(path);
    const batches = [{ stream, table: table.name, batch: table.batch }];
    const published = await push(run, target, {
      name,
      existing,
      path,
      bytes: size,
      rows,
      fileType: 'parquet',
      batches,
    });
    await run.mark(target, published, { add: fitTags([], target.place.prefix) });
  }
  await run.discard(folder);
}

const tenantsOf = ({ tenants }: Place): Place['tenants'] | undefined =>
  tenants.list.length > 0 ? tenants : undefined;
