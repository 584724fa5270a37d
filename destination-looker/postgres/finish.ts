// After the last segment, by whatever runs statements: tables for streams without rows, keys without a row, and proof.
import type { TablePlan } from '@ledgerpipe/staging';
import { jobOf, type LoadedTable, type Log } from '../delivery.ts';
import type { Config } from '../spec.ts';
import { type CurrentTable, tableOf, wantedLayout } from './layout.ts';
import { type PlannedReference, plannedReferences } from './plans.ts';
import { proofOf } from './proof.ts';
import { countDangling, insertInferred } from './references.ts';

/** How statements run here, and what this run delivered. */
export interface Finish {
  readonly config: Pick<Config, 'schema' | 'unmatched_references' | 'after_commit'>;
  readonly job: string;
  readonly log: Log;
  readonly plans: readonly TablePlan[];
  /** Rows delivered by this run, by table; absent: none. */
  readonly delivered: ReadonlyMap<string, number>;
  readonly tables: ReadonlyMap<string, CurrentTable>;
  /** Runs one statement and gives its rows. */
  readonly run: (sql: string, purpose: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Runs one statement that changes rows and gives their number. */
  readonly change: (sql: string, purpose: string) => Promise<number>;
}

/** Tells one line per table, and gives the tables of all declared streams that are there. */
export async function finishTables(finish: Finish): Promise<readonly LoadedTable[]> {
  await resolveReferences(finish);
  const rows = await readBack(finish);
  return finish.plans.flatMap((plan) => {
    const table = tableOf(plan);
    if (!finish.tables.has(table)) return [];
    const counted = rows.get(table) ?? finish.delivered.get(table) ?? 0;
    return [{ plan, table, schema: finish.config.schema, rows: counted }];
  });
}

async function resolveReferences(finish: Finish): Promise<void> {
  const { config, plans, delivered, tables } = finish;
  if (config.unmatched_references === 'ignore') return;
  const loaded = plans.filter((plan) => (delivered.get(tableOf(plan)) ?? 0) > 0);
  const references = plannedReferences(loaded, { plans, tables });
  if (references.length === 0) return;
  const rows = await finish.run(countDangling(config.schema, references), 'count keys without a row');
  const missing = rows.flatMap((row) => {
    const reference = references[Number(row.reference)];
    return reference && Number(row.keys) > 0 ? [{ reference, keys: Number(row.keys) }] : [];
  });
  for (const { reference, keys } of missing) {
    const { fact, dimension } = reference;
    const about = { fact: fact.table.name, columns: fact.columns, dimension: dimension.table.name, keys };
    await finish.log('INFO', JSON.stringify({ event: 'keys without a row', ...about }));
  }
  if (config.unmatched_references === 'insert')
    await insertMissing(
      finish,
      missing.map(({ reference }) => reference),
    );
}

/** One statement for each dimension that lacks rows. */
async function insertMissing(finish: Finish, missing: readonly PlannedReference[]): Promise<void> {
  for (const table of new Set(missing.map(({ dimension }) => dimension.table))) {
    const references = missing.filter(({ dimension }) => dimension.table === table);
    const declaration = references[0]?.declaration;
    const member = { job: jobOf(finish.job, declaration ?? {}), generation: declaration?.generation ?? 0 };
    const statement = insertInferred(finish.config.schema, references, member);
    if (!statement) continue;
    const inserted = await finish.change(statement, `insert inferred members into table "${table.name}"`);
    await finish.log('INFO', JSON.stringify({ event: 'inferred members', table: table.name, inserted }));
  }
}

/** Statements are joined as long as they stay short: SQL Runner takes 65,535 characters. */
const statementCharacters = 30_000;

async function readBack({
  config,
  plans,
  delivered,
  tables,
  log,
  run,
}: Finish): Promise<ReadonlyMap<string, number>> {
  const living = new Map<string, number>();
  if (config.after_commit.read_back === 'none') return living;
  const proofs = plans.flatMap((plan) => {
    const table = tables.get(tableOf(plan));
    return table && delivered.has(table.name) ? [proofOf(config.schema, table, wantedLayout(plan).keys)] : [];
  });
  for (const joined of joinShort(proofs))
    for (const row of await run(joined, 'read back what was loaded')) {
      const table = String(row.table_name);
      living.set(table, Number(row.living));
      const about = { table, rows: Number(row.rows), living: Number(row.living), keys: row.keys ?? null };
      await log(
        'INFO',
        JSON.stringify({ event: 'read back', delivered: delivered.get(table) ?? 0, ...about }),
      );
    }
  return living;
}

function joinShort(statements: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const statement of statements) {
    const last = joined.at(-1);
    if (last !== undefined && last.length + statement.length < statementCharacters)
      joined[joined.length - 1] = `${last} UNION ALL ${statement}`;
    else joined.push(statement);
  }
  return joined;
}
