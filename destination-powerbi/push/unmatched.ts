// Keys of facts that no row has: counted, and given inferred members where that is asked for.
import type { Reference } from '@ledgerpipe/staging';
import type { ModelTable } from '../model/layout.ts';
import { ensureShape } from '../store/shape.ts';
import { identifier, keyOf, literal, own, replicaOf } from '../store/sql.ts';
import type { Session } from './session.ts';

/** Looks in the replica at the tables of this run: nothing is asked of Power BI. */
export async function resolveReferences(session: Session, touched: ReadonlySet<string>): Promise<void> {
  const { run, model, store } = session;
  const wanted = run.context.config.unmatched_references;
  if (wanted === 'ignore') return;
  for (const fact of model.tables) {
    if (!fact.plan || !touched.has(`${fact.plan.declaration.stream}\u0000${fact.plan.name}`)) continue;
    for (const reference of fact.plan.references) {
      const dimension = targetOf(session, fact, reference);
      if (!dimension || !fact.keyed || !store.hasReplica(fact.name)) continue;
      const about = { fact, reference, dimension };
      const keys = await missingKeys(session, about);
      if (keys === 0) continue;
      await run.log(
        'INFO',
        JSON.stringify({
          event: 'keys without a row',
          fact: fact.name,
          columns: reference.columns,
          dimension: dimension.name,
          keys,
        }),
      );
      if (wanted === 'insert') await insertMembers(session, about);
    }
  }
}

interface Dangling {
  readonly fact: ModelTable;
  readonly reference: Reference;
  readonly dimension: ModelTable;
}

function targetOf({ model }: Session, { plan }: ModelTable, { table }: Reference): ModelTable | undefined {
  return model.tables.find(
    (other) =>
      other.keyed &&
      other.plan?.name === table &&
      other.plan.declaration.namespace === plan?.declaration.namespace,
  );
}

/** Notes the keys in a table of their own, part by part, and counts them. */
async function missingKeys({ store }: Session, { fact, reference, dimension }: Dangling): Promise<number> {
  const columns = reference.columns.map((name) => identifier(`c_${name}`));
  const kept = reference.columns.every((name) => fact.stored.some((column) => column.name === `c_${name}`));
  if (!kept) return 0;
  await ensureShape(store, dimension, dimension.stored);
  const parts = columns.map((column, index) => `${column} AS k${index}`);
  await store.database.run(
    `CREATE OR REPLACE TEMP TABLE dangling AS
     SELECT DISTINCT ${keyOf(columns)} AS k, ${parts.join(', ')} FROM ${replicaOf(fact.name)}
     WHERE NOT ${own.gone} AND ${keyOf(columns)} NOT IN (SELECT ${own.key} FROM ${replicaOf(dimension.name)} WHERE NOT ${own.gone})`,
  );
  return await store.database.number('SELECT count(*) FROM dangling WHERE k IS NOT NULL');
}

/** Rows of their key and a label; any real row differs from them and takes their place. */
async function insertMembers({ store }: Session, { reference, dimension }: Dangling): Promise<void> {
  const { name, plan } = dimension;
  const shape = await ensureShape(store, dimension, dimension.stored);
  const keys = reference.keys.map((key) => `c_${key}`);
  const label = labelOf(dimension, keys);
  const last = `k${reference.columns.length - 1}`;
  const values = new Map<string, string>(
    keys.map((key, index) => [key, `CAST(k${index} AS ${shape.get(key) ?? 'VARCHAR'})`] as const),
  );
  if (label) values.set(label, `'(unknown ' || CAST(${last} AS VARCHAR) || ')'`);
  const { next } = store.state(name);
  await store.transaction(async () => {
    await store.database.run(
      `INSERT INTO ${replicaOf(name)} (${[...Object.values(own), ...[...values.keys()].map(identifier)].join(', ')})
       SELECT ${next - 1} + row_number() OVER (), k, ${literal('inferred')}, ${plan?.declaration.generation ?? 0}, false, false, NULL, ${[...values.values()].join(', ')}
       FROM dangling WHERE k IS NOT NULL`,
    );
    const count = await store.database.number('SELECT count(*) FROM dangling WHERE k IS NOT NULL');
    await store.update(name, { next: next + count });
  });
}

/** The column that people read: a text of role label, else one called name. */
function labelOf({ plan, stored }: ModelTable, keys: readonly string[]): string | undefined {
  const texts = (plan?.columns ?? []).filter(
    ({ name, type, meta }) => type.kind === 'text' && !meta && !keys.includes(`c_${name}`),
  );
  const found =
    texts.find(({ role, path }) => role === 'label' && path.length === 1) ??
    texts.find(({ name }) => /name/i.test(name));
  return stored.some(({ name }) => name === `c_${found?.name}`) ? `c_${found?.name}` : undefined;
}
