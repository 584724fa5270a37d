// Which fields of a stream a Singer catalog leaves out, and the schema without them.
import { isObject, type JsonSchema } from '../schema.ts';
import type { SingerMetadata } from './catalog.ts';
import { deletionMark, type FieldPath, pathsBelow } from './shape.ts';

export type Metadata = SingerMetadata['metadata'];

/** The metadata of a stream as a tree: of the stream, of its fields, of theirs. */
export interface MetadataTree {
  readonly own: Metadata;
  readonly below: ReadonlyMap<string, MetadataTree>;
}

interface GrowingTree {
  own: Metadata;
  readonly below: Map<string, GrowingTree>;
}

/** Reads the list of a catalog's stream. Breadcrumbs go by `"properties", name`; `"items"` in between is skipped. */
export function metadataTree(entries: unknown): MetadataTree {
  const root: GrowingTree = { own: {}, below: new Map() };
  for (const entry of Array.isArray(entries) ? entries.filter(isObject) : []) {
    if (!Array.isArray(entry.breadcrumb) || !isObject(entry.metadata)) continue;
    let node = root;
    for (const name of fieldPath(entry.breadcrumb)) {
      const next = node.below.get(name) ?? { own: {}, below: new Map() };
      node.below.set(name, next);
      node = next;
    }
    node.own = { ...node.own, ...(entry.metadata as Metadata) };
  }
  return root;
}

function fieldPath(breadcrumb: readonly unknown[]): FieldPath {
  const path: string[] = [];
  for (let index = 0; index < breadcrumb.length; ) {
    if (breadcrumb[index] === 'properties' && index + 1 < breadcrumb.length) {
      path.push(String(breadcrumb[index + 1]));
      index += 2;
    } else index += 1;
  }
  return path;
}

/**
 * The fields that records must not carry: `automatic` ones and the deletion mark are always sent, `unsupported`
 * ones never, others as `selected` says, then `selected-by-default`, then as the field above. A selected object all
 * of whose fields are deselected is sent whole: Meltano deselects everything before it selects, and nobody wants `{}`.
 * `always` names top-level fields that stay whatever the metadata says.
 */
export function deselectedFields(
  schema: JsonSchema,
  tree: MetadataTree,
  always: ReadonlySet<string>,
): readonly FieldPath[] {
  const names = new Set([...Object.keys(schema.properties ?? {}), ...tree.below.keys()]);
  return [...names].flatMap((name) =>
    always.has(name) || name === deletionMark
      ? []
      : deselected([name], schema.properties?.[name], tree.below.get(name)),
  );
}

function deselected(
  path: FieldPath,
  schema: JsonSchema | undefined,
  tree: MetadataTree | undefined,
): readonly FieldPath[] {
  if (!isSelected(tree?.own ?? {}, schema)) return [path];
  const properties = propertiesWithin(schema);
  const names = [...new Set([...Object.keys(properties), ...(tree?.below.keys() ?? [])])];
  const found = names.map((name) => deselected([...path, name], properties[name], tree?.below.get(name)));
  const nothingLeft = found.every((paths) => paths[0]?.length === path.length + 1);
  return nothingLeft ? [] : found.flat();
}

/** The oldest taps were told by a `selected` in the schema itself. */
function isSelected(own: Metadata, schema: JsonSchema | undefined): boolean {
  if (own.inclusion === 'automatic') return true;
  if (own.inclusion === 'unsupported') return false;
  const older = isObject(schema) && typeof schema.selected === 'boolean' ? schema.selected : undefined;
  return own.selected ?? older ?? own['selected-by-default'] ?? true;
}

/** The properties of an object, or of an array's elements. */
function propertiesWithin(schema: JsonSchema | undefined): Readonly<Record<string, JsonSchema>> {
  if (!isObject(schema)) return {};
  return isObject(schema.items)
    ? propertiesWithin(schema.items as JsonSchema)
    : ((schema.properties as JsonSchema['properties']) ?? {});
}

/** The schema without the fields of these paths; those of an array's elements go by the array's path. */
export function pruneSchema(schema: JsonSchema, paths: readonly FieldPath[]): JsonSchema {
  if (paths.length === 0) return schema;
  if (isObject(schema.items)) return { ...schema, items: pruneSchema(schema.items as JsonSchema, paths) };
  const gone = new Set(paths.flatMap((path) => (path.length === 1 ? path : [])));
  const properties = Object.entries(schema.properties ?? {})
    .filter(([name]) => !gone.has(name))
    .map(([name, property]) => [name, pruneSchema(property, pathsBelow(paths, name))]);
  return { ...schema, properties: Object.fromEntries(properties) };
}
