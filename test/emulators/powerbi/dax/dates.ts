// Functions of dates: parts, differences and steps of months.
import { type Cell, dateOf, daysOf, Instant, instantOf } from '../cells.ts';
import { type Env, scalar } from './env.ts';
import { fail } from './errors.ts';
import type { ScalarFunction } from './evaluate.ts';
import type { Expr } from './tree.ts';
import { instantOfCell, numberOf, textOf } from './values.ts';

const DAY = 86_400_000;

export const dayOf = (instant: Instant): number => Math.floor(dateOf(instant).getTime() / DAY);
export const instantOfDay = (day: number): Instant => instantOf(day * DAY);

export type Unit = 'DAY' | 'MONTH' | 'QUARTER' | 'YEAR';

/** A unit named by a bare word. */
export function unitOf(expr: Expr | undefined): string {
  return expr?.kind === 'name'
    ? expr.name.toUpperCase()
    : fail('An interval such as DAY or MONTH is expected.');
}

export const monthsIn: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/** The same day so many months on; the last of the month where it has no such day. */
export function plusMonths(instant: Instant, count: number): Instant {
  const date = dateOf(instant);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1));
  const last = daysInMonth(first);
  const time = date.getTime() - dayOf(instant) * DAY;
  return instantOf(first.getTime() + (Math.min(date.getUTCDate(), last) - 1) * DAY + time);
}

export const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

const part =
  (read: (date: Date) => number): ScalarFunction =>
  ([arg], env) => {
    const cell = scalar(arg, env);
    return cell === null ? null : read(dateOf(instantOfCell(cell, 'A date function')));
  };

const today = (env: Env): Instant => instantOfDay(Math.floor(env.session.now / DAY));
const now = (env: Env): Instant => instantOf(env.session.now);

export const dates: Readonly<Record<string, ScalarFunction>> = {
  // The service runs in UTC.
  TODAY: (_, env) => today(env),
  UTCTODAY: (_, env) => today(env),
  NOW: (_, env) => now(env),
  UTCNOW: (_, env) => now(env),
  DATE: (args, env) => {
    const [year = 0, month = 0, day = 0] = args.map((one) => numberOf(scalar(one, env)));
    return instantOf(Date.UTC(year, month - 1, day));
  },
  TIME: (args, env) => {
    const [hours = 0, minutes = 0, seconds = 0] = args.map((one) => numberOf(scalar(one, env)));
    return new Instant((hours * 3600 + minutes * 60 + seconds) * 300 - 25_569 * 86_400 * 300);
  },
  DATEVALUE: ([arg], env) => {
    const text = textOf(scalar(arg, env));
    const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
    return Number.isNaN(at) ? fail(`DATEVALUE: "${text}" is no date of the form yyyy-mm-dd.`) : instantOf(at);
  },
  YEAR: part((date) => date.getUTCFullYear()),
  QUARTER: part((date) => Math.floor(date.getUTCMonth() / 3) + 1),
  MONTH: part((date) => date.getUTCMonth() + 1),
  DAY: part((date) => date.getUTCDate()),
  HOUR: part((date) => date.getUTCHours()),
  MINUTE: part((date) => date.getUTCMinutes()),
  SECOND: part((date) => date.getUTCSeconds()),
  WEEKDAY: ([arg, type], env) => {
    const cell = scalar(arg, env);
    if (cell === null) return null;
    const day = dateOf(instantOfCell(cell, 'WEEKDAY')).getUTCDay();
    const counted = type ? numberOf(scalar(type, env)) : 1;
    if (counted === 1) return day + 1;
    return counted === 2 ? ((day + 6) % 7) + 1 : fail('WEEKDAY: return type 1 or 2 is expected.');
  },
  EDATE: ([arg, months], env) => {
    const cell = scalar(arg, env);
    return cell === null
      ? null
      : plusMonths(instantOfCell(cell, 'EDATE'), Math.trunc(numberOf(scalar(months, env))));
  },
  EOMONTH: ([arg, months], env) => {
    const cell = scalar(arg, env);
    if (cell === null) return null;
    const date = dateOf(instantOfCell(cell, 'EOMONTH'));
    const count = Math.trunc(numberOf(scalar(months, env)));
    return instantOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count + 1, 0));
  },
  DATEDIFF: ([from, to, unit], env) => difference(scalar(from, env), scalar(to, env), unitOf(unit)),
};

/** The number of boundaries of the unit between two moments; BLANK where one of them is. */
function difference(from: Cell, to: Cell, unit: string): Cell {
  if (from === null || to === null) return null;
  const [start, end] = [instantOfCell(from, 'DATEDIFF'), instantOfCell(to, 'DATEDIFF')];
  const months = monthsIn[unit];
  if (months !== undefined) return index(end, months) - index(start, months);
  const perDay: Readonly<Record<string, number>> = { DAY: 1, HOUR: 24, MINUTE: 1440, SECOND: 86_400 };
  const count = perDay[unit];
  if (count === undefined) return fail(`DATEDIFF: interval ${unit} is not supported.`);
  const units = (instant: Instant): number => Math.floor(Number((daysOf(instant) * count).toFixed(6)));
  return units(end) - units(start);
}

function index(instant: Instant, months: number): number {
  const date = dateOf(instant);
  return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months);
}
