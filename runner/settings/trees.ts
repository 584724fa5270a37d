// Values at paths: looked up, set, and laid over one another.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Path } from './document.ts';

export type Tree = Readonly<Record<string, unknown>>;

export const valueAt = (tree: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      isObject(value) ? value[part] : Array.isArray(value) ? (value as unknown[])[Number(part)] : undefined,
    tree,
  );

/** Sets a value inside the tree; the objects on the way are made. */
export function setAt(tree: Record<string, unknown>, path: Path, value: unknown): void {
  const [part, ...rest] = path;
  if (part === undefined) return;
  if (rest.length === 0) {
    tree[part] = value;
    return;
  }
  const inner = tree[part];
  const branch = isObject(inner) || Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
  tree[part] = branch;
  setAt(branch, rest, value);
}

/** A copy of `tree` with the values of `changes` in place of its own; lists are replaced, not joined. */
export function overlaid(tree: Tree, changes: Tree): Record<string, unknown> {
  const copy = structuredClone(tree) as Record<string, unknown>;
  for (const [name, value] of Object.entries(changes)) {
    const own = copy[name];
    copy[name] = isObject(own) && isObject(value) ? overlaid(own, value) : structuredClone(value);
  }
  return copy;
}
