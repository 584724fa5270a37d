// Text for statements: names, values, lists of Parquet files.

/** `"name"`: identifiers and paths of databases alike. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `'text'` */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const quotedList = (names: readonly string[]): string => names.map(quoted).join(', ');

/** A table of the attached database `alias`. */
export const qualified = (alias: string, schema: string, table: string): string =>
  [alias, schema, table].map(quoted).join('.');

/** Parquet files as one table. */
export const parquetFiles = (paths: readonly string[]): string =>
  `external(ARRAY[${paths.map(literal).join(', ')}], FORMAT => 'parquet')`;
