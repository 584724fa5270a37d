// Delivers one segment through SQL Runner: in one statement where it fits, else its pieces first and then that statement.
import { randomUUID } from 'node:crypto';
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import type { Change } from '../postgres/changes.ts';
import { type Layout, layoutFor, tableOf, wantedLayout } from '../postgres/layout.ts';
import { findDelivery } from '../postgres/log.ts';
import { syncLogTable } from '../postgres/names.ts';
import { changesOf, commitOf, dueTables, parentOf } from '../postgres/segment.ts';
import { claimTables } from '../warehouse/tables.ts';
import { encoded, pieces, type Rows, rowsOf } from './payload.ts';
import { retirements } from './retire.ts';
import { ensureTables, type Run } from './run.ts';
import {
  type Applied,
  applySegment,
  countPieces,
  executePieces,
  insertPiece,
  stageOf,
  unlessAppended,
} from './sql.ts';
import { callsPerStatement, longestStatement } from './statements.ts';

/** Room for the comment that tells statements apart, and for Looker's own. */
const margin = 1_000;

/** Resolves when every row of the segment is durable. A segment without tables costs no call. */
export async function deliver(run: Run, segment: Segment): Promise<void> {
  const refreshed = segment.completed.filter(({ retireBelow }) => retireBelow > 0);
  if (segment.tables.length === 0 && refreshed.length === 0) return;
  claimTables(segment.tables);
  const due = dueTables(segment.tables, await run.tables());
  await ensureTables(run, due);
  const delivery = randomUUID();
  const { applied, payload } = await planSegment(run, { segment, due, delivery });
  const all = [...applied, ...(await retirements(run, { segment, refreshed, applied, delivery }))];
  if (all.length === 0) return;
  const inline = applySegment(run.schema, all, { source: { inline: payload }, delivery });
  if (inline.length <= longestStatement - margin) await apply(run, { delivery, sql: inline });
  else await applyInPieces(run, { delivery, payload, all });
}

interface Delivering {
  readonly segment: Segment;
  readonly due: readonly StagedTable[];
  readonly delivery: string;
}

/** The changes of every table, and the rows of all of them as one text. */
async function planSegment(
  run: Run,
  { segment, due, delivery }: Delivering,
): Promise<{ readonly applied: readonly Applied[]; readonly payload: string }> {
  const there = await run.tables();
  const rows = new Map<number, Rows>();
  const layouts = new Map<StagedTable, Layout>();
  for (const [index, table] of due.entries()) {
    const current = there.get(tableOf(table));
    const layout = current ? layoutFor(table, current) : wantedLayout(table);
    layouts.set(table, layout);
    if (table.rows > 0) rows.set(index, await rowsOf(table, layout));
  }
  const applied = [...layouts].map(([table, layout], index): Applied => {
    const parent = parentOf(table, due);
    const parentLayout = parent && layouts.get(parent);
    const planned = changesOf(table, {
      schema: run.schema,
      deletion: run.context.config.deletion,
      layout,
      stage: rows.has(index) ? stageOf(index) : undefined,
      parent: parent && parentLayout && { layout: parentLayout, stage: stageOf(due.indexOf(parent)) },
    });
    return {
      ...{ index, layout },
      staged: rows.has(index),
      changes: table.mode === 'append' ? onlyOnce(run, table, planned) : planned,
      commit: commitOf(table, { delivery, job: run.job, segment }),
    };
  });
  return { applied, payload: encoded(rows) };
}

const onlyOnce = ({ schema }: Run, table: StagedTable, appended: readonly Change[]): readonly Change[] =>
  appended.map(({ does, sql }) => ({
    does,
    sql: unlessAppended(sql, { schema, log: syncLogTable, table: tableOf(table), batch: table.batch }),
  }));

async function apply(run: Run, { delivery, sql }: { delivery: string; sql: string }): Promise<void> {
  const purpose = `load schema "${run.schema}"`;
  const isDone = async (): Promise<boolean> => (await logged(run, delivery)).length > 0;
  const answer = (await run.statements.run(sql, { purpose, isDone })) ?? [];
  // A statement that changes data may answer without the rows of its SELECT: the log has the counts as well.
  const told = answer.filter((row) => 'table_name' in row);
  for (const row of told.length > 0 ? told : await logged(run, delivery))
    await run.log(
      'INFO',
      JSON.stringify({
        event: 'table loaded',
        job: run.job,
        table: row.table_name,
        inserted: Number(row.inserted),
        updated: Number(row.updated),
        deleted: Number(row.deleted),
      }),
    );
}

const logged = (run: Run, delivery: string) =>
  run.statements.read(findDelivery(run.schema, delivery), 'look up a delivery in the sync log');

async function applyInPieces(
  run: Run,
  { delivery, payload, all }: { delivery: string; payload: string; all: readonly Applied[] },
): Promise<void> {
  const { schema } = run;
  const sql = applySegment(schema, all, { source: { schema, delivery }, delivery });
  const short = sql.length <= longestStatement - margin;
  const name = `${delivery}/sql`;
  const parts = [
    ...pieces(payload).map((piece, part) => ({ delivery, part, piece })),
    ...(short
      ? []
      : pieces(Buffer.from(sql).toString('base64')).map((piece, part) => ({ delivery: name, part, piece }))),
  ];
  const needed = parts.length + 2;
  if (needed > run.statements.left())
    throw configError(
      `Cannot load schema "${schema}": this delivery takes ${needed * callsPerStatement} calls of the Looker API and ${run.statements.left() * callsPerStatement} are left of "sql_runner.call_budget", raise it or use mode "warehouse"`,
    );
  for (const part of parts) {
    const isDone = async (): Promise<boolean> =>
      (await run.statements.read(countPieces(schema, part.delivery), 'look for a piece')).some(
        (row) => Number(row.part) === part.part,
      );
    await run.statements.run(insertPiece(schema, part), {
      purpose: `send a piece to schema "${schema}"`,
      isDone,
    });
  }
  await apply(run, { delivery, sql: short ? sql : executePieces(schema, name) });
}
