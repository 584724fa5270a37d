// What the JSON of a row becomes in a column of each type, and what is refused (powerbi.md 2.3).
import { type Cell, type DataType, decimalOf, type Instant, instantOf } from './cells.ts';
import type { Switches } from './switches.ts';

/** Why a value does not fit; the text goes into the details of the answer. */
export class Misfit extends Error {}

export interface CoercedColumn {
  readonly name: string;
  readonly dataType: DataType;
}

/** Characters of one value (powerbi.md 3). */
const longest = 4_000;
/** A fixed decimal has 28 digits, four of them behind the point. */
const largestDecimal = 10n ** 28n;
const smallestInteger = -(2n ** 63n);
const largestInteger = 2n ** 63n - 1n;

/** Marks a number whose digits a double would not hold, on its way through JSON.parse. */
export const DIGITS = '\u0000number\u0000';

export function coerce(value: unknown, column: CoercedColumn, switches: Switches): Cell {
  if (value === null || value === undefined) {
    if (value === null && switches.typesWithoutNull.includes(column.dataType))
      throw new Misfit(`Column '${column.name}' of type ${column.dataType} does not take null.`);
    return null;
  }
  const cell = readers[column.dataType](value, switches);
  if (cell === undefined)
    throw new Misfit(
      `Value ${JSON.stringify(value)?.slice(0, 60)} of column '${column.name}' cannot be converted to ${column.dataType}.`,
    );
  return cell;
}

type Reader = (value: unknown, switches: Switches) => Cell | undefined;

const readers: Readonly<Record<DataType, Reader>> = {
  Int64: (value, switches) => integerOf(numberText(value, switches)),
  Double: (value, switches) => {
    const text = numberText(value, switches);
    const number = text === undefined || text === '' ? Number.NaN : Number(text);
    return Number.isFinite(number) && Math.abs(number) < Number.MAX_VALUE ? number : undefined;
  },
  Decimal: decimal,
  Boolean: (value, { numbersAsText }) => {
    if (typeof value === 'boolean') return value;
    if (numbersAsText === 'accepted' && typeof value === 'string' && /^(true|false)$/i.test(value))
      return value.toLowerCase() === 'true';
    return undefined;
  },
  Datetime: (value) => (typeof value === 'string' ? dateTime(value) : undefined),
  String: (value, { longString }) => {
    const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    if (typeof text !== 'string') return undefined;
    const plain = text.startsWith(DIGITS) ? text.slice(DIGITS.length) : text;
    if (plain.length <= longest) return plain;
    return longString === 'cut' ? plain.slice(0, longest) : undefined;
  },
};

/** The digits of a JSON number; of a text only where the switch lets it pass. */
function numberText(value: unknown, { numbersAsText }: Switches): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  if (value.startsWith(DIGITS)) return value.slice(DIGITS.length);
  return numbersAsText === 'accepted' && /^\s*-?\d/.test(value) ? value.trim() : undefined;
}

/** The two ends of the range belong to the engine. Beyond the safe integers this emulator would not be exact, so it refuses. */
function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d+(\.0*)?$/.test(text)) return undefined;
  const exact = BigInt(text.replace(/\..*/, ''));
  if (exact <= smallestInteger || exact >= largestInteger) return undefined;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : undefined;
}

function decimal(value: unknown, switches: Switches): bigint | undefined {
  if (typeof value === 'number') {
    const scaled = Math.round(value * 1e4);
    // More than four places, or digits that the multiplication may have lost: by the text.
    if (Math.abs(scaled) < 1e15 && Math.abs(value * 1e4 - scaled) < 1e-2) return BigInt(scaled);
  }
  const text = numberText(value, switches);
  if (text === undefined) return undefined;
  const kept = switches.decimalDigits === 'all' ? text : String(Number(Number(text).toPrecision(15)));
  const found = decimalOf(kept);
  return found !== undefined && found < largestDecimal && found > -largestDecimal ? found : undefined;
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?$/i;
const american = /^(\d\d?)\/(\d\d?)\/(\d{4})(?: (\d\d?):(\d\d)(?::(\d\d))?)?$/;

/** ISO 8601 or MM/DD/YYYY; an offset is turned into UTC, for no zone is stored. */
function dateTime(text: string): Instant | undefined {
  const found = iso.exec(text);
  if (found) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = found;
    const at = utc(year, month, day, hour, minute, second);
    return at === undefined ? undefined : instantOf(at + Number(fraction) * 1000 - offset(zone));
  }
  const [matched, month, day, year, hour = '0', minute = '0', second = '0'] = american.exec(text) ?? [];
  const at = matched === undefined ? undefined : utc(year, month, day, hour, minute, second);
  return at === undefined ? undefined : instantOf(at);
}

function utc(...parts: readonly (string | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(at);
  const same = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60;
  return same && year >= 1 ? at : undefined;
}

function offset(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
