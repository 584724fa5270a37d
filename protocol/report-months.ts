// Reports are read month by month: which months a run reads, and how each is called.
import { instantOf, isoDay } from './instants.ts';

/** A month, or the part of it that was asked for. */
export interface ReportMonth {
  /** YYYY-MM */
  readonly name: string;
  /** First and last day. */
  readonly from: string;
  readonly to: string;
}

/** The first moment of a month (UTC), `offset` months from that of `at`. */
export const monthStart = (at: number, offset: number): number => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1);
};

/** YYYY-MM */
export const monthName = (at: number): string => isoDay(at).slice(0, 7);

export interface ReportMonthsOptions {
  /** The last month that was delivered, and the months whose rows are still known: from the last state. */
  readonly state: { readonly month?: unknown };
  readonly versions: ReadonlyMap<string, unknown>;
  /** So many of the latest months are read again, from the day `from` on; a year back where there is none. */
  readonly settings: { readonly from?: string | undefined; readonly refresh_months: number };
  readonly startDate: string | undefined;
  readonly now: number;
}

/** In ascending order: from the one after the last delivered, or the oldest of those that may still change, to that of `now`. */
export function* reportMonths(options: ReportMonthsOptions): Generator<ReportMonth> {
  for (let start = firstMonth(options); start <= options.now; start = monthStart(start, 1))
    yield { name: monthName(start), from: isoDay(start), to: isoDay(monthStart(start, 1) - 1) };
}

function firstMonth({ state, versions, settings, startDate, now }: ReportMonthsOptions): number {
  const given = instantOf(settings.from);
  const yearBack = Math.max(monthStart(now, -11), monthStart(instantOf(startDate) ?? 0, 0));
  const from = given === undefined ? yearBack : monthStart(given, 0);
  const last = instantOf(`${state.month}-01`);
  if (last === undefined) return from;
  const open = [...versions.keys()].flatMap((name) => instantOf(`${name}-01`) ?? []);
  const refreshed = Math.max(from, monthStart(now, 1 - settings.refresh_months));
  return Math.min(monthStart(last, 1), refreshed, ...open);
}

/** The versions of the months that will be read again: what a state keeps. */
export const openMonths = <Version>(
  versions: ReadonlyMap<string, Version>,
  { refresh_months, now }: { readonly refresh_months: number; readonly now: number },
): Record<string, Version> => {
  const kept = monthName(monthStart(now, 1 - refresh_months));
  return Object.fromEntries([...versions].filter(([name]) => name >= kept));
};
