// CALCULATE and CALCULATETABLE: filters by condition, by table, and filters taken away.
import {
  columnArgument,
  type Env,
  eachRow,
  overridden,
  resolve,
  scalar,
  tableNamed,
  tableOf,
  transition,
} from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction, TableFunction } from './evaluate.ts';
import { type Covers, type Filter, without } from './filters.ts';
import type { ModelTable } from './model.ts';
import { distinct, filterOf, madeRows, picked, type Source } from './table-value.ts';
import type { ColumnExpr, Expr } from './tree.ts';
import { truth } from './values.ts';

type Change =
  | { readonly kind: 'remove'; readonly covers: Covers }
  | { readonly kind: 'filter'; readonly filter: Filter; readonly keep: boolean };

const removers = ['ALL', 'REMOVEFILTERS', 'ALLEXCEPT', 'ALLNOBLANKROW'];

export const calculations: {
  readonly scalars: Readonly<Record<string, ScalarFunction>>;
  readonly tables: Readonly<Record<string, TableFunction>>;
} = {
  scalars: { CALCULATE: ([expr, ...filters], env) => scalar(expr, calculated(filters, env)) },
  tables: { CALCULATETABLE: ([expr, ...filters], env) => tableOf(expr, calculated(filters, env)) },
};

/** The arguments are worked out where CALCULATE stands; then rows become filters, removals come first, filters last. */
export function calculated(args: readonly (Expr | undefined)[], env: Env): Env {
  const changes = args.map((arg) => changeOf(arg, env));
  const inner = transition(env);
  let { filters } = inner.context;
  for (const change of changes) if (change.kind === 'remove') filters = without(filters, change.covers);
  for (const change of changes)
    if (change.kind === 'filter' && !change.keep) filters = cleared(filters, change.filter);
  // Filters given side by side hold together.
  for (const change of changes) if (change.kind === 'filter') filters = [...filters, change.filter];
  return { ...inner, context: env.context.with(filters) };
}

/** A new filter overrides; on the date a calendar is related by, it overrides all that was said of the calendar. */
function cleared(filters: readonly Filter[], filter: Filter): readonly Filter[] {
  const calendars = filter.parts
    .filter(({ table, column }) => typeof column === 'number' && isCalendarDate({ table, column }))
    .map(({ table }) => table);
  const left = overridden(filters, filter).slice(0, -1);
  return calendars.length === 0 ? left : without(left, (table) => calendars.includes(table));
}

function isCalendarDate({ table, column }: Source): boolean {
  return (
    table.stored.columns[column]?.dataType === 'Datetime' &&
    table.down.some(({ toColumn }) => toColumn === column)
  );
}

function changeOf(arg: Expr | undefined, env: Env): Change {
  if (!arg) return fail('CALCULATE: a filter is missing.');
  if (arg.kind === 'call' && arg.name === 'KEEPFILTERS') {
    const inner = changeOf(arg.args[0], env);
    return inner.kind === 'filter'
      ? { ...inner, keep: true }
      : fail('KEEPFILTERS takes a condition or a table.');
  }
  if (arg.kind === 'call' && removers.includes(arg.name))
    return { kind: 'remove', covers: coversOf(arg.name, arg.args, env) };
  if (arg.kind === 'binary' || arg.kind === 'in' || arg.kind === 'not' || isTest(arg))
    return { kind: 'filter', filter: conditionOf(arg, env), keep: false };
  return { kind: 'filter', filter: filterOf(tableOf(arg, env)), keep: false };
}

const tests = ['ISBLANK', 'CONTAINSSTRING', 'AND', 'OR', 'NOT', 'EXACT'];
const isTest = (arg: Expr): boolean => arg.kind === 'call' && tests.includes(arg.name);

/** The columns that ALL, REMOVEFILTERS or ALLEXCEPT free. */
function coversOf(name: string, args: readonly (Expr | undefined)[], env: Env): Covers {
  const [first, ...rest] = args;
  if (name === 'ALLEXCEPT') {
    const table = namedTable(first, env);
    const spared = rest.map((one) => columnArgument(one, env));
    return (of, column) =>
      table.expanded.has(of) && !spared.some((one) => one.table === of && one.column === column);
  }
  if (!first) return () => true;
  const parts = args.map((one): Covers => {
    if (one?.kind === 'name') {
      const table = namedTable(one, env);
      return (of) => table.expanded.has(of);
    }
    const { table, column } = columnArgument(one, env);
    return (of, index) => of === table && index === column;
  });
  return (of, column) => parts.some((covers) => covers(of, column));
}

export function namedTable(expr: Expr | undefined, env: Env): ModelTable {
  const found = expr?.kind === 'name' ? tableNamed(expr.name, env) : undefined;
  return found ?? fail('A function expects the name of a table here.');
}

/** A condition is the table of all values of its columns for which it holds. */
function conditionOf(expr: Expr, env: Env): Filter {
  const sources = columnsIn(expr, env);
  const [first] = sources;
  if (!first) return fail('CALCULATE: a condition must name a column.');
  if (sources.some(({ table }) => table !== first.table))
    return fail('CALCULATE: a condition may only name columns of one table.');
  const { table } = first;
  const columns = sources.map((source) => ({
    name: table.stored.columns[source.column]?.name ?? '',
    source,
  }));
  const rows = sources.length === 1 ? firsts(first) : Array.from({ length: table.size }, (_, row) => row);
  const blank = table.hasBlankRow ? [-1] : [];
  const all = madeRows(
    columns,
    [...rows, ...blank].map((row) => sources.map(({ column }) => table.cell(row, column))),
  );
  const values = distinct(all);
  const kept: number[] = [];
  eachRow(values, env, (inner, row) => {
    if (truth(scalar(expr, inner))) kept.push(row);
  });
  return filterOf(picked(values, kept));
}

/** One row for each value of a column. */
export const firsts = ({ table, column }: Source): number[] =>
  [...table.index(column).values()].map((rows) => rows[0] ?? -1);

/** The columns a condition tests itself; those inside an aggregate or a measure belong to that. */
function columnsIn(expr: Expr, env: Env): Source[] {
  const found: Source[] = [];
  for (const one of namesIn(expr)) {
    const resolved = resolve(one, env);
    if (resolved.kind === 'made') return fail(`CALCULATE: [${one.name}] is no column of the model.`);
    if (resolved.kind !== 'column') continue;
    const { table, column } = resolved.source;
    if (!found.some((other) => other.table === table && other.column === column)) found.push(resolved.source);
  }
  return found;
}

function namesIn(expr: Expr | undefined): ColumnExpr[] {
  switch (expr?.kind) {
    case 'column':
      return [expr];
    case 'sign':
    case 'not':
      return namesIn(expr.operand);
    case 'binary':
      return [...namesIn(expr.left), ...namesIn(expr.right)];
    case 'in':
      return expr.items.flatMap(namesIn);
    case 'call':
      return rowWise(expr.name) ? expr.args.flatMap(namesIn) : [];
    default:
      return [];
  }
}

/** Functions whose arguments are read in the row at hand. */
const rowWise = (name: string): boolean => !aggregating.has(name) && !name.endsWith('X');
const aggregating = new Set(
  'SUM AVERAGE MIN MAX COUNT COUNTA COUNTBLANK COUNTROWS DISTINCTCOUNT DISTINCTCOUNTNOBLANK CALCULATE SELECTEDVALUE HASONEVALUE VALUES ISFILTERED ISCROSSFILTERED LOOKUPVALUE'.split(
    ' ',
  ),
);
