// Timestamps as QuickBooks writes them (US Pacific with its daylight saving, whatever the company) and reads them.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Start and end of daylight saving of a year: 2 o'clock on the second Sunday of March and the first of November. */
function daylight(year: number): readonly [number, number] {
  const sunday = (month: number, nth: number): number => {
    const first = Date.UTC(year, month, 1);
    return first + ((7 - new Date(first).getUTCDay()) % 7) * DAY + (nth - 1) * 7 * DAY;
  };
  return [sunday(2, 2) + 10 * HOUR, sunday(10, 1) + 9 * HOUR];
}

const years = new Map<number, readonly [number, number]>();

/** Hours behind UTC at an instant: 7 or 8. */
function behind(at: number): 7 | 8 {
  const year = new Date(at - 8 * HOUR).getUTCFullYear();
  const season = years.get(year) ?? daylight(year);
  years.set(year, season);
  return at >= season[0] && at < season[1] ? 7 : 8;
}

/** 2026-04-08T13:13:33-07:00: how records carry instants. */
export function stamp(at: number): string {
  const hours = behind(at);
  return `${new Date(at - hours * HOUR).toISOString().slice(0, 19)}-0${hours}:00`;
}

/** 2026-05-05T05:16:21.718-07:00: the `time` of an answer. */
export function answerTime(at: number): string {
  const hours = behind(at);
  return `${new Date(at - hours * HOUR).toISOString().slice(0, 23)}-0${hours}:00`;
}

/** 2026-04-08: days carry no zone. */
export function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The instant a text names, ms; text without a zone is Pacific time. Undefined when it is not a date. */
export function parseInstant(text: string): number | undefined {
  const found = INSTANT.exec(text.trim());
  if (!found) return undefined;
  const [, date = '', time = '00:00:00', zone] = found;
  const local = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(local)) return undefined;
  if (zone === undefined) return local + behind(local + 8 * HOUR) * HOUR;
  if (zone.toUpperCase() === 'Z') return local;
  const sign = zone.startsWith('-') ? 1 : -1;
  const digits = zone.replace(/\D/g, '');
  return local + sign * (Number(digits.slice(0, 2)) * HOUR + Number(digits.slice(2)) * 60_000);
}

/** The instant cut to whole seconds, as records are stamped. */
export const wholeSecond = (at: number): number => Math.floor(at / 1000) * 1000;
