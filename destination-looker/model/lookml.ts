// The syntax of LookML: parameters and blocks as lines, and text that cannot become anything but text.

/** One or more lines of LookML, without indentation. */
export type Lines = readonly string[];

/** `key: value` for words of the language: yes, no, types, names of fields. */
export const word = (key: string, value: string): Lines => [`${key}: ${value}`];

/** `key: "value"` for text that people read. */
export const text = (key: string, value: string): Lines => [`${key}: ${quoted(value)}`];

/**
 * `key: SQL ;;`. The SQL is made by `dialect.ts`, which lets nothing through that LookML would read: a `;;` would end
 * the parameter, and `{{` or `{%` would start Liquid.
 */
export function code(key: string, sql: string): Lines {
  if (/;;|\{\{|\{%|@\{/.test(sql) || sql.endsWith(';'))
    throw new Error(`Cannot write the LookML parameter "${key}": its SQL would be read as LookML: ${sql}`);
  return [`${key}: ${sql} ;;`];
}

/** `key: [a, b]` */
export const list = (key: string, items: readonly string[]): Lines => [`${key}: [${items.join(', ')}]`];

/** `key: ["a", "b"]` */
export const texts = (key: string, items: readonly string[]): Lines => list(key, items.map(quoted));

/** `key: [view.field: "value", ...]` */
export const pairs = (key: string, entries: readonly (readonly [field: string, value: string])[]): Lines =>
  list(
    key,
    entries.map(([field, value]) => `${field}: ${quoted(value)}`),
  );

/** `key: name { ... }`; without a name `key: { ... }`. */
export const block = (key: string, name: string | undefined, children: readonly Lines[]): Lines => [
  `${key}: ${name === undefined ? '' : `${name} `}{`,
  ...children.flat().map((line) => (line === '' ? '' : `  ${line}`)),
  '}',
];

/** Blocks with an empty line between them. */
export const apart = (blocks: readonly Lines[]): Lines =>
  blocks.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));

/** A string of LookML. */
export const quoted = (value: string): string =>
  `"${harmless(value).replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;

/**
 * The same text on one line, with whatever Looker would evaluate taken apart: Liquid (labels may hold it), references
 * to fields and constants, and the end of a SQL parameter, which careless readers look for in strings too.
 */
export function harmless(value: string): string {
  return value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/([{$@%#])(?=[{%])/g, '$1 ')
    .replace(/([}%])(?=\})/g, '$1 ')
    .replace(/;(?=;)/g, '; ')
    .trim();
}

/** Words that are written in capitals in labels. */
const capitals = new Map(
  ['id', 'url', 'utc', 'cis', 'ytd', 'gst', 'vat'].map((one) => [one, one.toUpperCase()]),
);

/** `contact_name` Contact Name, `updated_date_utc` Updated Date UTC. */
export const labelOf = (identifier: string): string =>
  identifier
    .split('_')
    .filter((part) => part !== '')
    .map((part) => capitals.get(part) ?? `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join(' ');
