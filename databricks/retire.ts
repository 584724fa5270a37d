// Retires older generations: a refresh is complete, what it did not bring again goes.
import type { Declaration } from '@airbyte/cdk-typescript-shim';
import type { Segment } from '@ledgerpipe/staging';
import { listTables } from './api/catalog.ts';
import { explainFailure } from './execute.ts';
import { jobOf, type Run } from './run.ts';
import type { Commit } from './sql/commits.ts';
import { findColumn } from './sql/layout.ts';
import { retireGenerations } from './sql/load.ts';
import { fullName } from './sql/names.ts';
import { generationProperty, streamProperty } from './tables.ts';

/**
 * Deletes the older rows of every table of the refreshed streams. The tables are found by the stream they are marked
 * with, for a refresh may have brought no rows at all, and among those that this run loaded. Tables that are marked as rid of them are left alone.
 */
export async function retire(
  run: Run,
  { segment, refreshed }: { readonly segment: Segment; readonly refreshed: readonly Declaration[] },
): Promise<Commit[]> {
  if (refreshed.length === 0) return [];
  const commits: Commit[] = [];
  const tables = await listTables(run.api, run.place);
  for (const declaration of refreshed) {
    const { stream, retireBelow } = declaration;
    const loaded = run.tables.ofStream(stream);
    const own = tables.filter(
      ({ name, properties }) => properties[streamProperty] === stream || loaded.has(name),
    );
    const aged = own.filter(
      (table) =>
        findColumn(table, '_airbyte_generation_id') &&
        Number(table.properties[generationProperty] ?? 0) < retireBelow,
    );
    for (const { name: table } of aged) {
      const purpose = `retire old rows of table "${fullName(run.place, table)}"`;
      const outcome = await run.statements.run(
        retireGenerations(run.tables.qualified(table), retireBelow),
        purpose,
      );
      if (!outcome.ok) throw explainFailure(outcome.failure, purpose);
      // Some callers declare every run a refresh of the same generation: the next one has nothing to look for.
      await run.tables.mark(table, { [generationProperty]: String(retireBelow) });
      const affected = outcome.rows[0]?.num_affected_rows ?? null;
      const commit: Commit = {
        job: jobOf(run, declaration),
        segment: segment.number,
        stream,
        table,
        batch: `generation-${retireBelow}`,
        mode: 'retire',
        rows: 0,
        tombstones: 0,
        inserted: 0,
        updated: 0,
        deleted: affected === null ? null : Number(affected),
        statement: outcome.id,
      };
      commits.push(commit);
      await run.log('INFO', JSON.stringify({ event: 'old rows retired', ...commit }));
    }
  }
  return commits;
}
