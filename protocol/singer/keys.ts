// Whether the record of a line holds its key properties: told from the bytes, without parsing the line.

const quote = 0x22;
const backslash = 0x5c;

/** The key properties of a stream as they stand in a line, the colon close behind as JSON writers put it. */
export const keyPatterns = (keys: readonly string[]): readonly Buffer[] =>
  keys.map((key) => Buffer.from(`${JSON.stringify(key)}:`));

/**
 * True when all keys are properties of the record itself, which begins at `start` (just past its brace). False means
 * that this could not be told and the line must be parsed: a blank before the colon, or an escaped name, hides a key.
 */
export function hasKeys(
  block: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
  patterns: readonly Buffer[],
): boolean {
  return patterns.every((pattern) => {
    for (let at = block.indexOf(pattern, start); at !== -1 && at < end; at = block.indexOf(pattern, at + 1))
      // An escaped quote is part of a longer name. A quote and a colon never meet inside a text.
      if (block[at - 1] !== backslash && depthAt(block, start, at) === 0) return true;
    return false;
  });
}

/** How many objects and arrays are open at `at`; below 0 once the record is closed. */
function depthAt(block: Buffer, start: number, at: number): number {
  let depth = 0;
  let within = false;
  for (let index = start; index < at && depth >= 0; index++) {
    const byte = block[index];
    if (byte === quote) within = !within;
    else if (within) {
      if (byte === backslash) index++;
    } else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return depth;
}
