// The statements of SQL Runner mode: pieces of a payload, one statement that applies a whole segment, and DDL in a block.
import type { Change } from '../postgres/changes.ts';
import type { Layout } from '../postgres/layout.ts';
import { type Commit, commitRow, insertCommits } from '../postgres/log.ts';
import { piecesTable } from '../postgres/names.ts';
import type { Stage } from '../postgres/staged.ts';
import { literal, qualified, quoted } from '../postgres/text.ts';

/** Where pieces wait for the statement that uses them; it deletes them. */
export const createPieces = (schema: string): string =>
  `CREATE TABLE IF NOT EXISTS ${qualified(schema, piecesTable)} (delivery text NOT NULL, part integer NOT NULL, piece text NOT NULL, sent_at timestamp with time zone NOT NULL DEFAULT now(), PRIMARY KEY (delivery, part))`;

/** Sent again it inserts nothing; the row count comes from the data-modifying CTE. */
export const insertPiece = (
  schema: string,
  { delivery, part, piece }: { delivery: string; part: number; piece: string },
): string =>
  `WITH w AS (INSERT INTO ${qualified(schema, piecesTable)} (delivery, part, piece) VALUES (${literal(delivery)}, ${part}, '${piece}') ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) AS rows FROM w`;

export const countPieces = (schema: string, delivery: string): string =>
  `SELECT part FROM ${qualified(schema, piecesTable)} WHERE delivery = ${literal(delivery)} ORDER BY part LIMIT 5000`;

/** The payload of a delivery: as it stands in the statement, or put together from its pieces. */
export type PayloadSource =
  | { readonly inline: string }
  | { readonly schema: string; readonly delivery: string };

const textOf = (source: PayloadSource): string =>
  'inline' in source
    ? `'${source.inline}'`
    : `(SELECT string_agg(piece, '' ORDER BY part) FROM ${qualified(source.schema, piecesTable)} WHERE delivery = ${literal(source.delivery)})`;

const decoded = (source: PayloadSource): string =>
  `convert_from(decode(${textOf(source)}, 'base64'), 'UTF8')`;

/** The name of a table's staged rows within the statement. */
export const stageOf = (index: number): Stage => ({ relation: `s${index}`, form: 'typed' });

/** One table of the statement that applies a segment. */
export interface Applied {
  readonly index: number;
  readonly layout: Layout;
  /** Its rows are in the payload. */
  readonly staged: boolean;
  readonly changes: readonly Change[];
  readonly commit: Omit<Commit, 'inserted' | 'updated' | 'deleted'>;
}

/**
 * Applies a whole segment in one statement, which is all or nothing: each change is a part that modifies data, the
 * sync log is another, and the answer has a row per table with the counts.
 */
export function applySegment(
  schema: string,
  tables: readonly Applied[],
  { source, delivery }: { readonly source: PayloadSource; readonly delivery: string },
): string {
  const parts = [
    `doc AS (SELECT CAST(${decoded(source)} AS jsonb) AS j)`,
    ...tables.filter(({ staged }) => staged).map(stagePart),
    ...tables.flatMap(({ index, changes }) =>
      changes.map((change, place) => changePart(change, `c${index}_${place}`)),
    ),
    `logged AS (${insertCommits(
      schema,
      tables.map((table) => commitRow(table.commit, counts(table))),
    )} RETURNING 1)`,
    `cleared AS (DELETE FROM ${qualified(schema, piecesTable)} WHERE delivery LIKE ${literal(`${delivery}%`)} RETURNING 1)`,
  ];
  const answers = tables.map((table) => {
    const { inserted, updated, deleted } = counts(table);
    return `SELECT ${literal(table.commit.table)} AS table_name, ${inserted} AS inserted, ${updated} AS updated, ${deleted} AS deleted`;
  });
  return `WITH ${parts.join(', ')} ${answers.join(' UNION ALL ')}`;
}

function stagePart({ index, layout }: Applied): string {
  const values = layout.columns.map(
    ({ name, wanted }, place) => `${castOf(place, wanted)} AS ${quoted(name)}`,
  );
  return `s${index} AS (SELECT ${values.join(', ')} FROM doc CROSS JOIN jsonb_array_elements(j -> '${index}') AS r)`;
}

const castOf = (place: number, type: string): string =>
  type === 'text' ? `r ->> ${place}` : `CAST(r ->> ${place} AS ${type})`;

const changePart = ({ does, sql }: Change, name: string): string =>
  `${name} AS (${sql} RETURNING ${does === 'merge' ? '(xmax = 0)' : 'true'} AS fresh)`;

function counts({ index, changes }: Applied): { inserted: string; updated: string; deleted: string } {
  const sum = (does: Change['does'], filter: string): string => {
    const own = changes.flatMap((change, place) =>
      change.does === does ? [`(SELECT count(*) ${filter}FROM c${index}_${place})`] : [],
    );
    return own.join(' + ') || '0';
  };
  return {
    inserted: sum('merge', 'FILTER (WHERE fresh) '),
    updated: sum('merge', 'FILTER (WHERE NOT fresh) '),
    deleted: sum('remove', ''),
  };
}

/** Statements as one: a block is a statement of its own, and all or nothing. Their texts travel in base64. */
export const block = (statements: readonly string[]): string =>
  `DO ${literal(`BEGIN ${statements.map((sql) => `EXECUTE ${decoded({ inline: Buffer.from(sql).toString('base64') })}`).join('; ')}; END`)}`;

/** Executes a statement that waits in pieces: for segments of so many tables that the statement itself is too long. */
export const executePieces = (schema: string, delivery: string): string =>
  `DO ${literal(`DECLARE q text; BEGIN SELECT ${decoded({ schema, delivery })} INTO STRICT q; EXECUTE q; END`)}`;

/** Appends a batch that is not there yet: said by the log, and still true of the table. */
export function unlessAppended(
  sql: string,
  { schema, log, table, batch }: { schema: string; log: string; table: string; batch: string },
): string {
  const logged = `EXISTS (SELECT 1 FROM ${qualified(schema, log)} WHERE table_name = ${literal(table)} AND batch_id = ${literal(batch)})`;
  const there = `EXISTS (SELECT 1 FROM ${qualified(schema, table)} WHERE "_batch_id" = ${literal(batch)})`;
  return `${sql} WHERE NOT (${logged} AND ${there})`;
}
