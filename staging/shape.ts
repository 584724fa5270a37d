// The shape of a declared record: which values become columns, which arrays become tables, what stays JSON text.
import { type Declaration, isObject, type JsonSchema, valueTypes } from '@airbyte/cdk-typescript-shim';
import { columnType, withoutNullBranch } from './column-type.ts';
import type { ColumnType } from './tables.ts';

export type Shape = ScalarShape | ObjectShape | RowsShape;

/** One column. */
export interface ScalarShape {
  readonly kind: 'scalar';
  readonly type: ColumnType;
  readonly schema: JsonSchema;
}

/** Flattens: each member is a column, a table, or flattens in turn. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly members: readonly Member[];
  /**
   * DuckDB's STRUCT compares names without case and has no empty name: an object whose names need more is read as
   * JSON and its members by pointer.
   */
  readonly structured: boolean;
}

/** An array of declared objects: a child table. */
export interface RowsShape {
  readonly kind: 'rows';
  readonly element: ObjectShape;
  readonly schema: JsonSchema;
}

export interface Member {
  readonly name: string;
  readonly shape: Shape;
}

/** Set on a record that no longer exists: by Airbyte sources, and by Singer taps (the SDK's name). */
const airbyteMark = '_ab_cdc_deleted_at';
const singerMark = '_sdc_deleted_at';

/** The field of a stream's records that says so. */
export function deletionMarkOf({ envelope, schema }: Declaration): string {
  const singer = envelope === 'singer' && Object.hasOwn(schema.properties ?? {}, singerMark);
  return singer ? singerMark : airbyteMark;
}

/** Marks are no columns of their own: `_deleted_at` holds them. */
export const isDeletionMark = ({ envelope }: Declaration, name: string): boolean =>
  name === airbyteMark || (envelope === 'singer' && name === singerMark);

const shapes = new WeakMap<Declaration, ObjectShape>();

/** The shape of a stream's records. Key parts that the schema forgot are added as text. */
export function recordShape(declaration: Declaration): ObjectShape {
  const known = shapes.get(declaration);
  if (known) return known;
  const schema = declaration.keys.reduce(withProperty, declaration.schema);
  const members = membersOf(schema, { arrays: true }).filter(
    ({ name }) => !isDeletionMark(declaration, name),
  );
  const shape = objectShape(members, [deletionMarkOf(declaration)]);
  shapes.set(declaration, shape);
  return shape;
}

function withProperty(schema: JsonSchema, path: readonly string[]): JsonSchema {
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  const known = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined;
  if (known && rest.length === 0) return schema;
  const property =
    rest.length === 0 ? { type: ['null', 'string'] as const } : withProperty(known ?? {}, rest);
  const type = valueTypes(schema).length === 0 ? { type: 'object' as const } : {};
  return { ...schema, ...type, properties: { ...schema.properties, [name]: property } };
}

function membersOf(schema: JsonSchema, { arrays }: { arrays: boolean }): Member[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    shape: shapeOf(isObject(property) ? property : {}, { arrays }),
  }));
}

function shapeOf(declared: JsonSchema, { arrays }: { arrays: boolean }): Shape {
  const schema = withoutNullBranch(declared);
  if (isDeclaredObject(schema)) return objectShape(membersOf(schema, { arrays }));
  const element = arrays ? elementOf(schema) : undefined;
  if (element) return { kind: 'rows', element: objectShape(membersOf(element, { arrays: false })), schema };
  return { kind: 'scalar', type: columnType(schema), schema };
}

function objectShape(members: readonly Member[], added: readonly string[] = []): ObjectShape {
  const names = [...members.map(({ name }) => name), ...added];
  const folded = new Set(names.map((name) => name.toLowerCase()));
  const unnameable = names.some((name) => name === '' || name.includes('\0') || /\p{Cs}/u.test(name));
  return { kind: 'object', members, structured: folded.size === names.length && !unnameable };
}

function isDeclaredObject(schema: JsonSchema): boolean {
  const types = valueTypes(schema);
  const allowed = types.length === 0 || (types.length === 1 && types[0] === 'object');
  return allowed && !isUnion(schema) && Object.keys(schema.properties ?? {}).length > 0;
}

function elementOf(schema: JsonSchema): JsonSchema | undefined {
  const types = valueTypes(schema);
  const allowed = types.length === 0 || (types.length === 1 && types[0] === 'array');
  if (!allowed || isUnion(schema) || !isObject(schema.items)) return undefined;
  const element = withoutNullBranch(schema.items as JsonSchema);
  return isDeclaredObject(element) ? element : undefined;
}

const isUnion = (schema: JsonSchema): boolean => Boolean(schema.oneOf ?? schema.anyOf ?? schema.allOf);
