// The replica's tables: made and widened to hold what the model's columns need.
import type { ModelTable } from '../model/layout.ts';
import type { StoredColumn } from '../model/types.ts';
import { identifier, literal, own, replicaOf, storedType } from './sql.ts';
import type { Store } from './store.ts';

const control: readonly (readonly [name: string, type: string])[] = [
  [own.ord, 'BIGINT'],
  [own.key, 'VARCHAR'],
  [own.hash, 'VARCHAR'],
  [own.generation, 'BIGINT'],
  [own.gone, 'BOOLEAN'],
  [own.known, 'BOOLEAN'],
  [own.batch, 'VARCHAR'],
];

export const controlColumns: readonly string[] = control.map(([name]) => name);

/** The types that columns have in the replica, by name: they only ever grow wider. */
export type Shape = ReadonlyMap<string, string>;

/** Makes the table, or adds and widens columns; `columns` have the types that the arriving rows need. */
export async function ensureShape(
  store: Store,
  { name }: ModelTable,
  columns: readonly StoredColumn[],
): Promise<Shape> {
  const { database } = store;
  const wanted = columns.map((column) => [column.name, storedType(column.type)] as const);
  if (!(await store.hasReplica(name))) {
    const all = [...control, ...wanted.map(([column, type]) => [identifier(column), type] as const)];
    await database.run(
      `CREATE TABLE ${replicaOf(name)} (${all.map(([column, type]) => `${column} ${type}`).join(', ')})`,
    );
    return new Map(wanted);
  }
  const shape = new Map(await shapeOf(store, name));
  for (const [column, type] of wanted) {
    const found = shape.get(column);
    if (found === type) continue;
    const wider = found === undefined ? type : widest(found, type);
    if (found === undefined)
      await database.run(`ALTER TABLE ${replicaOf(name)} ADD COLUMN ${identifier(column)} ${type}`);
    else if (wider !== found)
      await database.run(`ALTER TABLE ${replicaOf(name)} ALTER ${identifier(column)} TYPE ${wider}`);
    shape.set(column, wider);
  }
  return shape;
}

export async function shapeOf({ database }: Store, table: string): Promise<Shape> {
  const rows = await database.rows(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ${literal(`r_${table}`)}`,
  );
  return new Map(
    rows
      .map(({ column_name, data_type }) => [String(column_name), String(data_type)] as const)
      .filter(([column]) => !column.startsWith('$')),
  );
}

/** A type that holds the values of both. */
function widest(one: string, other: string): string {
  const [left, right] = [one, other].map((type) => /^DECIMAL\((\d+),(\d+)\)$/.exec(type));
  if (left && right) {
    const scale = Math.max(Number(left[2]), Number(right[2]));
    const whole = Math.max(Number(left[1]) - Number(left[2]), Number(right[1]) - Number(right[2]));
    return `DECIMAL(${Math.min(38, whole + scale)},${scale})`;
  }
  if (one === 'BIGINT' && right) return `DECIMAL(38,${right[2]})`;
  if (left && other === 'BIGINT') return `DECIMAL(38,${left[2]})`;
  if (one === 'DATE' && other.startsWith('TIMESTAMP')) return other;
  if (one.startsWith('TIMESTAMP') && other === 'DATE') return one;
  return 'VARCHAR';
}
