// What a segment changes in a data source: which of its tables get rows, lose rows, or are replaced.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { StagedTable, TablePlan } from '@ledgerpipe/staging';
import type { SourceTable } from './layout/model.ts';
import { streamOf } from './layout/model.ts';
import type { Change } from './payload.ts';
import type { Place } from './places.ts';
import { planKey } from './run.ts';
import type { Slice, StagedSegment } from './staged.ts';

/** The slices of a segment for one place, by stream and table. */
export type Slices = ReadonlyMap<string, Slice>;

/** Cuts a segment for a place; tables that have nothing to say there are left out. */
export async function slicesOf(staged: StagedSegment, place: Place): Promise<Slices> {
  const slices = new Map<string, Slice>();
  for (const table of staged.segment.tables) {
    const main = mainOf(table, staged.segment.tables);
    const slice = main && (await staged.slice(table, { place, main }));
    if (slice) slices.set(planKey(table), slice);
  }
  return slices;
}

const mainOf = (table: StagedTable, tables: readonly StagedTable[]): StagedTable | undefined =>
  tables.find(({ parent, declaration }) => !parent && declaration.stream === table.declaration.stream);

/** Whether there may be anything to do at the place. */
export const hasWork = (slices: Slices, refreshed: readonly Declaration[]): boolean =>
  refreshed.length > 0 ||
  [...slices.values()].some(({ rows, table }) => rows > 0 || table.mode === 'replace');

export interface ChangesOptions {
  readonly slices: Slices;
  /** Streams whose older generations go now. */
  readonly refreshed: readonly Declaration[];
}

/** The changes of these tables, in their order. */
export function changesOf(
  tables: readonly SourceTable[],
  { slices, refreshed }: ChangesOptions,
): readonly Change[] {
  return tables.flatMap((table): readonly Change[] => {
    const stream = streamOf(table);
    const retireBelow = refreshed.find((declaration) => declaration.stream === stream)?.retireBelow ?? 0;
    const main = mainSlice(table, slices);
    const own = contentSlices(table, slices);
    const due = isDue(table, { main, own });
    if (!due && retireBelow === 0) return [];
    return [{ table, slices: due ? own : [], main, retireBelow }];
  });
}

function mainSlice({ content }: SourceTable, slices: Slices): Slice | undefined {
  const plan = content.kind === 'main' ? content.plan : content.main;
  return slices.get(planKey(plan));
}

function contentSlices({ content }: SourceTable, slices: Slices): readonly Slice[] {
  const plans: readonly TablePlan[] =
    content.kind === 'bridge' ? content.parts.map(({ child }) => child) : [content.plan];
  return plans.flatMap((plan) => slices.get(planKey(plan)) ?? []);
}

/** Rows came, or old ones go: those of touched records, or all when the stream is replaced. */
function isDue(
  { content }: SourceTable,
  { main, own }: { readonly main: Slice | undefined; readonly own: readonly Slice[] },
): boolean {
  if (!main || own.length === 0) return false;
  if (main.table.mode === 'replace') return true;
  if (content.kind !== 'main' && main.table.mode === 'upsert') return main.rows > 0;
  return own.some(({ rows }) => rows > 0);
}
