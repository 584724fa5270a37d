// From a SCHEMA message to a declared stream.
import { type Declaration, streamKey, type WriteMode } from '../declaration.ts';
import { configError } from '../errors.ts';
import { isObject, type JsonSchema } from '../schema.ts';
import { typedSchema } from './schema.ts';
import { deletionMark, singerDeletionMark } from './shape.ts';

export const loadMethods = ['append-only', 'upsert', 'overwrite'] as const;
export type LoadMethod = (typeof loadMethods)[number];

/** A SCHEMA message whose parts were checked. */
export interface CheckedSchema {
  readonly stream: string;
  readonly schema: JsonSchema;
  readonly keys: readonly string[];
  readonly cursor: readonly string[];
}

/** Takes a SCHEMA message apart. Throws a config error that says what is wrong with it. */
export function checkedSchema(message: Readonly<Record<string, unknown>>): CheckedSchema {
  const { stream, schema, key_properties: keys = [], bookmark_properties: cursors } = message;
  if (typeof stream !== 'string' || stream === '')
    throw configError('Cannot use a SCHEMA message: it names no "stream", mend the tap');
  if (!isObject(schema)) throw unusable(stream, 'it has no "schema"');
  // The SDK's suite wants this refused: a table without any column is a slip of the tap, not a wish.
  if (!isObject(schema.properties)) throw unusable(stream, 'its schema has no "properties"');
  const names: unknown = keys ?? [];
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
    throw unusable(stream, '"key_properties" is not a list of property names');
  const [cursor] = Array.isArray(cursors) && cursors.length === 1 ? (cursors as readonly unknown[]) : [];
  return {
    stream,
    schema: schema as JsonSchema,
    keys: names as readonly string[],
    cursor: typeof cursor === 'string' && cursor in schema.properties ? [cursor] : [],
  };
}

export interface DeclareOptions {
  readonly loadMethod: LoadMethod;
  /** `default_target_schema`: where every table goes, whatever the stream's name says. */
  readonly namespace?: string;
  /** The table's version, as the stream told: rows of older versions go once it is activated. */
  readonly version?: number;
}

/**
 * The declaration behind a SCHEMA. A version is a generation: with ACTIVATE_VERSION as its end, an append or upsert
 * then retires older rows, and those of the same version stay (an incremental stream keeps its version from run to
 * run). A stream without keys cannot be upserted: its records are appended.
 */
export function declareSinger(
  { stream, schema, keys, cursor }: CheckedSchema,
  { loadMethod, namespace: wanted, version }: DeclareOptions,
): Declaration {
  const { name, namespace = wanted } = splitName(stream, wanted);
  const mode: WriteMode =
    loadMethod === 'overwrite' ? 'replace' : loadMethod === 'upsert' && keys.length > 0 ? 'upsert' : 'append';
  return {
    stream: streamKey(name, namespace),
    name,
    ...(namespace ? { namespace } : {}),
    schema: withoutTwinMark(typedSchema(schema)),
    mode,
    keys: keys.map((key) => [key]),
    cursor,
    envelope: 'singer',
    generation: version ?? 0,
    retireBelow: mode === 'replace' ? 0 : (version ?? 0),
  };
}

/** As targets of the Meltano SDK do: `schema-table`, or `database-schema-table`; any other name is a table's. */
function splitName(stream: string, wanted: string | undefined): { name: string; namespace?: string } {
  const parts = stream.split('-');
  const [name, namespace] = parts.toReversed();
  const split = (parts.length === 2 || parts.length === 3) && parts.every((part) => part !== '');
  if (!split || !name || !namespace) return { name: stream };
  return wanted === undefined ? { name, namespace } : { name };
}

/** Our taps send both deletion marks: the twin needs no column. */
function withoutTwinMark(schema: JsonSchema): JsonSchema {
  const { [singerDeletionMark]: twin, ...properties } = schema.properties ?? {};
  return twin && deletionMark in properties ? { ...schema, properties } : schema;
}

const unusable = (stream: string, why: string) =>
  configError(`Cannot use the SCHEMA of stream "${stream}": ${why}, mend the tap`);

/** What a validator finds wrong with a schema, as the error that ends the run. */
export const invalidSchema = (stream: string, why: string) =>
  unusable(stream, `it is not a valid JSON Schema (${why})`);
