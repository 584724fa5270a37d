// The audit trail as a file, in any of its formats or as Parquet: there as a whole, or not at all.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { configError } from '@airbyte/cdk-typescript-shim';
import type { AuditRow } from '../../store/contract.ts';
import { type AuditFormat, auditFormats, printAudit } from './print.ts';

export const savedFormats = [...auditFormats, 'parquet'] as const;
export type SavedFormat = (typeof savedFormats)[number];

/** Types of the columns in Parquet, in the order of the other formats. Times of the source stay as it wrote them. */
const types = {
  pipeline: 'VARCHAR',
  tenant: 'VARCHAR',
  stream: 'VARCHAR',
  key: 'VARCHAR',
  document: 'VARCHAR',
  hash: 'VARCHAR',
  source_time: 'VARCHAR',
  event: 'VARCHAR',
  event_at: 'TIMESTAMPTZ',
  job: 'BIGINT',
  attempt: 'INTEGER',
  receipt: 'VARCHAR',
  outcome: 'VARCHAR',
  read_at: 'TIMESTAMPTZ',
  delivered_at: 'TIMESTAMPTZ',
};

/** Writes all rows and gives how many there were. Throws a config error when the file cannot be written. */
export async function saveAudit(
  rows: AsyncIterable<AuditRow>,
  { format, output }: { readonly format: SavedFormat; readonly output: string },
): Promise<number> {
  const draft = `${output}.${process.pid}.part`;
  const lines = `${draft}.jsonl`;
  try {
    const isParquet = format === 'parquet';
    const count = await printTo(isParquet ? lines : draft, rows, isParquet ? 'jsonl' : format);
    if (isParquet) await convert(lines, draft);
    await rename(draft, output);
    return count;
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw configError(`Cannot write "${output}": ${error.message}, give another place as --output`);
  } finally {
    await Promise.all([draft, lines].map((path) => rm(path, { force: true })));
  }
}

async function printTo(path: string, rows: AsyncIterable<AuditRow>, format: AuditFormat): Promise<number> {
  const to = createWriteStream(path);
  // Rejects as soon as the disk refuses, which may be while the next rows are found.
  const written = finished(to);
  try {
    const count = await Promise.race([printAudit(rows, { format, to }), written.then(() => 0)]);
    to.end();
    await written;
    return count;
  } catch (error) {
    // A file that is still being opened would come after it was removed.
    to.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

/** From JSON lines on disk, so that memory stays flat whatever the length of the trail. */
async function convert(lines: string, parquet: string): Promise<void> {
  const { DuckDBInstance } = await duckdb();
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '512MB', threads: '2' });
  try {
    const connection = await instance.connect();
    const columns = Object.entries(types).map(([name, type]) => `${name}: '${type}'`);
    await connection.run(
      `COPY (SELECT * FROM read_json(${literal(lines)}, format = 'newline_delimited', columns = {${columns.join(', ')}}))
       TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

/** Native, and needed by this format alone. */
async function duckdb(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw configError(
      'Cannot write Parquet: the package "@duckdb/node-api" is not installed for this platform, choose --format csv',
      { cause },
    );
  }
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
