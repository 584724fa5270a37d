// A staged table: rows in Parquet files, handed over as they are where nothing has to change.
import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { storedType } from './casts.ts';
import type { RowFile } from './copy.ts';
import type { Database, Row } from './database.ts';
import { rawId } from './meta.ts';
import type { RowPlan } from './plan.ts';
import { typeSignature } from './select.ts';
import { identifier, literal } from './sql.ts';
import type { Column, StagedFile, StagedTable } from './tables.ts';

export interface StagedContents {
  readonly plan: RowPlan;
  /** As wide as all files together need. */
  readonly columns: readonly Column[];
  readonly files: readonly RowFile[];
  readonly rows: number;
  readonly tombstones: number;
  readonly batch: string;
  /** Place of the table in its segment, for file names. */
  readonly index: number;
  /** A file of raw ids whose rows are not delivered. */
  readonly superseded?: string;
  /** Rows with `_deleted_at` are not delivered. */
  readonly withoutTombstones: boolean;
}

type Format = 'parquet' | 'csv';

/** How values are put: `csv` has moments in ISO 8601; `times: 'text'` has times of day as text in Parquet too. */
interface Form {
  readonly format: Format;
  readonly times?: 'text';
}

export function stagedTable(contents: StagedContents, database: Database): StagedTable {
  const { plan, columns, rows, tombstones, batch } = contents;
  const { array: _array, ...published } = plan;
  return {
    ...published,
    columns,
    rows,
    tombstones,
    batch,
    write: (folder, options) => write(contents, { database, folder, ...options }),
    batches: (size) => batches(contents, { database, size }),
  };
}

interface WriteRequest extends Form {
  readonly database: Database;
  readonly folder: string;
  readonly rowsPerFile?: number;
}

async function write(contents: StagedContents, request: WriteRequest): Promise<readonly StagedFile[]> {
  const { database, folder, format, rowsPerFile = Number.POSITIVE_INFINITY } = request;
  await mkdir(folder, { recursive: true });
  const small = contents.files.every(({ rows }) => rows <= rowsPerFile);
  if (format === 'parquet' && small && isFinished(contents, request))
    return await Promise.all(
      contents.files.map((file, number) => handOver(file, pathOf(contents, request, number))),
    );
  const written: StagedFile[] = [];
  const count = Math.max(1, Math.ceil(contents.rows / rowsPerFile));
  for (let number = 0; number < count; number += 1) {
    const path = pathOf(contents, request, number);
    const part = Number.isFinite(rowsPerFile) ? ` LIMIT ${rowsPerFile} OFFSET ${number * rowsPerFile}` : '';
    const rows = await database.run(copyTo(`${deliveredRows(contents, request)}${part}`, path, format));
    written.push({ path, rows, bytes: (await stat(path)).size });
  }
  return written;
}

/** Whether the files hold exactly the rows to deliver, in their final types. */
function isFinished(
  { files, columns, superseded, withoutTombstones, tombstones }: StagedContents,
  { times }: Form,
): boolean {
  if (files.length === 0 || superseded !== undefined || (withoutTombstones && tombstones > 0)) return false;
  if (times === 'text' && columns.some(({ type }) => type.kind === 'time')) return false;
  const signature = typeSignature(columns);
  return files.every((file) => typeSignature(file.columns) === signature);
}

async function handOver({ path: from, rows, bytes }: RowFile, path: string): Promise<StagedFile> {
  await rm(path, { force: true });
  try {
    await link(from, path);
  } catch {
    // Another file system, or one without hard links.
    await copyFile(from, path);
  }
  return { path, rows, bytes };
}

function pathOf({ plan, index }: StagedContents, { folder, format }: WriteRequest, number: number): string {
  const plain = plan.name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 80);
  const [table, file] = [index, number].map((part) => String(part).padStart(4, '0'));
  return join(folder, `${table}-${plain}-${file}.${format}`);
}

function copyTo(select: string, path: string, format: Format): string {
  const options = format === 'parquet' ? 'FORMAT parquet, COMPRESSION snappy' : 'FORMAT csv, HEADER true';
  return `COPY (${select}) TO ${literal(path)} (${options})`;
}

/** The rows to deliver in the order in which they came. */
function deliveredRows(
  { columns, files, superseded, withoutTombstones }: StagedContents,
  { format, times }: Form,
): string {
  const output = (column: Column): string =>
    format === 'csv' || (times === 'text' && column.type.kind === 'time')
      ? isoText(column)
      : `CAST(${identifier(column.name)} AS ${storedType(column.type)})`;
  const listed = columns.map((column) => `${output(column)} AS ${identifier(column.name)}`).join(', ');
  if (files.length === 0) {
    const empty = columns.map(({ name, type }) => `CAST(NULL AS ${storedType(type)}) AS ${identifier(name)}`);
    return `SELECT ${listed} FROM (SELECT ${empty.join(', ')} LIMIT 0)`;
  }
  const conditions = [
    ...(superseded ? [`${rawId} NOT IN (SELECT ${rawId} FROM read_parquet(${literal(superseded)}))`] : []),
    ...(withoutTombstones ? ['_deleted_at IS NULL'] : []),
  ];
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const aligned = files.map(
    ({ path }) =>
      `SELECT ${columns.map(({ name, type }) => `CAST(${identifier(name)} AS ${storedType(type)}) AS ${identifier(name)}`).join(', ')} FROM read_parquet(${literal(path)})${where}`,
  );
  return `SELECT ${listed} FROM (${aligned.join(' UNION ALL ')})`;
}

function isoText({ name, type }: Column): string {
  const value = identifier(name);
  switch (type.kind) {
    case 'instant':
      return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case 'datetime':
      return `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%f')`;
    case 'decimal':
    case 'date':
    case 'time':
      return `CAST(${value} AS VARCHAR)`;
    default:
      return value;
  }
}

async function* batches(
  contents: StagedContents,
  { database, size }: { database: Database; size: number },
): AsyncGenerator<readonly Row[]> {
  const names = contents.columns.map(({ name }) => name);
  let waiting: Row[] = [];
  for await (const block of database.blocks(deliveredRows(contents, { format: 'csv' }))) {
    for (const values of block) {
      waiting.push(Object.fromEntries(names.map((name, index) => [name, plain(values[index])])));
      if (waiting.length < size) continue;
      yield waiting;
      waiting = [];
    }
  }
  if (waiting.length > 0) yield waiting;
}

/** 64-bit integers as numbers where a number tells them exactly, else as text. */
const plain = (value: unknown): unknown =>
  typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);

/** Counts what is delivered where not every row is. */
export async function countDelivered(
  contents: Omit<StagedContents, 'rows' | 'tombstones'>,
  database: Database,
): Promise<{ readonly rows: number; readonly tombstones: number }> {
  if (contents.files.length === 0) return { rows: 0, tombstones: 0 };
  const all = deliveredRows({ ...contents, rows: 0, tombstones: 0 }, { format: 'parquet' });
  const [row] = await database.rows(
    `SELECT count(*) AS rows, count(_deleted_at) AS tombstones FROM (${all})`,
  );
  return { rows: Number(row?.rows ?? 0), tombstones: Number(row?.tombstones ?? 0) };
}
