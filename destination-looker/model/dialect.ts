// The few SQL expressions that the warehouses write differently, and names and values that stay names and values.

export interface Dialect {
  readonly name: 'postgres' | 'databricks';
  /** A quoted name, or undefined where no spelling of it is safe inside LookML. */
  identifier(name: string): string | undefined;
  /** A text literal. */
  literal(value: string): string;
  /** The type of text, for CAST. */
  readonly text: string;
  /** Whole days from that date to today; negative for days to come. */
  daysSince(date: string): string;
  /** The text at a path of keys in a JSON column. */
  jsonText(column: string, path: readonly string[]): string;
  /** Of a JSON array of objects: the text `pick` of the first one whose `where` is one of `values`. */
  jsonPick(column: string, options: JsonPick): string;
}

export interface JsonPick {
  readonly pick: string;
  readonly where: string;
  readonly values: readonly string[];
}

/** Characters that mean nothing to SQL, LookML or Liquid, in names and in values. */
const plain = /^[\p{L}\p{N}_ .:+-]*$/u;

/** Each other character as four hex digits (UTF-16), after `\u`. */
const escaped = (value: string): string =>
  [...value]
    .map((character) =>
      /[\p{L}\p{N}_ .:-]/u.test(character)
        ? character
        : Array.from({ length: character.length }, (_, at) => unit(character, at)).join(''),
    )
    .join('');

const unit = (character: string, at: number): string =>
  `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;

/** PostgreSQL's `U&"..."`: each character by its code point where it is not a plain one. */
const unicodeName = (name: string): string =>
  [...name]
    .map((character) =>
      /[\p{L}\p{N}_ ]/u.test(character)
        ? character
        : `\\+${(character.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`,
    )
    .join('');

/** PostgreSQL 12 and later (SQL/JSON paths). */
export const postgres: Dialect = {
  name: 'postgres',
  identifier: (name) => (plain.test(name) ? `"${name}"` : `U&"${unicodeName(name)}"`),
  literal: (value) =>
    plain.test(value) ? `'${value}'` : `convert_from(decode('${hex(value)}', 'hex'), 'UTF8')`,
  text: 'TEXT',
  daysSince: (date) => `(CURRENT_DATE - ${date})`,
  jsonText: (column, path) => {
    const keys = path.map((key) => `'${key}'`);
    return `(CAST(${column} AS JSONB) -> ${keys.join(' -> ')})`.replace(/ -> ([^>]*)\)$/, ' ->> $1)');
  },
  jsonPick: (column, { pick, where, values }) => {
    const conditions = values.map((value) => `@.${where} == "${escaped(value)}"`);
    const path = `$[*] ? (${conditions.join(' || ')}).${pick}`;
    return `jsonb_path_query_first(CAST(${column} AS JSONB), '${path}') #>> ARRAY[]::TEXT[]`;
  },
};

/** Databricks SQL, where JSON is text. */
export const databricks: Dialect = {
  name: 'databricks',
  identifier: (name) => (/[{};@$\\\p{Cc}]/u.test(name) ? undefined : `\`${name.replaceAll('`', '``')}\``),
  literal: (value) => (plain.test(value) ? `'${value}'` : `decode(unhex('${hex(value)}'), 'UTF-8')`),
  text: 'STRING',
  daysSince: (date) => `DATEDIFF(CURRENT_DATE(), ${date})`,
  jsonText: (column, path) => `get_json_object(${column}, '$.${path.join('.')}')`,
  jsonPick: (column, { pick, where, values }) => {
    const type = `ARRAY<STRUCT<${where}: STRING, ${pick}: STRING>>`;
    const wanted = values.map((value) => databricks.literal(value)).join(', ');
    return `get(filter(from_json(${column}, '${type}'), one -> one.${where} IN (${wanted})), 0).${pick}`;
  },
};

export const dialects = { postgres, databricks } as const;

const hex = (value: string): string => Buffer.from(value, 'utf8').toString('hex');
