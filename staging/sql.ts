// Pieces of SQL text: names and literals, quoted.

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A string literal; SQL text cannot hold a NUL, so that is spliced in. */
export const literal = (text: string): string =>
  text
    .split('\0')
    .map((part) => `'${part.replaceAll("'", "''")}'`)
    .join(' || chr(0) || ');

export const literals = (texts: readonly string[]): string => `[${texts.map(literal).join(', ')}]`;
