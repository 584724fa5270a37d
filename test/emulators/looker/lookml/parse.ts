// One LookML file as a tree, by the parser that its community keeps; and safe ways to look into the tree.
import { createRequire } from 'node:module';
import { isObject } from '@airbyte/cdk-typescript-shim';

/** A block of LookML: its parameters, its named children by kind, `$name`, and `$strings` (how it was written). */
export type Node = Readonly<Record<string, unknown>>;

export interface ParseProblem {
  readonly message: string;
  readonly line: number;
}

const parser = createRequire(import.meta.url)('lookml-parser') as { parse(text: string): Node };

/** The tree of a file, or why it has none. */
export function parseLookml(source: string): Node | ParseProblem {
  try {
    return parser.parse(source);
  } catch (error) {
    const message = String(error).replace(/^Parse error@\d+,\d+ /, '');
    return { message, line: Number(/@(\d+),/.exec(String(error))?.[1] ?? 1) };
  }
}

export const isProblem = (value: Node | ParseProblem): value is ParseProblem =>
  typeof value.line === 'number' && typeof value.message === 'string' && !('$strings' in value);

/** Named children of a kind: `dimension: a {}` is ["a", node]. Refinements of one name come as several. */
export function named(node: Node, kind: string): [string, Node][] {
  const found = node[kind];
  if (!isObject(found)) return [];
  return Object.entries(found).flatMap(([name, one]) =>
    [one].flat().flatMap((each): [string, Node][] => (isObject(each) ? [[name, each]] : [])),
  );
}

/** Children without names, such as `when: {}`: none, one or several. */
export const blocks = (node: Node, kind: string): Node[] => [node[kind]].flat().filter(isObject);

/** A parameter's text; `yes` and `no` come as booleans and count as text here. */
export function textOf(node: Node, key: string): string | undefined {
  const value = node[key];
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : undefined;
}

export const flagOf = (node: Node, key: string, otherwise = false): boolean =>
  typeof node[key] === 'boolean' ? node[key] : otherwise;

export function listOf(node: Node, key: string): string[] {
  const value = node[key];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** `filters: [field: "value", ...]`, or the older blocks with `field` and `value`. */
export function filtersOf(node: Node, key = 'filters'): [string, string][] {
  return blocks(node, key).flatMap((block) => {
    const field = textOf(block, 'field');
    if (field !== undefined) return [[field, textOf(block, 'value') ?? ''] as [string, string]];
    return Object.entries(block).flatMap(([name, value]): [string, string][] =>
      name.startsWith('$')
        ? []
        : [[name, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)]],
    );
  });
}

/** The later block over the earlier: children by name, parameters replaced. */
export function merged(earlier: Node, later: Node): Node {
  const result: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    const before = result[key];
    const children = isObject(value) && isObject(before) && !('$type' in value);
    result[key] = children ? mergedChildren(before, value) : value;
  }
  return result;
}

function mergedChildren(earlier: Node, later: Node): Node {
  const result: Record<string, unknown> = { ...earlier };
  for (const [name, value] of Object.entries(later)) {
    const before = result[name];
    result[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}
