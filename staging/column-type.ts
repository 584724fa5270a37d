// From a JSON Schema to the type of a column: what a value of it is stored as.
import { isObject, type JsonSchema, valueTypes } from '@airbyte/cdk-typescript-shim';
import type { ColumnType } from './tables.ts';

const json: ColumnType = { kind: 'json' };
const text: ColumnType = { kind: 'text' };

/** Money and quantities: 64-bit decimals, which Hyper and Power BI hold too. */
const money: ColumnType = { kind: 'decimal', precision: 18, scale: 4 };
const rate: ColumnType = { kind: 'decimal', precision: 18, scale: 9 };
const wholeNumber: ColumnType = { kind: 'decimal', precision: 38, scale: 0 };

/**
 * The column type of a value that is stored in one column. Unions of scalars become text, unions with an object or
 * an array JSON text, and so does everything the schema leaves open.
 */
export function columnType(schema: JsonSchema): ColumnType {
  const only = withoutNullBranch(schema);
  if (only.oneOf || only.anyOf || only.allOf) return json;
  const types = valueTypes(only);
  if (types.includes('object') || types.includes('array')) return json;
  if (types.length === 0) return json;
  if (types.every((type) => type === 'integer')) return { kind: 'integer' };
  if (types.every((type) => type === 'integer' || type === 'number')) return numberType(only);
  if (types.length > 1) return text;
  return types[0] === 'boolean' ? { kind: 'boolean' } : stringType(only);
}

/** `oneOf` or `anyOf` of null and one other schema says no more than that other one. */
export function withoutNullBranch(schema: JsonSchema): JsonSchema {
  const branches = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(branches)) return schema;
  const others = branches.filter((branch) => isObject(branch) && branch.type !== 'null');
  const [only] = others;
  if (others.length !== 1 || others.length === branches.length) return schema;
  const { oneOf: _oneOf, anyOf: _anyOf, ...rest } = schema;
  return { ...rest, ...(only as JsonSchema) };
}

function numberType(schema: JsonSchema): ColumnType {
  if (schema.airbyte_type === 'integer') return { kind: 'integer' };
  if (schema.airbyte_type === 'big_integer') return wholeNumber;
  return schema['x-role'] === 'rate' ? rate : money;
}

function stringType(schema: JsonSchema): ColumnType {
  switch (schema.format) {
    case 'date':
      return { kind: 'date' };
    case 'date-time':
      return schema.airbyte_type === 'timestamp_without_timezone'
        ? { kind: 'datetime' }
        : { kind: 'instant' };
    case 'time':
      // No product has a time of day with a zone: the text keeps it.
      return schema.airbyte_type === 'time_with_timezone' ? text : { kind: 'time' };
    case 'singer.decimal':
      return numberType(schema);
    default:
      if (schema.airbyte_type === 'big_number') return money;
      return schema.airbyte_type === 'big_integer' ? wholeNumber : text;
  }
}
