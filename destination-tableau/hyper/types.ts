// Types of columns in a .hyper file, and which values of one go into another.
import type { ColumnType } from '@ledgerpipe/staging';

/** File version 2 (Tableau 2020.4.15) holds 18 digits; version 3 (Tableau 2023.1) holds 38 ("Hyper file versions"). */
const narrowDigits = 18;
const mostDigits = 38;

export interface TypeOptions {
  /** The server reads file version 3. */
  readonly wide: boolean;
}

/** hyperd's name for the type, as its catalog writes it. JSON is text: Tableau has no other place for it. */
export function hyperType(type: ColumnType, { wide }: TypeOptions): string {
  switch (type.kind) {
    case 'text':
    case 'json':
      return 'text';
    case 'integer':
      return 'bigint';
    case 'double':
      return 'double precision';
    case 'boolean':
    case 'date':
    case 'time':
      return type.kind === 'time' ? 'time without time zone' : type.kind;
    case 'instant':
    case 'datetime':
      // Tableau shows moments without a zone: these are UTC.
      return 'timestamp without time zone';
    case 'decimal':
      return decimal(type.precision, type.scale, wide);
  }
}

const decimal = (precision: number, scale: number, wide: boolean): string =>
  precision > narrowDigits && !wide ? 'double precision' : `numeric(${precision},${scale})`;

/** Name and value of a staged column in the type of its place in the file. */
export function converted(name: string, from: ColumnType, to: string): string {
  if (from.kind === 'instant' && to.startsWith('timestamp')) return `(${name} AT TIME ZONE 'UTC')`;
  return from.kind === 'json' || hyperType(from, { wide: true }) !== to ? `CAST(${name} AS ${to})` : name;
}

interface Digits {
  readonly whole: number;
  readonly scale: number;
}

function digitsOf(type: string): Digits | undefined {
  if (type === 'bigint') return { whole: 19, scale: 0 };
  const [, precision, scale] = /^numeric\((\d+),(\d+)\)$/.exec(type) ?? [];
  if (precision === undefined || scale === undefined) return undefined;
  return { whole: Number(precision) - Number(scale), scale: Number(scale) };
}

export const isWide = (type: string): boolean => {
  const digits = digitsOf(type);
  return digits !== undefined && type !== 'bigint' && digits.whole + digits.scale > narrowDigits;
};

/**
 * The type that holds all values of both: `there` itself where nothing has to change. Undefined: there is none, and
 * values of one kind would be lost.
 */
export function widened(there: string, wanted: string): string | undefined {
  if (there === wanted) return there;
  const [one, other] = [digitsOf(there), digitsOf(wanted)];
  if (one && other) {
    if (one.whole >= other.whole && one.scale >= other.scale && there !== 'bigint') return there;
    const scale = Math.max(one.scale, other.scale);
    const precision = Math.max(one.whole, other.whole) + scale;
    return precision <= mostDigits ? `numeric(${precision},${scale})` : undefined;
  }
  if (wanted === 'text') return 'text';
  if (wanted === 'double precision' && one) return wanted;
  return undefined;
}
