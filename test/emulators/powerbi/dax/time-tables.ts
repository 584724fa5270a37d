// Time intelligence: sets of dates of a calendar's column, and totals to date.
import { dateOf } from '../cells.ts';
import { calculated } from './calculate.ts';
import { dayOf, daysInMonth, instantOfDay, monthsIn, plusMonths, unitOf } from './dates.ts';
import { columnArgument, type Env, scalar } from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction, TableFunction } from './evaluate.ts';
import { valuesOf } from './set-functions.ts';
import { madeRows, type Source, type TableValue } from './table-value.ts';
import type { Call, Expr } from './tree.ts';
import { instantOfCell, numberOf } from './values.ts';

interface Dates {
  readonly source: Source;
  /** Days that are visible, and all days of the column; rising. */
  readonly seen: readonly number[];
  readonly all: readonly number[];
}

function datesOf(expr: Expr | undefined, env: Env): Dates {
  const source = columnArgument(expr, env);
  if (source.table.stored.columns[source.column]?.dataType !== 'Datetime')
    return fail('A time function expects a column of dates.');
  const days = (of: Env): number[] => {
    const values = valuesOf(source, of, { blankRow: false });
    const cells = Array.from({ length: values.size }, (_, row) => values.cell(row, 0));
    return cells
      .flatMap((cell) => (cell === null ? [] : [dayOf(instantOfCell(cell, 'A time function'))]))
      .sort((one, other) => one - other);
  };
  return { source, seen: days(env), all: days({ ...env, context: env.context.with([]) }) };
}

function tableOfDays({ source }: Dates, days: readonly number[]): TableValue {
  const name = source.table.stored.columns[source.column]?.name ?? '';
  return madeRows(
    [{ name, source }],
    days.map((day) => [instantOfDay(day)]),
  );
}

const between = (dates: Dates, from: number, to: number): TableValue =>
  tableOfDays(
    dates,
    dates.all.filter((day) => day >= from && day <= to),
  );

/** From the start of the period that the last visible date is in, up to that date. */
function toDate(dates: Dates, start: (last: Date) => number): TableValue {
  const last = dates.seen[dates.seen.length - 1];
  if (last === undefined) return tableOfDays(dates, []);
  return between(dates, start(dateOf(instantOfDay(last))), last);
}

const utcDay = (year: number, month: number, day: number): number => Date.UTC(year, month, day) / 86_400_000;

/** `yearEnd` is the last day of a fiscal year, as "6-30" or "06/30". */
function yearStart(yearEnd: string | undefined): (last: Date) => number {
  const [, month = '12', day = '31'] =
    /^(\d\d?)[-/](\d\d?)$/.exec(yearEnd ?? '12-31') ??
    fail(`Year end "${yearEnd}" is not of the form "6-30".`);
  return (last) => {
    const at = dayOfDate(last);
    const ends = [-1, 0].map((shift) => {
      const year = last.getUTCFullYear() + shift;
      const length = daysInMonth(new Date(Date.UTC(year, Number(month) - 1, 1)));
      return utcDay(year, Number(month) - 1, Math.min(Number(day), length));
    });
    return Math.max(...ends.filter((end) => end < at)) + 1;
  };
}

const dayOfDate = (date: Date): number => Math.floor(date.getTime() / 86_400_000);
const monthStart = (last: Date): number => utcDay(last.getUTCFullYear(), last.getUTCMonth(), 1);
const quarterStart = (last: Date): number =>
  utcDay(last.getUTCFullYear(), Math.floor(last.getUTCMonth() / 3) * 3, 1);

const literal = (expr: Expr | undefined): string | undefined =>
  expr?.kind === 'value' && typeof expr.value === 'string' ? expr.value : undefined;

const shifted = (day: number, count: number, unit: string): number => {
  if (unit === 'DAY') return day + count;
  const months = monthsIn[unit] ?? fail(`Interval ${unit} is not supported.`);
  return dayOf(plusMonths(instantOfDay(day), count * months));
};

/** Each visible day so many units on; a whole month becomes a whole month. */
function moved(dates: Dates, count: number, unit: string): TableValue {
  const seen = new Set(dates.seen);
  const targets = new Set<number>();
  for (const day of dates.seen) {
    const to = shifted(day, count, unit);
    targets.add(to);
    const date = dateOf(instantOfDay(day));
    const length = daysInMonth(date);
    const first = day - date.getUTCDate() + 1;
    if (unit === 'DAY' || date.getUTCDate() !== length) continue;
    if (!Array.from({ length }, (_, at) => seen.has(first + at)).every(Boolean)) continue;
    const target = dateOf(instantOfDay(to));
    for (let more = target.getUTCDate(); more <= daysInMonth(target); more += 1)
      targets.add(to + more - target.getUTCDate());
  }
  return tableOfDays(
    dates,
    dates.all.filter((day) => targets.has(day)),
  );
}

/** So many units from a start, with it; backwards they end with it. */
function period([column, start, count, unit]: Call['args'], env: Env): TableValue {
  const dates = datesOf(column, env);
  const cell = scalar(start, env);
  if (cell === null) return tableOfDays(dates, []);
  const from = dayOf(instantOfCell(cell, 'DATESINPERIOD'));
  const steps = numberOf(scalar(count, env));
  const end = shifted(from, steps, unitOf(unit));
  return steps < 0 ? between(dates, end + 1, from) : between(dates, from, end - 1);
}

function edge(expr: Expr | undefined, env: Env, otherwise: number): number {
  const cell = scalar(expr, env);
  return cell === null ? otherwise : dayOf(instantOfCell(cell, 'DATESBETWEEN'));
}

export const timeTables: Readonly<Record<string, TableFunction>> = {
  DATESYTD: ([column, end], env) => toDate(datesOf(column, env), yearStart(literal(end))),
  DATESQTD: ([column], env) => toDate(datesOf(column, env), quarterStart),
  DATESMTD: ([column], env) => toDate(datesOf(column, env), monthStart),
  DATEADD: ([column, count, unit], env) =>
    moved(datesOf(column, env), numberOf(scalar(count, env)), unitOf(unit)),
  SAMEPERIODLASTYEAR: ([column], env) => moved(datesOf(column, env), -1, 'YEAR'),
  DATESINPERIOD: period,
  DATESBETWEEN: ([column, from, to], env) => {
    const dates = datesOf(column, env);
    return between(dates, edge(from, env, Number.NEGATIVE_INFINITY), edge(to, env, Number.POSITIVE_INFINITY));
  },
  FIRSTDATE: ([column], env) => {
    const dates = datesOf(column, env);
    return tableOfDays(dates, dates.seen.slice(0, 1));
  },
  LASTDATE: ([column], env) => {
    const dates = datesOf(column, env);
    return tableOfDays(dates, dates.seen.slice(-1));
  },
};

/** TOTALYTD and its like are CALCULATE over the dates to date. */
const totalTo =
  (name: string): ScalarFunction =>
  ([expr, column, ...rest], env) => {
    const end = rest.find((one) => literal(one) !== undefined);
    const filters = rest.filter((one) => one !== end);
    const dates: Expr = { kind: 'call', name, args: end ? [column, end] : [column] };
    return scalar(expr, calculated([dates, ...filters], env));
  };

export const timeTotals: Readonly<Record<string, ScalarFunction>> = {
  TOTALYTD: totalTo('DATESYTD'),
  TOTALQTD: totalTo('DATESQTD'),
  TOTALMTD: totalTo('DATESMTD'),
};
