// Evaluates the syntax tree: every kind of expression, as a value or as a table.
import { type Cell, keyOf } from '../cells.ts';
import { aggregates } from './aggregates.ts';
import { calculations } from './calculate.ts';
import { dates } from './dates.ts';
import { type Bound, type Env, type Frame, resolve, type Session, tableNamed, transition } from './env.ts';
import { fail } from './errors.ts';
import { joined } from './filters.ts';
import { parseExpression } from './parser.ts';
import { rowFunctions } from './row-functions.ts';
import { scalars } from './scalars.ts';
import { setFunctions } from './set-functions.ts';
import { summaries } from './summaries.ts';
import { cellsAt, madeRows, type TableValue, visibleRows } from './table-value.ts';
import { timeTables, timeTotals } from './time-tables.ts';
import type { Call, ColumnExpr, Expr } from './tree.ts';
import { arithmetic, comparison, isBlank, textOf, truth } from './values.ts';

export type ScalarFunction = (args: Call['args'], env: Env) => Cell;
export type TableFunction = (args: Call['args'], env: Env) => TableValue;

const scalarFunctions: Readonly<Record<string, ScalarFunction>> = {
  ...scalars,
  ...dates,
  ...aggregates,
  ...rowFunctions,
  ...calculations.scalars,
  ...timeTotals,
};

const tableFunctions: Readonly<Record<string, TableFunction>> = {
  ...setFunctions,
  ...summaries,
  ...calculations.tables,
  ...timeTables,
};

/** How deep measures may refer to measures: a circle is deeper. */
const deepest = 60;

export const evaluator: Pick<Session, 'scalar' | 'table'> = { scalar, table };

function scalar(expr: Expr, env: Env): Cell {
  switch (expr.kind) {
    case 'value':
      return expr.value;
    case 'column':
      return columnValue(expr, env);
    case 'name':
      return named(expr, env);
    case 'call': {
      const found = scalarFunctions[expr.name];
      return found ? found(expr.args, env) : oneValue(table(expr, env));
    }
    case 'sign':
      return arithmetic('*', scalar(expr.operand, env), -1);
    case 'not':
      return !truth(scalar(expr.operand, env));
    case 'binary':
      return binary(expr, env);
    case 'in':
      return isIn(expr, env);
    case 'rows':
      return oneValue(table(expr, env));
    case 'let':
      return scalar(expr.result, bind(expr, env));
  }
}

function table(expr: Expr, env: Env): TableValue {
  switch (expr.kind) {
    case 'name': {
      const bound = expr.quoted ? undefined : env.variables.get(expr.name.toLowerCase())?.get();
      if (bound !== undefined) return isTable(bound) ? bound : fail(`Variable ${expr.name} is no table.`);
      const found = tableNamed(expr.name, env);
      if (!found) return fail(`Cannot find table '${expr.name}'.`);
      return visibleRows(found, env.context.visible(found));
    }
    case 'call':
      return (tableFunctions[expr.name] ?? unknown(expr.name))(expr.args, env);
    case 'rows': {
      const width = expr.rows[0]?.length ?? 0;
      const columns = Array.from({ length: width }, (_, at) => ({
        name: width === 1 ? 'Value' : `Value${at + 1}`,
      }));
      return madeRows(
        columns,
        expr.rows.map((row) => row.map((one) => scalar(one, env))),
      );
    }
    case 'let':
      return table(expr.result, bind(expr, env));
    default:
      return fail('The expression refers to a value where a table is expected.');
  }
}

const unknown = (name: string): TableFunction =>
  name in scalarFunctions
    ? () => fail(`Function ${name} answers a value where a table is expected.`)
    : () => fail(`Function ${name} is not known here, or cannot be used on a push dataset.`);

export const isTable = (bound: Cell | TableValue): bound is TableValue =>
  typeof bound === 'object' && bound !== null && 'columns' in bound;

function named(expr: Extract<Expr, { kind: 'name' }>, env: Env): Cell {
  const bound = expr.quoted ? undefined : env.variables.get(expr.name.toLowerCase())?.get();
  return bound === undefined || isTable(bound) ? oneValue(table(expr, env)) : bound;
}

/** A table of one value is that value. */
function oneValue({ columns, size, cell }: TableValue): Cell {
  if (columns.length !== 1 || size > 1)
    return fail('A table of multiple values was supplied where a single value was expected.');
  return size === 0 ? null : cell(0, 0);
}

function columnValue(expr: ColumnExpr, env: Env): Cell {
  const found = resolve(expr, env);
  if (found.kind === 'measure') return measure(found.expression, env);
  for (let frame: Frame | undefined = env.frame; frame; frame = frame.parent) {
    const at = placeIn(frame.table, found.kind === 'column' ? found.source : found.name);
    if (at >= 0) return frame.table.cell(frame.row, at);
  }
  const where = found.kind === 'column' ? ` in table '${found.source.table.name}'` : '';
  return fail(`A single value for column '${expr.name}'${where} cannot be determined.`);
}

/** The place of a column of the model, or of one the query made. */
function placeIn({ columns, base }: TableValue, wanted: { table: object; column: number } | string): number {
  if (typeof wanted === 'string') {
    const name = wanted.toLowerCase();
    return columns.findIndex((one) => one.name.toLowerCase() === name);
  }
  // Columns of the model come first and in their order.
  if (base?.table === wanted.table && columns[wanted.column]?.source?.column === wanted.column)
    return wanted.column;
  return columns.findIndex(({ source }) => source?.table === wanted.table && source.column === wanted.column);
}

const parsed = new Map<string, Expr>();

/** A measure is evaluated as if CALCULATE stood around it, and sees none of the variables. */
function measure(expression: Expr | string, env: Env): Cell {
  if (env.depth > deepest) return fail('A circular dependency was detected between measures.');
  const tree =
    typeof expression === 'string' ? (parsed.get(expression) ?? parseExpression(expression)) : expression;
  if (typeof expression === 'string') parsed.set(expression, tree);
  return scalar(tree, { ...transition(env), variables: new Map(), depth: env.depth + 1 });
}

/** Variables are worked out at most once, where they stand. */
function bind({ variables }: Extract<Expr, { kind: 'let' }>, env: Env): Env {
  const bound = new Map(env.variables);
  let inner = env;
  for (const { name, value } of variables) {
    bound.set(name.toLowerCase(), variable(value, inner));
    inner = { ...env, variables: new Map(bound) };
  }
  return inner;
}

function variable(value: Expr, env: Env): Bound {
  // A variable belongs to the row it stands in, and rows move on.
  const at = { ...env, frame: env.frame && frozen(env.frame) };
  let known: Cell | TableValue | undefined;
  return {
    get: () => {
      if (known === undefined) known = isTableExpression(value, at) ? table(value, at) : scalar(value, at);
      return known;
    },
  };
}

const frozen = (frame: Frame): Frame => ({ ...frame, parent: frame.parent && frozen(frame.parent) });

function isTableExpression(expr: Expr, env: Env): boolean {
  if (expr.kind === 'call') return expr.name in tableFunctions && !(expr.name in scalarFunctions);
  if (expr.kind === 'let') return isTableExpression(expr.result, bind(expr, env));
  if (expr.kind !== 'name') return expr.kind === 'rows';
  const bound = expr.quoted ? undefined : env.variables.get(expr.name.toLowerCase())?.get();
  return bound === undefined ? tableNamed(expr.name, env) !== undefined : isTable(bound);
}

function binary({ operator, left, right }: Extract<Expr, { kind: 'binary' }>, env: Env): Cell {
  const one = scalar(left, env);
  if (operator === '&&') return truth(one) && truth(scalar(right, env));
  if (operator === '||') return truth(one) || truth(scalar(right, env));
  const other = scalar(right, env);
  if (operator === '&') return isBlank(one) && isBlank(other) ? null : textOf(one) + textOf(other);
  if ('=<>'.includes(operator.charAt(0))) return comparison(operator, one, other);
  return arithmetic(operator, one, other);
}

function isIn({ items, set }: Extract<Expr, { kind: 'in' }>, env: Env): boolean {
  const found = table(set, env);
  if (found.columns.length !== items.length) return fail('IN: the list has another number of columns.');
  const wanted = joined(items.map((one) => keyOf(scalar(one, env))));
  for (let row = 0; row < found.size; row += 1)
    if (joined(cellsAt(found, row).map(keyOf)) === wanted) return true;
  return false;
}
