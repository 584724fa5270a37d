// Which joins a query needs, in order, and whether they repeat the rows of a view.
import { beyond } from '../answers.ts';
import { referencesIn } from '../lookml/check-model.ts';
import type { Join } from '../lookml/model.ts';
import type { Scope } from './scope.ts';

/** The views a join's condition speaks of, besides its own. */
function parentsOf(join: Join, scope: Scope): string[] {
  const names = new Set(referencesIn(join.sqlOn ?? '').map((reference) => reference.split('.')[0] ?? ''));
  if (join.foreignKey !== undefined)
    names.add(join.foreignKey.includes('.') ? (join.foreignKey.split('.')[0] ?? '') : scope.explore.alias);
  names.delete(join.alias);
  const known = [...names].filter((name) => scope.aliases.includes(name));
  return known.length > 0 ? known : [scope.explore.alias];
}

/** The joins of the aliases in use and of those their conditions need, in the order of the explore. */
export function neededJoins(scope: Scope): Join[] {
  const needed = new Set<string>();
  const add = (alias: string): void => {
    const join = scope.join(alias);
    if (!join || needed.has(alias)) return;
    needed.add(alias);
    for (const other of [...parentsOf(join, scope), ...join.requires]) add(other);
  };
  for (const alias of scope.used) add(alias);
  return scope.explore.joins.filter(({ alias }) => needed.has(alias));
}

/**
 * Whether a view's rows come more than once. Walking away from the view over the joins in use, each step must lead
 * to one row at most: from a join's parent to it when it is "to one", and back from it when it is "one to".
 */
export function repeatsRows(scope: Scope, joins: readonly Join[]): (alias: string) => boolean {
  const steps = joins.flatMap((join) =>
    parentsOf(join, scope).flatMap((parent) => [
      { from: parent, to: join.alias, single: join.relationship.endsWith('_to_one') },
      { from: join.alias, to: parent, single: join.relationship.startsWith('one_to') },
    ]),
  );
  return (alias) => {
    const seen = new Set([alias]);
    for (const at of seen)
      for (const step of steps) {
        if (step.from !== at || seen.has(step.to)) continue;
        if (!step.single) return true;
        seen.add(step.to);
      }
    return false;
  };
}

const JOIN_WORDS: Readonly<Record<string, string>> = {
  left_outer: 'LEFT JOIN',
  inner: 'INNER JOIN',
  full_outer: 'FULL OUTER JOIN',
  cross: 'CROSS JOIN',
};

export function joinWord({ type, alias }: Join): string {
  const word = JOIN_WORDS[type];
  if (!word) throw beyond(`a join of type "${type}" ("${alias}")`);
  return word;
}
