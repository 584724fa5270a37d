// Makes a .hyper file to publish: its tables with their assumed keys, and the rows that go into each.
import { stat } from 'node:fs/promises';
import type { FileTable, Link } from '../layout/model.ts';
import { rowsSchema } from '../layout/model.ts';
import type { Workbench } from './engine.ts';
import { qualified, quoted, quotedList } from './text.ts';
import { isWide } from './types.ts';

/** One SELECT whose columns are `columns`, in that order. */
export interface Filling {
  readonly columns: readonly string[];
  readonly select: string;
}

export interface FileRequest {
  readonly path: string;
  readonly tables: readonly FileTable[];
  /** The rows of a table; those of attached files are read under their aliases. */
  readonly rowsOf: (table: FileTable) => readonly Filling[];
}

export interface MadeFile {
  readonly path: string;
  readonly bytes: number;
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
}

const alias = 'made';

/** Writes the file and lets go of it. */
export async function makeFile(
  workbench: Workbench,
  { path, tables, rowsOf }: FileRequest,
): Promise<MadeFile> {
  const wide = tables.some(({ columns }) => columns.some(({ type }) => isWide(type)));
  await workbench.create(path, alias, wide ? 3 : 2);
  await workbench.run(`CREATE SCHEMA ${quoted(alias)}.${quoted(rowsSchema)}`);
  const rows = new Map<string, number>();
  const ordered = referencedFirst(tables);
  for (const table of ordered) {
    const target = qualified(alias, rowsSchema, table.name);
    await workbench.run(`CREATE TABLE ${target} (${definition(table, ordered)})`);
    let count = 0;
    for (const { columns, select } of rowsOf(table))
      count += await workbench.run(`INSERT INTO ${target} (${quotedList(columns)}) ${select}`);
    rows.set(table.name, count);
  }
  await workbench.detach(alias);
  return { path, bytes: (await stat(path)).size, rows };
}

/** Columns, then the assumed keys. A key is referred to only if it is there and of the same types: hyperd insists. */
function definition(table: FileTable, tables: readonly FileTable[]): string {
  const columns = table.columns.map(
    ({ name, type, required }) => `${quoted(name)} ${type}${required ? ' NOT NULL' : ''}`,
  );
  const key = table.key.length > 0 ? [`ASSUMED PRIMARY KEY (${quotedList(table.key)})`] : [];
  const links = table.links
    .filter((link) => isSound(link, table, tables))
    .map(
      ({ columns: own, table: target, keys }) =>
        `ASSUMED FOREIGN KEY (${quotedList(own)}) REFERENCES ${qualified(alias, rowsSchema, target)} (${quotedList(keys)})`,
    );
  return [...columns, ...key, ...links].join(', ');
}

function isSound({ columns, table, keys }: Link, own: FileTable, tables: readonly FileTable[]): boolean {
  const target = tables.find(({ name }) => name === table);
  if (!target || target.key.join('\n') !== keys.join('\n')) return false;
  const typeOf = (where: FileTable, name: string | undefined): string | undefined =>
    where.columns.find((column) => column.name === name)?.type;
  return columns.every((name, index) => typeOf(own, name) === typeOf(target, keys[index]));
}

/** Tables that others refer to come first. */
function referencedFirst(tables: readonly FileTable[]): readonly FileTable[] {
  const done = new Map<string, FileTable>();
  const visit = (table: FileTable): void => {
    if (done.has(table.name)) return;
    for (const link of table.links) {
      const target = tables.find(({ name }) => name === link.table);
      if (target && target !== table) visit(target);
    }
    done.set(table.name, table);
  };
  for (const table of tables) visit(table);
  return [...done.values()];
}
