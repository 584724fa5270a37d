// Retires older generations within the statement of the segment that completes a refresh.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { Segment } from '@ledgerpipe/staging';
import { jobOf } from '../delivery.ts';
import { retireGenerations } from '../postgres/changes.ts';
import { findColumn, tableOf } from '../postgres/layout.ts';
import { findStreamTables, generationBatch } from '../postgres/log.ts';
import { stagedRows } from '../postgres/staged.ts';
import { sameKey } from '../postgres/text.ts';
import type { Run } from './run.ts';
import { type Applied, stageOf } from './sql.ts';

/** One more part per table of a refreshed stream. A row that the same statement brings again is left to it. */
export async function retirements(
  run: Run,
  {
    segment,
    refreshed,
    applied,
    delivery,
  }: {
    readonly segment: Segment;
    readonly refreshed: readonly Declaration[];
    readonly applied: readonly Applied[];
    readonly delivery: string;
  },
): Promise<readonly Applied[]> {
  const found: Applied[] = [];
  for (const declaration of refreshed) {
    const { stream, retireBelow } = declaration;
    const there = await run.tables();
    const rows = await run.statements.read(
      findStreamTables(run.schema, stream),
      `find the tables of stream "${stream}"`,
    );
    const retired = new Map(rows.map((row) => [String(row.table_name), Number(row.retired ?? 0)]));
    const own = segment.tables.filter((table) => table.declaration.stream === stream).map(tableOf);
    for (const table of new Set([...retired.keys(), ...own])) {
      const current = there.get(table);
      if (!current || !findColumn(current, '_airbyte_generation_id')) continue;
      if ((retired.get(table) ?? 0) >= retireBelow) continue;
      const loading = applied.find(({ layout }) => layout.table === table);
      found.push({
        index: applied.length + found.length,
        layout: loading?.layout ?? { table, columns: [], keys: [] },
        staged: false,
        changes: [{ does: 'remove', sql: retireSql(run.schema, { table, retireBelow, loading }) }],
        commit: {
          delivery,
          job: jobOf(run.job, declaration),
          segment: segment.number,
          ...{ stream, table, batch: generationBatch(retireBelow), mode: 'retire', rows: 0, tombstones: 0 },
        },
      });
    }
  }
  return found;
}

function retireSql(
  schema: string,
  { table, retireBelow, loading }: { table: string; retireBelow: number; loading: Applied | undefined },
): string {
  const sql = retireGenerations(schema, table, retireBelow);
  if (!loading?.staged || loading.layout.keys.length === 0) return sql;
  const { index, layout } = loading;
  const target = sql.replace(' WHERE ', ' AS o WHERE ');
  return `${target} AND NOT EXISTS (SELECT 1 FROM ${stagedRows(layout, stageOf(index))} AS s WHERE ${sameKey('o', 's', layout.keys)})`;
}
