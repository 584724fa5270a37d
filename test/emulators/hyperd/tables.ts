// What is inside a .hyper file: its tables, columns, assumed keys and format version, from hyperd's catalog.
import { literal, quoted, type Session } from './session.ts';

export interface HyperColumn {
  readonly name: string;
  /** As the server writes it, e.g. `numeric(18,4)`. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface HyperTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly HyperColumn[];
  /** Columns of the assumed primary key; empty without one. */
  readonly key: readonly string[];
  /** The tables its assumed foreign keys point at, one entry per key. */
  readonly references: readonly { readonly schema: string; readonly name: string }[];
}

const own = ['pg_catalog', 'information_schema', 'tableau', 'pg_temp'];

/** The tables of the database attached as `alias`, by schema and name. */
export async function readTables(session: Session, alias = 'db'): Promise<HyperTable[]> {
  const catalog = `${quoted(alias)}.pg_catalog`;
  const { rows: columns } = await session.query(
    `SELECT c.oid AS id, n.nspname AS schema, c.relname AS name, a.attname AS "column", a.attnum AS place,
       a.attnotnull AS filled, format_type(a.atttypid, a.atttypmod) AS type
     FROM ${catalog}.pg_class c
     JOIN ${catalog}.pg_namespace n ON n.oid = c.relnamespace
     JOIN ${catalog}.pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND n.nspname NOT IN (${own.map(literal).join(', ')})
     ORDER BY 2, 3, 5`,
  );
  const { rows: constraints } = await session.query(
    `SELECT contype AS kind, conrelid AS id, confrelid AS target, conkey AS places
     FROM ${catalog}.pg_constraint WHERE contype IN ('p', 'f')`,
  );
  const tables = new Map<string, { schema: string; name: string; columns: Column[] }>();
  for (const row of columns) {
    const id = String(row.id);
    const table = tables.get(id) ?? { schema: String(row.schema), name: String(row.name), columns: [] };
    table.columns.push({
      place: Number(row.place),
      name: String(row.column),
      type: String(row.type),
      nullable: row.filled !== true,
    });
    tables.set(id, table);
  }
  return [...tables].map(([id, { schema, name, columns: own }]) => {
    const mine = constraints.filter((row) => String(row.id) === id);
    const places = placesOf(mine.find(({ kind }) => kind === 'p')?.places);
    return {
      schema,
      name,
      columns: own.map(({ place: _, ...column }) => column),
      key: places.flatMap((place) => own.find((column) => column.place === place)?.name ?? []),
      references: mine.flatMap(({ kind, target }) => {
        const found = kind === 'f' ? tables.get(String(target)) : undefined;
        return found ? [{ schema: found.schema, name: found.name }] : [];
      }),
    };
  });
}

type Column = HyperColumn & { readonly place: number };

/** `[1,2]` or `{1,2}` as the catalog writes the columns of a key. */
const placesOf = (places: unknown): number[] =>
  (String(places ?? '').match(/\d+/g) ?? []).map((place) => Number(place));

/** "Hyper", then the layout of the header, then the format version as a little-endian 16-bit number (tableau.md 7.4). */
const magic = Buffer.from('48797065720800000100', 'hex');

/** The format version of a .hyper file from its first bytes; undefined when it is no such file. */
export function fileVersion(head: Buffer): number | undefined {
  if (head.length < magic.length + 2 || !head.subarray(0, magic.length).equals(magic)) return undefined;
  return head.readUInt16LE(magic.length);
}
