// From a declared stream to its tables: known before any row, by the schema alone.
import type { Declaration, JsonSchema } from '@airbyte/cdk-typescript-shim';
import { metaColumns, positionColumn, rawId } from './meta.ts';
import { joinName, type NameStyle, uniqueNames } from './names.ts';
import { type Linked, references } from './references.ts';
import { type Member, type ObjectShape, recordShape } from './shape.ts';
import type { Column, TablePlan } from './tables.ts';

/** A plan, and where its rows lie in the record. */
export interface RowPlan extends TablePlan {
  /** Path of the array whose elements are the rows; empty for the main table, whose row is the record. */
  readonly array: readonly string[];
}

/** The tables of a stream, the main one first. */
export type Plans = readonly [RowPlan, ...RowPlan[]];

export interface PlanOptions {
  readonly names: NameStyle;
}

/**
 * The tables of a stream: the main one first, then a child table for each array of declared objects. `others` are
 * all streams of the run (this one may be among them): references lead to their tables, and names of tables are
 * unique over all of them within a namespace.
 */
export function planTables(
  declaration: Declaration,
  others: readonly Declaration[],
  { names }: PlanOptions,
): Plans {
  const streams = [declaration, ...others.filter(({ stream }) => stream !== declaration.stream)];
  const tableNames = nameTables(streams, names);
  const linked = new Map<string, Linked>();
  for (const stream of streams)
    if (stream.namespace === declaration.namespace)
      linked.set(stream.name, linkedStream(stream, { names, table: tableOf(tableNames, stream, []) }));
  const shape = recordShape(declaration);
  const main = planMain(declaration, { names, shape, name: tableOf(tableNames, declaration, []) });
  const children = arraysOf(shape).map((array) =>
    planChild(main, { names, array, name: tableOf(tableNames, declaration, array.path) }),
  );
  const referring = (plan: RowPlan): RowPlan => ({ ...plan, references: references(plan, shape, linked) });
  return [referring(main), ...children.map(referring)];
}

interface Named {
  readonly names: NameStyle;
  readonly name: string;
}

function planMain(declaration: Declaration, { names, name, shape }: Named & { shape: ObjectShape }): RowPlan {
  const columns = dataColumns(shape, { names, taken: [] });
  return {
    name,
    declaration,
    mode: declaration.mode,
    columns: [...columns, ...metaColumns],
    keys: keyColumns(declaration, columns),
    references: [],
    array: [],
    ...described(declaration.schema),
  };
}

function planChild(main: RowPlan, { names, name, array }: Named & { array: ArrayShape }): RowPlan {
  const parentKeys: Column[] = main.keys.flatMap((key) =>
    main.columns.filter((column) => column.name === key).map((column) => ({ ...column, path: [] })),
  );
  const added = [...parentKeys, positionColumn];
  const elements = dataColumns(array.element, { names, taken: added.map((column) => column.name) });
  return {
    name,
    declaration: main.declaration,
    mode: main.mode,
    columns: [...added, ...elements, ...metaColumns],
    keys: main.keys.length === 0 ? [] : [...main.keys, positionColumn.name],
    parent: { table: main.name, columns: main.keys.length === 0 ? [rawId] : main.keys },
    references: [],
    array: array.path,
    ...described(array.schema),
  };
}

function keyColumns({ keys }: Declaration, columns: readonly Column[]): readonly string[] {
  const byPath = new Map(columns.map((column) => [JSON.stringify(column.path), column.name]));
  return [...new Set(keys.flatMap((path) => byPath.get(JSON.stringify(path)) ?? []))];
}

function dataColumns(shape: ObjectShape, { names, taken }: { names: NameStyle; taken: readonly string[] }) {
  const declared = scalarsOf(shape);
  const columns = declared.length === 0 && arraysOf(shape).length === 0 ? [wholeRecord] : declared;
  const wishes = columns.map(({ path }) => ({
    path,
    name: path.length === 0 ? 'data' : joinName(path, names),
  }));
  const reserved = [...taken, ...metaColumns.map(({ name }) => name)];
  const unique = uniqueNames(wishes, reserved);
  return columns.map((column, index) => ({ ...column, name: unique[index] ?? '' }));
}

/** A schema that declares nothing: the record stays whole. */
const wholeRecord: Omit<Column, 'name'> = { path: [], type: { kind: 'json' }, description: 'The record' };

function scalarsOf(shape: ObjectShape, above: readonly string[] = []): Omit<Column, 'name'>[] {
  return shape.members.flatMap(({ name, shape: member }) => {
    const path = [...above, name];
    if (member.kind === 'object') return scalarsOf(member, path);
    if (member.kind === 'rows') return [];
    const role = member.schema['x-role'];
    return [{ path, type: member.type, ...(role ? { role } : {}), ...described(member.schema) }];
  });
}

interface ArrayShape {
  readonly path: readonly string[];
  readonly element: ObjectShape;
  readonly schema: JsonSchema;
}

/** The arrays of declared objects in a record, however deep in objects. */
export function arraysOf(shape: ObjectShape, above: readonly string[] = []): readonly ArrayShape[] {
  return shape.members.flatMap(({ name, shape: member }: Member): readonly ArrayShape[] => {
    const path = [...above, name];
    if (member.kind === 'object') return arraysOf(member, path);
    return member.kind === 'rows' ? [{ path, element: member.element, schema: member.schema }] : [];
  });
}

function nameTables(streams: readonly Declaration[], names: NameStyle): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const namespace of new Set(streams.map((stream) => stream.namespace))) {
    const wishes = streams
      .filter((stream) => stream.namespace === namespace)
      .flatMap((stream) =>
        [[], ...arraysOf(recordShape(stream)).map(({ path }) => path)].map((array) => ({
          path: [stream.name, ...array],
          name: joinName([stream.name, ...array], names),
        })),
      );
    const unique = uniqueNames(wishes);
    for (const [index, { path }] of wishes.entries())
      named.set(JSON.stringify([namespace ?? null, ...path]), unique[index] ?? '');
  }
  return named;
}

const tableOf = (named: ReadonlyMap<string, string>, stream: Declaration, array: readonly string[]): string =>
  named.get(JSON.stringify([stream.namespace ?? null, stream.name, ...array])) ?? stream.name;

function linkedStream(
  declaration: Declaration,
  { names, table }: { names: NameStyle; table: string },
): Linked {
  const columns = dataColumns(recordShape(declaration), { names, taken: [] });
  return { table, paths: declaration.keys, keys: keyColumns(declaration, columns) };
}

const described = ({ description, title }: JsonSchema): { description?: string } =>
  description ? { description } : title ? { description: title } : {};
