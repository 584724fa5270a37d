// The JSON Schema for editors: that of the file, with what each connector asks for in its configuration.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { isOfKind } from './specs.ts';

export interface PublishedOptions {
  readonly settings: JsonSchema;
  /** Schemas of configurations by connector. */
  readonly connectors: Readonly<Record<string, JsonSchema>>;
}

/** Every value may also be a reference, so numbers and choices take a text with `${NAME}` or `vault:NAME` too. */
export function publishedSchema({ settings, connectors }: PublishedOptions): JsonSchema {
  const configs = Object.entries(connectors).map(([name, { $schema: _, ...schema }]) => [
    name,
    relaxed(schema),
  ]);
  return {
    ...withConnectors(relaxed(settings), Object.keys(connectors)),
    definitions: {
      reference: { type: 'string', pattern: '\\$\\{\\w+(:-[^}]*)?\\}|^vault:' },
      ...Object.fromEntries(configs),
    },
  };
}

const reference: JsonSchema = { $ref: '#/definitions/reference' };

/** Keywords that a reference would break. */
const strict = ['type', 'enum', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'minLength'];

function relaxed(schema: JsonSchema): JsonSchema {
  const mapped = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, relaxedKeyword(keyword, value)]),
  ) as JsonSchema;
  const leaf = ['string', 'integer', 'number', 'boolean'].includes(String(schema.type));
  if (!leaf || schema.const !== undefined) return mapped;
  const rules = Object.entries(mapped).filter(([keyword]) => strict.includes(keyword));
  // A text without rules is one already, with a reference or without.
  if (rules.every(([keyword, value]) => keyword === 'type' && value === 'string')) return mapped;
  const words = Object.entries(mapped).filter(([keyword]) => !strict.includes(keyword));
  return { ...Object.fromEntries(words), anyOf: [Object.fromEntries(rules), reference] };
}

function relaxedKeyword(keyword: string, value: unknown): unknown {
  if (keyword === 'properties')
    return Object.fromEntries(
      Object.entries(value as Readonly<Record<string, JsonSchema>>).map(([name, part]) => [
        name,
        relaxed(part),
      ]),
    );
  if (keyword === 'items' || (keyword === 'additionalProperties' && typeof value === 'object'))
    return relaxed(value as JsonSchema);
  if (keyword === 'oneOf' || keyword === 'anyOf') return (value as readonly JsonSchema[]).map(relaxed);
  return value;
}

/** `connector` offers the names, and the one that is chosen decides what `config` holds. */
function withConnectors(settings: JsonSchema, names: readonly string[]): JsonSchema {
  const pipeline = settings.properties?.pipelines?.additionalProperties as JsonSchema;
  const end = (kind: 'source' | 'destination'): JsonSchema => {
    const { properties, ...schema } = pipeline.properties?.[kind] ?? {};
    const known = names.filter((name) => isOfKind(name, kind));
    const { type: _, minLength: __, anyOf: ___, ...described } = properties?.connector ?? {};
    return {
      ...schema,
      properties: {
        ...properties,
        connector: { ...described, anyOf: [{ enum: known }, { type: 'string', pattern: '/' }, reference] },
      },
      allOf: known.map((name) => ({
        if: { properties: { connector: { const: name } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { properties: { config: { $ref: `#/definitions/${name}` } } },
      })),
    };
  };
  const ends = { source: end('source'), destination: end('destination') };
  return {
    ...settings,
    properties: {
      ...settings.properties,
      pipelines: {
        ...settings.properties?.pipelines,
        additionalProperties: { ...pipeline, properties: { ...pipeline.properties, ...ends } },
      },
    },
  };
}
