// Retires older generations: a refresh is complete, what it did not bring again goes.
import type { Segment } from '@ledgerpipe/staging';
import { jobOf } from '../delivery.ts';
import { retireGenerations } from '../postgres/changes.ts';
import { findColumn, tableOf } from '../postgres/layout.ts';
import { type Commit, findStreamTables, generationBatch } from '../postgres/log.ts';
import type { Run } from './run.ts';

/**
 * Inside the segment's transaction: deletes the older rows of every table that ever took rows of the refreshed
 * streams, for a refresh may have brought none at all. A table that is rid of them already is left alone: some
 * callers declare every run a refresh of the same generation.
 */
export async function retire(
  run: Run,
  { delivery, segment }: { readonly delivery: string; readonly segment: Segment },
): Promise<readonly Commit[]> {
  const commits: Commit[] = [];
  for (const declaration of segment.completed) {
    const { stream, retireBelow } = declaration;
    if (retireBelow <= 0) continue;
    const there = await run.tables();
    const logged = (await run.database.query(findStreamTables(run.schema, stream))).rows;
    const retired = new Map(logged.map((row) => [String(row.table_name), Number(row.retired ?? 0)]));
    const own = segment.tables.filter((table) => table.declaration.stream === stream).map(tableOf);
    for (const table of new Set([...retired.keys(), ...own])) {
      const current = there.get(table);
      const aged = current && findColumn(current, '_airbyte_generation_id');
      if (!aged || (retired.get(table) ?? 0) >= retireBelow) continue;
      const { count } = await run.database.query(retireGenerations(run.schema, table, retireBelow));
      commits.push({
        delivery,
        job: jobOf(run.job, declaration),
        segment: segment.number,
        stream,
        table,
        batch: generationBatch(retireBelow),
        mode: 'retire',
        rows: 0,
        tombstones: 0,
        inserted: 0,
        updated: 0,
        deleted: count,
      });
    }
  }
  return commits;
}
