// What becomes of a source's record on its way to Singer: deselected fields go, values of many types become text.
import { isObject, type JsonSchema } from '../schema.ts';

/** Airbyte's mark of a record that no longer exists, and the one that Singer targets know. */
export const deletionMark = '_ab_cdc_deleted_at';
export const singerDeletionMark = '_sdc_deleted_at';

/** Keyword of properties whose values may have several types: they travel as text, JSON unless they were text already. */
export const jsonText = 'x-json-text';

export type Data = Readonly<Record<string, unknown>>;

/** A path from the top of the record; the fields of an array's elements go by the array's path. */
export type FieldPath = readonly string[];

type Shape =
  | { readonly kind: 'text' }
  | { readonly kind: 'elements'; readonly of: Shape }
  | {
      readonly kind: 'object';
      readonly dropped: ReadonlySet<string>;
      readonly below: ReadonlyMap<string, Shape>;
    };

/** Gives each record of a stream its shape; where there is nothing to change, the record as it is. */
export function recordShaper(schema: JsonSchema, deselected: readonly FieldPath[]): (data: Data) => Data {
  const shape = shapeOf(schema, deselected);
  return shape ? (data) => shaped(data, shape) as Data : (data) => data;
}

/** Undefined: values of this schema stay as they are. */
function shapeOf(declared: JsonSchema | undefined, deselected: readonly FieldPath[]): Shape | undefined {
  const schema: JsonSchema = isObject(declared) ? declared : {};
  if (schema[jsonText] === true) return { kind: 'text' };
  if (isObject(schema.items)) {
    const of = shapeOf(schema.items as JsonSchema, deselected);
    return of && { kind: 'elements', of };
  }
  const below = new Map<string, Shape>();
  const names = [...Object.keys(schema.properties ?? {}), ...deselected.map(([name]) => name ?? '')];
  for (const name of new Set(names)) {
    const inner = shapeOf(schema.properties?.[name], pathsBelow(deselected, name));
    if (inner) below.set(name, inner);
  }
  const dropped = new Set(deselected.flatMap((path) => (path.length === 1 ? path : [])));
  return dropped.size + below.size > 0 ? { kind: 'object', dropped, below } : undefined;
}

/** Of these paths, what lies below a field. */
export const pathsBelow = (paths: readonly FieldPath[], name: string): readonly FieldPath[] =>
  paths.filter((path) => path.length > 1 && path[0] === name).map(([, ...rest]) => rest);

function shaped(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return value;
  if (shape.kind === 'text') return typeof value === 'string' ? value : JSON.stringify(value);
  if (Array.isArray(value)) {
    const inner = shape.kind === 'elements' ? shape.of : shape;
    return value.map((element) => shaped(element, inner));
  }
  if (shape.kind === 'elements' || !isObject(value)) return value;
  const changed: Record<string, unknown> = {};
  for (const name in value) {
    if (shape.dropped.has(name)) continue;
    const inner = shape.below.get(name);
    changed[name] = inner === undefined ? value[name] : shaped(value[name], inner);
  }
  return changed;
}
