// One data file of a landing zone, applied to its table: inserts, updates, deletes and upserts in row order.
import { type Engine, literal, quoted } from './engine.ts';

/** What is wrong with a file; it becomes the error of its table. */
export class ReplicationError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Target {
  /** Name of the table in the engine. */
  readonly table: string;
  readonly keys: readonly string[];
  /** Column types as the engine writes them; grows with new columns. */
  readonly columns: Map<string, string>;
}

const MARKER = '__rowMarker__';
const markers = { insert: 0, update: 1, delete: 2, upsert: 4 };

/** Applies a Parquet file; answers its number of rows. */
export async function applyFile(
  engine: Engine,
  target: Target,
  { content, insertMissing }: { content: Buffer; insertMissing: boolean },
): Promise<number> {
  return engine.withFile(content, async (path) => {
    const read = `read_parquet(${literal(path)})`;
    const found = await engine.run(`SELECT * FROM ${read} LIMIT 0`).catch((error: unknown) => {
      throw new ReplicationError('InvalidFile', `The file is no Parquet file: ${String(error)}`);
    });
    const marked = found.names.includes(MARKER);
    if (marked && found.names.at(-1) !== MARKER)
      throw new ReplicationError('InvalidRowMarker', `${MARKER} must be the last column.`);
    const columns = found.names.filter((name) => name !== MARKER);
    await widen(engine, target, new Map(columns.map((name, at) => [name, found.types[at] ?? 'VARCHAR'])));
    for (const key of target.keys)
      if (!columns.includes(key))
        throw new ReplicationError('InvalidKeyColumns', `Key column "${key}" is not in the file.`);
    if (marked) await applyMarked(engine, target, { read, columns, insertMissing });
    else await insert(engine, target, { columns, from: read });
    const count = await engine.run(`SELECT count(*)::INTEGER FROM ${read}`);
    return Number(count.rows[0]?.[0] ?? 0);
  });
}

/** New columns are added; one of another type cannot be merged. */
async function widen(
  engine: Engine,
  { table, columns }: Target,
  found: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, type] of found) {
    const known = columns.get(name);
    if (known !== undefined && known !== type)
      throw new ReplicationError('SchemaMergeFailure', `Column "${name}" is ${type} and was ${known}.`);
  }
  if (columns.size === 0) {
    const list = [...found].map(([name, type]) => `${quoted(name)} ${type}`);
    await engine.run(`CREATE OR REPLACE TABLE ${quoted(table)} (${list.join(', ')})`);
  } else
    for (const [name, type] of found)
      if (!columns.has(name))
        await engine.run(`ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(name)} ${type}`);
  for (const [name, type] of found) columns.set(name, type);
}

async function insert(
  engine: Engine,
  { table }: Target,
  { columns, from }: { columns: readonly string[]; from: string },
): Promise<void> {
  const list = columns.map(quoted).join(', ');
  await engine.run(`INSERT INTO ${quoted(table)} (${list}) SELECT ${list} FROM ${from}`);
}

/** Rows of one key take effect one after the other: first all first rows, then all second ones. */
async function applyMarked(
  engine: Engine,
  target: Target,
  { read, columns, insertMissing }: { read: string; columns: readonly string[]; insertMissing: boolean },
): Promise<void> {
  const known = Object.values(markers).join(', ');
  const bad = await engine.run(
    `SELECT ${MARKER} FROM ${read} WHERE ${MARKER} IS NULL OR ${MARKER} NOT IN (${known}) LIMIT 1`,
  );
  if (bad.rows.length > 0)
    throw new ReplicationError(
      'InvalidRowMarker',
      `${MARKER} ${String(bad.rows[0]?.[0])} is none of ${known}.`,
    );
  const changes = await engine.run(`SELECT 1 FROM ${read} WHERE ${MARKER} <> ${markers.insert} LIMIT 1`);
  if (changes.rows.length === 0) return insert(engine, target, { columns, from: read });
  if (target.keys.length === 0)
    throw new ReplicationError('KeyColumnsMissing', 'Updates and deletes need keyColumns in _metadata.json.');
  const keys = target.keys.map(quoted).join(', ');
  const ordered = read.replace(/\)$/, ', file_row_number = true)');
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE arriving AS SELECT *, row_number() OVER (PARTITION BY ${keys} ORDER BY file_row_number) AS turn FROM ${ordered}`,
  );
  const last = await engine.run('SELECT max(turn)::INTEGER FROM arriving');
  for (let turn = 1; turn <= Number(last.rows[0]?.[0] ?? 0); turn += 1)
    await applyTurn(engine, target, { turn, columns, insertMissing });
}

async function applyTurn(
  engine: Engine,
  target: Target,
  { turn, columns, insertMissing }: { turn: number; columns: readonly string[]; insertMissing: boolean },
): Promise<void> {
  const table = quoted(target.table);
  const same = target.keys
    .map((key) => `t.${quoted(key)} IS NOT DISTINCT FROM a.${quoted(key)}`)
    .join(' AND ');
  const now = `(SELECT * FROM arriving WHERE turn = ${turn})`;
  const replacing = `(${markers.update}, ${markers.upsert})`;
  const added = insertMissing ? replacing : `(${markers.upsert})`;
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE fresh AS SELECT a.* FROM ${now} a WHERE a.${MARKER} = ${markers.insert} OR (a.${MARKER} IN ${added} AND NOT EXISTS (SELECT 1 FROM ${table} t WHERE ${same}))`,
  );
  await engine.run(`DELETE FROM ${table} t USING ${now} a WHERE a.${MARKER} = ${markers.delete} AND ${same}`);
  // A row that replaces another is complete: what it leaves out becomes NULL.
  const set = [...target.columns.keys()].map(
    (name) => `${quoted(name)} = ${columns.includes(name) ? `a.${quoted(name)}` : 'NULL'}`,
  );
  await engine.run(
    `UPDATE ${table} t SET ${set.join(', ')} FROM ${now} a WHERE a.${MARKER} IN ${replacing} AND ${same}`,
  );
  await insert(engine, target, { columns, from: 'fresh' });
}
