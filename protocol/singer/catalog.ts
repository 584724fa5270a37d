// Singer's catalog: what a tap offers, with the metadata by which Meltano and people choose from it.
import type { Catalog, Stream } from '../messages.ts';
import { isObject, type JsonSchema } from '../schema.ts';
import { singerName } from './messages.ts';
import { plainSchema } from './schema.ts';
import { deletionMark } from './shape.ts';

export type ReplicationMethod = 'FULL_TABLE' | 'INCREMENTAL' | 'LOG_BASED';

export interface SingerMetadata {
  /** Empty for the stream; `["properties", "x"]` for a field, with another pair for each level below. */
  readonly breadcrumb: readonly string[];
  readonly metadata: {
    readonly inclusion?: 'available' | 'automatic' | 'unsupported';
    readonly selected?: boolean;
    readonly 'selected-by-default'?: boolean;
    readonly 'table-key-properties'?: readonly string[];
    readonly 'valid-replication-keys'?: readonly string[];
    readonly 'forced-replication-method'?: ReplicationMethod;
    readonly 'replication-method'?: ReplicationMethod;
    readonly 'replication-key'?: string;
    readonly 'schema-name'?: string;
  };
}

export interface SingerStream {
  readonly tap_stream_id: string;
  readonly stream: string;
  readonly schema: JsonSchema;
  readonly metadata: readonly SingerMetadata[];
  readonly key_properties: readonly string[];
  readonly replication_key?: string;
  readonly replication_method: ReplicationMethod;
}

export interface SingerCatalog {
  readonly streams: readonly SingerStream[];
}

/** The catalog as `tap-x --discover` prints it, the older stream-level fields beside the metadata, as the SDK does. */
export const singerCatalog = (catalog: Catalog): SingerCatalog => ({
  streams: catalog.streams.map(singerStream),
});

function singerStream(stream: Stream): SingerStream {
  const name = singerName(stream.name, stream.namespace);
  const schema = plainSchema(stream.json_schema as JsonSchema);
  const keys = topLevelKeys(stream.source_defined_primary_key);
  const cursor = topLevel(stream.default_cursor_field);
  const incremental = stream.supported_sync_modes.includes('incremental');
  const method = incremental ? 'INCREMENTAL' : 'FULL_TABLE';
  // A cursor of the source's own leaves nothing to choose; neither does a stream with a single mode.
  const forced =
    !incremental || stream.source_defined_cursor === true || stream.supported_sync_modes.length === 1;
  const cursors = incremental && cursor !== undefined ? [cursor] : [];
  return {
    tap_stream_id: name,
    stream: name,
    replication_method: method,
    key_properties: keys,
    ...(cursors[0] === undefined ? {} : { replication_key: cursors[0] }),
    schema,
    metadata: [
      {
        breadcrumb: [],
        metadata: {
          inclusion: 'available',
          'selected-by-default': true,
          'table-key-properties': keys,
          ...(cursors.length > 0 ? { 'valid-replication-keys': cursors } : {}),
          ...(forced ? { 'forced-replication-method': method } : {}),
          ...(cursors[0] === undefined ? {} : { 'replication-key': cursors[0] }),
          ...(stream.namespace ? { 'schema-name': stream.namespace } : {}),
        },
      },
      ...fields(schema, [], new Set([...keys, ...cursors, deletionMark])),
    ],
  };
}

/** An entry for each declared property, however deep in objects. Keys, the cursor and the deletion mark are always sent. */
function fields(
  schema: JsonSchema,
  above: readonly string[],
  automatic: ReadonlySet<string>,
): SingerMetadata[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const breadcrumb = [...above, 'properties', name];
    const inclusion = above.length === 0 && automatic.has(name) ? 'automatic' : 'available';
    return [
      { breadcrumb, metadata: { inclusion } } as const,
      ...(isObject(property) ? fields(property, breadcrumb, automatic) : []),
    ];
  });
}

/** Singer knows top-level keys only. Part of a key would take different records for one, so it is all or nothing. */
function topLevelKeys(keys: Stream['source_defined_primary_key']): readonly string[] {
  const names = (keys ?? []).map(topLevel);
  return names.every((name) => name !== undefined) ? names : [];
}

const topLevel = (path: readonly string[] | undefined): string | undefined =>
  path?.length === 1 ? path[0] : undefined;
