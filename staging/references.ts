// References between tables: from `x-references` to the columns here and the key columns there.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import type { RowPlan } from './plan.ts';
import type { ObjectShape } from './shape.ts';
import type { Reference } from './tables.ts';

/** A stream that can be referred to. */
export interface Linked {
  readonly table: string;
  /** Paths of its key parts, and the columns that hold them. */
  readonly paths: readonly (readonly string[])[];
  readonly keys: readonly string[];
}

/**
 * The references of one table. A value refers to the last part of the other stream's key; the parts before it (the
 * tenant) are the columns that this record holds at the same paths. A reference whose parts are not all here, or
 * whose stream is not declared, is left out.
 */
export function references(
  plan: RowPlan,
  shape: ObjectShape,
  streams: ReadonlyMap<string, Linked>,
): readonly Reference[] {
  const rows = at(shape, plan.array);
  if (!rows) return [];
  return plan.columns.flatMap((column) => {
    if (column.path.length === 0) return [];
    const target = schemaAt(rows, column.path)?.['x-references'];
    const linked = target === undefined ? undefined : streams.get(target);
    if (!linked || linked.keys.length === 0 || linked.keys.length !== linked.paths.length) return [];
    const before = linked.paths.slice(0, -1).map((path) => recordColumn(plan, path));
    if (before.some((name) => name === undefined)) return [];
    const columns = [...before.filter((name) => name !== undefined), column.name];
    return [{ columns, table: linked.table, keys: linked.keys }];
  });
}

/** The column that holds the record's value at `path`: in a child table only those of the parent's key are there. */
function recordColumn(plan: RowPlan, path: readonly string[]): string | undefined {
  const wanted = JSON.stringify(path);
  if (plan.array.length === 0)
    return plan.columns.find((column) => !column.meta && JSON.stringify(column.path) === wanted)?.name;
  const part = plan.declaration.keys.findIndex((key) => JSON.stringify(key) === wanted);
  return part === -1 ? undefined : plan.parent?.columns[part];
}

function at(shape: ObjectShape, array: readonly string[]): ObjectShape | undefined {
  const [name, ...rest] = array;
  if (name === undefined) return shape;
  const member = shape.members.find((candidate) => candidate.name === name)?.shape;
  if (member?.kind === 'rows') return member.element;
  return member?.kind === 'object' ? at(member, rest) : undefined;
}

function schemaAt(shape: ObjectShape, path: readonly string[]): JsonSchema | undefined {
  const [name, ...rest] = path;
  const member = shape.members.find((candidate) => candidate.name === name)?.shape;
  if (member?.kind === 'object') return schemaAt(member, rest);
  return member?.kind === 'scalar' ? member.schema : undefined;
}
