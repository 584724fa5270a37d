// The text of every statement that changes a schema or a table's shape. Each may be sent twice without harm.
import type { Landing, Layout } from './layout.ts';
import { literal, qualified, quoted, quotedList } from './text.ts';

export const createSchema = (schema: string): string => `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`;

/** Looker's role may look into the schema, and reads tables that this role makes later. */
export const grantSchema = (schema: string, reader: string): readonly string[] => [
  `GRANT USAGE ON SCHEMA ${quoted(schema)} TO ${quoted(reader)}`,
  `ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoted(schema)} GRANT SELECT ON TABLES TO ${quoted(reader)}`,
];

export const grantTable = (schema: string, table: string, reader: string): string =>
  `GRANT SELECT ON ${qualified(schema, table)} TO ${quoted(reader)}`;

/** Without its key: an index is built faster once the rows are there. */
export const createTable = (schema: string, { table, columns, keys }: Layout): string =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, table)} (${columns
    .map(({ name, type }) => `${quoted(name)} ${type}${keys.includes(name) ? ' NOT NULL' : ''}`)
    .join(', ')})`;

export const addPrimaryKey = (schema: string, { table, keys }: Layout): string =>
  `ALTER TABLE ${qualified(schema, table)} ADD PRIMARY KEY (${quotedList(keys)})`;

/** For tables that are there: it keeps writers out while it is built, but not readers. */
export const addUniqueIndex = (schema: string, { table, keys }: Layout): string =>
  `CREATE UNIQUE INDEX ON ${qualified(schema, table)} (${quotedList(keys)})`;

/** Leaves the newest of each key: a table of versions becomes one of records. */
export function dropOlderVersions(schema: string, { table, keys, columns }: Layout): string {
  const target = qualified(schema, table);
  const extracted = columns.find(({ staged }) => staged === '_airbyte_extracted_at')?.name;
  const order = `${extracted ? `${quoted(extracted)} DESC NULLS LAST, ` : ''}ctid DESC`;
  const ranked = `SELECT ctid, row_number() OVER (PARTITION BY ${quotedList(keys)} ORDER BY ${order}) AS version FROM ${target}`;
  return `DELETE FROM ${target} WHERE ctid IN (SELECT ctid FROM (${ranked}) AS ranked WHERE version > 1)`;
}

/** One statement, one short lock. */
export const addColumns = (schema: string, table: string, columns: readonly Landing[]): string =>
  `ALTER TABLE ${qualified(schema, table)} ${columns
    .map(({ name, type }) => `ADD COLUMN IF NOT EXISTS ${quoted(name)} ${type}`)
    .join(', ')}`;

export const changeType = (
  schema: string,
  table: string,
  { name, type }: { name: string; type: string },
): string => `ALTER TABLE ${qualified(schema, table)} ALTER COLUMN ${quoted(name)} TYPE ${type}`;

export const dropNotNull = (schema: string, table: string, name: string): string =>
  `ALTER TABLE ${qualified(schema, table)} ALTER COLUMN ${quoted(name)} DROP NOT NULL`;

/** Descriptions as comments, once: later they belong to people. */
export function comments(
  schema: string,
  { table, columns }: Layout,
  description?: string,
): readonly string[] {
  const target = qualified(schema, table);
  const oneLine = (text: string): string =>
    literal([...text.replace(/\s+/g, ' ').trim()].slice(0, 1000).join(''));
  return [
    ...(description ? [`COMMENT ON TABLE ${target} IS ${oneLine(description)}`] : []),
    ...columns.flatMap(({ name, column }) =>
      column.description
        ? [`COMMENT ON COLUMN ${target}.${quoted(name)} IS ${oneLine(column.description)}`]
        : [],
    ),
  ];
}
