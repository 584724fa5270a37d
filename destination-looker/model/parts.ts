// Which part a view plays in the ledger: a document, its lines, entries, or none.
import type { Dialect } from './dialect.ts';
import { identifier } from './identifiers.ts';
import { quickbooks } from './quickbooks.ts';
import type { DocumentRecipe, EntryRecipe, Ledger } from './recipe.ts';
import { fieldAt, type View } from './shapes.ts';
import type { TrackingDimension } from './tracking.ts';
import { xero } from './xero.ts';

/** Everything the files are made from. */
export interface Model {
  readonly name: string;
  readonly label: string;
  readonly connection: string;
  readonly dialect: Dialect;
  readonly fiscalMonthOffset: number;
  /** A query of one cell that differs after each load. */
  readonly trigger: string | undefined;
  /** All views, by the key of their table. */
  readonly views: ReadonlyMap<string, View>;
  readonly ledger: Ledger | undefined;
  readonly tracking: readonly TrackingDimension[];
}

export type Part =
  | { readonly kind: 'header'; readonly recipe: DocumentRecipe; readonly lines: View }
  | {
      readonly kind: 'lines';
      readonly recipe: DocumentRecipe;
      readonly header: View;
      readonly items: View | undefined;
    }
  | { readonly kind: 'entries'; readonly recipe: EntryRecipe };

/** The ledger whose tenant column these tables have. */
export function ledgerOf(views: Iterable<View>): Ledger | undefined {
  const all = [...views];
  return [xero, quickbooks].find(({ tenant }) =>
    all.some((view) => view.plan.parent === undefined && fieldAt(view, tenant) !== undefined),
  );
}

/** The part of a view; undefined for tables the ledger's recipes say nothing of. */
export function partOf(view: View, { ledger, views }: Pick<Model, 'ledger' | 'views'>): Part | undefined {
  const all = [...views.values()];
  for (const recipe of ledger?.documents ?? []) {
    const header = streamView(all, recipe.stream, view);
    const lines = header && childView(all, header, recipe.lines);
    if (!header || !lines || !fieldAt(lines, recipe.line.amount)) continue;
    if (view === header) return { kind: 'header', recipe, lines };
    if (view === lines) return { kind: 'lines', recipe, header, items: itemsOf(lines, recipe, all) };
  }
  for (const recipe of ledger?.entries ?? []) {
    const records = streamView(all, recipe.stream, view);
    const rows = records && recipe.rows ? childView(all, records, recipe.rows) : records;
    if (view === rows) return { kind: 'entries', recipe };
  }
  return undefined;
}

/** The main view of a stream, in the namespace of another view. */
export const streamView = (views: Iterable<View>, stream: string, near: View): View | undefined =>
  [...views].find(
    ({ plan }) =>
      plan.parent === undefined &&
      plan.declaration.name === stream &&
      plan.declaration.namespace === near.plan.declaration.namespace,
  );

/** The view of the rows of one of a record's arrays. */
export function childView(views: Iterable<View>, header: View, path: string): View | undefined {
  const wanted = identifier(`${header.plan.name}_${path.replaceAll('.', '_')}`);
  return [...views].find(
    ({ plan }) =>
      plan.parent?.table === header.plan.name &&
      plan.declaration.stream === header.plan.declaration.stream &&
      identifier(plan.name) === wanted,
  );
}

/** The view that the lines' items stand in: needed where an item decides the account. */
function itemsOf(lines: View, { line }: DocumentRecipe, views: readonly View[]): View | undefined {
  const item = line.items.flatMap((path) => fieldAt(lines, path)?.column.name ?? [])[0];
  const reference = lines.plan.references.find(({ columns }) => columns.at(-1) === item);
  return views.find(
    ({ plan }) =>
      plan.name === reference?.table && plan.declaration.namespace === lines.plan.declaration.namespace,
  );
}
