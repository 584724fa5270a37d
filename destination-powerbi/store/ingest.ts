// Takes the rows of a segment into the replica: what changed gets a new place in the queue, what is equal stays.
import type { StagedTable } from '@ledgerpipe/staging';
import type { ModelTable } from '../model/layout.ts';
import type { StoredColumn } from '../model/types.ts';
import { ensureShape, type Shape } from './shape.ts';
import { identifier, keyOf, literal, own, parquet, replicaOf, storedType } from './sql.ts';
import type { Store } from './store.ts';

/** A table of a segment in files, with its parent's where it has one. */
export interface Arriving {
  readonly table: ModelTable;
  readonly staged: StagedTable;
  readonly files: readonly string[];
  readonly parent?: { readonly staged: StagedTable; readonly files: readonly string[] };
  /** Name of a table of the raw ids of the parents whose lines are to be taken; absent: all. */
  readonly accepted?: string;
}

/** Appends the rows: no row of an append stream has a key. A batch that came before is taken up where it was left. */
export async function appendRows(store: Store, arriving: Arriving): Promise<void> {
  const { table, staged } = arriving;
  const shape = await ensureShape(store, table, storedColumns(arriving));
  const { database } = store;
  const already = await database.number(
    `SELECT coalesce(sum(pushed), 0) FROM batches WHERE tab = ${literal(table.name)} AND batch = ${literal(staged.batch)}`,
  );
  const queued = await database.number(
    `SELECT count(*) FROM ${replicaOf(table.name)} WHERE ${own.batch} = ${literal(staged.batch)} AND ${own.ord} > ${store.state(table.name).acked}`,
  );
  if (already + queued >= staged.rows) return;
  await insert(store, arriving, {
    shape,
    rows: `SELECT * FROM (${incoming(arriving)}) OFFSET ${already + queued}`,
  });
}

/** Replaces a table without keys: nothing happens when it is made of the same lines as before. */
export async function replaceRows(store: Store, arriving: Arriving): Promise<void> {
  const { table, staged } = arriving;
  const { name } = table;
  const shape = await ensureShape(store, table, storedColumns(arriving));
  const state = store.state(name);
  if (state.batch === staged.batch) return;
  await store.database.run(`DELETE FROM ${replicaOf(name)}`);
  await store.update(name, {
    batch: staged.batch,
    truncating: state.truncating || state.pushed > 0,
    acked: 0,
  });
  await insert(store, arriving, { shape, rows: incoming(arriving) });
}

export interface Insertion {
  readonly shape: Shape;
  /** A query for rows of `incoming`, perhaps with a column "$known". */
  readonly rows: string;
  readonly known?: boolean;
}

/** Puts rows at the end of the queue. */
export async function insert(store: Store, { table, staged }: Arriving, insertion: Insertion): Promise<void> {
  const { rows, shape, known = false } = insertion;
  const { name } = table;
  const state = store.state(name);
  const columns = table.stored.map((column) => identifier(column.name));
  const values = table.stored.map(
    ({ name: column, type }) => `CAST(${identifier(column)} AS ${shape.get(column) ?? storedType(type)})`,
  );
  await store.database.run(
    `INSERT INTO ${replicaOf(name)} (${[...Object.values(own), ...columns].join(', ')})
     SELECT ${state.next - 1} + row_number() OVER (), ${own.key}, ${own.hash}, ${own.generation}, false, ${known ? own.known : 'false'}, ${literal(staged.batch)}, ${values.join(', ')}
     FROM (${rows})`,
  );
  const next = await store.database.number(
    `SELECT coalesce(max(${own.ord}), 0) + 1 FROM ${replicaOf(name)} WHERE ${own.ord} >= ${state.next}`,
  );
  const generation = staged.declaration.generation;
  await store.update(name, {
    next: Math.max(state.next, next),
    oldest: state.oldest === null ? generation : Math.min(state.oldest, generation),
  });
}

/** The arriving rows with their key, hash and generation, and the replica's columns. */
export function incoming(arriving: Arriving): string {
  const { table, parent, files } = arriving;
  const values = storedColumns(arriving).map(
    ({ name, staged: column, from, type }) =>
      `CAST(${from === 'row' ? 's' : 'p'}.${identifier(column)} AS ${storedType(type)}) AS ${identifier(name)}`,
  );
  const header = parent && table.stored.some(({ from }) => from === 'parent');
  const join = header
    ? ` LEFT JOIN ${parquet(parent.files)} AS p ON p._airbyte_raw_id = s._airbyte_raw_id`
    : '';
  return `SELECT ${[...facts(arriving), ...values].join(', ')} FROM ${parquet(files)} AS s${join}${only(arriving)}`;
}

/** Key, hash and what else decides about a row, without its other columns. */
export function narrow(arriving: Arriving): string {
  const { table, parent } = arriving;
  const header = parent && table.stored.some(({ from }) => from === 'parent');
  const join = header
    ? ` LEFT JOIN ${parquet(parent.files)} AS p ON p._airbyte_raw_id = s._airbyte_raw_id`
    : '';
  const cursor = cursorOf(arriving);
  const more = [
    `s._airbyte_raw_id AS raw`,
    `s._deleted_at IS NOT NULL AS dead`,
    ...(cursor ? [`s.${identifier(cursor.staged)} AS cursor`] : []),
  ];
  return `SELECT ${[...facts(arriving), ...more].join(', ')} FROM ${parquet(arriving.files)} AS s${join}${only(arriving)}`;
}

const only = ({ accepted }: Arriving): string =>
  accepted === undefined ? '' : ` WHERE s._airbyte_raw_id IN (SELECT raw FROM ${accepted})`;

function facts({ table, staged }: Arriving): readonly string[] {
  const repeated = table.stored.filter(({ from }) => from === 'parent');
  const hash =
    repeated.length === 0
      ? 's._row_hash'
      : // Another release of DuckDB may hash otherwise: rows would go once more, and nothing else.
        `CAST(hash(s._row_hash, ${repeated.map(({ staged: column }) => `p.${identifier(column)}`).join(', ')}) AS VARCHAR)`;
  const key = table.keyed
    ? keyOf(staged.keys.map((name) => `s.${identifier(name)}`))
    : 'CAST(NULL AS VARCHAR)';
  return [`${key} AS ${own.key}`, `${hash} AS ${own.hash}`, `s._airbyte_generation_id AS ${own.generation}`];
}

/** The replica's columns with the types that this segment's rows have: staging may have widened some. */
export function storedColumns({ table, staged, parent }: Arriving): readonly StoredColumn[] {
  return table.stored.map((column) => {
    const from = column.from === 'row' ? staged : parent?.staged;
    const found = from?.columns.find(({ name }) => name === column.staged);
    return found ? { ...column, type: found.type } : column;
  });
}

/** The replica's column of the stream's cursor, in the main table. */
export function cursorOf({ table, staged }: Arriving): StoredColumn | undefined {
  if (staged.parent || staged.declaration.cursor.length === 0) return undefined;
  const path = JSON.stringify(staged.declaration.cursor);
  const column = staged.columns.find((one) => !one.meta && JSON.stringify(one.path) === path);
  return column && table.stored.find(({ staged: name, from }) => from === 'row' && name === column.name);
}
