// What Looker's own parser refuses and the grammar lets through: unknown parameters, missing quotes, names, doublets.
import { isObject } from '@airbyte/cdk-typescript-shim';
import { dimensionTypes, groupTypes, known, measureTypes, quotedParameters } from './known.ts';
import type { ProjectProblem } from './model.ts';
import { type Node, textOf } from './parse.ts';

interface Context {
  readonly path: string;
  readonly report: (problem: ProjectProblem) => void;
}

const types: Readonly<Record<string, ReadonlySet<string>>> = {
  dimension: dimensionTypes,
  dimension_group: groupTypes,
  measure: measureTypes,
};

/** Checks a file's tree from the top. */
export function checkBlocks(tree: Node, context: Context): void {
  checkBlock(tree, { kind: 'file', ...context });
}

function checkBlock(node: Node, { kind, path, report }: Context & { kind: string }): void {
  const name = textOf(node, '$name');
  const error = (message: string): void =>
    report({ severity: 'error', message, file: path, ...(name ? { field: name } : {}) });
  const allowed = known[kind];
  for (const key of Object.keys(node)) {
    if (key.startsWith('$')) continue;
    if (allowed && !allowed.has(key)) error(`Unknown parameter "${key}" in ${kind} "${name ?? path}"`);
    checkChildren(node[key], { kind: key, path, report });
  }
  if (name !== undefined && known[kind] && !/^\+?[a-z0-9_]+$/.test(name) && kind !== 'constant')
    error(`Name "${name}" of a ${kind} has other characters than a-z, 0-9 and _`);
  const type = textOf(node, 'type');
  if (type !== undefined && types[kind] && !types[kind].has(type))
    error(`Unknown type "${type}" of ${kind} "${name}"`);
  for (const message of writtenWrong(node, kind, name ?? path)) error(message);
}

function checkChildren(value: unknown, context: Context & { kind: string }): void {
  if (!known[context.kind] || !isObject(value)) return;
  const named = '$type' in value ? [value] : Object.values(value).flat();
  for (const one of named) if (isObject(one)) checkBlock(one, context);
}

/** `$strings` keeps how a block was written: doublets, which the tree merges, and values without quotes. */
function writtenWrong(node: Node, kind: string, name: string): string[] {
  const written: unknown[] = Array.isArray(node.$strings) ? node.$strings : [];
  const seen = new Set<string>();
  const problems: string[] = [];
  for (const part of written) {
    if (typeof part === 'string' && /^@\w+\.[^+]/.test(part)) {
      if (seen.has(part)) problems.push(`"${part.slice(1)}" is declared twice in ${kind} "${name}"`);
      seen.add(part);
    }
    if (!Array.isArray(part)) continue;
    const key = String(part[0]);
    const doublet = seen.has(key) && !['include', 'filters', 'link', 'bind_filters'].includes(key);
    if (doublet && typeof node[key] === 'string')
      problems.push(`"${key}" is given twice in ${kind} "${name}"`);
    seen.add(key);
    if (quotedParameters.has(key) && typeof node[key] === 'string' && !part.includes('"'))
      problems.push(`The value of "${key}" in ${kind} "${name}" must be in double quotes`);
  }
  return problems;
}
