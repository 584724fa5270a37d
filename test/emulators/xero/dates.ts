// Xero's date texts: .NET dates with and without offset, their string twins, and the header form.

/** How a date is written in JSON; escaped slashes are what the wire shows. */
export interface DateLook {
  readonly escapedSlashes: boolean;
}

/** "/Date(1541176648927+0000)/", quoted: most record fields. */
export function stamp(at: number, { escapedSlashes }: DateLook): string {
  return escapedSlashes ? `"\\/Date(${at}+0000)\\/"` : `"/Date(${at}+0000)/"`;
}

/** "/Date(1541176648927)/", quoted: DateTimeUTC, quotes and reports carry no offset. */
export function bareStamp(at: number, { escapedSlashes }: DateLook): string {
  return escapedSlashes ? `"\\/Date(${at})\\/"` : `"/Date(${at})/"`;
}

const days = new Map<number, string>();

/** 2018-10-20T00:00:00: the string twin of a day or an instant, without zone. */
export function isoLocal(at: number): string {
  let text = days.get(at);
  if (text !== undefined) return text;
  text = new Date(at).toISOString().slice(0, 19);
  if (at % 86_400_000 === 0) days.set(at, text);
  return text;
}

/** 2019-03-07T17:59:28Z: UpdatedDateUTCString, seconds only. */
export function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** 2019-07-09T23:40:30.1833130: dates of /connections. */
export function isoTicks(at: number): string {
  return `${new Date(at).toISOString().slice(0, 23)}0000`;
}

/** 04/24/2019 10:30:00: the instant in TokenExpired. */
export function usInstant(at: number): string {
  const [year, month, day] = new Date(at).toISOString().slice(0, 10).split('-');
  return `${month}/${day}/${year} ${new Date(at).toISOString().slice(11, 19)}`;
}

/** If-Modified-Since in ms, from `yyyy-mm-ddThh:mm:ss` (UTC) or an HTTP date; undefined when it is neither. */
export function parseHeaderDate(text: string): number | undefined {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/.test(text);
  const at = Date.parse(iso ? `${text.length === 10 ? `${text}T00:00:00` : text}Z` : text);
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000) * 1000;
}

/** A day given as YYYY-MM-DD in a query, ms at 00:00 UTC; undefined when it is not one. */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const at = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : at;
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** 24 April 2019: dates in report titles. */
export function longDay(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** 30 Apr 2019: report column headings. */
export function shortDay(at: number): string {
  const date = new Date(at);
  return `${String(date.getUTCDate()).padStart(2, '0')} ${MONTHS[date.getUTCMonth()]?.slice(0, 3)} ${date.getUTCFullYear()}`;
}

/** Nov 2019. */
export function shortMonth(at: number): string {
  return shortDay(at).slice(3);
}
