// The replica's tables: made and widened to hold what the model's columns need.
import type { ModelTable } from '../model/layout.ts';
import type { StoredColumn } from '../model/types.ts';
import type { Database } from './database.ts';
import { identifier, own, replicaOf, storedType } from './sql.ts';
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
  if (!store.hasReplica(name)) {
    const all = [...control, ...wanted.map(([column, type]) => [identifier(column), type] as const)];
    await database.run(
      `CREATE TABLE ${replicaOf(name)} (${all.map(([column, type]) => `${column} ${type}`).join(', ')})`,
    );
    const made = new Map(wanted);
    store.shaped(name, made);
    return made;
  }
  const shape = new Map(store.shape(name));
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
  store.shaped(name, shape);
  return shape;
}

/** The columns of every replica in the file, by table. */
export async function readShapes(database: Database): Promise<ReadonlyMap<string, Shape>> {
  const rows = await database.rows(
    `SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE starts_with(table_name, 'r_') AND NOT internal`,
  );
  const shapes = new Map<string, Map<string, string>>();
  for (const { table_name, column_name, data_type } of rows) {
    const table = String(table_name).slice('r_'.length);
    const shape = shapes.get(table) ?? new Map<string, string>();
    shapes.set(table, shape);
    if (!String(column_name).startsWith('$')) shape.set(String(column_name), String(data_type));
  }
  return shapes;
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
