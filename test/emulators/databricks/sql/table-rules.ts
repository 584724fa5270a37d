// The rules a table definition must keep: column names, duplicates, clustering keys, properties, keys.
import { randomBytes } from 'node:crypto';
import { type Column, type Constraint, findColumn, fullName, type Table } from '../model.ts';
import { failure } from './errors.ts';
import { resolve, type Session } from './session.ts';
import type { ConstraintDefinition } from './statements.ts';

const badColumnName = /[ ,;{}()\n\t=]/;

/** Column names collide without regard to case; some characters need column mapping (databricks.md 4.5). */
export function checkColumns(
  columns: readonly { readonly name: string }[],
  properties: Table['properties'],
): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const folded = name.toLowerCase();
    if (seen.has(folded))
      throw failure(
        'DELTA_DUPLICATE_COLUMNS_FOUND',
        `Found duplicate column(s) in the table definition: ${folded}.`,
      );
    seen.add(folded);
  }
  const bad = columns.map(({ name }) => name).filter((name) => badColumnName.test(name));
  if (bad.length > 0 && !hasColumnMapping(properties))
    throw failure(
      'DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES',
      `Found invalid character(s) among ' ,;{}()\\n\\t=' in the column names of your schema. Invalid column names: ${bad.join(', ')}. Please use other characters and try again. Alternatively, enable Column Mapping to keep using these characters.`,
    );
}

export function hasColumnMapping(properties: Table['properties']): boolean {
  return ['name', 'id'].includes(properties['delta.columnMapping.mode'] ?? 'none');
}

const knownProperties = new Set(
  `delta.appendOnly delta.autoOptimize.autoCompact delta.autoOptimize.optimizeWrite delta.checkpoint.writeStatsAsJson
  delta.checkpoint.writeStatsAsStruct delta.checkpointPolicy delta.columnMapping.mode delta.columnMapping.maxColumnId
  delta.dataSkippingNumIndexedCols delta.dataSkippingStatsColumns delta.deletedFileRetentionDuration
  delta.enableChangeDataFeed delta.enableDeletionVectors delta.enableRowTracking delta.enableTypeWidening
  delta.isolationLevel delta.logRetentionDuration delta.minReaderVersion delta.minWriterVersion
  delta.parquet.compression.codec delta.randomizeFilePrefixes delta.targetFileSize delta.tuneFileSizesForRewrites`.split(
    /\s+/,
  ),
);

/** Unknown `delta.` properties are refused; other names are the user's own. */
export function checkProperties(session: Session, properties: Table['properties']): void {
  for (const name of Object.keys(properties)) {
    if (!name.startsWith('delta.')) continue;
    const refused = name.startsWith('delta.autoOptimize.') && session.world.switches.refusesAutoOptimize;
    if (refused || !(knownProperties.has(name) || name.startsWith('delta.feature.')))
      throw failure('DELTA_UNKNOWN_CONFIGURATION', `Unknown configuration was specified: ${name}.`);
  }
}

/** At most four keys, which exist and have minimum and maximum. */
export function checkClustering(by: Table['clusterBy'], columns: readonly Column[]): void {
  if (by === 'auto') return;
  if (by.length > 4)
    throw failure(
      'DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS',
      `CLUSTER BY for Liquid clustering supports up to 4 clustering columns, but the table has ${by.length} clustering columns.`,
    );
  for (const name of by) {
    const column = findColumn({ columns }, name);
    if (!column)
      throw failure(
        'DELTA_COLUMN_NOT_FOUND',
        `Unable to find the column \`${name}\` given [${columns.map((each) => each.name).join(', ')}].`,
      );
    if (['VARIANT', 'ARRAY', 'MAP', 'STRUCT', 'BINARY', 'BOOLEAN'].includes(column.type.name))
      throw failure(
        'DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED',
        `CLUSTER BY is not supported because the following column(s): ${name} don't support data skipping.`,
      );
  }
}

/** A constraint as the catalog keeps it, after its rules: key columns exist and are NOT NULL, parents have their key. */
export function constraintOf(
  session: Session,
  table: Pick<Table, 'name' | 'columns' | 'constraints'>,
  definition: ConstraintDefinition,
): Constraint {
  const name = (
    definition.name ??
    `${table.name}_${definition.kind === 'primary key' ? 'pk' : 'fk'}_${randomBytes(3).toString('hex')}`
  ).toLowerCase();
  if (table.constraints.some((constraint) => constraint.name === name))
    throw failure(
      'CONSTRAINT_ALREADY_EXISTS',
      `Constraint '${name}' already exists. Please delete the old constraint first.`,
    );
  const columns = definition.columns.map((column) => existing(table, column).name);
  if (definition.kind === 'primary key') {
    if (table.constraints.some(({ kind }) => kind === 'primary key'))
      throw failure('CONSTRAINT_ALREADY_EXISTS', `The table \`${table.name}\` already has a primary key.`);
    const nullable = columns.filter((column) => existing(table, column).nullable);
    if (nullable.length > 0)
      throw failure(
        'INVALID_PARAMETER_VALUE',
        `Cannot create the primary key \`${name}\` because its child column(s) ${nullable.map((column) => `\`${column}\``).join(', ')} is nullable. Please change the column nullability and retry.`,
      );
    return { kind: 'primary key', name, columns, rely: definition.rely };
  }
  const parent = parentKey(session, definition.parent(session.world), name);
  const parentColumns = definition.parentColumns.length > 0 ? definition.parentColumns : parent.columns;
  return { kind: 'foreign key', name, columns, parent: parent.name, parentColumns };
}

function existing(table: Pick<Table, 'columns'>, name: string): Column {
  const column = findColumn(table, name);
  if (!column)
    throw failure(
      'COLUMN_NOT_FOUND',
      `The column ${name} cannot be found. Verify the spelling and correctness of the column name.`,
    );
  return column;
}

function parentKey(
  session: Session,
  parts: readonly string[],
  constraint: string,
): { name: string; columns: readonly string[] } {
  const { schema, name } = resolve(session, parts);
  const parent = session.model.table(schema, name);
  if (!parent)
    throw failure(
      'TABLE_OR_VIEW_NOT_FOUND',
      `The table or view ${parts.map((part) => `\`${part}\``).join('.')} cannot be found.`,
    );
  const key = parent.constraints.find(({ kind }) => kind === 'primary key');
  if (!key)
    throw failure(
      'INVALID_PARAMETER_VALUE',
      `Cannot create the foreign key \`${constraint}\` because the parent table \`${name}\` has no primary key.`,
    );
  return { name: fullName(session.model, parent), columns: key.columns };
}
