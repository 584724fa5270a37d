// The data types of Databricks: how each is written in SQL, named in APIs, held by the engine, and widened.

export type DataType =
  | { readonly name: SimpleName }
  | { readonly name: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly name: 'VARCHAR' | 'CHAR'; readonly length: number }
  | { readonly name: 'ARRAY'; readonly element: DataType }
  | { readonly name: 'MAP'; readonly key: DataType; readonly value: DataType }
  | {
      readonly name: 'STRUCT';
      readonly fields: readonly { readonly name: string; readonly type: DataType }[];
    };

export type SimpleName = keyof typeof simple;

/** For each simple type: SQL text, the name UC and results use, the engine's type, the name in `type_json`. */
const simple = {
  BOOLEAN: ['BOOLEAN', 'BOOLEAN', 'BOOLEAN', 'boolean'],
  BYTE: ['TINYINT', 'BYTE', 'TINYINT', 'byte'],
  SHORT: ['SMALLINT', 'SHORT', 'SMALLINT', 'short'],
  INT: ['INT', 'INT', 'INTEGER', 'integer'],
  LONG: ['BIGINT', 'LONG', 'BIGINT', 'long'],
  FLOAT: ['FLOAT', 'FLOAT', 'FLOAT', 'float'],
  DOUBLE: ['DOUBLE', 'DOUBLE', 'DOUBLE', 'double'],
  DATE: ['DATE', 'DATE', 'DATE', 'date'],
  TIMESTAMP: ['TIMESTAMP', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'timestamp'],
  TIMESTAMP_NTZ: ['TIMESTAMP_NTZ', 'TIMESTAMP_NTZ', 'TIMESTAMP', 'timestamp_ntz'],
  STRING: ['STRING', 'STRING', 'VARCHAR', 'string'],
  BINARY: ['BINARY', 'BINARY', 'BLOB', 'binary'],
  VARIANT: ['VARIANT', 'VARIANT', 'JSON', 'variant'],
  INTERVAL: ['INTERVAL', 'INTERVAL', 'INTERVAL', 'interval'],
  VOID: ['VOID', 'NULL', 'INTEGER', 'void'],
} as const satisfies Record<string, readonly [string, string, string, string]>;

export const string: DataType = { name: 'STRING' };
export const long: DataType = { name: 'LONG' };

/** Spellings a statement may use, beyond the ones with parameters. */
export const spellings: Readonly<Record<string, SimpleName>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'BYTE',
  BYTE: 'BYTE',
  SMALLINT: 'SHORT',
  SHORT: 'SHORT',
  INT: 'INT',
  INTEGER: 'INT',
  BIGINT: 'LONG',
  LONG: 'LONG',
  FLOAT: 'FLOAT',
  REAL: 'FLOAT',
  DOUBLE: 'DOUBLE',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
  TIMESTAMP_LTZ: 'TIMESTAMP',
  TIMESTAMP_NTZ: 'TIMESTAMP_NTZ',
  STRING: 'STRING',
  BINARY: 'BINARY',
  VARIANT: 'VARIANT',
  VOID: 'VOID',
};

/** As statements and result manifests write it: `DECIMAL(38,10)`, `ARRAY<STRING>`. */
export function typeText(type: DataType): string {
  switch (type.name) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'VARCHAR':
    case 'CHAR':
      return `${type.name}(${type.length})`;
    case 'ARRAY':
      return `ARRAY<${typeText(type.element)}>`;
    case 'MAP':
      return `MAP<${typeText(type.key)},${typeText(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}>`;
    default:
      return simple[type.name][0];
  }
}

/** The enum value of `type_name` in UC and in result manifests. */
export function typeName(type: DataType): string {
  if (type.name === 'VARCHAR') return 'STRING';
  return type.name in simple ? simple[type.name as SimpleName][1] : type.name;
}

/** The value of `type` inside UC's `type_json`, as Spark's schema JSON. */
export function schemaJson(type: DataType): unknown {
  switch (type.name) {
    case 'DECIMAL':
      return `decimal(${type.precision},${type.scale})`;
    case 'VARCHAR':
    case 'CHAR':
      return 'string';
    case 'ARRAY':
      return { type: 'array', elementType: schemaJson(type.element), containsNull: true };
    case 'MAP':
      return {
        type: 'map',
        keyType: schemaJson(type.key),
        valueType: schemaJson(type.value),
        valueContainsNull: true,
      };
    case 'STRUCT':
      return {
        type: 'struct',
        fields: type.fields.map((field) => ({
          name: field.name,
          type: schemaJson(field.type),
          nullable: true,
          metadata: {},
        })),
      };
    default:
      return simple[type.name][3];
  }
}

/** The engine's type that holds it. */
export function engineType(type: DataType): string {
  switch (type.name) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'VARCHAR':
    case 'CHAR':
      return 'VARCHAR';
    case 'ARRAY':
      return `${engineType(type.element)}[]`;
    case 'MAP':
      return `MAP(${engineType(type.key)}, ${engineType(type.value)})`;
    case 'STRUCT':
      return `STRUCT(${type.fields.map((field) => `${quoted(field.name)} ${engineType(field.type)}`).join(', ')})`;
    default:
      return simple[type.name][2];
  }
}

/** The type of an engine column; wider integers (sums) read as BIGINT, as Databricks types them. */
export function fromEngine(text: string): DataType {
  if (text.endsWith('[]')) return { name: 'ARRAY', element: fromEngine(text.slice(0, -2)) };
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(text);
  if (decimal) return { name: 'DECIMAL', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const nested = /^(STRUCT|MAP)\((.*)\)$/s.exec(text);
  if (nested) return fromNested(nested[1] === 'MAP', splitTopLevel(nested[2] ?? ''));
  const known = (Object.keys(simple) as SimpleName[]).find((name) => simple[name][2] === text);
  if (known && known !== 'VOID') return { name: known };
  if (/^U?(HUGEINT|BIGINT|INTEGER|SMALLINT|TINYINT)$/.test(text)) return long;
  if (text.startsWith('TIMESTAMP')) return { name: 'TIMESTAMP_NTZ' };
  return string;
}

function fromNested(isMap: boolean, parts: readonly string[]): DataType {
  if (isMap) return { name: 'MAP', key: fromEngine(parts[0] ?? ''), value: fromEngine(parts[1] ?? '') };
  const fields = parts.map((part) => {
    const [, quotedName, plain, type] = /^(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(part) ?? [];
    return { name: quotedName?.replaceAll('""', '"') ?? plain ?? '', type: fromEngine(type ?? '') };
  });
  return { name: 'STRUCT', fields };
}

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let inName = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inName = !inName;
    else if (inName) continue;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

export function sameType(left: DataType, right: DataType): boolean {
  return typeText(left).toLowerCase() === typeText(right).toLowerCase();
}

const widerIntegers: Readonly<Record<string, readonly string[]>> = {
  BYTE: ['SHORT', 'INT', 'LONG', 'DOUBLE'],
  SHORT: ['INT', 'LONG', 'DOUBLE'],
  INT: ['LONG', 'DOUBLE'],
  LONG: [],
  FLOAT: ['DOUBLE'],
  DATE: ['TIMESTAMP_NTZ'],
};

/** Integer digits a DECIMAL must keep to take every value of an integer type (type-widening page). */
const integerDigits: Readonly<Record<string, number>> = { BYTE: 10, SHORT: 10, INT: 10, LONG: 20 };

/** Whether `ALTER COLUMN TYPE` may change `from` into `to` under type widening (databricks.md 4.5). */
export function widens(from: DataType, to: DataType): boolean {
  if (from.name === 'DECIMAL' && to.name === 'DECIMAL') {
    const scale = to.scale - from.scale;
    return scale >= 0 && to.precision - from.precision >= scale;
  }
  if (to.name === 'DECIMAL') {
    const digits = integerDigits[from.name];
    return digits !== undefined && to.precision - to.scale >= digits;
  }
  return widerIntegers[from.name]?.includes(to.name) ?? false;
}

/** A name in the engine's quotes. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal of the engine. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
