// The figures of rows that stand alone: payments, ledger entries, bank accounts.
import { isOneOf, present } from './conditions.ts';
import type { Lines } from './lookml.ts';
import { guardedSum, type MoneyOptions, type Scopes } from './money.ts';
import type { EntryRecipe, FigureRecipe } from './recipe.ts';
import { type Field, fieldAt, type View } from './shapes.ts';

export interface EntryOptions extends MoneyOptions {
  readonly scopes: Scopes;
  /** The records' view, where the rows are parts of them. */
  readonly parent: View | undefined;
}

/** Sums beside the columns; each is shown for one currency at a time. */
export function entryFigures(view: View, recipe: EntryRecipe, options: EntryOptions): readonly Lines[] {
  return recipe.figures.flatMap((figure) => {
    const amount = fieldAt(view, figure.amount);
    if (!amount) return [];
    const name = view.allocate(figure.name, { of: figure.amount, also: ['in_all'] });
    return guardedSum(name, {
      label: figure.label,
      description: 'Shown for one currency at a time',
      guard: options.scopes.own,
      sql: sqlOf(view, amount, { ...options, figure, recipe }),
    });
  });
}

function sqlOf(
  view: View,
  { sql }: Field,
  { figure, recipe, parent, dialect }: EntryOptions & { figure: FigureRecipe; recipe: EntryRecipe },
): string {
  const negative = figure.negative && isOneOf(view, figure.negative, dialect);
  const value = negative ? `CASE WHEN ${negative} THEN -${sql} ELSE ${sql} END` : sql;
  const side = figure.side && `${sql} ${figure.side === 'positive' ? '>' : '<'} 0`;
  const conditions = [
    isOneOf(view, recipe.counts, dialect),
    isOneOf(view, figure.when, dialect),
    side,
    parent && notDeleted(parent),
  ];
  const counted = present(view, conditions);
  return `CASE WHEN ${counted} THEN ${figure.side === 'negative' ? `-${value}` : value} END`;
}

const notDeleted = (parent: View): string => `NOT \${${parent.name}.is_deleted}`;
