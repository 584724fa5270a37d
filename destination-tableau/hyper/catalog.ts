// What a .hyper file holds: its tables, columns and assumed keys, from hyperd's catalog.
import type { FileTable, Link } from '../layout/model.ts';
import type { Row, Workbench } from './engine.ts';
import { literal, quoted } from './text.ts';

/** A table of a file, and the schema it is in. */
export interface FoundTable extends FileTable {
  readonly schema: string;
}

const ownSchemas = ['pg_catalog', 'information_schema', 'tableau', 'pg_temp'];

/** The tables of the file attached as `alias`. */
export async function readTables(workbench: Workbench, alias: string): Promise<readonly FoundTable[]> {
  const catalog = `${quoted(alias)}.pg_catalog`;
  const columns = await workbench.rows(
    `SELECT c.oid AS id, n.nspname AS schema, c.relname AS name, a.attname AS column, a.attnum AS place,
       a.attnotnull AS required, format_type(a.atttypid, a.atttypmod) AS type
     FROM ${catalog}.pg_class c
     JOIN ${catalog}.pg_namespace n ON n.oid = c.relnamespace
     JOIN ${catalog}.pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND n.nspname NOT IN (${ownSchemas.map(literal).join(', ')})
     ORDER BY c.oid, a.attnum`,
  );
  const constraints = await workbench.rows(
    `SELECT contype AS kind, conrelid AS id, confrelid AS target, conkey AS places, confkey AS targets
     FROM ${catalog}.pg_constraint WHERE contype IN ('p', 'f')`,
  );
  const ids = [...new Set(columns.map(({ id }) => id))];
  return ids.map((id) => tableOf(id, { columns, constraints }));
}

interface Found {
  readonly columns: readonly Row[];
  readonly constraints: readonly Row[];
}

function tableOf(id: string | null | undefined, { columns, constraints }: Found): FoundTable {
  const own = columns.filter((row) => row.id === id);
  const nameAt = (table: string | null | undefined, place: string): readonly string[] =>
    columns.flatMap((row) => (row.id === table && row.place === place && row.column ? [row.column] : []));
  const mine = constraints.filter((row) => row.id === id);
  const links = mine
    .filter(({ kind }) => kind === 'f')
    .map(
      ({ target, places, targets }): Link => ({
        columns: placesOf(places).flatMap((place) => nameAt(id, place)),
        table: columns.find((row) => row.id === target)?.name ?? '',
        keys: placesOf(targets).flatMap((place) => nameAt(target, place)),
      }),
    );
  return {
    schema: own[0]?.schema ?? '',
    name: own[0]?.name ?? '',
    columns: own.map(({ column, type, required }) => ({
      name: column ?? '',
      type: normal(type ?? ''),
      required: required === 't' || required === 'true',
    })),
    key: placesOf(mine.find(({ kind }) => kind === 'p')?.places).flatMap((place) => nameAt(id, place)),
    links,
  };
}

/** `{1,2}` */
const placesOf = (text: string | null | undefined): readonly string[] => text?.match(/\d+/g) ?? [];

/** The names under which types are compared. */
const normal = (type: string): string =>
  ({ timestamp: 'timestamp without time zone', time: 'time without time zone', 'character varying': 'text' })[
    type
  ] ?? type.replace(/\s*,\s*/g, ',');
