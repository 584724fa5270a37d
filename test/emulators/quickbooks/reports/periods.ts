// Which days a report covers, and the columns that a summary by time has.
import type { Company } from '../company.ts';
import { invalidParameter } from '../errors.ts';
import { firstMonth } from '../render-company.ts';
import { day } from '../times.ts';
import type { Column } from './shape.ts';

const DAY = 86_400_000;

export interface Period {
  readonly from: number;
  readonly to: number;
}

export const utc = (year: number, month: number, date = 1): number => Date.UTC(year, month, date);

function parseDay(name: string, value: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at)) throw invalidParameter(name, value);
  return at;
}

const today = (now: number): number => Math.floor(now / DAY) * DAY;

/** First day of the fiscal year a day is in. */
export function fiscalStart(company: Company, at: number): number {
  const date = new Date(at);
  const month = firstMonth(company);
  return utc(date.getUTCFullYear() - (date.getUTCMonth() < month ? 1 : 0), month);
}

/** Words for periods, compared without case and marks. */
function macroPeriod(company: Company, macro: string, now: number): Period | undefined {
  const at = today(now);
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const fiscal = fiscalStart(company, at);
  const last = fiscalStart(company, fiscal - DAY);
  const macros: Readonly<Record<string, Period>> = {
    all: { from: 0, to: utc(2099, 11, 31) },
    alldates: { from: 0, to: utc(2099, 11, 31) },
    today: { from: at, to: at },
    thismonth: { from: utc(year, month), to: utc(year, month + 1, 0) },
    thismonthtodate: { from: utc(year, month), to: at },
    lastmonth: { from: utc(year, month - 1), to: utc(year, month, 0) },
    thiscalendaryear: { from: utc(year, 0), to: utc(year, 11, 31) },
    thiscalendaryeartodate: { from: utc(year, 0), to: at },
    thisfiscalyear: {
      from: fiscal,
      to: utc(new Date(fiscal).getUTCFullYear() + 1, new Date(fiscal).getUTCMonth(), 0),
    },
    thisfiscalyeartodate: { from: fiscal, to: at },
    lastfiscalyear: { from: last, to: fiscal - DAY },
    lastfiscalyeartodate: { from: last, to: utc(year - 1, month, date.getUTCDate()) },
  };
  return macros[macro.toLowerCase().replace(/[^a-z]/g, '')];
}

/** The period asked for: by dates, by macro, or this fiscal year to date. */
export function periodOf(company: Company, query: URLSearchParams, now: number): Period {
  const macro = query.get('date_macro');
  const [start, end] = [query.get('start_date'), query.get('end_date') ?? query.get('report_date')];
  if (start === null && end === null && macro !== null) {
    const period = macroPeriod(company, macro, now);
    if (!period) throw invalidParameter('date_macro', macro);
    return period;
  }
  const to = end === null ? today(now) : parseDay('end_date', end);
  const from = start === null ? fiscalStart(company, to) : parseDay('start_date', start);
  if (from > to) throw invalidParameter('end_date', day(to));
  return { from, to };
}

const STEPS: Readonly<Record<string, (at: number) => number>> = {
  days: (at) => at + DAY,
  week: (at) => at + (7 - ((new Date(at).getUTCDay() + 7) % 7)) * DAY,
  month: (at) => utc(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + 1),
  quarter: (at) => utc(new Date(at).getUTCFullYear(), Math.floor(new Date(at).getUTCMonth() / 3) * 3 + 3),
  year: (at) => utc(new Date(at).getUTCFullYear() + 1, 0),
};

/** The modern engine shows this many days and sums up the rest as "Others". */
const DAY_COLUMNS = 100;

/** The money columns of a summary, without the total. Empty for "Total". */
export function summaryColumns(
  { from, to }: Period,
  { by, modern }: { by: string; modern: boolean },
): readonly (Column & { readonly span: Period })[] {
  const next = STEPS[by.toLowerCase()];
  if (!next) {
    if (by.toLowerCase() === 'total') return [];
    throw invalidParameter('summarize_column_by', by);
  }
  const columns: (Column & { readonly span: Period })[] = [];
  for (let at = from; at <= to; at = next(at)) {
    const span = { from: at, to: Math.min(to, next(at) - DAY) };
    if (modern && by.toLowerCase() === 'days' && columns.length === DAY_COLUMNS) {
      columns.push({ key: 'others', title: 'Others', type: 'Money', span: { from: at, to } });
      break;
    }
    columns.push({ key: day(at), title: titleOf(span, by.toLowerCase()), type: 'Money', span });
  }
  return columns;
}

function titleOf({ from, to }: Period, by: string): string {
  const names = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const [start, end] = [new Date(from), new Date(to)];
  if (by === 'month') return `${names[start.getUTCMonth()]} ${start.getUTCFullYear()}`;
  if (by === 'year') return String(start.getUTCFullYear());
  return by === 'days'
    ? day(from)
    : `${names[start.getUTCMonth()]} ${start.getUTCDate()} - ${names[end.getUTCMonth()]} ${end.getUTCDate()} ${end.getUTCFullYear()}`;
}
