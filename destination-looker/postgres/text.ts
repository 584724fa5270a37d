// SQL text for PostgreSQL: identifiers and literals, quoted so that no name or value can leave its place.

/** Letters that need no escape anywhere: neither PostgreSQL, nor a driver, nor Looker's Liquid reads more into them. */
const plain = /^[A-Za-z0-9_ .,:+/=-]*$/;

/** `text` between `mark`s; anything unusual in Unicode escapes, so that `{{ }}`, `${}`, `?` and `;` never stand in a statement. */
function escaped(text: string, mark: '"' | "'"): string {
  if (plain.test(text)) return `${mark}${text}${mark}`;
  const body = [...text].map((character) => {
    if (plain.test(character)) return character;
    const code = character.codePointAt(0) ?? 0xfffd;
    return code > 0xffff ? `\\+${hex(code, 6)}` : `\\${hex(code, 4)}`;
  });
  return `U&${mark}${body.join('')}${mark}`;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');

/** PostgreSQL holds no NUL in any text, and no halves of surrogate pairs. */
const possible = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

/** `name` as a quoted identifier ("SQL Syntax", identifiers with Unicode escapes: U&"..."). */
export const quoted = (name: string): string => escaped(possible(name), '"');

/** `text` as a string constant; needs standard_conforming_strings, which is on since 9.1. */
export const literal = (text: string): string => escaped(possible(text), "'");

export const quotedList = (names: readonly string[]): string => names.map(quoted).join(', ');

/** alias."name" */
export const column = (alias: string, name: string): string => `${alias}.${quoted(name)}`;

/** "schema"."table" */
export const qualified = (schema: string, table: string): string => `${quoted(schema)}.${quoted(table)}`;

export const differs = (left: string, right: string): string => `${left} IS DISTINCT FROM ${right}`;

/** Rows known by these aliases have the same key; key columns are never NULL. */
export const sameKey = (left: string, right: string, keys: readonly string[]): string =>
  keys.map((key) => `${column(left, key)} = ${column(right, key)}`).join(' AND ');
