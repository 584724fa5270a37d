// The configuration file: read, checked against the connector's spec, defaults filled in; errors name the field.
import { readFile } from 'node:fs/promises';
import type { ErrorObject } from 'ajv';
import { configError, isObject, type JsonSchema, type Specification } from '../index.ts';

export type Config = Record<string, unknown>;

/** Reads a JSON object from `file`. */
export async function readConfigFile(file: string): Promise<Config> {
  const parsed = parse(await readText(file, 'config'), file);
  if (!isObject(parsed)) throw configError(`Cannot use config "${file}": it is not a JSON object`);
  return parsed;
}

/** The text of an input file; a config error when it cannot be read. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw configError(`Cannot use ${what} "${file}": ${why}`);
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    throw configError(`Cannot use config "${file}": it is not JSON`);
  }
}

/** A copy of `config` that satisfies the spec, with defaults. Throws a config error naming the first wrong field. */
export async function validateConfig(spec: Specification, config: Config): Promise<Config> {
  const { default: ajvModule } = await import('ajv');
  const { default: formatsModule } = await import('ajv-formats');
  const ajv = new ajvModule.default({ strict: false, useDefaults: true, verbose: true });
  formatsModule.default(ajv);
  const copy = structuredClone(config);
  const chosen = chooseOptions(spec.connectionSpecification as JsonSchema, copy, '');
  const validate = ajv.compile(chosen);
  if (validate(copy)) return copy;
  const [first] = validate.errors ?? [];
  throw configError(first ? describe(first) : 'The config does not satisfy the spec');
}

/** Top-level fields that the spec does not know, each with the closest field it may have meant. */
export function unknownFields(spec: Specification, config: Config): readonly string[] {
  const known = Object.keys((spec.connectionSpecification as JsonSchema).properties ?? {});
  return Object.keys(config).filter((field) => !known.includes(field) && !field.startsWith('__'));
}

/**
 * The schema with each oneOf replaced by the option that the config names, so that an error speaks of that option's
 * field and not of every option's. Spec convention: options share one required property given by `const`.
 */
function chooseOptions(schema: JsonSchema, value: unknown, path: string): JsonSchema {
  const options = Array.isArray(schema.oneOf) ? (schema.oneOf as readonly JsonSchema[]) : undefined;
  if (options && isObject(value)) {
    const { oneOf: _, ...rest } = schema;
    return { ...rest, ...chooseOptions(chooseOption(options, value, path), value, path) };
  }
  if (!schema.properties || !isObject(value)) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => [
    name,
    chooseOptions(property, value[name], path ? `${path}.${name}` : name),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

function chooseOption(options: readonly JsonSchema[], value: Config, path: string): JsonSchema {
  const [first] = options;
  const discriminator = Object.entries(first?.properties ?? {}).find(
    ([, property]) => 'const' in property,
  )?.[0];
  if (!first || !discriminator) return first ?? {};
  const named = (option: JsonSchema) => option.properties?.[discriminator]?.const;
  const option = options.find((candidate) => named(candidate) === value[discriminator]);
  if (option) return option;
  const allowed = options.map((candidate) => `"${named(candidate)}"`).join(' or ');
  const found =
    value[discriminator] === undefined ? 'is missing' : `is ${JSON.stringify(value[discriminator])}`;
  throw configError(`Config field "${path}.${discriminator}" ${found}: set it to ${allowed}`);
}

function describe({
  instancePath,
  keyword,
  params,
  message,
  parentSchema,
  schema,
  data,
}: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  if (keyword === 'required') {
    const missing = String(params.missingProperty);
    const field = path ? `${path}.${missing}` : missing;
    const { title, description } = (parentSchema as JsonSchema).properties?.[missing] ?? {};
    const hint = description ?? title;
    return `Config field "${field}" is missing: add it${hint ? ` (${firstSentence(hint)})` : ''}`;
  }
  const secret = (parentSchema as JsonSchema | undefined)?.airbyte_secret === true;
  const found = secret ? '' : `, found ${JSON.stringify(data)?.slice(0, 80)}`;
  const allowed = keyword === 'enum' ? `one of ${JSON.stringify(schema)}` : undefined;
  const pattern = (parentSchema as { pattern_descriptor?: string } | undefined)?.pattern_descriptor;
  const wanted = allowed
    ? `must be ${allowed}`
    : keyword === 'pattern' && pattern
      ? `must look like ${pattern}`
      : message;
  return `Config field "${path || '(the whole config)'}" ${wanted}${found}`;
}

const firstSentence = (text: string): string => text.split(/\.(\s|$)/)[0] ?? text;
