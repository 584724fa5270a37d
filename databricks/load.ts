// Loads one table of a segment: the one statement for its mode, sent again as often as its failure allows.
import type { StagedTable } from '@ledgerpipe/staging';
import type { Outcome, ResultRow } from './api/statements.ts';
import { explainFailure, remedyOf } from './execute.ts';
import type { Run } from './run.ts';
import { upsertChildren } from './sql/children.ts';
import { tableOf } from './sql/layout.ts';
import { appendBatch, emptyTable, replaceRows } from './sql/load.ts';
import { fullName } from './sql/names.ts';
import { cursorOf, upsert } from './sql/upsert.ts';
import type { Staged } from './stage.ts';
import type { Ready } from './tables.ts';

/** A table of a segment that has something to load. */
export interface Load {
  readonly table: StagedTable;
  /** Absent: no rows, yet a table to empty or children to remove. */
  readonly staged?: Staged | undefined;
  /** Child tables: the parent of the same segment. */
  readonly parent?: { readonly table: StagedTable; readonly staged: Staged } | undefined;
  /** Stages the rows once more: somebody deleted the files. */
  readonly restage: () => Promise<void>;
}

export interface Loaded {
  readonly statement: string;
  readonly inserted: number | null;
  readonly updated: number | null;
  readonly deleted: number | null;
}

/** Brings the rows into the table. The table exists, and is up to its plan, when this returns. */
export async function loadTable(run: Run, load: Load): Promise<Loaded> {
  const purpose = `load table "${fullName(run.place, tableOf(load.table))}"`;
  for (let attempt = 1; ; attempt += 1) {
    const ready = await run.tables.ensure(load.table);
    const outcome = await run.statements.run(await statementFor(run, ready, load), purpose);
    if (outcome.ok) return counts(outcome);
    const remedy = remedyOf(outcome.failure);
    if (attempt > 1 || (remedy !== 'replan' && remedy !== 'restage'))
      throw explainFailure(outcome.failure, purpose);
    if (remedy === 'restage') await load.restage();
    // Someone else changed the table since it was read: look again, plan again, once.
    run.tables.forget(ready.table.name);
  }
}

async function statementFor(run: Run, { target, table, layout }: Ready, load: Load): Promise<string> {
  const { mode, batch, declaration } = load.table;
  const path = load.staged?.path;
  if (mode === 'replace') return path ? replaceRows(target, layout, path) : emptyTable(target);
  if (mode === 'append' && path) return appendBatch(target, layout, { table, path, batch });
  const options = { deletion: run.context.config.deletion, restamps: declaration.retireBelow > 0 };
  if (load.parent) {
    const { table: plan, staged } = load.parent;
    const parent = await run.tables.ensure(plan);
    return upsertChildren(target, layout, {
      ...options,
      path,
      cursor: cursorOf(parent.layout, declaration.cursor),
      parent: {
        target: parent.target,
        layout: parent.layout,
        path: staged.path,
        childColumns: load.table.parent?.columns ?? [],
        keys: plan.keys,
      },
    });
  }
  return upsert(target, layout, {
    ...options,
    path: path ?? '',
    cursor: cursorOf(layout, declaration.cursor),
  });
}

/** The counts that the statement's one result row tells, where it tells them. */
function counts({ id, rows }: Outcome & { readonly ok: true }): Loaded {
  const row: ResultRow = rows[0] ?? {};
  const read = (name: string): number | null => {
    const value = row[`num_${name}_rows`];
    return value === undefined || value === null || value === '' ? null : Number(value);
  };
  return { statement: id, inserted: read('inserted'), updated: read('updated'), deleted: read('deleted') };
}
