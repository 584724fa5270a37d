// Conditions on rows, from what the recipes say: which documents count, are open, or turn the sign.
import type { Dialect } from './dialect.ts';
import type { When } from './recipe.ts';
import { fieldAt, type View } from './shapes.ts';

/** `column IN ('A', 'B')`; undefined where the view has no such column. */
export function isOneOf(view: View, when: When | undefined, dialect: Dialect): string | undefined {
  const field = when && fieldAt(view, when.path);
  if (!when || !field) return undefined;
  return inList(field.sql, when.values, dialect);
}

export const inList = (sql: string, values: readonly string[], { literal }: Dialect): string =>
  `${sql} IN (${values.map(literal).join(', ')})`;

/** The row exists, and every given condition holds. */
export const present = (view: View, conditions: readonly (string | undefined)[]): string =>
  [
    `${view.meta.get('_deleted_at')?.sql ?? 'NULL'} IS NULL`,
    ...conditions.filter((one) => one !== undefined),
  ].join(' AND ');
