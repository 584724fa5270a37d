// What a staged table is to an accountant: a document with a day and money, lines of one, or something they refer to.
import type { Column, TablePlan } from '@ledgerpipe/staging';

export type TableKind = 'fact' | 'dimension';

/** The document's own day among its columns of role `date`. */
const ownDay =
  /^((txn|transaction|journal|invoice|payment|order)?_?date|from_?date|to_?date|report_?date|_?period)$/i;

/** The column by which a document falls into the calendar. */
export function dayOf({ columns, parent }: TablePlan): Column | undefined {
  if (parent) return undefined;
  const days = columns.filter(
    ({ role, type, path }) => role === 'date' && type.kind === 'date' && path.length === 1,
  );
  return days.find(({ path }) => ownDay.test(path[0] ?? ''));
}

/** A document has a day of its own and an amount; its lines go with it. */
export function kindOf(plan: TablePlan, parent: TablePlan | undefined): TableKind {
  const main = parent ?? plan;
  const amounts = main.columns.some(({ role }) => role === 'amount');
  return amounts && dayOf(main) !== undefined ? 'fact' : 'dimension';
}

const parties = /contact|customer|vendor|supplier|entity/i;

/**
 * What a line repeats of its document, so that it can be filtered without a relationship to it: day, due day, status,
 * number, currency and rate, and whom it is with.
 */
export function headerColumns(parent: TablePlan): readonly Column[] {
  const day = dayOf(parent);
  const first = (test: (column: Column) => boolean): readonly Column[] => {
    const found = parent.columns.find((column) => !column.meta && test(column));
    return found ? [found] : [];
  };
  const referring = new Set(parent.references.flatMap(({ columns }) => columns.slice(-1)));
  const party = parent.columns.filter(
    ({ name, path }) => referring.has(name) && parties.test(path.join('_')),
  );
  return [
    ...(day ? [day] : []),
    ...first(({ role }) => role === 'due'),
    ...first(({ role, path }) => role === 'status' && path.length === 1),
    ...first(({ role, path }) => role === 'label' && path.length === 1),
    ...first(({ role }) => role === 'currency'),
    ...first(({ role, path }) => role === 'rate' && path.length === 1),
    ...party.slice(0, 2),
  ].filter((column, index, all) => all.indexOf(column) === index);
}

/** Xero tells units of the document's currency for one of the base (divide), QuickBooks the reverse (multiply). */
export function rateOf(
  columns: readonly Column[],
): { column: Column; by: 'divide' | 'multiply' } | undefined {
  const column = columns.find(({ role, path }) => role === 'rate' && path.length === 1);
  if (!column) return undefined;
  return { column, by: /exchange_?rate/i.test(column.path[0] ?? '') ? 'multiply' : 'divide' };
}
