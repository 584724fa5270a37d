// After the load: fact keys that no dimension row has are counted, and given inferred members where that is asked for.
import { namesOf, type StagedTable } from '@ledgerpipe/staging';
import { explainFailure } from './execute.ts';
import { jobOf, type Run } from './run.ts';
import { findColumn, tableOf } from './sql/layout.ts';
import { columnNames, tableName } from './sql/names.ts';
import { countDangling, type Dangling, insertInferred } from './sql/references.ts';

/** Looks at the whole fact tables that this run changed, in one statement; none without the setting. */
export async function resolveReferences(run: Run, loaded: readonly StagedTable[]): Promise<void> {
  const { unmatched_references: wanted } = run.context.config;
  if (wanted === 'ignore') return;
  const references = (await Promise.all(loaded.map((table) => danglingOf(run, table)))).flat();
  if (references.length === 0) return;
  const missing = await count(run, references);
  for (const { reference, keys } of missing) {
    const { fact, dimension } = reference;
    const about = { fact: fact.table.name, columns: fact.columns, dimension: dimension.table.name, keys };
    await run.log('INFO', JSON.stringify({ event: 'keys without a row', ...about }));
  }
  if (wanted === 'insert')
    await insertMissing(
      run,
      missing.map(({ reference }) => reference),
      loaded,
    );
}

/** The references of a loaded table whose dimension table is there. */
async function danglingOf(run: Run, plan: StagedTable): Promise<readonly Dangling[]> {
  const fact = await run.tables.ensure(plan);
  const found = await Promise.all(
    plan.references.map(async (reference): Promise<readonly Dangling[]> => {
      const name = tableName(reference.table, plan.declaration.namespace);
      const table = await run.tables.find(name);
      const keys = columnNames(reference.keys).flatMap(
        (key) => (table && findColumn(table, key)?.name) ?? [],
      );
      const columns = namesOf(fact.layout.columns, reference.columns);
      if (!table || keys.length !== reference.keys.length || columns.length !== keys.length) return [];
      const dimension = { target: run.tables.qualified(name), table, keys };
      return [{ fact: { target: fact.target, table: fact.table, columns }, dimension }];
    }),
  );
  return found.flat();
}

interface Missing {
  readonly reference: Dangling;
  readonly keys: number;
}

async function count(run: Run, references: readonly Dangling[]): Promise<readonly Missing[]> {
  const purpose = 'count keys without a row';
  const outcome = await run.statements.run(countDangling(references), purpose);
  if (!outcome.ok) throw explainFailure(outcome.failure, purpose);
  return outcome.rows.flatMap(({ reference: index, keys }) => {
    const reference = references[Number(index)];
    return reference && Number(keys) > 0 ? [{ reference, keys: Number(keys) }] : [];
  });
}

/** One statement for each dimension that lacks rows. */
async function insertMissing(
  run: Run,
  missing: readonly Dangling[],
  loaded: readonly StagedTable[],
): Promise<void> {
  for (const target of new Set(missing.map(({ dimension }) => dimension.target))) {
    const references = missing.filter(({ dimension }) => dimension.target === target);
    const name = references[0]?.dimension.table.name ?? '';
    const declaration = loaded.find((table) => tableOf(table) === name)?.declaration;
    const member = { job: jobOf(run, declaration ?? {}), generation: declaration?.generation ?? 0 };
    const statement = insertInferred(references, member);
    if (!statement) continue;
    const purpose = `insert inferred members into table "${name}"`;
    const outcome = await run.statements.run(statement, purpose);
    if (!outcome.ok) throw explainFailure(outcome.failure, purpose);
    const inserted = outcome.rows[0]?.num_inserted_rows ?? null;
    await run.log(
      'INFO',
      JSON.stringify({ event: 'inferred members', table: name, inserted, statement: outcome.id }),
    );
  }
}
