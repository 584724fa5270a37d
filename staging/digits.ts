// Numerals with more digits than a double can tell, found while the bytes pass and kept as text.

/**
 * JSON readers (DuckDB's too) hold a number with a point or an exponent as a double, which tells 15 significant
 * digits exactly. A longer numeral is therefore quoted, behind a mark that no data has, before it is read.
 */
export interface Scanned {
  readonly bytes: Uint8Array;
  /** Numerals were quoted and marked. */
  readonly marked: boolean;
  /** A text holds a numeral of that length: it must not be read as a double. */
  readonly exact: boolean;
}

const exactDigits = 15;
const [zero, nine, point, lineFeed] = [0x30, 0x39, 0x2e, 0x0a];
/** Looks through whole lines; gives the same bytes back where no line has a long numeral. */
export function scanNumerals(bytes: Uint8Array, mark: string): Scanned {
  let pieces: Uint8Array[] | undefined;
  let exact = false;
  let kept = 0;
  let from = 0;
  for (;;) {
    const hit = findLongRun(bytes, from);
    if (hit === -1) break;
    const start = bytes.lastIndexOf(lineFeed, hit) + 1;
    const end = endOfLine(bytes, hit);
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    const quoted = quoteNumerals(line, mark);
    exact ||= quoted.exact;
    if (quoted.line !== line) {
      pieces ??= [];
      pieces.push(bytes.subarray(kept, start), Buffer.from(quoted.line, 'latin1'));
      kept = end;
    }
    from = end;
  }
  if (!pieces) return { bytes, marked: false, exact };
  return { bytes: Buffer.concat([...pieces, bytes.subarray(kept)]), marked: true, exact };
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const found = bytes.indexOf(lineFeed, from);
  return found === -1 ? bytes.length : found + 1;
}

/** 1 for the bytes that make up a long run: digits and the point. */
const numeric = new Uint8Array(256);
numeric.fill(1, zero, nine + 1);
numeric[point] = 1;

/** A run of more than 15 digits (a point among them) is at least this long. */
const runLength = exactDigits + 1;

/**
 * Index in a run of digits and points that is long enough, or -1. As in the search of Boyer and Moore, a byte that
 * belongs to no run rules out all runs over it: most bytes are never looked at.
 */
function findLongRun(bytes: Uint8Array, from: number): number {
  const isNumeric = (at: number): boolean => numeric[bytes[at] as number] === 1;
  let index = from;
  while (index < bytes.length) {
    if (!isNumeric(index)) {
      index += runLength;
      continue;
    }
    let start = index;
    while (start > from && isNumeric(start - 1)) start -= 1;
    const end = start + runLength;
    if (end <= index + 1) return index;
    if (end > bytes.length) return -1;
    let last = end - 1;
    while (last > index && isNumeric(last)) last -= 1;
    if (last === index) return index;
    index = last + runLength;
  }
  return -1;
}

/** A number of JSON. */
const numbers = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const numeral = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Quotes the numbers of a line that a double does not tell; `whole`: whole numbers too, which JSON readers other
 * than DuckDB hold as doubles. `exact` is true when a string holds such a number.
 */
export function quoteNumerals(
  line: string,
  mark: string,
  { whole = false }: { whole?: boolean } = {},
): { readonly line: string; readonly exact: boolean } {
  const quoted = (token: string): string => {
    if (!isLong(token) || (!whole && /^-?\d+$/.test(token))) return token;
    return `"${mark}${token}"`;
  };
  let exact = false;
  let result = '';
  let from = 0;
  while (from < line.length) {
    const opening = line.indexOf('"', from);
    const bare = line.slice(from, opening === -1 ? line.length : opening);
    result += bare.replace(numbers, quoted);
    if (opening === -1) break;
    const closing = endOfString(line, opening);
    const text = line.slice(opening, closing);
    exact ||= text.length > exactDigits && text.length < 100 && isLong(text.slice(1, -1).trim());
    result += text;
    from = closing;
  }
  return { line: result, exact };
}

/** Index after the closing quote of the string that opens at `opening`. */
function endOfString(line: string, opening: number): number {
  let closing = line.indexOf('"', opening + 1);
  while (closing !== -1) {
    let escapes = 0;
    while (line[closing - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return closing + 1;
    closing = line.indexOf('"', closing + 1);
  }
  return line.length;
}

function isLong(text: string): boolean {
  if (!numeral.test(text)) return false;
  const mantissa = text.replace(/[eE].*$/, '').replace(/[^0-9]/g, '');
  return mantissa.replace(/^0+/, '').length > exactDigits;
}
