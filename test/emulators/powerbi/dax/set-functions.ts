// Functions that answer tables: rows of the model and their values, chosen, joined and ordered.
import { type Cell, keyOf } from '../cells.ts';
import { isDescending } from './aggregates.ts';
import { firsts, namedTable } from './calculate.ts';
import { columnArgument, type Env, eachRow, scalar, tableOf, transition } from './env.ts';
import { fail } from './errors.ts';
import type { TableFunction } from './evaluate.ts';
import { joined } from './filters.ts';
import { BLANK_ROW } from './model.ts';
import {
  cellsAt,
  distinct,
  madeRows,
  modelRows,
  type OutColumn,
  picked,
  type Source,
  type TableValue,
} from './table-value.ts';
import type { Call, Expr } from './tree.ts';
import { numberOf, sortOrder, truth } from './values.ts';

const sourceColumn = ({ table, column }: Source): OutColumn => ({
  name: table.stored.columns[column]?.name ?? '',
  source: { table, column },
});

/** The different visible values of a column, in the order of their first rows. */
export function valuesOf(source: Source, env: Env, { blankRow }: { blankRow: boolean }): TableValue {
  const { rows, blank, filtered } = env.context.visible(source.table);
  const seen = new Set<unknown>();
  const found: Cell[][] = [];
  const add = (row: number): void => {
    const key = source.table.key(row, source.column);
    if (!seen.has(key)) found.push([source.table.cell(row, source.column)]);
    seen.add(key);
  };
  if (filtered) for (let at = 0; at < rows.length; at += 1) add(rows[at] ?? BLANK_ROW);
  else firsts(source).forEach(add);
  if (blank && blankRow) add(BLANK_ROW);
  return madeRows([sourceColumn(source)], found);
}

const unfiltered = (env: Env): Env => ({ ...env, context: env.context.with([]) });

function all(args: Call['args'], env: Env, blankRow: boolean): TableValue {
  const [first] = args;
  if (first?.kind === 'name') {
    const table = namedTable(first, env);
    const rows = Array.from({ length: table.size }, (_, row) => row);
    return modelRows(table, blankRow && table.hasBlankRow ? [...rows, BLANK_ROW] : rows);
  }
  const sources = args.map((one) => columnArgument(one, env));
  const [source] = sources;
  if (!source) return fail('ALL: a table or a column is expected.');
  if (sources.length === 1) return valuesOf(source, unfiltered(env), { blankRow });
  if (sources.some(({ table }) => table !== source.table))
    return fail('ALL: all columns must be of one table.');
  const rows = Array.from({ length: source.table.size }, (_, row) => row);
  const withBlank = blankRow && source.table.hasBlankRow ? [...rows, BLANK_ROW] : rows;
  const cells = withBlank.map((row) => sources.map(({ table, column }) => table.cell(row, column)));
  return distinct(madeRows(sources.map(sourceColumn), cells));
}

function values([arg]: Call['args'], env: Env, blankRow: boolean): TableValue {
  if (arg?.kind === 'column') return valuesOf(columnArgument(arg, env), env, { blankRow });
  const table = tableOf(arg, env);
  const { base } = table;
  if (!blankRow) return distinct(table);
  if (!base || arg?.kind !== 'name') return fail('VALUES: a column or the name of a table is expected.');
  return env.context.visible(base.table).blank
    ? modelRows(base.table, [...Array.from(base.ids), BLANK_ROW])
    : table;
}

export const setFunctions: Readonly<Record<string, TableFunction>> = {
  ALL: (args, env) => all(args, env, true),
  ALLNOBLANKROW: (args, env) => all(args, env, false),
  VALUES: (args, env) => values(args, env, true),
  DISTINCT: (args, env) => values(args, env, false),
  FILTER: ([table, condition], env) => {
    const of = tableOf(table, env);
    const kept: number[] = [];
    eachRow(of, env, (inner, row) => {
      if (truth(scalar(condition, inner))) kept.push(row);
    });
    return picked(of, kept);
  },
  RELATEDTABLE: ([table], env) => tableOf(table, transition(env)),
  ROW: (args, env) => {
    const named = pairs(args, env);
    return madeRows(
      named.map(({ name }) => ({ name })),
      [named.map(({ expr }) => scalar(expr, env))],
    );
  },
  ADDCOLUMNS: ([table, ...rest], env) => {
    const of = tableOf(table, env);
    return widened(of, pairs(rest, env), env);
  },
  SELECTCOLUMNS: ([table, ...rest], env) => selected(tableOf(table, env), pairs(rest, env), env),
  TOPN: top,
  UNION: (args, env) => {
    const tables = sameWidth(
      args.map((one) => tableOf(one, env)),
      'UNION',
    );
    const [first] = tables;
    const columns = (first?.columns ?? []).map(({ name }) => ({ name }));
    return madeRows(
      columns,
      tables.flatMap((one) => rowsOf(one)),
    );
  },
  EXCEPT: (args, env) => compared(args, env, { name: 'EXCEPT', keep: false }),
  INTERSECT: (args, env) => compared(args, env, { name: 'INTERSECT', keep: true }),
  CROSSJOIN: (args, env) => args.map((one) => tableOf(one, env)).reduce(crossed),
  GENERATE: ([left, right], env) => {
    const of = tableOf(left, env);
    let columns: readonly OutColumn[] | undefined;
    const rows: Cell[][] = [];
    eachRow(of, env, (inner, row) => {
      const more = tableOf(right, inner);
      columns ??= more.columns;
      for (const cells of rowsOf(more)) rows.push([...cellsAt(of, row), ...cells]);
    });
    return madeRows([...of.columns, ...(columns ?? [])], rows);
  },
  TREATAS: ([table, ...columns], env) => {
    const of = tableOf(table, env);
    const sources = columns.map((one) => columnArgument(one, env));
    if (sources.length !== of.columns.length)
      return fail('TREATAS: as many columns as the table has are expected.');
    return madeRows(sources.map(sourceColumn), rowsOf(of));
  },
  GENERATESERIES: ([from, to, step], env) => {
    const by = step ? numberOf(scalar(step, env)) : 1;
    const [start, end] = [numberOf(scalar(from, env)), numberOf(scalar(to, env))];
    if (!(by > 0)) return fail('GENERATESERIES: the step must be positive.');
    const length = Math.max(0, Math.floor((end - start) / by + 1e-9) + 1);
    return madeRows(
      [{ name: 'Value' }],
      Array.from({ length }, (_, at) => [start + at * by]),
    );
  },
};

export const rowsOf = (table: TableValue): Cell[][] =>
  Array.from({ length: table.size }, (_, row) => cellsAt(table, row));

interface Named {
  readonly name: string;
  readonly expr: Expr;
}

/** `"name", expression, "name", expression` */
export function pairs(args: Call['args'], env: Env): Named[] {
  if (args.length % 2 > 0) return fail('Names and expressions must come in pairs.');
  return Array.from({ length: args.length / 2 }, (_, at) => {
    const name = scalar(args[at * 2], env);
    const expr = args[at * 2 + 1];
    return typeof name === 'string' && expr
      ? { name, expr }
      : fail('A name in quotes is expected before an expression.');
  });
}

/** The table with more columns; its rows stay rows of the model. */
export function widened(of: TableValue, named: readonly Named[], env: Env): TableValue {
  const more: Cell[][] = [];
  eachRow(of, env, (inner) => {
    more.push(named.map(({ expr }) => scalar(expr, inner)));
  });
  const width = of.columns.length;
  return {
    columns: [...of.columns, ...named.map(({ name }) => ({ name }))],
    size: of.size,
    cell: (row, column) => (column < width ? of.cell(row, column) : (more[row]?.[column - width] ?? null)),
    ...(of.base ? { base: of.base } : {}),
  };
}

function selected(of: TableValue, named: readonly Named[], env: Env): TableValue {
  const rows: Cell[][] = [];
  eachRow(of, env, (inner) => {
    rows.push(named.map(({ expr }) => scalar(expr, inner)));
  });
  const columns = named.map(({ name, expr }): OutColumn => {
    const source = expr.kind === 'column' && expr.table !== undefined ? columnArgument(expr, env) : undefined;
    return source ? { name, source, renamed: true } : { name };
  });
  return madeRows(columns, rows);
}

/** The first rows by one or more orders, highest first unless said otherwise; ties come along. */
function top([count, table, ...orders]: Call['args'], env: Env): TableValue {
  const wanted = numberOf(scalar(count, env));
  const of = tableOf(table, env);
  const by = orders.flatMap((expr, at) => (at % 2 === 0 && expr ? [{ expr, order: orders[at + 1] }] : []));
  const rows: { row: number; keys: Cell[] }[] = [];
  eachRow(of, env, (inner, row) => {
    rows.push({ row, keys: by.map(({ expr }) => scalar(expr, inner)) });
  });
  const signs = by.map(({ order }) => (order && !isDescending(order, env) ? 1 : -1));
  const order = (one: (typeof rows)[number], other: (typeof rows)[number]): number => {
    for (const [at, sign] of signs.entries()) {
      const found = sortOrder(one.keys[at] ?? null, other.keys[at] ?? null);
      if (found !== 0) return found * sign;
    }
    return 0;
  };
  rows.sort(order);
  const last = rows[wanted - 1];
  const kept = rows.filter(
    (one, at) => at < wanted || (by.length > 0 && last !== undefined && order(one, last) === 0),
  );
  return picked(
    of,
    kept.map(({ row }) => row),
  );
}

function sameWidth(tables: readonly TableValue[], name: string): readonly TableValue[] {
  return tables.some(({ columns }) => columns.length !== tables[0]?.columns.length)
    ? fail(`${name}: all tables need as many columns.`)
    : tables;
}

function compared(args: Call['args'], env: Env, { name, keep }: { name: string; keep: boolean }): TableValue {
  const [left, right] = sameWidth(
    args.map((one) => tableOf(one, env)),
    name,
  );
  if (!left || !right) return fail(`${name}: two tables are expected.`);
  const keys = new Set(rowsOf(right).map((cells) => joined(cells.map(keyOf))));
  const kept = rowsOf(left).flatMap((cells, row) =>
    keys.has(joined(cells.map(keyOf))) === keep ? [row] : [],
  );
  return picked(left, kept);
}

function crossed(left: TableValue, right: TableValue): TableValue {
  const others = rowsOf(right);
  return madeRows(
    [...left.columns, ...right.columns],
    rowsOf(left).flatMap((cells) => others.map((more) => [...cells, ...more])),
  );
}
