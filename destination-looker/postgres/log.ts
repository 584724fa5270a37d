// The sync log: one row for each table a delivery changed, in the same transaction as the rows.
import { syncLogTable } from './names.ts';
import { literal, qualified } from './text.ts';

export interface Commit {
  /** This delivery's own name: what a lost answer is settled by. */
  readonly delivery: string;
  readonly job: string;
  readonly segment: number;
  readonly stream: string;
  readonly table: string;
  readonly batch: string;
  readonly mode: string;
  readonly rows: number;
  readonly tombstones: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

const columns =
  'delivery, job, segment, stream, table_name, batch_id, mode, staged_rows, tombstones, inserted, updated, deleted';

/** `id` only grows: `SELECT max(id) FROM ledgerpipe_syncs` is a datagroup's sql_trigger. */
export const createLog = (schema: string): string =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, syncLogTable)} (id bigserial PRIMARY KEY, delivery text NOT NULL, job text NOT NULL, segment integer NOT NULL, stream text NOT NULL, table_name text NOT NULL, batch_id text NOT NULL, mode text NOT NULL, staged_rows bigint NOT NULL, tombstones bigint NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL, deleted bigint NOT NULL, committed_at timestamp with time zone NOT NULL DEFAULT now())`;

/** Deliveries are looked up by name, batches and generations by table. */
export const indexLog = (schema: string): readonly string[] => {
  const target = qualified(schema, syncLogTable);
  return [
    // Unique: of two attempts that run at the same time, after a lost answer, one fails as a whole.
    `CREATE UNIQUE INDEX IF NOT EXISTS ledgerpipe_syncs_delivery ON ${target} (delivery, table_name, mode)`,
    `CREATE INDEX IF NOT EXISTS ledgerpipe_syncs_batch ON ${target} (table_name, batch_id)`,
  ];
};

/** A commit's values as an SQL row; counts may be expressions. */
export function commitRow(
  commit: Omit<Commit, 'inserted' | 'updated' | 'deleted'>,
  counts: { readonly inserted: string; readonly updated: string; readonly deleted: string },
): string {
  const { delivery, job, segment, stream, table, batch, mode, rows, tombstones } = commit;
  return [
    literal(delivery),
    literal(job),
    String(segment),
    ...[stream, table, batch, mode].map(literal),
    String(rows),
    String(tombstones),
    counts.inserted,
    counts.updated,
    counts.deleted,
  ].join(', ');
}

/** `rows`: each made by `commitRow`, as SELECT lists. */
export const insertCommits = (schema: string, rows: readonly string[]): string =>
  `INSERT INTO ${qualified(schema, syncLogTable)} (${columns}) ${rows.map((row) => `SELECT ${row}`).join(' UNION ALL ')}`;

/** What a delivery committed: no rows when it did not. */
export const findDelivery = (schema: string, delivery: string): string =>
  `SELECT table_name, inserted, updated, deleted FROM ${qualified(schema, syncLogTable)} WHERE delivery = ${literal(delivery)} ORDER BY id`;

/** Whether a batch is in its table already: said by the log, and still true of the table. */
export const findBatch = (schema: string, { table, batch }: { table: string; batch: string }): string =>
  `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM ${qualified(schema, syncLogTable)} WHERE table_name = ${literal(table)} AND batch_id = ${literal(batch)}) AND EXISTS (SELECT 1 FROM ${qualified(schema, table)} WHERE "_batch_id" = ${literal(batch)})`;

/** The tables that ever took rows of a stream, and the generation up to which each is rid of older rows. */
export const findStreamTables = (schema: string, stream: string): string =>
  `SELECT table_name, max(CASE WHEN mode = 'retire' THEN CAST(substr(batch_id, 12) AS bigint) END) AS retired FROM ${qualified(schema, syncLogTable)} WHERE stream = ${literal(stream)} GROUP BY table_name ORDER BY table_name`;

/** The batch a retirement is logged under; `findStreamTables` reads the number after 11 characters. */
export const generationBatch = (generation: number): string => `generation-${generation}`;
