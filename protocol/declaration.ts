// A declared stream: all that a destination needs to know before its first record, whatever protocol declared it.
import type { ConfiguredStream } from './catalog.ts';
import { configError } from './errors.ts';
import type { JsonSchema } from './schema.ts';

/** How rows land: every version kept, the newest per key, or the whole table replaced when the stream is complete. */
export type WriteMode = 'append' | 'upsert' | 'replace';

export interface Declaration {
  /** The key under which arrivals name the stream: its name, with the namespace before a dot where there is one. */
  readonly stream: string;
  readonly name: string;
  readonly namespace?: string;
  readonly schema: JsonSchema;
  readonly mode: WriteMode;
  /** Paths of the key's parts, from the top of the record; empty: no key. */
  readonly keys: readonly (readonly string[])[];
  /** Path of the cursor, which says which of two versions is newer; empty: the later arrival is. */
  readonly cursor: readonly string[];
  /** Where the record lies in a line: `record.data` in Airbyte's RECORD, `record` in Singer's. */
  readonly envelope: 'airbyte' | 'singer';
  /** Generation that new rows belong to. */
  readonly generation: number;
  /** When above 0: rows of older generations go once the stream is complete (a refresh). Always 0 for `replace`. */
  readonly retireBelow: number;
  /** The caller's number for this job, when it gave one. */
  readonly job?: number;
}

export const streamKey = (name: string, namespace?: string | null): string =>
  namespace ? `${namespace}.${name}` : name;

/**
 * The declaration behind a configured stream. Generations decide truncation, not the mode name alone: a platform
 * that knows refreshes sends overwrite as append (or append_dedup) of a full refresh, with minimum_generation_id
 * equal to generation_id; PyAirbyte sends 1 and 1 for every stream, incremental ones included, and must lose nothing.
 * Throws a config error for a mode no destination of ours can do.
 */
export function declare({ stream, ...configured }: ConfiguredStream): Declaration {
  const generation = configured.generation_id ?? 0;
  const minimum = configured.minimum_generation_id ?? 0;
  if (minimum > 0 && minimum !== generation)
    throw configError(
      `Cannot write stream "${stream.name}": minimum_generation_id ${minimum} is neither 0 nor generation_id ${generation}, send one of these`,
    );
  const replaces =
    configured.destination_sync_mode === 'overwrite' ||
    (minimum > 0 && configured.sync_mode === 'full_refresh');
  const keys = configured.primary_key?.length ? configured.primary_key : stream.source_defined_primary_key;
  const cursor = configured.cursor_field?.length ? configured.cursor_field : stream.default_cursor_field;
  return {
    stream: streamKey(stream.name, stream.namespace),
    name: stream.name,
    ...(stream.namespace ? { namespace: stream.namespace } : {}),
    schema: stream.json_schema as JsonSchema,
    mode: replaces ? 'replace' : keyedMode(configured, { stream: stream.name, keyed: Boolean(keys?.length) }),
    keys: keys ?? [],
    cursor: cursor ?? [],
    envelope: 'airbyte',
    generation,
    retireBelow: replaces ? 0 : minimum,
    ...(typeof configured.sync_id === 'number' ? { job: configured.sync_id } : {}),
  };
}

function keyedMode(
  { destination_sync_mode: mode }: Omit<ConfiguredStream, 'stream'>,
  { stream, keyed }: { stream: string; keyed: boolean },
): WriteMode {
  if (mode === 'append') return 'append';
  if (mode !== 'append_dedup')
    throw configError(
      `Cannot write stream "${stream}": mode "${mode}" is not supported, choose append, overwrite or append_dedup`,
    );
  if (!keyed)
    throw configError(
      `Cannot write stream "${stream}" with append_dedup: it has no primary key, choose append or overwrite`,
    );
  return 'upsert';
}
