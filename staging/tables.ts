// What staging hands to a destination: typed relational tables, and the states they cover.
import type { Declaration, Message, Role, WriteMode } from '@airbyte/cdk-typescript-shim';

/** The type of a column, free of any product. A product maps each kind to its own type. */
export type ColumnType =
  | { readonly kind: 'text' | 'integer' | 'double' | 'boolean' | 'date' | 'time' | 'json' }
  /** A moment in time, microseconds, UTC. */
  | { readonly kind: 'instant' }
  /** A date and time of day without a zone, microseconds. */
  | { readonly kind: 'datetime' }
  /** `precision` digits in all (18, or up to 38 where values asked for it), `scale` of them after the point. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Path in the record (main table) or in the array's element (child table); empty for columns staging adds. */
  readonly path: readonly string[];
  readonly role?: Role;
  readonly description?: string;
  /** Set by staging, not by the source: `_row_hash`, `_airbyte_*`, `_job_id`, `_batch_id`, `_deleted_at`, `_position`. */
  readonly meta?: true;
}

/** These columns hold the key of a row of that table (`columns[i]` holds `keys[i]`); the row may not be there. */
export interface Reference {
  readonly columns: readonly string[];
  readonly table: string;
  readonly keys: readonly string[];
}

/** One table of a plan: known before any row, and growing only by new columns and wider types. */
export interface TablePlan {
  readonly name: string;
  readonly declaration: Declaration;
  /** How its rows land. A child table of an `upsert` stream is `upsert` too: all rows of a touched parent are replaced. */
  readonly mode: WriteMode;
  readonly columns: readonly Column[];
  /** The columns that identify a row: the record's key, or for a child table the parent's key and `_position`. */
  readonly keys: readonly string[];
  /** Child tables: the parent's table, and the columns here that hold its key (without one: `_airbyte_raw_id`). */
  readonly parent?: { readonly table: string; readonly columns: readonly string[] };
  readonly references: readonly Reference[];
  readonly description?: string;
}

export interface StagedFile {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

/** The rows of one table in one segment: one row per key, the newest, for keyed tables. */
export interface StagedTable extends TablePlan {
  readonly rows: number;
  /** Of these, tombstones: `_deleted_at` is set, other columns are as the source sent them, no child rows. */
  readonly tombstones: number;
  /** Hash of the lines behind these rows: equal input gives an equal id, so a delivery can be recognised. */
  readonly batch: string;
  /**
   * Writes all rows as files into `folder`, which is made where missing: Parquet (snappy; instants with the UTC flag,
   * local date-times without, JSON as text) or CSV (RFC 4180 with a header and LF; ISO 8601; NULL is an empty field,
   * an empty text is `""`). Always at least one file, also for no rows. Without `rowsPerFile` a file holds what was
   * projected at a time, about 32 MiB of lines. `times: 'text'`: times of day are text in Parquet too, for products
   * that do not read its TIME.
   */
  write(
    folder: string,
    options: { readonly format: 'parquet' | 'csv'; readonly rowsPerFile?: number; readonly times?: 'text' },
  ): Promise<readonly StagedFile[]>;
  /**
   * All rows in arrays of up to `size`, by column name, in the order of arrival. Decimals, dates, times and moments
   * are text, exact (`12.5000`, `2024-01-31`, `2024-01-31T00:00:00.000000Z`, local ones without Z); integers are
   * numbers, beyond 2^53 text; JSON is text.
   */
  batches(size: number): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]>;
}

/**
 * Everything that arrived up to a point, ready to deliver. Deliver every table, then `settle()`: it gives the STATE
 * messages that are now durable, in order, unknown keys intact, with destinationStats. Then `discard()`.
 *
 * Rows of a `replace` stream are held back, with their states, until its COMPLETE arrives; then the segment holds
 * the whole new table (also when it has no rows). If COMPLETE never arrives, neither rows nor states come out.
 */
export interface Segment {
  /** 0 for the first of the run. */
  readonly number: number;
  /** Referenced tables first. An upsert stream with rows brings all its child tables, those without rows too. */
  readonly tables: readonly StagedTable[];
  /** Streams whose COMPLETE arrived since the last segment. */
  readonly completed: readonly Declaration[];
  readonly rows: number;
  settle(): readonly Message[];
  discard(): Promise<void>;
}

export interface StagingOptions {
  /** Working folder on a local disk; made and removed by staging. Default: a new folder under the system's temp. */
  readonly folder?: string;
  /** A segment closes after this many bytes of lines, the first one after a quarter; default 256 MiB. */
  readonly segmentBytes?: number;
  /** A segment closes this long after its first line, in milliseconds; default 600,000 (states are due every 15 minutes). */
  readonly segmentMilliseconds?: number;
  /** Memory DuckDB may use before it spills to `folder`, in MiB; default 192. */
  readonly memory?: number;
  readonly names?: 'original' | 'snake_case';
  /** What a line that cannot be used does: it is kept in the reject file and counted, and with `fail` ends the run. */
  readonly onReject?: 'keep' | 'fail';
  /**
   * Where rejected lines go, as JSON lines `{"reason","stream","line"}`; default `rejects-<job>.jsonl` in the working
   * directory of the process. Made when there is a first one.
   */
  readonly rejectFile?: string;
  /** `false`: `_row_hash` stays NULL, for products that compare nothing by it; it is a quarter of the work. */
  readonly rowHashes?: boolean;
  /**
   * The next segment is projected while one is delivered, for products that are sent files and wait for an answer. It
   * may have a third segment on disk, and DuckDB busy during `write` and `batches`. Default: it is only spooled.
   */
  readonly ahead?: boolean;
  /** The run's own name, for `_job_id` where the caller gave no job. */
  readonly job: string;
}
