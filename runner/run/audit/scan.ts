// Finds a few members of a JSON object in its bytes, so that a record is known by its key without being parsed.

/** A member of the object that is looked for. */
export interface Wanted {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const wantedMember = (name: string): Wanted => ({ name, bytes: Buffer.from(name, 'utf8') });

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Where the value of each wanted member begins and ends: two numbers each, -1 for what is not there. */
export type Places = Int32Array;

export const placesFor = (wanted: readonly Wanted[]): Places => new Int32Array(wanted.length * 2);

/**
 * Looks through the members of the object that begins at `at`, in the compact form in which JSON writers print it, and
 * ends with the last one that is wanted. False: the bytes are no such object, and must be parsed.
 */
export function findMembers(
  bytes: Uint8Array,
  { at, end }: { readonly at: number; readonly end: number },
  { wanted, places }: { readonly wanted: readonly Wanted[]; readonly places: Places },
): boolean {
  places.fill(-1);
  if (bytes[at] !== openBrace) return false;
  let left = wanted.length;
  let place = at + 1;
  while (left > 0 && bytes[place] === quote) {
    const nameEnd = stringEnd(bytes, place, end);
    const value = nameEnd + 1;
    const valueEnd = skipValue(bytes, value, end);
    if (valueEnd < 0) return false;
    const index = indexOfName(bytes, { from: place + 1, to: nameEnd - 1 }, wanted);
    if (index >= 0) {
      places[index * 2] = value;
      places[index * 2 + 1] = valueEnd;
      left -= 1;
    }
    if (bytes[valueEnd] !== comma) return bytes[valueEnd] === closeBrace;
    place = valueEnd + 1;
  }
  return left === 0 || bytes[place] === closeBrace;
}

/** The end of the object that begins at `at`, or -1. */
export const objectEnd = (bytes: Uint8Array, at: number, end: number): number => skipNested(bytes, at, end);

function indexOfName(
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
  wanted: readonly Wanted[],
): number {
  for (let index = 0; index < wanted.length; index += 1) {
    const name = wanted[index]?.bytes;
    if (!name || name.length !== to - from) continue;
    let same = 0;
    while (same < name.length && name[same] === bytes[from + same]) same += 1;
    if (same === name.length) return index;
  }
  return -1;
}

/** Just past the closing quote of the string that begins at `at`. */
function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  let place = at + 1;
  while (place < end) {
    const byte = bytes[place];
    if (byte === quote) return place + 1;
    place += byte === backslash ? 2 : 1;
  }
  return end;
}

function skipValue(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at];
  if (byte === quote) return stringEnd(bytes, at, end);
  if (byte === openBrace || byte === openBracket) return skipNested(bytes, at, end);
  let place = at;
  while (place < end && bytes[place] !== comma && bytes[place] !== closeBrace) place += 1;
  return place < end ? place : -1;
}

function skipNested(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  let place = at;
  while (place < end) {
    const byte = bytes[place];
    if (byte === quote) {
      place = stringEnd(bytes, place, end);
      continue;
    }
    place += 1;
    if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth === 0) return place;
    }
  }
  return -1;
}
