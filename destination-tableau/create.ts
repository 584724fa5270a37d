// Publishes a data source for the first time: its own rows, and the dimensions that its facts refer to.
import { join } from 'node:path';
import { batchesOf } from './batches.ts';
import { type ChangesOptions, changesOf, type Slices } from './changes.ts';
import { type Attached, attachAll, copied, type Homes, homeFiles } from './homes.ts';
import type { Engine } from './hyper/engine.ts';
import { type Filling, makeFile } from './hyper/file.ts';
import { fitTags } from './layout/fit.ts';
import { type SourceTable, streamOf, type WantedSource } from './layout/model.ts';
import { fullName } from './layout/names.ts';
import { selectsOf } from './payload.ts';
import { push } from './push.ts';
import { planKey, type Run, type Target } from './run.ts';

export interface Create extends ChangesOptions, Pick<Homes, 'wanted' | 'before'> {
  readonly source: WantedSource;
  readonly engine: Engine;
}

/** Publishes and tags. */
export async function create(run: Run, target: Target, request: Create): Promise<void> {
  const { source, engine } = request;
  const name = fullName(target.place.prefix, source.name);
  const changes = changesOf(source.tables, request);
  const path = join(run.folder, `${target.site.id}-${run.sequence()}.hyper`);
  const homes = await homeFiles(run, target, { ...request, stream: source.stream, tables: source.tables });
  const made = await engine.use(async (workbench) => {
    const attached = await attachAll(workbench, homes);
    const result = await makeFile(workbench, {
      path,
      tables: source.tables,
      rowsOf: (table) => {
        const wanted = source.tables.find((candidate) => candidate.name === table.name);
        return wanted ? fillingOf(wanted, { source, slices: request.slices, attached }) : [];
      },
    });
    for (const { alias } of attached.values()) await workbench.detach(alias);
    return result;
  });
  const rows = [...made.rows.values()].reduce((sum, count) => sum + count, 0);
  const published = await push(run, target, {
    name,
    path,
    bytes: made.bytes,
    rows,
    fileType: 'hyper',
    batches: batchesOf(changes),
  });
  for (const file of [path, ...homes.values()]) await run.discard(file);
  await run.mark(target, published, { add: fitTags(source.tables, target.place.prefix) });
  for (const reference of source.dropped)
    await run.warnOnce(
      `Data source "${name}" leaves out the reference ${reference}: a table can be referred to once in a star, by keys of one type`,
    );
}

interface Fill {
  readonly source: WantedSource;
  readonly slices: Slices;
  readonly attached: ReadonlyMap<string, Attached>;
}

function fillingOf(table: SourceTable, { source, slices, attached }: Fill): readonly Filling[] {
  const columns = table.columns.map(({ name }) => name);
  const stream = streamOf(table);
  const home = stream === source.stream ? undefined : attached.get(stream);
  if (home) return copied(table, home);
  const { content } = table;
  const plans = content.kind === 'bridge' ? content.parts.map(({ child }) => child) : [content.plan];
  const own = plans.flatMap((plan) => slices.get(planKey(plan)) ?? []);
  return selectsOf(table, own).map((select) => ({ columns, select }));
}
