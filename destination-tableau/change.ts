// Changes a data source that is there: by updates, once it has all tables and columns that the streams want.
import { configError } from '@airbyte/cdk-typescript-shim';
import { type DataSource, isLive, listConnections } from './api/data-sources.ts';
import { apply, TooLarge } from './apply.ts';
import { batchesOf, contentsOf } from './batches.ts';
import type { Homes } from './homes.ts';
import type { Engine } from './hyper/engine.ts';
import { fitTags, grown, looksOurs, ownTag, reshaped, tablePrefix } from './layout/fit.ts';
import { planOf, type SourceTable } from './layout/model.ts';
import { type Change, makePayload, type Payload } from './payload.ts';
import { present, republish } from './republish.ts';
import type { Run, Target } from './run.ts';

export interface ChangeRequest {
  readonly source: DataSource;
  /** Tables that the source must have; of others that it has, nothing is known here. */
  readonly tables: readonly SourceTable[];
  readonly changes: readonly Change[];
  /** Where added dimensions come from; absent for sources of undeclared streams. */
  readonly homes?: Homes;
  readonly engine: Engine;
}

/** Resolves when the changes are in. */
export async function change(run: Run, target: Target, request: ChangeRequest): Promise<void> {
  const source = await fitting(run, target, request);
  await update(run, target, { ...request, source });
}

/** The source, once it fits: its tags say so, or a look into it, or it is published over. */
async function fitting(run: Run, target: Target, request: ChangeRequest): Promise<DataSource> {
  const { source, tables, homes, engine } = request;
  const { prefix } = target.place;
  const tags = fitTags(tables, prefix);
  if (tags.every((tag) => source.tags.includes(tag))) return source;
  await refuseExtracts(target, source);
  const now = await present(run, target, request);
  if (!source.tags.includes(ownTag) && !looksOurs(now.there)) throw taken(target, source);
  const growth = grown(now.there, tables, { source: source.name });
  const fits = growth.needed
    ? await republish(run, target, {
        ...now,
        source,
        tables: growth.tables,
        wanted: tables,
        replaced: [],
        homes,
        engine,
      })
    : source;
  await run.discard(now.path);
  const add = growth.needed ? [...tags, ...fitTags(growth.tables, prefix)] : tags;
  const outdated = reshaped(now.there, growth.tables).map((table) => tablePrefix(table, prefix));
  const stale = fits.tags.filter(
    (tag) => !add.includes(tag) && outdated.some((start) => tag.startsWith(start)),
  );
  return await run.mark(target, fits, { add: [...new Set(add)], stale });
}

/** Sources over a database are refreshed from there and take no update ("Update Data in Hyper Data Source"). */
async function refuseExtracts(target: Target, source: DataSource): Promise<void> {
  const connections = await listConnections(target.site, source.id);
  const foreign = connections.find(({ type }) => !isLive(type));
  if (foreign) throw taken(target, source, `it is connected to "${foreign.type}"`);
}

const taken = (
  { site, project }: Target,
  { name, tags }: DataSource,
  why = 'its tables are not ours',
): Error =>
  configError(
    `Cannot write data source "${name}" in project "${project.name}" of site "${site.name}": another one has that name (${why}), choose another "name_prefix" or project${tags.includes(ownTag) ? '' : `, or tag it "${ownTag}" if it may be changed`}`,
  );

/** Sends the changes in as many parts as the cap asks for, each whole or not at all. */
async function update(run: Run, target: Target, request: ChangeRequest): Promise<void> {
  let { source, changes } = request;
  let of = 1;
  for (let number = 0; number < of; number += 1) {
    const payload = await request.engine.use((workbench) =>
      makePayload(workbench, {
        folder: run.folder,
        name: `${source.id}-${run.sequence()}`,
        changes,
        part: { number, of },
      }),
    );
    if (payload.actions.length === 0) continue;
    const sent = await send(run, target, { source, payload, changes, of });
    if (payload.path) await run.discard(payload.path);
    if (sent) {
      source = sent;
      continue;
    }
    // Too large: what is replaced is published over, the rest goes in more parts, from the first one on.
    const replaced = changes.filter(isReplaced);
    if (replaced.length > 0) {
      source = await replace(run, target, { ...request, source, changes: replaced });
      changes = changes.filter((candidate) => !isReplaced(candidate));
    } else of = moreParts(run, target, { of, bytes: payload.bytes, source });
    number = -1;
  }
}

interface Sending {
  readonly source: DataSource;
  readonly payload: Payload;
  readonly changes: readonly Change[];
  readonly of: number;
}

/** The source after the update; undefined when the payload is too large, by the setting or by Tableau's word. */
async function send(
  run: Run,
  target: Target,
  { source, payload, changes, of }: Sending,
): Promise<DataSource | undefined> {
  if (payload.bytes > run.cap) return undefined;
  const content = [...contentsOf(changes), JSON.stringify(payload.actions), String(of)];
  try {
    return await apply(run, target, { source, payload, content, batches: batchesOf(changes) });
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    run.cap = Math.min(run.cap, payload.bytes) / 2;
    return undefined;
  }
}

const isReplaced = ({ table, slices }: Change): boolean =>
  planOf(table).mode === 'replace' && slices.length > 0;

/** Files of hyperd have at least 64 KB: under this, halving them helps no more. */
const smallestCap = 200_000;

function moreParts(
  run: Run,
  { site }: Target,
  { of, bytes, source }: { readonly of: number; readonly bytes: number; readonly source: DataSource },
): number {
  if (run.cap < smallestCap || of > 10_000)
    throw configError(
      `Cannot update data source "${source.name}" on site "${site.name}": Tableau refuses even small updates as too large (413), raise api.server.update_uploaded_file.max_size_in_mb on the server, or "update_megabytes"`,
    );
  return Math.max(of + 1, Math.ceil(((of * bytes) / run.cap) * 1.2));
}

/** A table that is replaced by more rows than an update takes: the source is published over with them. */
async function replace(run: Run, target: Target, request: ChangeRequest): Promise<DataSource> {
  const { source, changes, tables, engine } = request;
  const now = await present(run, target, request);
  const published = await republish(run, target, {
    ...now,
    source,
    tables: now.there,
    wanted: [],
    replaced: changes,
    engine,
  });
  await run.discard(now.path);
  return await run.mark(target, published, { add: fitTags(tables, target.place.prefix) });
}
