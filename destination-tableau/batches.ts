// Which staged batches a change holds, for the audit and for RequestIDs.
import type { Audited } from './audit.ts';
import type { Change } from './payload.ts';

export function batchesOf(changes: readonly Change[]): Audited['batches'] {
  const batches = new Map<string, Audited['batches'][number]>();
  for (const { slices, main } of changes)
    for (const { table, rows } of [...(main ? [main] : []), ...slices])
      if (rows > 0 || table.mode === 'replace')
        batches.set(JSON.stringify([table.declaration.stream, table.name]), {
          stream: table.declaration.stream,
          table: table.name,
          batch: table.batch,
        });
  return [...batches.values()];
}

/** What the rows of a change are made of, in words that differ when they do. */
export const contentsOf = (changes: readonly Change[]): readonly string[] =>
  changes.map(({ table, slices, main, retireBelow }) =>
    JSON.stringify([
      table.name,
      table.columns,
      [...slices, ...(main ? [main] : [])].map((slice) => [
        slice.table.name,
        slice.table.batch,
        slice.rows,
        slice.table.mode,
      ]),
      retireBelow,
    ]),
  );
