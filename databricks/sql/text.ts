// SQL text: identifiers and literals, quoted so that no name or value can leave its place.

/** `name` in backticks (language manual, "Identifiers": an inner backtick is doubled). */
export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

export const quotedList = (names: readonly string[]): string => names.map(quoted).join(', ');

/** `alias`.`name`, the alias without backticks. */
export const column = (alias: string, name: string): string => `${alias}.${quoted(name)}`;

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** A string literal. Backslash escapes are the one form that every engine version reads alike (`''` is not). */
export const literal = (text: string): string =>
  `'${text.replace(/[\\']/g, '\\$&').replace(/[\n\r\t\0]/g, (found) => escapes[found] ?? '')}'`;

/** A comment as a literal: one line, at most 1,000 characters (UC keeps more of a table's, not of a column's). */
export const commentLiteral = (text: string): string =>
  literal([...text.replace(/\s+/g, ' ').trim()].slice(0, 1000).join(''));

/** `alias1`.`a` and `alias2`.`b` are the same value, NULL being equal to NULL. */
export const same = (left: string, right: string): string => `${left} IS NOT DISTINCT FROM ${right}`;

export const differs = (left: string, right: string): string => `${left} IS DISTINCT FROM ${right}`;

/** `name`, or the first `name_2`, `name_3`... that is not taken (names compare without case). */
export function freeName(name: string, taken: Iterable<string>): string {
  const folded = new Set([...taken].map((other) => other.toLowerCase()));
  let candidate = name;
  for (let suffix = 2; folded.has(candidate.toLowerCase()); suffix += 1) candidate = `${name}_${suffix}`;
  return candidate;
}
