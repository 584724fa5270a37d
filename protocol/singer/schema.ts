// Schemas as any Singer target can read them: plain draft 7, nothing referred to, each value of one type or null.
import { isObject, type JsonSchema, type JsonTypeName, valueTypes } from '../schema.ts';
import { jsonText } from './shape.ts';

/**
 * The schema of a record without `$ref`, `allOf`, `anyOf`, `oneOf`, `enum` and constraints, with types `[X, "null"]`:
 * some targets reject anything else. `airbyte_type` and our own keywords stay, for targets that know them.
 */
export function plainSchema(schema: JsonSchema): JsonSchema {
  const { type: _, ...plain } = plainPart(schema, { root: schema, within: [] });
  return { type: 'object', ...plain, properties: plain.properties ?? {} };
}

interface Place {
  readonly root: JsonSchema;
  /** The references that led here: a schema that refers to itself must end. */
  readonly within: readonly string[];
}

function plainPart(declared: JsonSchema, place: Place): JsonSchema {
  const { schema, within } = resolved(declared, place);
  const type = onlyType(schema);
  if (type === undefined) return { ...told(schema), type: ['string', 'null'], [jsonText]: true };
  const below: Place = { root: place.root, within };
  return {
    ...told(schema),
    type: [type, 'null'],
    ...(type === 'string' ? textFormat(schema) : {}),
    ...(type === 'string' || !schema.airbyte_type ? {} : { airbyte_type: schema.airbyte_type }),
    ...(type === 'object' ? members(schema, below) : {}),
    ...(type === 'array' ? { items: plainItems(schema.items, below) } : {}),
  };
}

/** Keywords for people and for our destinations. */
function told(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).filter(
    ([keyword]) =>
      ['title', 'description'].includes(keyword) || keyword === 'x-role' || keyword === 'x-references',
  );
  return Object.fromEntries(kept);
}

/**
 * Dates and instants keep their format. A time of day and a local date-time lose it, as checkers want an offset
 * there, and get it back from `airbyte_type` (see typedSchema).
 */
function textFormat({ format, airbyte_type: kind }: JsonSchema): JsonSchema {
  const strict = kind === 'timestamp_without_timezone' || kind?.startsWith('time_') === true;
  const known =
    format !== undefined &&
    ['date', 'date-time', 'time', 'singer.decimal', 'x-singer.decimal'].includes(format);
  return {
    ...(known && !strict ? { format } : {}),
    ...(kind ? { airbyte_type: kind } : {}),
  };
}

/** A schema of plainSchema with the formats that it had to leave out. */
export function typedSchema(schema: JsonSchema): JsonSchema {
  const { airbyte_type: kind, format, properties, items } = schema;
  const found =
    format ?? (kind?.startsWith('timestamp_') ? 'date-time' : kind?.startsWith('time_') ? 'time' : undefined);
  return {
    ...schema,
    ...(found === undefined ? {} : { format: found }),
    ...(properties ? { properties: mapped(properties, typedSchema) } : {}),
    ...(isObject(items) ? { items: typedSchema(items as JsonSchema) } : {}),
  };
}

function members({ properties, additionalProperties }: JsonSchema, place: Place): JsonSchema {
  return {
    ...(properties ? { properties: mapped(properties, (property) => plainPart(property, place)) } : {}),
    ...(typeof additionalProperties === 'boolean' ? { additionalProperties } : {}),
  };
}

const plainItems = (items: JsonSchema['items'], place: Place): JsonSchema =>
  isObject(items) && Object.keys(items).length > 0 ? plainPart(items as JsonSchema, place) : {};

const mapped = (
  properties: Readonly<Record<string, JsonSchema>>,
  change: (property: JsonSchema) => JsonSchema,
): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, change(isObject(property) ? property : {})]),
  );

/** The one type that values of the schema have; undefined: several, or any. */
function onlyType(schema: JsonSchema): JsonTypeName | undefined {
  if (schema[jsonText] === true) return undefined;
  const types = new Set(valueTypes(schema));
  if (types.has('number')) types.delete('integer');
  if (types.size === 0) return impliedType(schema);
  const [only] = types;
  return types.size === 1 ? only : undefined;
}

function impliedType({ properties, items, type }: JsonSchema): JsonTypeName | undefined {
  if (properties) return 'object';
  if (items) return 'array';
  return type === undefined ? undefined : 'string';
}

/** The schema with references followed and alternatives joined, as far as they agree. */
function resolved(
  declared: JsonSchema,
  { root, within }: Place,
): { schema: JsonSchema; within: readonly string[] } {
  const { $ref: reference, allOf, anyOf, oneOf, ...own } = declared;
  let schema: JsonSchema = own;
  let path = within;
  if (typeof reference === 'string') {
    if (within.includes(reference)) return { schema: {}, within };
    path = [...within, reference];
    schema = joined(resolved(pointed(root, reference), { root, within: path }).schema, schema);
  }
  for (const part of schemas(allOf)) schema = joined(schema, resolved(part, { root, within: path }).schema);
  for (const alternatives of [schemas(anyOf), schemas(oneOf)]) {
    const others = alternatives
      .map((part) => resolved(part, { root, within: path }).schema)
      .filter((part) => part.type !== 'null');
    if (others.length > 0) schema = joined(schema, alternative(others));
  }
  return { schema, within: path };
}

/** What one of several may be: of their one type, with the properties of all; or text, when the types differ. */
function alternative(others: readonly JsonSchema[]): JsonSchema {
  const types = new Set(others.map(onlyType));
  if (types.has('number')) types.delete('integer');
  const [only] = types;
  if (types.size !== 1 || only === undefined) return { [jsonText]: true };
  const { format, airbyte_type: kind, items, ...whole } = others.reduce(joined);
  const agree = (keyword: string): boolean =>
    new Set(others.map((part) => JSON.stringify(part[keyword]))).size === 1;
  return {
    ...whole,
    type: only,
    ...(format && agree('format') ? { format } : {}),
    ...(kind && agree('airbyte_type') ? { airbyte_type: kind } : {}),
    ...(items ? { items: agree('items') ? items : {} } : {}),
  };
}

function joined(first: JsonSchema, second: JsonSchema): JsonSchema {
  const properties = { ...first.properties, ...second.properties };
  return { ...first, ...second, ...(Object.keys(properties).length > 0 ? { properties } : {}) };
}

/** The part of a schema that a local reference such as `#/definitions/money` points at; nothing: any value. */
function pointed(root: JsonSchema, reference: string): JsonSchema {
  if (!reference.startsWith('#')) return {};
  const steps = reference.slice(1).split('/').slice(1);
  const found = steps.reduce<unknown>((part, step) => {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    return isObject(part) ? part[name] : undefined;
  }, root);
  return isObject(found) ? found : {};
}

const schemas = (value: unknown): readonly JsonSchema[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
