// Delivers one segment: place by place, source by source, updates first and new stars when their dimensions are in.
import { join } from 'node:path';
import { inParallel } from '@airbyte/cdk-typescript-shim/kit';
import type { Segment } from '@ledgerpipe/staging';
import type { Site } from './api/sessions.ts';
import { change } from './change.ts';
import { changesOf, hasWork, type Slices, slicesOf } from './changes.ts';
import { create } from './create.ts';
import type { Engine } from './hyper/engine.ts';
import { tablePrefix } from './layout/fit.ts';
import { streamOf, type WantedSource } from './layout/model.ts';
import { fullName } from './layout/names.ts';
import { dimensionTable } from './layout/own.ts';
import { wantedSources } from './layout/sources.ts';
import { deliverParquet } from './parquet.ts';
import type { Place } from './places.ts';
import { planKey, type Run } from './run.ts';
import { StagedSegment } from './staged.ts';

/** Resolves when every row of the segment is durable; delivering it again gives the same rows. */
export async function deliver(run: Run, segment: Segment): Promise<void> {
  for (const { declaration } of segment.tables) run.declared.set(declaration.stream, declaration);
  for (const table of segment.tables) run.staged.set(planKey(table), table);
  const refreshed = segment.completed.filter(({ retireBelow }) => retireBelow > 0);
  if (segment.tables.length === 0 && refreshed.length === 0) return;
  const { engine, newest } = run;
  if (!engine || !newest) return await deliverParquet(run, segment);
  const folder = join(run.folder, `staged-${run.sequence()}`);
  const staged = new StagedSegment(segment, { folder, engine, newest });
  const wanted = wantedSources([...run.declared.values()], {
    layout: run.context.config.layout,
    names: run.context.config.names,
    wide: run.wide,
    staged: (plan) => run.staged.get(planKey(plan)),
  });
  try {
    for (const place of run.places) {
      const slices = await slicesOf(staged, place);
      if (!hasWork(slices, refreshed)) continue;
      await run.sessions.on(place, (site) =>
        deliverTo(run, { place, site, slices, refreshed, wanted, engine }),
      );
    }
  } finally {
    await staged.discard();
  }
}

interface Delivery {
  readonly place: Place;
  readonly site: Site;
  readonly slices: Slices;
  readonly refreshed: Segment['completed'];
  readonly wanted: readonly WantedSource[];
  readonly engine: Engine;
}

async function deliverTo(
  run: Run,
  { place, site, slices, refreshed, wanted, engine }: Delivery,
): Promise<void> {
  const target = await run.target(place, site);
  const there = await target.sources.inProject(site, target.project.id);
  const before = new Set(there.map(({ name }) => name.toLowerCase()));
  const nameOf = (source: WantedSource): string => fullName(place.prefix, source.name);
  const due = wanted.map((source) => ({ source, changes: changesOf(source.tables, { slices, refreshed }) }));
  const changed = due.filter(({ changes }) => changes.length > 0);
  const work: (() => Promise<void>)[] = [];
  const later: (() => Promise<void>)[] = [];
  for (const { source, changes } of changed) {
    run.claim(target, nameOf(source), source.stream);
    const existing = there.find(({ name }) => name.toLowerCase() === nameOf(source).toLowerCase());
    if (existing)
      work.push(() =>
        change(run, target, {
          source: existing,
          tables: source.tables,
          changes,
          homes: { stream: source.stream, wanted, before },
          engine,
        }),
      );
    else if (hasRows(source, slices)) {
      const job = () => create(run, target, { source, wanted, slices, refreshed, before, engine });
      (source.tables.every((table) => streamOf(table) === source.stream) ? work : later).push(job);
    }
  }
  const names = new Set(wanted.map((source) => nameOf(source).toLowerCase()));
  for (const holder of there.filter(({ name }) => !names.has(name.toLowerCase()))) {
    const request = foreignDimensions(run, {
      prefix: place.prefix,
      tags: holder.tags,
      slices,
      refreshed,
      wanted,
    });
    if (request.changes.length > 0)
      work.push(() => change(run, target, { source: holder, ...request, engine }));
  }
  await inParallel(work, run.context.config.parallel, (job) => job());
  for (const job of later) await job();
}

/** Rows of its own stream that are alive: nothing else is worth a new source. */
const hasRows = (source: WantedSource, slices: Slices): boolean =>
  [...slices.values()].some(
    ({ table, rows, tombstones }) => table.declaration.stream === source.stream && rows > tombstones,
  );

/** Dimensions inside stars whose own stream this run does not know: a run may bring reference data alone. */
function foreignDimensions(
  run: Run,
  {
    prefix,
    tags,
    slices,
    refreshed,
    wanted,
  }: Pick<Delivery, 'slices' | 'refreshed' | 'wanted'> & {
    readonly prefix: string;
    readonly tags: readonly string[];
  },
) {
  const tables = wanted.flatMap(({ stream, tables: own }) => {
    const main = own.find(
      ({ content }) => content.kind === 'main' && content.plan.declaration.stream === stream,
    );
    if (main?.content.kind !== 'main' || !tags.some((tag) => tag.startsWith(tablePrefix(main, prefix))))
      return [];
    return [dimensionTable(main.content.plan, main.content.plan.keys, { wide: run.wide })];
  });
  const changes = changesOf(tables, { slices, refreshed });
  const touched = new Set(changes.map(({ table }) => table.name));
  return { tables: tables.filter(({ name }) => touched.has(name)), changes };
}
