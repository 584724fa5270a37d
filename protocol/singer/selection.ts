// What a user chose in a Singer catalog: the streams and modes to read, and the fields to leave out.
import {
  type ConfiguredCatalog,
  type ConfiguredStream,
  parseCatalogFile,
  unusableCatalog,
} from '../catalog.ts';
import { streamKey } from '../declaration.ts';
import type { Catalog } from '../messages.ts';
import { isObject, type JsonSchema } from '../schema.ts';
import { type SingerStream, singerCatalog } from './catalog.ts';
import { deselectedFields, type Metadata, metadataTree, pruneSchema } from './fields.ts';
import { plainSchema } from './schema.ts';
import type { FieldPath } from './shape.ts';

export interface SingerSelection {
  /** The chosen streams, their schemas without the deselected fields. */
  readonly catalog: ConfiguredCatalog;
  /** By stream key: the fields that records must not carry. */
  readonly deselected: ReadonlyMap<string, readonly FieldPath[]>;
}

/** Every stream that is selected by default: what a tap reads when it is given no catalog. */
export const defaultSelection = (catalog: Catalog): SingerSelection =>
  selection(singerCatalog(catalog).streams);

/** The selection in a Singer catalog file. `file` names it in the config error thrown for an unusable one. */
export function readSingerCatalog(text: string, file: string): SingerSelection {
  const parsed = parseCatalogFile(text, file);
  if (!isObject(parsed) || !Array.isArray(parsed.streams))
    throw unusableCatalog(file, 'it has no list "streams", pass what --discover printed');
  for (const [index, entry] of parsed.streams.entries()) {
    if (!isObject(entry) || typeof entry.tap_stream_id !== 'string' || entry.tap_stream_id === '')
      throw unusableCatalog(file, `streams[${index}] has no "tap_stream_id", pass what --discover printed`);
    if (!isObject(entry.schema))
      throw unusableCatalog(file, `stream "${entry.tap_stream_id}" has no "schema"`);
  }
  return selection(parsed.streams as readonly SingerStream[]);
}

function selection(streams: readonly SingerStream[]): SingerSelection {
  const deselected = new Map<string, readonly FieldPath[]>();
  const chosen: ConfiguredStream[] = [];
  for (const entry of streams) {
    const tree = metadataTree(entry.metadata);
    if (!isStreamSelected(entry, tree.own)) continue;
    const configured = configuredStream(entry, tree.own);
    const { stream } = configured;
    const always = [...(configured.primary_key ?? []), configured.cursor_field ?? []].flat();
    const dropped = deselectedFields(entry.schema, tree, new Set(always));
    const json_schema = pruneSchema(stream.json_schema as JsonSchema, dropped);
    chosen.push({ ...configured, stream: { ...stream, json_schema } });
    if (dropped.length > 0) deselected.set(streamKey(stream.name, stream.namespace), dropped);
  }
  return { catalog: { streams: chosen }, deselected };
}

/** The oldest taps were told by a `selected` on the stream or on its schema. */
function isStreamSelected(entry: SingerStream, own: Metadata): boolean {
  const { selected, schema } = entry as SingerStream & { readonly selected?: unknown };
  const marks = [own.selected, selected, schema.selected];
  const mark = marks.find((found) => typeof found === 'boolean');
  return own.inclusion !== 'unsupported' && (mark ?? own['selected-by-default'] ?? false) === true;
}

function configuredStream(entry: SingerStream, own: Metadata): ConfiguredStream {
  const method = own['forced-replication-method'] ?? own['replication-method'] ?? entry.replication_method;
  const incremental = method === 'INCREMENTAL' || method === 'LOG_BASED';
  const keys = (own['table-key-properties'] ?? entry.key_properties ?? []).map((key) => [key]);
  const chosen = own['replication-key'] ?? own['valid-replication-keys']?.[0] ?? entry.replication_key;
  const cursor = incremental && chosen ? [chosen] : undefined;
  return {
    stream: {
      ...named(entry, own['schema-name']),
      json_schema: plainSchema(entry.schema),
      supported_sync_modes: incremental ? ['full_refresh', 'incremental'] : ['full_refresh'],
      ...(keys.length > 0 ? { source_defined_primary_key: keys } : {}),
      ...(cursor ? { default_cursor_field: cursor } : {}),
    },
    sync_mode: incremental ? 'incremental' : 'full_refresh',
    destination_sync_mode: !incremental ? 'overwrite' : keys.length > 0 ? 'append_dedup' : 'append',
    ...(cursor ? { cursor_field: cursor } : {}),
    ...(keys.length > 0 ? { primary_key: keys } : {}),
  };
}

function named(
  { stream, tap_stream_id: id }: SingerStream,
  namespace: string | undefined,
): { readonly name: string; readonly namespace?: string } {
  const whole = stream ?? id;
  if (!namespace) return { name: whole };
  return { name: whole.startsWith(`${namespace}-`) ? whole.slice(namespace.length + 1) : whole, namespace };
}
