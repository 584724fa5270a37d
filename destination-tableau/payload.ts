// What an update of a data source is: the rows for it as a .hyper file, and the actions that bring them in.

import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteRows, deleteWhere, insertRows, replaceRows, upsertRows } from './actions.ts';
import type { Action } from './api/update.ts';
import type { Workbench } from './hyper/engine.ts';
import { qualified, quoted, quotedList } from './hyper/text.ts';
import { converted, isWide } from './hyper/types.ts';
import { rowsSchema, type SourceTable } from './layout/model.ts';
import type { Part, Slice } from './staged.ts';

/** Keys of records that were touched, and of those that are gone: tables of nothing but the columns of a condition. */
const touchedSchema = 'Touched';
const goneSchema = 'Gone';

/** A table of the source that a segment changes. */
export interface Change {
  readonly table: SourceTable;
  /** Staged rows for it, of its own or, for a bridge, of its children; absent when only old rows go. */
  readonly slices: readonly Slice[];
  /** The record's rows, for tables that hang on records. */
  readonly main: Slice | undefined;
  /** Rows of older generations go. */
  readonly retireBelow: number;
}

export interface Payload {
  readonly actions: readonly Action[];
  readonly rows: number;
  readonly bytes: number;
  /** Absent when no action reads rows. */
  readonly path?: string;
}

export interface PayloadRequest {
  readonly folder: string;
  readonly name: string;
  readonly changes: readonly Change[];
  readonly part: Part;
}

const alias = 'payload';

/** Makes the payload of one part; a payload without actions changes nothing. */
export async function makePayload(workbench: Workbench, request: PayloadRequest): Promise<Payload> {
  const path = join(request.folder, `${request.name}-${request.part.number}-of-${request.part.of}.hyper`);
  await rm(path, { force: true });
  const wide = request.changes.some(({ table }) => table.columns.some(({ type }) => isWide(type)));
  await workbench.create(path, alias, wide ? 3 : 2);
  for (const schema of [rowsSchema, touchedSchema, goneSchema])
    await workbench.run(`CREATE SCHEMA ${quoted(alias)}.${quoted(schema)}`);
  const writer = new Writer(workbench, request.part);
  const actions: Action[] = [];
  for (const change of request.changes) actions.push(...(await actionsFor(change, writer)));
  await workbench.detach(alias);
  if (writer.tables === 0) return { actions, rows: 0, bytes: 0 };
  return { actions, rows: writer.rows, bytes: (await stat(path)).size, path };
}

/** Fills tables of the payload; one that got no row is not named by any action. */
class Writer {
  readonly part: Part;
  rows = 0;
  tables = 0;
  readonly #workbench: Workbench;
  readonly #keys = new Map<string, boolean>();

  constructor(workbench: Workbench, part: Part) {
    this.#workbench = workbench;
    this.part = part;
  }

  /** The rows for the table, in the types it has. */
  async fill({ name, columns }: SourceTable, selects: readonly string[]): Promise<boolean> {
    const target = qualified(alias, rowsSchema, name);
    const listed = columns.map((column) => `${quoted(column.name)} ${column.type}`);
    const count = await this.#write(target, { columns: listed, selects });
    this.rows += count;
    return count > 0;
  }

  /** Keys of a main table, under its column names, once for all tables that need them. */
  async keys(
    schema: string,
    { table, columns }: { table: SourceTable; columns: readonly string[] },
    from: string,
  ) {
    const id = JSON.stringify([schema, table.name]);
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const listed = columns.map((name) => {
      const found = table.columns.find((column) => column.name === name);
      return `${quoted(name)} ${found?.type ?? 'text'}`;
    });
    const select = `SELECT DISTINCT ${quotedList(columns)} ${from}`;
    const count = await this.#write(qualified(alias, schema, table.name), {
      columns: listed,
      selects: [select],
    });
    this.#keys.set(id, count > 0);
    return count > 0;
  }

  async #write(
    target: string,
    { columns, selects }: { readonly columns: readonly string[]; readonly selects: readonly string[] },
  ): Promise<number> {
    await this.#workbench.run(`CREATE TABLE ${target} (${columns.join(', ')})`);
    let count = 0;
    for (const select of selects) count += await this.#workbench.run(`INSERT INTO ${target} ${select}`);
    // An action whose source table has no row may be taken for one whose table is missing (410012).
    if (count > 0) this.tables += 1;
    else await this.#workbench.run(`DROP TABLE ${target}`);
    return count;
  }
}

async function actionsFor(change: Change, writer: Writer): Promise<readonly Action[]> {
  const { table, retireBelow } = change;
  const retired =
    retireBelow > 0 && writer.part.number === writer.part.of - 1
      ? [deleteWhere(table.name, 'lt', { column: '_airbyte_generation_id', value: retireBelow })]
      : [];
  const { mode } = table.content.kind === 'bridge' ? table.content.main : table.content.plan;
  if (mode === 'append') return [...(await appended(change, writer)), ...retired];
  if (mode === 'replace') return await replaced(change, writer);
  const rows =
    table.content.kind === 'main' ? await upserted(change, writer) : await exchanged(change, writer);
  return [...rows, ...retired];
}

/** The batch's rows, in place of those that an earlier attempt of the same batch brought. */
async function appended({ table, slices }: Change, writer: Writer): Promise<readonly Action[]> {
  const [first] = slices;
  if (!first) return [];
  const again =
    writer.part.number === 0
      ? [deleteWhere(table.name, 'eq', { column: '_batch_id', value: first.table.batch })]
      : [];
  return (await writer.fill(table, selectsOf(table, slices, writer.part)))
    ? [...again, insertRows(table.name)]
    : again;
}

async function replaced({ table, slices }: Change, writer: Writer): Promise<readonly Action[]> {
  if (slices.length === 0) return [];
  if (await writer.fill(table, selectsOf(table, slices, writer.part))) return [replaceRows(table.name)];
  // Generations count from 0, so this is every row.
  return [deleteWhere(table.name, 'gte', { column: '_airbyte_generation_id', value: 0 })];
}

async function upserted({ table, slices }: Change, writer: Writer): Promise<readonly Action[]> {
  const { content } = table;
  if (content.kind !== 'main') return [];
  const { keys } = content.plan;
  const actions: Action[] = [];
  for (const slice of slices) {
    if (slice.rows > slice.tombstones && (await writer.fill(table, selectsOf(table, [slice], writer.part))))
      actions.push(upsertRows(table.name, keys));
    if (slice.tombstones === 0) continue;
    const gone = slice.from('gone', writer.part);
    if (await writer.keys(goneSchema, { table, columns: keys }, gone))
      actions.push(deleteRows(table.name, { schema: goneSchema, table: table.name, columns: keys, keys }));
  }
  return actions;
}

/** All rows of touched records, for those that are there: lines have no identity of their own. */
async function exchanged({ table, slices, main }: Change, writer: Writer): Promise<readonly Action[]> {
  const { content } = table;
  if (content.kind === 'main' || !main) return [];
  const keys = content.main.keys;
  const columns = content.kind === 'child' ? content.link : keys;
  const holder = { ...table, name: content.main.name, columns: keyColumns(table, columns, keys) };
  const actions: Action[] = [];
  if (await writer.keys(touchedSchema, { table: holder, columns: keys }, main.from('all', writer.part)))
    actions.push(deleteRows(table.name, { schema: touchedSchema, table: content.main.name, columns, keys }));
  if (await writer.fill(table, selectsOf(table, slices, writer.part))) actions.push(insertRows(table.name));
  return actions;
}

/** The key's columns under their names in the record's table, with the types they have here. */
const keyColumns = (table: SourceTable, columns: readonly string[], keys: readonly string[]) =>
  keys.map((name, index) => ({
    name,
    type: table.columns.find((column) => column.name === columns[index])?.type ?? 'text',
    required: true,
  }));

/** Rows of a table by its name, staged or in a file that is there. */
export type RowsFrom = Pick<Slice, 'from'> & { readonly table: { readonly name: string } };

/** SELECTs that give a table's columns, in its order, out of the staged rows. */
export function selectsOf(table: SourceTable, slices: readonly RowsFrom[], part?: Part): readonly string[] {
  const { content } = table;
  if (content.kind !== 'bridge')
    return slices.map((slice) => {
      const values = table.filled.map(({ column, as }) =>
        converted(quoted(column.name), column.type, as.type),
      );
      return `SELECT ${values.join(', ')} ${slice.from('alive', part)}`;
    });
  return content.parts.flatMap(({ child, link, position }) => {
    const slice = slices.find(({ table: staged }) => staged.name === child.name);
    if (!slice) return [];
    const identity = table.columns.slice(0, link.length);
    const values = table.columns.map(({ name, type }, index) => {
      if (index < identity.length) return `CAST(${quoted(link[index] ?? name)} AS ${type})`;
      if (name === position) return `"_position"`;
      return content.parts.some((other) => other.position === name) ? `CAST(NULL AS ${type})` : quoted(name);
    });
    return [`SELECT ${values.join(', ')} ${slice.from('alive', part)}`];
  });
}
