// Joins: from the columns of one view to the key of another, each many to one, so that no row is counted twice.
import type { Reference } from '@ledgerpipe/staging';
import { identifier } from './identifiers.ts';
import { block, code, type Lines, labelOf, text, word } from './lookml.ts';
import { fieldNamed, refer, type View } from './shapes.ts';

export interface Join {
  /** What the view is called in this explore. */
  readonly name: string;
  readonly view: View;
  /** Group of its fields in the explore, where the view's own label would not tell. */
  readonly label?: string;
  /** Pairs of SQL that must be equal. */
  readonly on: readonly (readonly [here: string, there: string])[];
}

export const joinLookml = ({ name, view, label, on }: Join): Lines =>
  block('join', name, [
    ...(name === view.name ? [] : [word('from', view.name)]),
    ...(label === undefined ? [] : [text('view_label', label)]),
    word('type', 'left_outer'),
    word('relationship', 'many_to_one'),
    code('sql_on', on.map(([here, there]) => `${here} = ${there}`).join(' AND ')),
  ]);

/** The join a reference asks for; undefined where one of its columns cannot be named. */
export function joinOf(
  from: View,
  { columns, keys }: Pick<Reference, 'columns' | 'keys'>,
  { to, name = to.name, label, last }: { to: View; name?: string; label?: string; last?: string },
): Join | undefined {
  const on: (readonly [string, string])[] = [];
  for (const [index, column] of columns.entries()) {
    const here = fieldNamed(from, column);
    const there = fieldNamed(to, keys[index] ?? '');
    if (!here || !there) return undefined;
    const isLast = index === columns.length - 1;
    on.push([
      isLast && last !== undefined ? last : refer(from, here),
      refer(to, there).replace(`\${${to.name}.`, `\${${name}.`),
    ]);
  }
  return { name, view: to, on, ...(label === undefined ? {} : { label }) };
}

/** A table's references as joins, one for each; the first to a table takes its name. */
export function referenceJoins(
  view: View,
  views: ReadonlyMap<string, View>,
  { taken, skip = () => false }: { taken: Set<string>; skip?: (reference: Reference) => boolean },
): readonly Join[] {
  const all = [...views.values()];
  const shortest = [...view.plan.references].sort((one, other) => depth(view, one) - depth(view, other));
  return shortest.flatMap((reference) => {
    const to = all.find(
      ({ plan }) =>
        plan.name === reference.table && plan.declaration.namespace === view.plan.declaration.namespace,
    );
    if (!to || skip(reference)) return [];
    const column = identifier(reference.columns.at(-1) ?? '').replace(/(_(id|value|ref))+$/, '');
    const name = taken.has(to.name) ? `${to.name}_${column}` : to.name;
    if (taken.has(name)) return [];
    const others = shortest.filter(({ table }) => table === reference.table).length > 1;
    const label = others ? labelOf(column) : undefined;
    const join = joinOf(view, reference, { to, name, ...(label === undefined ? {} : { label }) });
    if (join) taken.add(name);
    return join ?? [];
  });
}

const depth = (view: View, { columns }: Reference): number =>
  fieldNamed(view, columns.at(-1) ?? '')?.column.path.length ?? 0;
