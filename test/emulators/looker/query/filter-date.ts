// Filter expressions of dates, as spans of calendar time in the zone of the query.
// https://cloud.google.com/looker/docs/filter-expressions#date-and-time

/** From (included) to (excluded), as wall-clock moments in ms; open where undefined. */
export interface Span {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

const UNIT = '(second|minute|hour|day|week|month|quarter|year)s?';

/** SQL of a date filter over a moment; undefined where every value is welcome, false where the expression is none. */
export function dateFilter(sql: string, expression: string, now: number): string | undefined | false {
  const text = expression.trim();
  if (text === '' || /^any (value|time)$/i.test(text)) return undefined;
  const conditions: string[] = [];
  for (const term of text.split(/,|\s+OR\s+/i)) {
    const word = term.trim();
    if (/^NULL$/i.test(word)) conditions.push(`${sql} IS NULL`);
    else if (/^NOT NULL$/i.test(word)) conditions.push(`${sql} IS NOT NULL`);
    else {
      const span = spanOf(word, now);
      if (!span) return false;
      conditions.push(spanSql(sql, span));
    }
  }
  return conditions.length === 1 ? conditions[0] : `(${conditions.join(' OR ')})`;
}

function spanSql(sql: string, { from, to }: Span): string {
  const stamp = (at: number): string =>
    `TIMESTAMP '${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}'`;
  const bounds = [
    ...(from === undefined ? [] : [`${sql} >= ${stamp(from)}`]),
    ...(to === undefined ? [] : [`${sql} < ${stamp(to)}`]),
  ];
  return `(${bounds.join(' AND ')})`;
}

/** The span a term stands for. `now` is the wall clock of the zone, written as if it were UTC. */
export function spanOf(text: string, now: number): Span | undefined {
  return relative(text, now) ?? absolute(text, now);
}

function relative(text: string, now: number): Span | undefined {
  if (/^today$/i.test(text)) return unit('day', now, 0, 1);
  if (/^yesterday$/i.test(text)) return unit('day', now, -1, 0);
  if (/^tomorrow$/i.test(text)) return unit('day', now, 1, 2);
  const near = new RegExp(`^(this|last|next)\\s+${UNIT}$`, 'i').exec(text);
  if (near) {
    const start = { this: 0, last: -1, next: 1 }[(near[1] ?? '').toLowerCase()] ?? 0;
    return unit(near[2] ?? '', now, start, start + 1);
  }
  const count = new RegExp(
    `^(?:last\\s+)?(\\d+)\\s+(complete\\s+)?${UNIT}(\\s+ago)?(?:\\s+for\\s+(\\d+)\\s+${UNIT})?$`,
    'i',
  ).exec(text);
  if (count) return counted(count, now);
  const ahead = new RegExp(`^(\\d+)\\s+${UNIT}\\s+from now$`, 'i').exec(text);
  return ahead ? unit(ahead[2] ?? '', now, Number(ahead[1]), Number(ahead[1]) + 1) : undefined;
}

/** "7 days" ends with today, "7 complete days" with yesterday, "7 days ago" is that one day. */
function counted(found: RegExpExecArray, now: number): Span | undefined {
  const [, number = '', complete, name = '', ago, length, lengthUnit] = found;
  const size = Number(number);
  if (ago === undefined && length !== undefined) return undefined;
  if (ago === undefined)
    return complete === undefined ? unit(name, now, 1 - size, 1) : unit(name, now, -size, 0);
  const start = unit(name, now, -size, 1 - size);
  if (length === undefined || start?.from === undefined) return start;
  return { from: start.from, to: shifted(start.from, (lengthUnit ?? '').toLowerCase(), Number(length)) };
}

function absolute(text: string, now: number): Span | undefined {
  const between = /^(.+?)\s+to\s+(.+)$/i.exec(text);
  if (between) {
    const from = moment(between[1] ?? '', now);
    const to = moment(between[2] ?? '', now);
    return from && to ? { from: from.from, to: to.from } : undefined;
  }
  const side = /^(before|after|since|on or after)\s+(.+)$/i.exec(text);
  if (!side) return moment(text, now);
  const at = moment(side[2] ?? '', now);
  if (!at) return undefined;
  return /^before$/i.test(side[1] ?? '')
    ? { from: undefined, to: at.from }
    : { from: at.from, to: undefined };
}

/** A date in the notations Looker takes, with the span it covers: a year, a quarter, a month, a day, a minute. */
function moment(text: string, now: number): Span | undefined {
  const quarter = /^(\d{4})-Q([1-4])$/i.exec(text.trim());
  if (quarter) {
    const from = Date.UTC(Number(quarter[1]), (Number(quarter[2]) - 1) * 3, 1);
    return { from, to: shifted(from, 'quarter', 1) };
  }
  const found =
    /^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2})(?:[ T](\d{1,2})(?::(\d{2})(?::(\d{2}))?)?)?)?)?$/.exec(
      text.trim(),
    );
  if (!found) return relative(text.trim(), now);
  const parts = found
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const from = Date.UTC(year, month - 1, day, hour, minute, second);
  const size = ['year', 'month', 'day', 'hour', 'minute', 'second'][parts.length - 1] ?? 'day';
  return { from, to: shifted(from, size, 1) };
}

function unit(name: string, now: number, start: number, end: number): Span {
  const lower = name.toLowerCase();
  const base = floored(now, lower);
  return { from: shifted(base, lower, start), to: shifted(base, lower, end) };
}

const MILLISECONDS: Readonly<Record<string, number>> = {
  ...{ second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 },
};

/** Weeks start on Monday. */
function floored(at: number, name: string): number {
  const date = new Date(at);
  const day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  if (name === 'week') return day - ((date.getUTCDay() + 6) % 7) * 86_400_000;
  if (name === 'month') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
  if (name === 'quarter') return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3, 1);
  if (name === 'year') return Date.UTC(date.getUTCFullYear(), 0, 1);
  return name === 'day' ? day : Math.floor(at / (MILLISECONDS[name] ?? 1)) * (MILLISECONDS[name] ?? 1);
}

function shifted(at: number, name: string, count: number): number {
  const fixed = MILLISECONDS[name];
  if (fixed !== undefined) return at + fixed * count;
  const months = { month: 1, quarter: 3, year: 12 }[name] ?? 0;
  const date = new Date(at);
  return Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth() + months * count,
    date.getUTCDate(),
    ...([date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()] as const),
  );
}
