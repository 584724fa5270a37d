// Keyed tables: what a segment changes in them, found by key and hash, and what it takes away.
import type { ModelTable } from '../model/layout.ts';
import { type Arriving, cursorOf, incoming, insert, narrow, storedColumns } from './ingest.ts';
import { controlColumns, ensureShape } from './shape.ts';
import { identifier, keyOf, own, replicaOf } from './sql.ts';
import type { Store } from './store.ts';

/** Which rows go though nothing came for them. */
export type Missing =
  /** None: only tombstones delete. */
  | { readonly kind: 'none' }
  /** All that did not come: the whole table arrived. */
  | { readonly kind: 'all' }
  /** Lines of the parents in the table `accepted`. */
  | { readonly kind: 'lines'; readonly accepted: string };

/**
 * Notes the raw ids and keys of arriving parents that are not older than what is there, for their lines to follow, and
 * which of them were there.
 * Returns the name of the table that holds them.
 */
export async function acceptParents(store: Store, arriving: Arriving): Promise<string> {
  const name = 'accepted';
  await ensureShape(store, arriving.table, storedColumns(arriving));
  const stale = staleCondition(arriving);
  await store.database.run(
    `CREATE OR REPLACE TEMP TABLE ${name} AS
     SELECT s.raw, s.${own.key} AS parent, r.${own.key} IS NOT NULL AS found FROM (${narrow(arriving)}) AS s
     LEFT JOIN ${replicaOf(arriving.table.name)} AS r ON r.${own.key} = s.${own.key}${stale ? ` WHERE NOT ${stale}` : ''}`,
  );
  return name;
}

/** An older version never replaces a newer one of the same generation. */
function staleCondition(arriving: Arriving): string | undefined {
  const cursor = cursorOf(arriving);
  if (!cursor) return undefined;
  return `coalesce(r.${identifier(cursor.name)} > s.cursor AND r.${own.generation} >= s.${own.generation} AND NOT r.${own.gone}, false)`;
}

export async function upsertRows(store: Store, arriving: Arriving, missing: Missing): Promise<void> {
  const { table } = arriving;
  const { database } = store;
  const replica = replicaOf(table.name);
  const shape = await ensureShape(store, table, storedColumns(arriving));
  if (await store.isEmpty(table.name)) {
    const dead = arriving.staged.tombstones === 0 ? '' : ` WHERE ${own.key} NOT IN (${deadKeys(arriving)})`;
    await insert(store, arriving, { shape, rows: `SELECT * FROM (${incoming(arriving)})${dead}` });
    return;
  }
  const { acked } = store.state(table.name);
  const stale = staleCondition(arriving);
  await database.run(`CREATE OR REPLACE TEMP TABLE arrived AS SELECT * FROM (${narrow(arriving)})`);
  await database.run(
    `CREATE OR REPLACE TEMP TABLE changes AS
     SELECT s.${own.key} AS k, s.dead, r.${own.key} IS NOT NULL AS found, r.${own.key} IS NOT NULL AND r.${own.ord} <= ${acked} AS pushed,
       coalesce(r.${own.known}, false) OR coalesce(r.${own.ord} <= ${acked}, false) AS known
     FROM arrived AS s LEFT JOIN ${replica} AS r ON r.${own.key} = s.${own.key}
     WHERE ((r.${own.key} IS NULL AND NOT s.dead)
       OR (r.${own.key} IS NOT NULL AND (r.${own.gone} <> s.dead OR (NOT s.dead AND r.${own.hash} IS DISTINCT FROM s.${own.hash}))))
       ${stale ? `AND NOT ${stale}` : ''}`,
  );
  if (arriving.staged.declaration.retireBelow > 0) await restamp(store, table);
  await remove(store, table, leavingKeys(arriving, missing));
  const changed = await countChanges(store);
  if (changed.found > 0)
    await database.run(`DELETE FROM ${replica} WHERE ${own.key} IN (SELECT k FROM changes WHERE NOT dead)`);
  if (changed.fresh === changed.arrived) await insert(store, arriving, { shape, rows: incoming(arriving) });
  else if (changed.fresh + changed.found > 0)
    await insert(store, arriving, {
      shape,
      known: true,
      rows: `SELECT i.*, c.known AS ${own.known} FROM (${incoming(arriving)}) AS i JOIN changes AS c ON c.k = i.${own.key} WHERE NOT c.dead`,
    });
  const state = store.state(table.name);
  await store.update(table.name, { stale: state.stale + changed.outdated });
}

interface Changed {
  /** Rows that came, changed or not. */
  readonly arrived: number;
  /** Living ones that were not there, and that take the place of another; of those the ones that the model has. */
  readonly fresh: number;
  readonly found: number;
  readonly outdated: number;
}

async function countChanges({ database }: Store): Promise<Changed> {
  const [row] = await database.rows(
    `SELECT (SELECT count(*) FROM arrived) AS arrived, count(*) FILTER (NOT found) AS fresh,
       count(*) FILTER (found) AS found, count(*) FILTER (pushed) AS outdated
     FROM changes WHERE NOT dead`,
  );
  const count = (name: keyof Changed): number => Number(row?.[name] ?? 0);
  return {
    arrived: count('arrived'),
    fresh: count('fresh'),
    found: count('found'),
    outdated: count('outdated'),
  };
}

const deadKeys = (arriving: Arriving): string => `SELECT ${own.key} FROM (${narrow(arriving)}) WHERE dead`;

function leavingKeys({ table, staged }: Arriving, missing: Missing): string {
  const replica = replicaOf(table.name);
  const dead = 'SELECT k FROM changes WHERE dead';
  if (missing.kind === 'none') return dead;
  const absent = `NOT ${own.gone} AND ${own.key} NOT IN (SELECT ${own.key} FROM arrived WHERE NOT dead)`;
  if (missing.kind === 'all') return `${dead} UNION SELECT ${own.key} FROM ${replica} WHERE ${absent}`;
  const parent = keyOf((staged.parent?.columns ?? []).map((column) => identifier(`c_${column}`)));
  return `${dead} UNION SELECT ${own.key} FROM ${replica} WHERE ${parent} IN (SELECT parent FROM ${missing.accepted} WHERE found) AND ${absent}`;
}

/**
 * Takes rows out: those that the model has become tombstones at the end of the queue, the others vanish.
 */
export async function remove(store: Store, table: ModelTable, keys: string): Promise<number> {
  const { database } = store;
  const replica = replicaOf(table.name);
  const state = store.state(table.name);
  // Their keys first: mostly there are none, and the rows need not be read.
  await database.run(
    `CREATE OR REPLACE TEMP TABLE departing AS SELECT ${own.key} AS k FROM ${replica} WHERE NOT ${own.gone} AND ${own.key} IN (${keys})`,
  );
  const count = await database.number('SELECT count(*) FROM departing');
  if (count === 0) return 0;
  await database.run(
    `CREATE OR REPLACE TEMP TABLE leaving AS SELECT * FROM ${replica} WHERE NOT ${own.gone} AND ${own.key} IN (SELECT k FROM departing)`,
  );
  const pushed = await database.number(`SELECT count(*) FROM leaving WHERE ${own.ord} <= ${state.acked}`);
  await database.run(`DELETE FROM ${replica} WHERE ${own.key} IN (SELECT ${own.key} FROM leaving)`);
  const columns = [...store.shape(table.name).keys()].map(identifier);
  await database.run(
    `INSERT INTO ${replica} (${[...controlColumns, ...columns].join(', ')})
     SELECT ${state.next - 1} + row_number() OVER (), ${own.key}, NULL, ${own.generation}, true, true, ${own.batch}${columns.map((column) => `, ${column}`).join('')}
     FROM leaving WHERE ${own.known} OR ${own.ord} <= ${state.acked}`,
  );
  const next = await database.number(`SELECT coalesce(max(${own.ord}), 0) + 1 FROM ${replica}`);
  await store.update(table.name, { next: Math.max(state.next, next), stale: state.stale + pushed });
  return count;
}

/** A refresh brings equal rows again: they belong to the new generation now. */
async function restamp({ database }: Store, { name }: ModelTable): Promise<void> {
  const replica = replicaOf(name);
  await database.run(
    `UPDATE ${replica} SET ${own.generation} = a.generation
     FROM (SELECT ${own.key} AS k, ${own.generation} AS generation FROM arrived WHERE NOT dead) AS a
     WHERE ${own.key} = a.k AND ${own.generation} < a.generation`,
  );
}
