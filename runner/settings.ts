// ledgerpipe.yaml: pipelines, their connectors and settings, secrets by ${ENV}.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { configError, isObject, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import { validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { LineCounter, parseDocument } from 'yaml';

export interface ConnectorSettings {
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface PipelineSettings {
  readonly source: ConnectorSettings;
  readonly destination: ConnectorSettings;
  /** Streams to move; absent: all that the source offers. */
  readonly streams?: readonly string[];
}

export interface Settings {
  /** Folder that keeps states, relative to the file. */
  readonly store: string;
  readonly pipelines: Readonly<Record<string, PipelineSettings>>;
}

const connectorSchema = (kind: string): JsonSchema => ({
  type: 'object',
  required: ['connector', 'config'],
  additionalProperties: false,
  description: `The ${kind} and its configuration`,
  properties: {
    connector: { type: 'string', description: `Name of a ${kind}, or the path of a program` },
    config: { type: 'object', description: 'What its spec asks for' },
  },
});

/** JSON Schema of ledgerpipe.yaml. */
export const settingsSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['pipelines'],
  additionalProperties: false,
  properties: {
    store: {
      type: 'string',
      default: '.ledgerpipe',
      description: 'Folder that keeps the states of the pipelines',
    },
    pipelines: {
      type: 'object',
      description: 'Pipelines by name',
      minProperties: 1,
      propertyNames: { pattern: '^[A-Za-z0-9_-]+$' },
      additionalProperties: {
        type: 'object',
        required: ['source', 'destination'],
        additionalProperties: false,
        properties: {
          source: connectorSchema('source'),
          destination: connectorSchema('destination'),
          streams: { type: 'array', items: { type: 'string' }, description: 'Streams to move; default: all' },
        },
      },
    },
  },
} as const;

/** Reads and checks the file; `environment` fills the ${NAMES} in it. Errors name the line or the field. */
export async function readSettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Settings> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw configError(`Cannot read "${file}": there is no such file, make one with "ledgerpipe init"`);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw configError(`Cannot use "${file}": line ${line}, column ${col}: ${broken.message.split('\n')[0]}`);
  }
  const value: unknown = fill(document.toJS(), environment, file);
  if (!isObject(value))
    throw configError(`Cannot use "${file}": it is empty, make one with "ledgerpipe init"`);
  const settings = (await validateConfig(
    { connectionSpecification: settingsSchema },
    value,
  )) as unknown as Settings;
  return { ...settings, store: resolve(dirname(file), settings.store) };
}

/** `${NAME}` becomes the variable's value, `${NAME:-text}` falls back to the text, `$${` stays as `${`. */
function fill(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  file: string,
): unknown {
  if (Array.isArray(value)) return value.map((element) => fill(element, environment, file));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, fill(member, environment, file)]),
    );
  if (typeof value !== 'string') return value;
  return value.replace(/\$?\$\{(\w+)(?::-([^}]*))?\}/g, (found, name: string, fallback?: string) => {
    if (found.startsWith('$$')) return found.slice(1);
    const text = environment[name] ?? fallback;
    if (text === undefined)
      throw configError(
        `Cannot use "${file}": the environment variable "${name}" is not set, export it first`,
      );
    return text;
  });
}
