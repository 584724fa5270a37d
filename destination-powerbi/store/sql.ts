// Words of SQL for the replica: quoted names and texts, keys, and the names of its own columns.
import type { ColumnType } from '@ledgerpipe/staging';

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The replica of a table of the model. */
export const replicaOf = (table: string): string => identifier(`r_${table}`);

/**
 * Columns of the replica's own. `$ord` counts changes of the table up, and a row's version is the count at its last one;
 * `$known`: an older version of the row is in the model; `$gone`: the row is to disappear from it.
 */
export const own = {
  ord: '"$ord"',
  key: '"$key"',
  hash: '"$hash"',
  generation: '"$gen"',
  gone: '"$gone"',
  known: '"$known"',
  batch: '"$batch"',
} as const;

/** One hash for a key of any parts: equal texts of all parts, equal key. NULL when a part is. */
export const keyOf = (expressions: readonly string[]): string =>
  `md5(${expressions.map((expression) => `CAST(${expression} AS VARCHAR)`).join(' || chr(31) || ')})`;

export function storedType(type: ColumnType): string {
  switch (type.kind) {
    case 'integer':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'instant':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'datetime':
      return 'TIMESTAMP';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    default:
      return 'VARCHAR';
  }
}

export const parquet = (paths: readonly string[]): string =>
  `read_parquet([${paths.map(literal).join(', ')}])`;
