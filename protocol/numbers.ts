// Numbers without drift: what a double cannot hold stays a text with the same digits.

/** The number, or its text where a double would change its value: beyond 15 significant digits. */
export const exactNumber = (text: string): number | string => (drifts(text) ? text : Number(text));

/**
 * A body as JSON whose numbers do not drift: one that a double cannot hold becomes a text with the same digits, which
 * destinations read as the number it is. Money never gets that long; a currency rate might. `parse` is for all others.
 */
export function parseExactly(json: string, parse: () => unknown = () => JSON.parse(json)): unknown {
  if (!/[[:,]\s*-?\d[\d.]{15}/.test(json)) return parse();
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;
  return JSON.parse(
    json.replace(tokens, (token) => (token.startsWith('"') || !drifts(token) ? token : `"${token}"`)),
  );
}

function drifts(text: string): boolean {
  if (significantDigits(text).length <= 15) return false;
  return plain(String(Number(text))) !== plain(text);
}

const significantDigits = (text: string): string =>
  text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');

/** Without a sign of plus, leading and trailing zeros, so that equal decimals have equal texts. */
const plain = (text: string): string =>
  text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
