// COPY INTO: appends files, each path once per table for ever, as its ledger has it.
import { basename } from 'node:path';
import { findColumn, type Table } from '../model.ts';
import { globPattern } from '../volumes.ts';
import { addColumns } from './alter-table.ts';
import { matchingFiles } from './build-world.ts';
import { failure, SqlFailure } from './errors.ts';
import { append, mapColumns } from './insert.ts';
import { type FileReading, readingSql } from './read-files.ts';
import { engineName, existingTable, nothing, type Outcome, type Session, transaction } from './session.ts';
import type { CopyInto } from './statements.ts';
import { fromEngine, long, sameType } from './types.ts';

export async function copyInto(session: Session, statement: CopyInto): Promise<Outcome> {
  const parts = statement.table(session.world);
  const place = copyTarget(session, parts);
  return session.exclusively([engineName(session, place)], async () => {
    const before = copyTarget(session, parts);
    const files = filesToLoad(session, before, statement);
    if (files.length === 0) return outcome(session, 0);
    const { rows, table } = await transaction(session, () => load(session, before, { statement, files }));
    session.model.putTable({ ...table, copied: new Set([...before.copied, ...files]) });
    return outcome(session, rows);
  });
}

function copyTarget(session: Session, parts: readonly string[]): Table {
  try {
    return existingTable(session, parts, 'MODIFY');
  } catch (error) {
    if (error instanceof SqlFailure && error.errorClass === 'TABLE_OR_VIEW_NOT_FOUND')
      throw failure(
        'DELTA_MISSING_DELTA_TABLE_COPY_INTO',
        `Table ${parts.join('.')} doesn't exist. Create an empty Delta table first using CREATE TABLE ${parts.join('.')}.`,
      );
    throw error;
  }
}

function outcome(session: Session, rows: number): Outcome {
  const names = ['num_affected_rows', 'num_inserted_rows'];
  const counts = [String(rows), String(rows)];
  if (session.world.switches.copyResult === 'counts') {
    names.push('num_skipped_corrupt_files');
    counts.push('0');
  }
  return {
    columns: names.map((name) => ({ name, type: long })),
    rows: [counts],
    affected: { ...nothing, rows, inserted: rows },
  };
}

/** The files named or matched, minus those the ledger has (unless `force`). */
function filesToLoad(session: Session, table: Table, statement: CopyInto): string[] {
  const { path, files, pattern, copyOptions } = statement;
  const folder = path.replace(/\/+$/, '');
  const found = files
    ? files.flatMap((file) => matchingFiles(session, `${folder}/${file}`))
    : matchingFiles(session, path);
  const glob = pattern === undefined ? undefined : globPattern(pattern);
  const chosen = glob ? found.filter((file) => glob.test(basename(file))) : found;
  return copyOptions.get('force') === 'true' ? chosen : chosen.filter((file) => !table.copied.has(file));
}

async function load(
  session: Session,
  before: Table,
  { statement, files }: { statement: CopyInto; files: readonly string[] },
): Promise<{ rows: number; table: Table }> {
  const { format, formatOptions, copyOptions, path } = statement;
  if (format === 'parquet') session.engine.willRead(files);
  const options = new Map(formatOptions);
  const sql = (reading: FileReading): string =>
    readingSql({ ...reading, format, options }, files, session.world, session.volumes.root);
  const reading = { path, format, options, metadata: false, rescues: false };
  const source = statement.query
    ? statement.query({ ...session.world, files: sql })
    : `SELECT * FROM ${sql(reading)}`;
  const query = await session.engine.describe(source);
  const fresh = query.filter(({ name }) => !findColumn(before, name));
  const evolves = copyOptions.get('mergeschema') === 'true' && fresh.length > 0;
  const columns = fresh.map(({ name, type }) => ({ name, type: fromEngine(type), nullable: true }));
  const table = evolves ? await addColumns(session, before, columns) : before;
  for (const { name, type } of query) refuseMismatch(table, { name, type });
  const how = statement.columns ? { byName: false, columns: statement.columns } : { byName: true };
  return { table, rows: await append(session, table, { source, mapping: mapColumns(table, how, query) }) };
}

/** COPY INTO merges schemas and casts nothing: a STRING never goes into a number, an INT never into a BIGINT. */
function refuseMismatch(table: Table, { name, type }: { name: string; type: string }): void {
  const column = findColumn(table, name);
  const from = fromEngine(type);
  if (!column || sameType(column.type, from)) return;
  // Decimals of another precision, and text lengths, are the same kind of field.
  if (column.type.name === from.name || (column.type.name === 'VARCHAR' && from.name === 'STRING')) return;
  throw failure('DELTA_FAILED_TO_MERGE_FIELDS', `Failed to merge fields '${column.name}' and '${name}'.`);
}
