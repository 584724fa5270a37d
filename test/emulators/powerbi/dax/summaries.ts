// SUMMARIZECOLUMNS and SUMMARIZE: groups of values, and expressions for each group.
import { type Cell, keyOf } from '../cells.ts';
import { columnArgument, type Env, overridden, resolve, scalar, tableOf } from './env.ts';
import { fail } from './errors.ts';
import type { TableFunction } from './evaluate.ts';
import { type Filter, joined } from './filters.ts';
import { BLANK_ROW, type ModelTable } from './model.ts';
import { pairs, widened } from './set-functions.ts';
import { filterOf, madeRows, type OutColumn, type Source, type TableValue } from './table-value.ts';
import type { Call, Expr } from './tree.ts';

export const summaries: Readonly<Record<string, TableFunction>> = {
  SUMMARIZECOLUMNS: summarizeColumns,
  SUMMARIZE: summarize,
};

const columnOf = (source: Source): OutColumn => ({
  name: source.table.stored.columns[source.column]?.name ?? '',
  source,
});

const isColumn = (expr: Expr | undefined, env: Env): boolean =>
  expr?.kind === 'column' && resolve(expr, env).kind === 'column';

/** Group columns, then filter tables, then pairs of a name and an expression; groups without any value are left out. */
function summarizeColumns(args: Call['args'], env: Env): TableValue {
  if (env.frame) return fail('SUMMARIZECOLUMNS is not supported inside a loop over rows.');
  const groupEnd = args.findIndex((one) => !isColumn(one, env));
  const groups = args.slice(0, groupEnd < 0 ? undefined : groupEnd).map((one) => columnArgument(one, env));
  const rest = groupEnd < 0 ? [] : args.slice(groupEnd);
  const filterEnd = rest.findIndex((one) => one?.kind === 'value');
  const tables = rest.slice(0, filterEnd < 0 ? undefined : filterEnd);
  const named = filterEnd < 0 ? [] : pairs(rest.slice(filterEnd), env);
  const filters = tables.map((one) => filterOf(tableOf(keptInner(one), env)));
  const context = env.context.with([...env.context.filters, ...filters]);
  const rows: Cell[][] = [];
  for (const group of combinations(groups, { ...env, context })) {
    let own = context.filters;
    for (const [at, source] of groups.entries()) own = overriddenBy(own, source, group[at] ?? null);
    // Filters given to the function hold together with those of the group.
    const inner = { ...env, context: context.with([...own, ...filters]) };
    const values = named.map(({ expr }) => scalar(expr, inner));
    if (named.length === 0 || values.some((one) => one !== null)) rows.push([...group, ...values]);
  }
  return madeRows([...groups.map(columnOf), ...named.map(({ name }) => ({ name }))], rows);
}

const keptInner = (expr: Expr | undefined): Expr | undefined =>
  expr?.kind === 'call' && expr.name === 'KEEPFILTERS' ? expr.args[0] : expr;

function overriddenBy(filters: readonly Filter[], source: Source, cell: Cell): readonly Filter[] {
  return overridden(filters, { parts: [source], flat: [keyOf(cell)] });
}

/** Existing combinations within a table, every combination between tables, in the order of the group columns. */
function combinations(groups: readonly Source[], env: Env): Cell[][] {
  const tables = [...new Set(groups.map(({ table }) => table))];
  let found: Map<Source, Cell>[] = [new Map()];
  for (const table of tables) {
    const own = groups.filter((one) => one.table === table);
    const tuples = existing(table, own, env);
    found = found.flatMap((one) =>
      tuples.map(
        (cells) => new Map([...one, ...own.map((source, at) => [source, cells[at] ?? null] as const)]),
      ),
    );
  }
  return found.map((one) => groups.map((source) => one.get(source) ?? null));
}

function existing(table: ModelTable, own: readonly Source[], env: Env): Cell[][] {
  const { rows, blank } = env.context.visible(table);
  const all = blank ? [...Array.from(rows), BLANK_ROW] : Array.from(rows);
  return grouped(all, (row) => own.map(({ column }) => table.cell(row, column)));
}

function grouped(rows: readonly number[], cells: (row: number) => Cell[]): Cell[][] {
  const seen = new Set<unknown>();
  return rows.flatMap((row) => {
    const found = cells(row);
    const key = joined(found.map(keyOf));
    if (seen.has(key)) return [];
    seen.add(key);
    return [found];
  });
}

/** Groups of a table's rows by its own columns and those of the tables it belongs to. */
function summarize([table, ...rest]: Call['args'], env: Env): TableValue {
  const of = tableOf(table, env);
  const end = rest.findIndex((one) => !isColumn(one, env));
  const groups = rest.slice(0, end < 0 ? undefined : end).map((one) => columnArgument(one, env));
  const named = end < 0 ? [] : pairs(rest.slice(end), env);
  const all = Array.from({ length: of.size }, (_, row) => row);
  const reads = groups.map((source) => reader(of, source));
  const result = madeRows(
    groups.map(columnOf),
    grouped(all, (row) => reads.map((read) => read(row))),
  );
  if (named.length === 0) return result;
  // What the function does to the rows inside a group is only plain where they are those of a table as it is.
  if (table?.kind !== 'name' || !of.base)
    return fail('SUMMARIZE: expressions are only supported over a table itself, use ADDCOLUMNS around it.');
  const calculated = named.map(({ name, expr }) => ({
    name,
    expr: { kind: 'call', name: 'CALCULATE', args: [expr] } as const,
  }));
  return widened(result, calculated, env);
}

function reader(of: TableValue, source: Source): (row: number) => Cell {
  const own = of.columns.findIndex(
    (one) => one.source?.table === source.table && one.source.column === source.column,
  );
  if (own >= 0) return (row) => of.cell(row, own);
  const { base } = of;
  if (!base?.table.expanded.has(source.table))
    return fail(`SUMMARIZE: table '${source.table.name}' is not related to the summarised one.`);
  return (row) =>
    source.table.cell(base.table.rowIn(source.table, base.ids[row] ?? BLANK_ROW), source.column);
}
