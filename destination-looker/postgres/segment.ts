// A segment over PostgreSQL's tables, however statements reach it: what is due, which changes, and how it is logged.
import { namesOf, type Segment, type StagedTable } from '@ledgerpipe/staging';
import { jobOf } from '../delivery.ts';
import type { Change } from './changes.ts';
import * as changes from './changes.ts';
import { upsertChildren } from './children.ts';
import { type CurrentTable, type Layout, tableOf } from './layout.ts';
import type { Commit } from './log.ts';
import { cursorOf, type Stage } from './staged.ts';

/** Tables with rows, and those without whose rows may have to go, if there is such a table at all. */
export const dueTables = (
  tables: readonly StagedTable[],
  there: ReadonlyMap<string, CurrentTable>,
): readonly StagedTable[] =>
  tables.filter((table) => {
    if (table.rows > 0) return true;
    const parent = parentOf(table, tables);
    const mayShrink = table.mode === 'replace' || (table.mode === 'upsert' && (parent?.rows ?? 0) > 0);
    return mayShrink && there.has(tableOf(table));
  });

export const parentOf = (table: StagedTable, tables: readonly StagedTable[]): StagedTable | undefined =>
  tables.find(
    ({ name, declaration }) =>
      name === table.parent?.table && declaration.stream === table.declaration.stream,
  );

export interface Planned {
  readonly schema: string;
  readonly deletion: 'soft' | 'hard';
  readonly layout: Layout;
  /** Absent: no rows came. */
  readonly stage: Stage | undefined;
  /** Child tables: their parent, if its rows are staged too. */
  readonly parent?: { readonly layout: Layout; readonly stage: Stage } | undefined;
}

/** The statements that bring a table's staged rows in, by its mode. */
export function changesOf(
  table: StagedTable,
  { schema, deletion, layout, stage, parent }: Planned,
): readonly Change[] {
  const { declaration, mode } = table;
  const restamps = declaration.retireBelow > 0;
  const cursor = table.parent ? undefined : cursorOf(layout, declaration.cursor);
  const options = { schema, deletion, restamps, cursor };
  switch (mode) {
    case 'append':
      return stage ? [changes.append(layout, stage, schema)] : [];
    case 'replace':
      if (!stage) return [changes.emptied(layout, schema)];
      return (layout.keys.length > 0 ? changes.replaceKeyed : changes.replaceAll)(layout, stage, options);
    case 'upsert':
      if (!table.parent) return stage ? changes.upsert(layout, stage, options) : [];
      if (!parent) return stage ? [changes.merge(layout, stage, { ...options, only: [] })] : [];
      return upsertChildren(layout, {
        ...options,
        stage,
        parent: {
          ...parent,
          childColumns: namesOf(layout.columns, table.parent.columns),
          cursor: cursorOf(parent.layout, declaration.cursor),
        },
      });
  }
}

/** What the sync log says of a table, but for the counts. */
export function commitOf(
  table: StagedTable,
  { delivery, job, segment }: { readonly delivery: string; readonly job: string; readonly segment: Segment },
): Omit<Commit, 'inserted' | 'updated' | 'deleted'> {
  const { declaration, batch, mode, rows, tombstones } = table;
  return {
    delivery,
    job: jobOf(job, declaration),
    segment: segment.number,
    stream: declaration.stream,
    table: tableOf(table),
    ...{ batch, mode, rows, tombstones },
  };
}
