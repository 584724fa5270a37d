// Segments made by hand: typed rows as staging would deliver them, so that a test says exactly what arrives.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Declaration, Message } from '@airbyte/cdk-typescript-shim';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Column, ColumnType, Reference, Segment, StagedTable } from '@ledgerpipe/staging';

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Column types in a word: `text`, `integer`, `decimal(18,4)`. */
type Columns = Readonly<Record<string, string>>;

export interface TableOptions {
  readonly stream?: string;
  readonly namespace?: string;
  readonly keys?: readonly string[];
  readonly mode?: 'append' | 'upsert' | 'replace';
  readonly cursor?: string;
  readonly generation?: number;
  readonly retireBelow?: number;
  readonly parent?: { readonly table: string; readonly columns: readonly string[] };
  readonly references?: readonly Reference[];
  readonly descriptions?: Readonly<Record<string, string>>;
  readonly description?: string;
  /** Of the delivery; by default made from the rows. */
  readonly batch?: string;
  readonly job?: string;
  /** Leaves the last columns out of the meta columns, as another writer's table may. */
  readonly rowsPerFile?: number;
}

const metaTypes: Columns = {
  _row_hash: 'text',
  _airbyte_extracted_at: 'instant',
  _airbyte_meta: 'json',
  _airbyte_generation_id: 'integer',
  _job_id: 'text',
  _batch_id: 'text',
  _deleted_at: 'instant',
};

/** `gone: true` in a row makes it a tombstone. */
export function table(
  name: string,
  columns: Columns,
  rows: readonly Row[],
  options: TableOptions = {},
): StagedTable {
  const stream = options.stream ?? name;
  const keys = options.keys ?? ['id'];
  const batch = options.batch ?? hash(JSON.stringify([name, rows])).slice(0, 16);
  const declaration: Declaration = {
    stream,
    name: stream,
    ...(options.namespace ? { namespace: options.namespace } : {}),
    schema: {},
    mode: options.mode ?? 'upsert',
    keys: keys.map((key) => [key]),
    cursor: options.cursor ? [options.cursor] : [],
    envelope: 'airbyte',
    generation: options.generation ?? 0,
    retireBelow: options.retireBelow ?? 0,
  };
  const all = { ...columns, ...metaTypes };
  const filled = rows.map((row) => withMeta(row, { batch, declaration, job: options.job ?? 'job-1' }));
  return {
    name,
    declaration,
    mode: declaration.mode,
    columns: Object.entries(all).map(([column, kind]): Column => {
      const meta = column in metaTypes;
      const description = options.descriptions?.[column];
      return {
        name: column,
        type: typeOf(kind),
        path: meta ? [] : [column],
        ...(meta ? { meta } : {}),
        ...(description ? { description } : {}),
      };
    }),
    keys: declaration.mode === 'append' ? [] : keys,
    references: options.references ?? [],
    ...(options.parent ? { parent: options.parent } : {}),
    ...(options.description ? { description: options.description } : {}),
    rows: rows.length,
    tombstones: rows.filter(({ gone }) => gone).length,
    batch,
    write: async (folder) => {
      const parts = options.rowsPerFile ? chunks(filled, options.rowsPerFile) : [filled];
      return Promise.all(
        parts.map(async (part, index) => {
          const path = join(folder, `${index}.parquet`);
          await writeParquet(path, all, part);
          return { path, rows: part.length, bytes: (await stat(path)).size };
        }),
      );
    },
    batches: async function* () {
      yield filled;
    },
  };
}

/** A child table as staging plans it: the parent's key, `_position`, then its own columns. */
export function childTable(
  parent: StagedTable,
  field: string,
  { columns, rows, ...options }: { columns: Columns; rows: readonly Row[] } & TableOptions,
): StagedTable {
  const keyTypes = Object.fromEntries(
    parent.keys.map((key) => {
      const { kind } = parent.columns.find(({ name }) => name === key)?.type ?? { kind: 'text' };
      return [key, kind];
    }),
  );
  const keys = [...parent.keys, '_position'];
  const child = table(`${parent.name}_${field}`, { ...keyTypes, _position: 'integer', ...columns }, rows, {
    stream: parent.declaration.stream,
    ...(parent.declaration.namespace ? { namespace: parent.declaration.namespace } : {}),
    mode: parent.mode,
    ...options,
    keys,
    batch: parent.batch,
    parent: { table: parent.name, columns: parent.keys },
  });
  return { ...child, declaration: parent.declaration };
}

export interface TestSegment extends Segment {
  readonly discarded: () => boolean;
}

export function segment(
  tables: readonly StagedTable[],
  {
    number = 0,
    completed = [],
    states = [],
  }: Partial<Pick<Segment, 'number' | 'completed'>> & { states?: Message[] } = {},
): TestSegment {
  let discarded = false;
  return {
    number,
    tables,
    completed,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    settle: () => states,
    discard: async () => {
      discarded = true;
    },
    discarded: () => discarded,
  };
}

function withMeta(
  { gone, ...row }: Row,
  { batch, declaration, job }: { batch: string; declaration: Declaration; job: string },
): Row {
  return {
    ...row,
    _row_hash: row._row_hash ?? (gone ? null : hash(JSON.stringify(row))),
    _airbyte_extracted_at: row._airbyte_extracted_at ?? '2026-09-01T10:00:00Z',
    _airbyte_meta: row._airbyte_meta ?? '{"sync_id":1,"changes":[]}',
    _airbyte_generation_id: declaration.generation,
    _job_id: job,
    _batch_id: batch,
    _deleted_at: gone ? '2026-09-02T00:00:00Z' : null,
  };
}

const hash = (text: string): string => createHash('md5').update(text).digest('hex');

function typeOf(text: string): ColumnType {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(text) ?? [];
  if (precision && scale) return { kind: 'decimal', precision: Number(precision), scale: Number(scale) };
  return { kind: text } as ColumnType;
}

const engineTypes: Columns = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  time: 'VARCHAR',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  instant: 'TIMESTAMPTZ',
  datetime: 'TIMESTAMP',
};

async function writeParquet(path: string, columns: Columns, rows: readonly Row[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const types = Object.entries(columns).map(([name, kind]) => `${quoted(name)} ${engineTypes[kind] ?? kind}`);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`CREATE TABLE rows (${types.join(', ')})`);
  for (const row of rows) {
    const values = Object.keys(columns).map((name) => {
      const value = row[name] ?? null;
      return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
    });
    await connection.run(`INSERT INTO rows VALUES (${values.join(', ')})`);
  }
  await connection.run(`COPY rows TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
