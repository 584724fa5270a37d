// The values a model holds: BLANK, numbers, exact decimals, text, booleans and instants, and when two of them are one.

/** A moment without a zone, in the 1/300 of a second that the engine keeps, since 1970. */
export class Instant {
  readonly ticks: number;

  constructor(ticks: number) {
    this.ticks = ticks;
  }
}

/** null is BLANK; a bigint is a fixed decimal, in ten-thousandths. */
export type Cell = null | number | bigint | string | boolean | Instant;

export type DataType = 'Int64' | 'Double' | 'Decimal' | 'Boolean' | 'Datetime' | 'String';

/** Ten-thousandths in one: the four places of a fixed decimal. */
export const SCALE = 10_000n;
const TICKS_OF_DAY = 300 * 86_400;
/** The day numbers of DAX begin on 30 December 1899. */
const DAY_OF_1970 = 25_569;

export const instantOf = (milliseconds: number): Instant => new Instant(Math.round(milliseconds * 0.3));
export const instantOfDays = (days: number): Instant =>
  new Instant(Math.round((days - DAY_OF_1970) * TICKS_OF_DAY));
export const daysOf = ({ ticks }: Instant): number => ticks / TICKS_OF_DAY + DAY_OF_1970;
export const dateOf = ({ ticks }: Instant): Date => new Date(Math.round(ticks / 0.3));

/** A value by which equal cells of a column are found: text knows neither case nor trailing spaces, as in the engine. */
export function keyOf(cell: Cell): null | number | string | boolean {
  if (typeof cell === 'string') return cell.trimEnd().toLowerCase();
  if (typeof cell === 'bigint')
    return cell < 1n << 50n && cell > -(1n << 50n) ? Number(cell) / 1e4 : `${cell}e-4`;
  if (cell instanceof Instant) return daysOf(cell);
  return cell;
}

/** One text for a row of cells, equal where the rows are. */
export function rowKey(cells: readonly Cell[]): string {
  let key = '';
  for (const cell of cells) {
    const one = keyOf(cell);
    key += `${typeof one === 'string' ? 's' : typeof one === 'boolean' ? 'b' : ''}${one}\u0001`;
  }
  return key;
}

/** `12.3400`: a decimal as text, with its four places. */
export function decimalText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(5, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

/** `2026-01-31T00:00:00`, with milliseconds where there are any, as query results write it. */
export const instantText = (instant: Instant): string =>
  dateOf(instant)
    .toISOString()
    .replace(/(\.000)?Z$/, '');

/** The decimal nearest to a text such as -12.345 or 1e3, halves away from zero; undefined when it is no number. */
export function decimalOf(text: string): bigint | undefined {
  const found = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!found) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found;
  const shift = 4 - fraction.length + Number(exponent);
  if (Math.abs(shift) > 400) return undefined;
  const digits = BigInt(whole + fraction);
  const scaled =
    shift >= 0
      ? digits * 10n ** BigInt(shift)
      : (digits + 10n ** BigInt(-shift) / 2n) / 10n ** BigInt(-shift);
  return sign ? -scaled : scaled;
}
