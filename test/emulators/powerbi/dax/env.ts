// Where an expression is evaluated: the filter context, the rows being looped over, the variables in sight.
import type { Cell } from '../cells.ts';
import { keyOf } from '../cells.ts';
import type { Switches } from '../switches.ts';
import { fail } from './errors.ts';
import { type Context, type Filter, partCovers, without } from './filters.ts';
import { BLANK_ROW, type Key, type Model, type ModelTable } from './model.ts';
import type { Source, TableValue } from './table-value.ts';
import type { ColumnExpr, DefinedMeasure, Expr } from './tree.ts';

/** One query: what it runs over, and how its expressions are evaluated. */
export interface Session {
  readonly model: Model;
  readonly now: number;
  readonly switches: Switches;
  readonly defined: readonly DefinedMeasure[];
  scalar(expr: Expr, env: Env): Cell;
  table(expr: Expr, env: Env): TableValue;
}

/** A row being looked at; `parent` is the loop around it. */
export interface Frame {
  readonly table: TableValue;
  row: number;
  readonly parent: Frame | undefined;
}

export type Bound = { readonly get: () => Cell | TableValue };

export interface Env {
  readonly session: Session;
  readonly context: Context;
  readonly frame: Frame | undefined;
  readonly variables: ReadonlyMap<string, Bound>;
  /** Measures inside measures; a circle would never end. */
  readonly depth: number;
}

export const scalar = (expr: Expr | undefined, env: Env): Cell =>
  env.session.scalar(expr ?? fail('A function misses an argument.'), env);

export const tableOf = (expr: Expr | undefined, env: Env): TableValue =>
  env.session.table(expr ?? fail('A function misses an argument.'), env);

export function tableNamed(name: string, { session }: Env): ModelTable | undefined {
  const wanted = name.toLowerCase();
  return session.model.tables.find((one) => one.name.toLowerCase() === wanted);
}

export type Resolved =
  | { readonly kind: 'column'; readonly source: Source }
  | { readonly kind: 'measure'; readonly name: string; readonly expression: Expr | string }
  | { readonly kind: 'made'; readonly name: string };

/** What a name in brackets means. Measures of the query come before those of the model. */
export function resolve({ table: of, name }: ColumnExpr, env: Env): Resolved {
  const wanted = name.toLowerCase();
  const defined = env.session.defined.find((one) => one.name.toLowerCase() === wanted);
  if (defined) return { kind: 'measure', name, expression: defined.expression };
  const table = of === undefined ? undefined : tableNamed(of, env);
  if (of !== undefined && !table) return fail(`Cannot find table '${of}'.`);
  if (table) {
    const column = table.column(name);
    if (column >= 0) return { kind: 'column', source: { table, column } };
  }
  for (const one of table ? [table] : env.session.model.tables) {
    const found = one.stored.measures.find((measure) => measure.name.toLowerCase() === wanted);
    if (found) return { kind: 'measure', name, expression: found.expression };
  }
  if (table)
    return fail(
      `Column '${name}' in table '${table.name}' cannot be found or may not be used in this expression.`,
    );
  return { kind: 'made', name };
}

/** The column an argument names. */
export function columnArgument(expr: Expr | undefined, env: Env): Source {
  if (expr?.kind === 'column') {
    const found = resolve(expr, env);
    if (found.kind === 'column') return found.source;
  }
  return fail("A function expects a column such as 'Table'[Column] here.");
}

/** Visits each row of a table with the row as the innermost one looked at. */
export function eachRow(table: TableValue, env: Env, visit: (inner: Env, row: number) => void): void {
  const frame: Frame = { table, row: 0, parent: env.frame };
  const inner = { ...env, frame };
  for (let row = 0; row < table.size; row += 1) {
    frame.row = row;
    visit(inner, row);
  }
}

/** The rows being looked at become filters of all their columns, and are rows no more. */
export function transition(env: Env): Env {
  if (!env.frame) return env;
  let { filters } = env.context;
  const frames: Frame[] = [];
  for (let frame: Frame | undefined = env.frame; frame; frame = frame.parent) frames.unshift(frame);
  for (const frame of frames) for (const filter of rowFilters(frame)) filters = overridden(filters, filter);
  return { ...env, context: env.context.with(filters), frame: undefined };
}

function rowFilters({ table, row }: Frame): readonly Filter[] {
  if (table.base) {
    const { table: of, ids } = table.base;
    return [{ parts: [{ table: of, column: 'class' }], flat: [of.classOf(ids[row] ?? BLANK_ROW)] }];
  }
  return table.columns.flatMap(({ source }, column) =>
    source ? [{ parts: [source], flat: [keyOf(table.cell(row, column)) as Key] }] : [],
  );
}

/** A filter takes the place of what was said before about its columns. */
export function overridden(filters: readonly Filter[], filter: Filter): readonly Filter[] {
  const covers = filter.parts.map(partCovers);
  return [...without(filters, (table, column) => covers.some((one) => one(table, column))), filter];
}
