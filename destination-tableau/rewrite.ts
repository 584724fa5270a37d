// One Parquet file out of staged ones, as Tableau is to read it: rows of one place, no tombstones, moments without a zone.
import { join } from 'node:path';
import type { Column, StagedTable } from '@ledgerpipe/staging';
import { literal, quoted } from './hyper/text.ts';
import { publishedColumns } from './layout/published.ts';
import { type Place, tenantColumn } from './places.ts';

export interface Rewrite {
  readonly table: StagedTable;
  readonly main: StagedTable;
  readonly folder: string;
  readonly path: string;
  /** Absent: rows of all tenants. */
  readonly tenants: Place['tenants'] | undefined;
}

/** Writes the file and gives the number of its rows. */
export async function rewrite({ table, main, folder, path, tenants }: Rewrite): Promise<number> {
  const own = await table.write(join(folder, 'rows'), { format: 'parquet', times: 'text' });
  const conditions = ['_deleted_at IS NULL'];
  if (tenants) {
    const files = table === main ? own : await main.write(join(folder, 'records'), { format: 'parquet' });
    conditions.push(ofTenants(filesOf(files), { tenants, column: tenantColumn(main) ?? '' }));
  }
  const columns = publishedColumns(table).map((column) => `${plain(column)} AS ${quoted(column.name)}`);
  const select = `SELECT ${columns.join(', ')} FROM ${filesOf(own)} WHERE ${conditions.join(' AND ')}`;
  // Loaded when it is needed: the native library takes longer to load than `spec` may take.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '192MiB',
    threads: '1',
    temp_directory: folder,
  });
  try {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const { rowsChanged } = await connection.run(
      `COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`,
    );
    connection.disconnectSync();
    return rowsChanged;
  } finally {
    instance.closeSync();
  }
}

const filesOf = (files: readonly { readonly path: string }[]): string =>
  `read_parquet([${files.map(({ path }) => literal(path)).join(', ')}])`;

/** Moments with the UTC flag would become "timestamp with time zone", which Tableau shows in no viewer's zone. */
function plain({ name, type }: Column): string {
  if (type.kind === 'instant') return `CAST(${quoted(name)} AS TIMESTAMP)`;
  if (type.kind === 'json') return `CAST(${quoted(name)} AS VARCHAR)`;
  // File version 2, which Tableau makes of it, holds 18 digits.
  if (type.kind === 'decimal' && type.precision > 18) return `CAST(${quoted(name)} AS DOUBLE)`;
  return quoted(name);
}

function ofTenants(
  files: string,
  { tenants, column }: { tenants: Place['tenants']; column: string },
): string {
  const list = `(${tenants.list.map(literal).join(', ')})`;
  const text = `CAST(${quoted(column)} AS VARCHAR)`;
  const among =
    tenants.kind === 'these' ? `${text} IN ${list}` : `(${text} IS NULL OR ${text} NOT IN ${list})`;
  return `_airbyte_raw_id IN (SELECT _airbyte_raw_id FROM ${files} WHERE ${among})`;
}
