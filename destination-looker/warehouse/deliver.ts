// Delivers one segment in one transaction: readers see all of it or nothing, whatever happens on the way.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectorError } from '@airbyte/cdk-typescript-shim';
import type { Segment, StagedTable } from '@ledgerpipe/staging';
import { tableOf } from '../postgres/layout.ts';
import { type Commit, commitRow, findDelivery, insertCommits } from '../postgres/log.ts';
import { commitOf, dueTables } from '../postgres/segment.ts';
import { explainFailure, isConnectionLost, isData, isPassing, isStale, readFailure } from './errors.ts';
import { type Loading, loadTable, type Prepared, prepareTable } from './load.ts';
import { retire } from './retire.ts';
import { inTransaction, lockKey, type Run } from './run.ts';
import { openSpool, type Spool } from './spool.ts';
import { claimTables, growTable } from './tables.ts';

/** A server that restarts or fails over is back within a minute or two. */
export const attempts = 8;

/**
 * Resolves when every row of the segment is durable. Whatever failed, delivering the same segment again leaves the
 * tables as one delivery does. A segment without tables asks nothing of the database.
 */
export async function deliver(run: Run, segment: Segment): Promise<void> {
  const refreshed = segment.completed.filter(({ retireBelow }) => retireBelow > 0);
  if (segment.tables.length === 0 && refreshed.length === 0) return;
  claimTables(segment.tables);
  const folder = join(
    run.context.config.working_folder ?? tmpdir(),
    `ledgerpipe-copy-${run.job}-${segment.number}`,
  );
  const spool = openSpool(
    segment.tables.filter(({ rows }) => rows > 0),
    folder,
  );
  // Names this delivery in the log: what a lost answer to COMMIT is settled by.
  const delivery = randomUUID();
  try {
    await repeated(run, { delivery, segment, spool });
  } finally {
    await spool.discard();
  }
}

interface Attempt {
  readonly delivery: string;
  readonly segment: Segment;
  readonly spool: Spool;
}

async function repeated(run: Run, attempt: Attempt): Promise<void> {
  const { clock, signal } = run.context;
  let lost = false;
  for (let count = 1; ; count += 1) {
    try {
      await once(run, attempt, { settle: lost });
      return;
    } catch (error) {
      signal.throwIfAborted();
      run.forget();
      const failure = readFailure(error);
      lost ||= isConnectionLost(failure);
      if (isConnectionLost(failure)) await run.database.drop();
      if (error instanceof ConnectorError && !(error instanceof Careful)) throw error;
      const mendable = error instanceof Careful || isPassing(failure) || (count === 1 && isStale(failure));
      if (!mendable || count >= attempts) throw explainFailure(error, `deliver to schema "${run.schema}"`);
      if (isPassing(failure)) {
        await run.log('INFO', `Delivers again: PostgreSQL said "${failure.message}"`);
        await clock.sleep(Math.random() * Math.min(30_000, 1_000 * 2 ** count), signal);
      }
    }
  }
}

/** The quick way does not do: the segment is delivered again, its rows staged and looked at one by one. */
class Careful extends Error {}

async function once(
  run: Run,
  { delivery, segment, spool }: Attempt,
  { settle }: { settle: boolean },
): Promise<void> {
  await run.prepare();
  const there = await run.tables();
  const due = dueTables(segment.tables, there);
  for (const table of due) await growTable(run, table);
  // The first file is written before the transaction opens: it holds no lock while it waits.
  const [first] = due.filter(({ rows }) => rows > 0);
  if (first) await spool.of(first);
  const commits = await inTransaction(run, async () => {
    await lock(run, segment, due);
    // Behind the lock: an earlier attempt whose answer was lost has committed by now, or never will.
    if (settle && (await isDelivered(run, delivery))) return undefined;
    const made = await loadAll(run, { delivery, segment, spool }, due);
    made.push(...(await retire(run, { delivery, segment })));
    if (made.length > 0)
      await run.database.query(
        insertCommits(
          run.schema,
          made.map((commit) => commitRow(commit, counts(commit))),
        ),
      );
    return made;
  });
  if (!commits)
    return await run.log('INFO', 'The delivery whose answer was lost is in the sync log: it was committed');
  if (commits.length > 0) run.forget();
  const missing = due
    .filter((table) => !there.has(tableOf(table)))
    .map(({ declaration }) => declaration.stream);
  for (const stream of missing) run.fresh.add(stream);
  for (const { delivery: _, ...commit } of commits)
    await run.log('INFO', JSON.stringify({ event: 'table loaded', ...commit }));
}

const counts = ({ inserted, updated, deleted }: Commit) => ({
  inserted: String(inserted),
  updated: String(updated),
  deleted: String(deleted),
});

/** One writer at a time for each table, in an order that all keep. */
async function lock(run: Run, segment: Segment, due: readonly StagedTable[]): Promise<void> {
  const names = [...due.map(tableOf), ...segment.completed.map(({ stream }) => `stream ${stream}`)];
  const keys = [...new Set(names.map((name) => lockKey(run.schema, name)))].sort();
  await run.database.query("SET LOCAL lock_timeout = '10min'");
  for (const key of keys) await run.database.query(`SELECT pg_advisory_xact_lock(${key})`);
  await run.database.query("SET LOCAL lock_timeout = '1500ms'");
}

async function isDelivered(run: Run, delivery: string): Promise<boolean> {
  return (await run.database.query(findDelivery(run.schema, delivery))).count > 0;
}

async function loadAll(run: Run, attempt: Attempt, due: readonly StagedTable[]): Promise<Commit[]> {
  const prepared: Prepared[] = [];
  for (const table of due) prepared.push(await prepareTable(run, table));
  const before: Loading[] = [];
  for (const [index, own] of prepared.entries()) {
    const streamFresh = isFresh(
      run,
      prepared.filter(({ table }) => sameStream(table, own.table)),
    );
    try {
      before.push(await loadTable(run, own, { spool: attempt.spool, before, streamFresh, index }));
    } catch (error) {
      throw otherwise(run, { own, error, streamFresh });
    }
  }
  const { delivery, segment } = attempt;
  return before.map(({ table, loaded }) => ({
    ...commitOf(table, { delivery, job: run.job, segment }),
    ...loaded,
  }));
}

const sameStream = (one: StagedTable, other: StagedTable): boolean =>
  one.declaration.stream === other.declaration.stream;

/** Nothing to compare with: no table of the stream has rows, or this run made them and every key has come once. */
function isFresh(run: Run, family: readonly Prepared[]): boolean {
  if (family.every(({ first }) => first)) return true;
  const own = family.every(({ table }) => run.fresh.has(table.declaration.stream));
  return own && family.every(({ table }) => table.tombstones === 0);
}

/** What a failure asks for: the same segment in a more careful way, where there is one. */
function otherwise(
  run: Run,
  { own, error, streamFresh }: { own: Prepared; error: unknown; streamFresh: boolean },
): unknown {
  const { table } = own.layout;
  const { stream } = own.table.declaration;
  const failure = readFailure(error);
  if (failure.code === '23505' && streamFresh && run.fresh.delete(stream))
    return new Careful(`Keys of stream "${stream}" come again`, { cause: error });
  if (isData(failure) && !run.careful.has(table)) {
    run.careful.add(table);
    return new Careful(failure.message, { cause: error });
  }
  // Failures that are final say which table; the others are looked at by their codes.
  return isPassing(failure) || isStale(failure)
    ? error
    : explainFailure(error, `load table "${run.schema}.${table}"`);
}
