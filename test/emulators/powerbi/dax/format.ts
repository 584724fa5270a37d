// FORMAT for the patterns of the model: `#,0.00`, `0.0%`, and dates such as `yyyy-mm-dd`.
import { type Cell, dateOf, decimalText, Instant } from '../cells.ts';
import { fail } from './errors.ts';
import { numberOf, textOf } from './values.ts';

const numeric = /^(#,##0|#,0|0+|#,#)(?:\.(0+))?(%?)$/;

export function formatted(cell: Cell, pattern: string): Cell {
  if (cell === null) return null;
  if (cell instanceof Instant) return dated(dateOf(cell), pattern);
  if (typeof cell === 'string') return cell;
  const found = numeric.exec(pattern);
  if (!found) return fail(`FORMAT: pattern "${pattern}" is not supported.`);
  if (typeof cell === 'boolean') return textOf(cell);
  const [, whole = '', places = '', percent = ''] = found;
  const text = rounded(percent ? numberOf(cell) * 100 : cell, places.length);
  const [, sign = '', integer = '', fraction = ''] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
  const padded = whole.startsWith('#') ? integer : integer.padStart(whole.length, '0');
  const grouped = whole.includes(',') ? padded.replace(/\B(?=(\d{3})+$)/g, ',') : padded;
  return `${sign}${grouped}${fraction}${percent}`;
}

/** Halves away from zero, on the digits as they are written. */
function rounded(value: number | bigint, places: number): string {
  const text = typeof value === 'bigint' ? decimalText(value) : value.toFixed(Math.min(15, places + 6));
  const [, sign = '', integer = '0', fraction = ''] = /^(-?)(\d+)\.?(\d*)$/.exec(text) ?? [];
  const digits = BigInt(integer + fraction.slice(0, places).padEnd(places, '0'));
  const up = Number(fraction[places] ?? '0') >= 5 ? 1n : 0n;
  const all = (digits + up).toString().padStart(places + 1, '0');
  const shown = places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`;
  return /^[0.]*$/.test(shown) ? shown : `${sign}${shown}`;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

function dated(date: Date, pattern: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = date.getUTCMonth();
  const parts: Readonly<Record<string, string>> = {
    yyyy: String(date.getUTCFullYear()).padStart(4, '0'),
    yy: two(date.getUTCFullYear() % 100),
    mmmm: months[month] ?? '',
    mmm: (months[month] ?? '').slice(0, 3),
    mm: two(month + 1),
    m: String(month + 1),
    dddd: days[date.getUTCDay()] ?? '',
    ddd: (days[date.getUTCDay()] ?? '').slice(0, 3),
    dd: two(date.getUTCDate()),
    d: String(date.getUTCDate()),
    hh: two(date.getUTCHours()),
    nn: two(date.getUTCMinutes()),
    ss: two(date.getUTCSeconds()),
    q: String(Math.floor(month / 3) + 1),
  };
  return pattern.replace(/[a-z]+|\\(.)|"([^"]*)"/gi, (token, escaped?: string, quoted?: string) => {
    if (escaped !== undefined || quoted !== undefined) return escaped ?? quoted ?? '';
    return parts[token.toLowerCase()] ?? fail(`FORMAT: "${token}" in pattern "${pattern}" is not supported.`);
  });
}
