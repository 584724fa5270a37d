// Sums, counts and extremes: over a column of what is visible, or over an expression row by row.
import { type Cell, type DataType, Instant, keyOf } from '../cells.ts';
import { columnArgument, type Env, eachRow, scalar, tableOf } from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction } from './evaluate.ts';
import { BLANK_ROW } from './model.ts';
import type { Source } from './table-value.ts';
import type { Call, Expr } from './tree.ts';
import { arithmetic, compare, numberOf, sortOrder, textOf, truth } from './values.ts';

type Visit = (cell: Cell) => void;
/** Hands over every value to be aggregated. */
type Values = (visit: Visit) => void;

/** The visible values of a column: of the model, or of the rows of a variable's column. */
function columnValues(expr: Expr | undefined, env: Env): Values & { readonly type: DataType | undefined } {
  const source: Source = columnArgument(expr, env);
  const { table, column } = source;
  const { rows } = env.context.visible(table);
  const type = table.stored.columns[column]?.dataType;
  return Object.assign(
    (visit: Visit) => {
      for (let at = 0; at < rows.length; at += 1) visit(table.cell(rows[at] ?? BLANK_ROW, column));
    },
    { type },
  );
}

const rowValues =
  ([table, expr]: Call['args'], env: Env): Values =>
  (visit) =>
    eachRow(tableOf(table, env), env, (inner) => visit(scalar(expr, inner)));

/** BLANK when there was nothing but BLANK. */
function total(values: Values): Cell {
  let sum: Cell = null;
  values((cell) => {
    if (cell === null) return;
    sum = typeof sum === 'bigint' && typeof cell === 'bigint' ? sum + cell : arithmetic('+', sum, cell);
  });
  return sum;
}

function average(values: Values): Cell {
  let count = 0;
  const sum = total((visit) =>
    values((cell) => {
      if (cell === null) return;
      count += 1;
      visit(cell instanceof Instant ? numberOf(cell) : cell);
    }),
  );
  return count === 0 ? null : numberOf(sum) / count;
}

function extreme(values: Values, sign: 1 | -1): Cell {
  let found: Cell = null;
  values((cell) => {
    if (cell !== null && (found === null || compare(cell, found) * sign > 0)) found = cell;
  });
  return found;
}

/** A count of nothing is BLANK. */
function count(values: Values, counts: (cell: Cell) => boolean): Cell {
  let found = 0;
  values((cell) => {
    if (counts(cell)) found += 1;
  });
  return found === 0 ? null : found;
}

function different(values: Values, blanks: boolean): Cell {
  const seen = new Set<unknown>();
  values((cell) => {
    if (blanks || cell !== null) seen.add(keyOf(cell));
  });
  return seen.size === 0 ? null : seen.size;
}

/** Text and truth have no sum. */
function numeric([expr]: Call['args'], env: Env): Values {
  const values = columnValues(expr, env);
  if (values.type === 'String' || values.type === 'Boolean')
    return fail(`A column of type ${values.type} cannot be added up.`);
  return values;
}

/** MIN and MAX take a column, or two values. */
const least =
  (sign: 1 | -1): ScalarFunction =>
  (args, env) => {
    if (args.length === 1) return extreme(columnValues(args[0], env), sign);
    const [one, other] = args.map((arg) => scalar(arg, env));
    return compare(one ?? null, other ?? null) * sign > 0 ? (one ?? null) : (other ?? null);
  };

const isCounted = (cell: Cell): boolean => cell !== null && typeof cell !== 'boolean';

export const aggregates: Readonly<Record<string, ScalarFunction>> = {
  SUM: (args, env) => total(numeric(args, env)),
  AVERAGE: (args, env) => average(numeric(args, env)),
  MIN: least(-1),
  MAX: least(1),
  COUNT: ([column], env) => count(columnValues(column, env), isCounted),
  COUNTA: ([column], env) => count(columnValues(column, env), (cell) => cell !== null),
  COUNTBLANK: ([column], env) => count(columnValues(column, env), (cell) => cell === null || cell === ''),
  COUNTROWS: ([table], env) => tableOf(table, env).size || null,
  DISTINCTCOUNT: ([column], env) => {
    const { table } = columnArgument(column, env);
    const blank = env.context.visible(table).blank;
    const values = columnValues(column, env);
    return different((visit) => {
      values(visit);
      if (blank) visit(null);
    }, true);
  },
  DISTINCTCOUNTNOBLANK: ([column], env) => different(columnValues(column, env), false),
  SUMX: (args, env) => total(rowValues(args, env)),
  AVERAGEX: (args, env) => average(rowValues(args, env)),
  MINX: (args, env) => extreme(rowValues(args, env), -1),
  MAXX: (args, env) => extreme(rowValues(args, env), 1),
  COUNTX: (args, env) => count(rowValues(args, env), isCounted),
  COUNTAX: (args, env) => count(rowValues(args, env), (cell) => cell !== null),
  CONCATENATEX: concatenation,
  RANKX: rank,
};

function concatenation(args: Call['args'], env: Env): Cell {
  const [table, text, delimiter, by, order] = args;
  if (args.length > 5) return fail('CONCATENATEX: one order is supported.');
  const between = delimiter ? textOf(scalar(delimiter, env)) : '';
  const rows: { text: string; key: Cell }[] = [];
  eachRow(tableOf(table, env), env, (inner) => {
    rows.push({ text: textOf(scalar(text, inner)), key: by ? scalar(by, inner) : null });
  });
  const sign = order && isDescending(order, env) ? -1 : 1;
  if (by) rows.sort((one, other) => sign * sortOrder(one.key, other.key));
  return rows.map((row) => row.text).join(between);
}

/** ASC and DESC as words, 1 and 0, TRUE and FALSE. */
export function isDescending(expr: Expr, env: Env): boolean {
  if (expr.kind === 'name' && !expr.quoted) return expr.name.toUpperCase() === 'DESC';
  return !truth(scalar(expr, env));
}

/** RANKX with its usual arguments: by the expression, highest first, ties skipping. */
function rank(args: Call['args'], env: Env): Cell {
  const [table, expr, value, order] = args;
  if (args.length > 4) return fail('RANKX: ties are always skipped here.');
  const own = scalar(value ?? expr, env);
  const ascending = order !== undefined && !isDescending(order, env);
  let before = 0;
  eachRow(tableOf(table, env), env, (inner) => {
    const found = sortOrder(scalar(expr, inner), own);
    if (ascending ? found < 0 : found > 0) before += 1;
  });
  return before + 1;
}
