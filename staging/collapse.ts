// Duplicates by key in one delivery: which rows are not the newest of their key.

import type { RowFile } from './copy.ts';
import type { Database } from './database.ts';
import { rawId } from './meta.ts';
import type { RowPlan } from './plan.ts';
import { identifier, literal, literals } from './sql.ts';

/**
 * Writes the raw ids of all rows but the newest of each key to `path` and gives their number; writes nothing when
 * keys are unique. Newer is the higher cursor, then the later arrival; a row without a cursor (a tombstone of key
 * fields only) counts as high as the highest one that came before it.
 */
export async function findSuperseded(
  database: Database,
  { plan, files }: { plan: RowPlan; files: readonly RowFile[] },
  path: string,
): Promise<number> {
  const rows = `read_parquet(${literals(files.map((file) => file.path))}, union_by_name = true)`;
  const keys = plan.keys.map(identifier).join(', ');
  // Keys with different hashes differ: mostly that is all there is to know, at a part of the memory of whole keys.
  const alike = `SELECT hash(${keys}) AS h FROM ${rows} GROUP BY h HAVING count(*) > 1 LIMIT 1`;
  if ((await database.rows(alike)).length === 0) return 0;
  const duplicated = `SELECT ${keys} FROM ${rows} GROUP BY ${keys} HAVING count(*) > 1`;
  const [first] = await database.rows(`${duplicated} LIMIT 1`);
  if (!first) return 0;
  const cursor = cursorColumn(plan);
  const effective = cursor
    ? `max(${identifier(cursor)}) OVER (PARTITION BY ${keys} ORDER BY ${rawId} ROWS UNBOUNDED PRECEDING)`
    : 'NULL';
  const current = cursor ? `coalesce(${identifier(cursor)}, ${effective})` : effective;
  const candidates = `SELECT ${keys}, ${rawId}, ${current} AS version FROM ${rows} SEMI JOIN (${duplicated}) USING (${keys})`;
  const ranked = `SELECT ${rawId}, row_number() OVER (PARTITION BY ${keys} ORDER BY version DESC NULLS LAST, ${rawId} DESC) AS rank FROM (${candidates})`;
  return await database.run(
    `COPY (SELECT ${rawId} FROM (${ranked}) WHERE rank > 1) TO ${literal(path)} (FORMAT parquet)`,
  );
}

function cursorColumn({ declaration, columns }: RowPlan): string | undefined {
  const wanted = JSON.stringify(declaration.cursor);
  if (declaration.cursor.length === 0) return undefined;
  return columns.find(({ meta, path }) => !meta && JSON.stringify(path) === wanted)?.name;
}
