// An explore from its block: what it starts from, and its joins in order.
import { type Explore, humanized, type Join, type Relationship } from './model.ts';
import { listOf, type Node, named, textOf } from './parse.ts';

const relationships: readonly string[] = ['one_to_one', 'one_to_many', 'many_to_one', 'many_to_many'];

export function exploreOf(name: string, { node, file }: { node: Node; file: string }): Explore {
  // `from` gives the fields the explore's name, `view_name` keeps the view's.
  const viewName = textOf(node, 'view_name');
  return {
    ...{ name, node, file, label: textOf(node, 'label') ?? humanized(name) },
    alias: viewName ?? name,
    view: textOf(node, 'from') ?? viewName ?? name,
    joins: named(node, 'join').map(([alias, one]) => joinOf(alias, one)),
  };
}

function joinOf(alias: string, node: Node): Join {
  const relationship = textOf(node, 'relationship') ?? 'many_to_one';
  return {
    ...{ alias, node, view: textOf(node, 'from') ?? textOf(node, 'view_name') ?? alias },
    type: textOf(node, 'type') ?? 'left_outer',
    relationship: (relationships.includes(relationship) ? relationship : 'many_to_many') as Relationship,
    sqlOn: textOf(node, 'sql_on')?.trim(),
    foreignKey: textOf(node, 'foreign_key'),
    label: textOf(node, 'view_label'),
    requires: listOf(node, 'required_joins'),
  };
}
