// A view from its block: every field it has, dimension groups spread out into their timeframes.
import { type Category, type Field, humanized, type ProjectProblem, type View } from './model.ts';
import { blocks, flagOf, listOf, type Node, named, textOf } from './parse.ts';
import { allTimeframes, timeframeLabels } from './timeframes.ts';

/** `intervals` of a group of type duration, where none are named. */
const INTERVALS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'];

export function viewOf(
  name: string,
  { node, file, problem }: { node: Node; file: string; problem: (one: ProjectProblem) => void },
): View {
  const fields = new Map<string, Field>();
  const add = (field: Field): void => {
    if (fields.has(field.name))
      problem({
        severity: 'error',
        message: `Field "${name}.${field.name}" is declared twice`,
        file,
        field: field.name,
      });
    fields.set(field.name, field);
  };
  const categories: readonly Category[] = ['dimension', 'measure', 'filter', 'parameter'];
  for (const category of categories)
    for (const [fieldName, one] of named(node, category))
      add(plainField(fieldName, { category, node: one, file }));
  for (const [group, one] of named(node, 'dimension_group'))
    for (const field of groupFields(group, { node: one, file })) add(field);
  const [derived] = blocks(node, 'derived_table');
  return {
    ...{ name, node, file, fields, label: textOf(node, 'label') ?? humanized(name) },
    table: derived ? undefined : (textOf(node, 'sql_table_name')?.trim() ?? name),
    derived: derived ? textOf(derived, 'sql')?.trim() : undefined,
  };
}

function plainField(
  name: string,
  { category, node, file }: { category: Category; node: Node; file: string },
): Field {
  return {
    ...{ name, category, node, file, group: undefined },
    type: textOf(node, 'type') ?? 'string',
    sql: textOf(node, 'sql')?.trim(),
    label: textOf(node, 'label') ?? humanized(name),
    hidden: flagOf(node, 'hidden'),
    primaryKey: flagOf(node, 'primary_key'),
  };
}

function groupFields(group: string, { node, file }: { node: Node; file: string }): Field[] {
  const type = textOf(node, 'type') ?? 'time';
  const label = textOf(node, 'label') ?? humanized(group);
  const shared = {
    category: 'dimension',
    node,
    file,
    type,
    hidden: flagOf(node, 'hidden'),
    primaryKey: false,
  } as const;
  if (type === 'duration') {
    const intervals = listOf(node, 'intervals');
    return (intervals.length > 0 ? intervals : INTERVALS).map((frame) => ({
      ...shared,
      ...{ name: `${frame}s_${group}`, sql: undefined, label: `${humanized(frame)}s ${label}` },
      group: { name: group, frame },
    }));
  }
  const timeframes = listOf(node, 'timeframes');
  return (timeframes.length > 0 ? timeframes : allTimeframes).map((frame) => ({
    ...shared,
    ...{ name: `${group}_${frame}`, sql: textOf(node, 'sql')?.trim() },
    label: `${label} ${timeframeLabels[frame] ?? humanized(frame)}`,
    group: { name: group, frame },
  }));
}
