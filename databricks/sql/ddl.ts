// The text of every statement that changes a table's shape. Each may be sent twice without harm, or fails harmlessly.
import type { Layout } from './layout.ts';
import { commentLiteral, literal, quoted, quotedList } from './text.ts';
import type { SqlType } from './types.ts';

export type Constraints = 'informational' | 'rely' | 'none';

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Qualified and quoted. */
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

export interface NewTable {
  /** Qualified and quoted. */
  readonly target: string;
  readonly layout: Layout;
  readonly primaryKey?: { readonly name: string; readonly rely: boolean };
  readonly foreignKeys: readonly ForeignKey[];
  readonly clusterByAuto: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly description?: string | undefined;
}

export function createTable({ target, layout, primaryKey, ...table }: NewTable): string {
  const columns = layout.columns.map(({ name, type, column }) => {
    // Only a primary key may not be NULL: any other column may be missing from tomorrow's records.
    const required = primaryKey && layout.keys.includes(name) ? ' NOT NULL' : '';
    return `${quoted(name)} ${type.text}${required}${commentOf(column.description)}`;
  });
  const rely = primaryKey?.rely ? ' RELY' : '';
  const keys = primaryKey
    ? [`CONSTRAINT ${quoted(primaryKey.name)} PRIMARY KEY (${quotedList(layout.keys)})${rely}`]
    : [];
  const body = [...columns, ...keys, ...table.foreignKeys.map(foreignKeyClause)];
  return [
    `CREATE TABLE IF NOT EXISTS ${target} (\n  ${body.join(',\n  ')}\n)`,
    ...(table.clusterByAuto ? ['CLUSTER BY AUTO'] : []),
    ...(table.description ? [`COMMENT ${commentLiteral(table.description)}`] : []),
    `TBLPROPERTIES (${propertyList(table.properties)})`,
  ].join('\n');
}

export const addColumns = (target: string, columns: Layout['columns']): string =>
  `ALTER TABLE ${target} ADD COLUMNS (${columns
    .map(({ name, type, column }) => `${quoted(name)} ${type.text}${commentOf(column.description)}`)
    .join(', ')})`;

export const changeType = (target: string, name: string, type: SqlType): string =>
  `ALTER TABLE ${target} ALTER COLUMN ${quoted(name)} TYPE ${type.text}`;

export const dropNotNull = (target: string, name: string): string =>
  `ALTER TABLE ${target} ALTER COLUMN ${quoted(name)} DROP NOT NULL`;

export const setProperties = (target: string, properties: Readonly<Record<string, string>>): string =>
  `ALTER TABLE ${target} SET TBLPROPERTIES (${propertyList(properties)})`;

export const addForeignKey = (target: string, key: ForeignKey): string =>
  `ALTER TABLE ${target} ADD ${foreignKeyClause(key)}`;

const foreignKeyClause = ({ name, columns, parent, parentColumns }: ForeignKey): string =>
  `CONSTRAINT ${quoted(name)} FOREIGN KEY (${quotedList(columns)}) REFERENCES ${parent} (${quotedList(parentColumns)})`;

const commentOf = (description: string | undefined): string =>
  description ? ` COMMENT ${commentLiteral(description)}` : '';

const propertyList = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${literal(name)} = ${literal(value)}`)
    .join(', ');
