// Loads one table of a segment inside the segment's transaction: straight by COPY, or staged and then merged.
import { systemError } from '@airbyte/cdk-typescript-shim';
import type { StagedTable } from '@ledgerpipe/staging';
import type { Change } from '../postgres/changes.ts';
import * as changes from '../postgres/changes.ts';
import * as ddl from '../postgres/ddl.ts';
import { type Layout, layoutFor, wantedLayout } from '../postgres/layout.ts';
import { findBatch } from '../postgres/log.ts';
import { changesOf, parentOf } from '../postgres/segment.ts';
import { isStraight, type Stage, stageColumns } from '../postgres/staged.ts';
import { qualified, quoted, quotedList } from '../postgres/text.ts';
import type { Run } from './run.ts';
import type { Spool, SpooledTable } from './spool.ts';
import { makeTable } from './tables.ts';

export interface Loaded {
  inserted: number;
  updated: number;
  deleted: number;
}

/** A table of the segment on its way: what later tables of the same stream need to know of it. */
export interface Loading {
  readonly table: StagedTable;
  readonly layout: Layout;
  /** Its rows, where they are staged; absent when there are none, or when they went straight in. */
  readonly stage?: Stage;
  readonly loaded: Loaded;
}

/** A table that is there, in this transaction at the latest. */
export interface Prepared {
  readonly table: StagedTable;
  readonly layout: Layout;
  /** Made in this transaction, without its key. */
  readonly made: boolean;
  /** It has no rows: whatever came is all there is. */
  readonly first: boolean;
}

export interface LoadContext {
  readonly spool: Spool;
  /** Tables of this segment that are loaded. */
  readonly before: readonly Loading[];
  /** No table of the stream has rows that these could meet, as far as is known. */
  readonly streamFresh: boolean;
  readonly index: number;
}

/** Makes the table when it is missing, and looks whether it has rows. */
export async function prepareTable(run: Run, table: StagedTable): Promise<Prepared> {
  const made = await makeTable(run, table);
  const current = (await run.tables()).get(wantedLayout(table).table);
  const layout = current ? layoutFor(table, current) : wantedLayout(table);
  return { table, layout, made, first: made || (await isEmpty(run, layout)) };
}

/** Brings the rows into the table. */
export async function loadTable(run: Run, prepared: Prepared, context: LoadContext): Promise<Loading> {
  const { table, layout, made } = prepared;
  const loaded: Loaded = { inserted: 0, updated: 0, deleted: 0 };
  const loading: Loading = { table, layout, loaded };
  if (table.mode === 'append' && !made && (await hasBatch(run, { table, layout }))) return loading;
  const spooled = table.rows > 0 ? await context.spool.of(table) : undefined;
  if (spooled && goesStraight(run, prepared, { spooled, ...context })) {
    await loadStraight(run, prepared, { spooled, loaded });
    return loading;
  }
  if (made && layout.keys.length > 0) await run.database.query(ddl.addPrimaryKey(run.schema, layout));
  const stage = spooled && (await stageRows(run, { table, layout, spooled, index: context.index }));
  const parent = context.before.find(({ table: other }) => other === parentOf(table, [other]));
  const planned = {
    schema: run.schema,
    deletion: run.context.config.deletion,
    ...{ layout, stage },
    parent: parent?.stage && { layout: parent.layout, stage: parent.stage },
  };
  for (const change of changesOf(table, planned)) await apply(run, change, loaded);
  if (stage && table.mode === 'upsert' && !table.parent) await prove(run, { layout, stage });
  return { ...loading, ...(stage ? { stage } : {}) };
}

/** Rows may go straight in where none has to be compared with one that is there, and all fit as they are. */
function goesStraight(
  run: Run,
  { table, layout, first }: Prepared,
  { spooled, streamFresh }: LoadContext & { readonly spooled: SpooledTable },
): boolean {
  if (!isStraight(layout) || spooled.escapedNul || run.careful.has(layout.table)) return false;
  if (table.mode === 'append') return true;
  return table.mode === 'replace' ? first || layout.keys.length === 0 : streamFresh;
}

async function loadStraight(
  run: Run,
  { table, layout, made }: Prepared,
  { spooled, loaded }: { readonly spooled: SpooledTable; readonly loaded: Loaded },
): Promise<void> {
  const { database, schema } = run;
  if (table.mode === 'replace')
    loaded.deleted += (await database.query(changes.emptied(layout, schema).sql)).count;
  const into = `${qualified(schema, layout.table)} (${quotedList(layout.columns.map(({ name }) => name))})`;
  loaded.inserted += await copyInto(run, into, { table, spooled });
  const deleted = layout.columns.find(({ staged }) => staged === '_deleted_at')?.name;
  if (table.tombstones > 0 && table.mode === 'upsert' && deleted) {
    const dead = `DELETE FROM ${qualified(schema, layout.table)} WHERE ${quoted(deleted)} IS NOT NULL`;
    loaded.inserted -= (await database.query(dead)).count;
  }
  if (made && layout.keys.length > 0) await database.query(ddl.addPrimaryKey(schema, layout));
}

async function stageRows(
  run: Run,
  {
    table,
    layout,
    spooled,
    index,
  }: Pick<Prepared, 'table' | 'layout'> & { readonly spooled: SpooledTable; readonly index: number },
): Promise<Stage> {
  const { database } = run;
  const form = spooled.escapedNul || run.careful.has(layout.table) ? 'text' : 'typed';
  const relation = `pg_temp.${quoted(`ledgerpipe_stage_${index}`)}`;
  await database.query(
    `CREATE TEMPORARY TABLE ${relation.replace('pg_temp.', '')} (${stageColumns(layout, form)}) ON COMMIT DROP`,
  );
  await copyInto(run, relation, { table, spooled });
  // Nobody else does it for temporary tables, and joins are chosen by it.
  if (table.rows >= 1_000) await database.query(`ANALYZE ${relation}`);
  return { relation, form };
}

/** Sends all files and makes sure that the server counted what staging counted. */
async function copyInto(
  run: Run,
  into: string,
  { table, spooled }: { readonly table: StagedTable; readonly spooled: SpooledTable },
): Promise<number> {
  let rows = 0;
  for (const file of spooled.files)
    rows += await run.database.copy(`COPY ${into} FROM STDIN WITH (FORMAT csv, HEADER true)`, file, {
      withoutNul: spooled.nul,
    });
  if (rows !== table.rows)
    throw systemError(
      `Cannot load table "${table.name}": ${table.rows} rows were sent and PostgreSQL took ${rows}, report it with the log`,
    );
  return rows;
}

async function apply(run: Run, { does, sql }: Change, loaded: Loaded): Promise<void> {
  if (does === 'remove') {
    loaded.deleted += (await run.database.query(sql)).count;
    return;
  }
  const counted = `WITH changed AS (${sql} RETURNING (xmax = 0) AS fresh) SELECT count(*) FILTER (WHERE fresh) AS inserted, count(*) FILTER (WHERE NOT fresh) AS updated FROM changed`;
  const [row] = (await run.database.query(counted)).rows;
  loaded.inserted += Number(row?.inserted ?? 0);
  loaded.updated += Number(row?.updated ?? 0);
}

/** Every staged key is in the table now; otherwise nothing of the segment becomes durable. */
async function prove(run: Run, { layout, stage }: { layout: Layout; stage: Stage }): Promise<void> {
  if (run.context.config.after_commit.read_back === 'none') return;
  const [row] = (await run.database.query(changes.missingRows(layout, stage, run.schema))).rows;
  if (Number(row?.missing ?? 0) > 0)
    throw systemError(
      `Cannot load table "${layout.table}": ${String(row?.missing)} staged keys are not in it after the load, report it with the log`,
    );
}

async function isEmpty(run: Run, { table }: Layout): Promise<boolean> {
  const found = await run.database.query(`SELECT 1 FROM ${qualified(run.schema, table)} LIMIT 1`);
  return found.count === 0;
}

async function hasBatch(
  run: Run,
  { table, layout }: { readonly table: StagedTable; readonly layout: Layout },
): Promise<boolean> {
  const found = await run.database.query(findBatch(run.schema, { table: layout.table, batch: table.batch }));
  return found.count > 0;
}
