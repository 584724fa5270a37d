// Catalogs: what a source offers, what a user chose, and the order in which streams are best moved.
import { configError } from './errors.ts';
import type { ConfiguredCatalog, ConfiguredStream } from './generated/configured-catalog.ts';
import type { Catalog, Stream } from './messages.ts';
import { isObject, type JsonSchema, referencedStreams } from './schema.ts';

export type { ConfiguredCatalog, ConfiguredStream } from './generated/configured-catalog.ts';

/** Each offered stream in its best mode: incremental where it can be, deduplicated where it has a key. */
export function bestModes(catalog: Catalog): ConfiguredCatalog {
  return { streams: catalog.streams.map(bestMode) };
}

function bestMode(stream: Stream): ConfiguredStream {
  const incremental = stream.supported_sync_modes.includes('incremental');
  const keyed = Boolean(stream.source_defined_primary_key?.length);
  return {
    stream,
    sync_mode: incremental ? 'incremental' : 'full_refresh',
    destination_sync_mode: !incremental ? 'overwrite' : keyed ? 'append_dedup' : 'append',
    ...(stream.default_cursor_field ? { cursor_field: stream.default_cursor_field } : {}),
    ...(stream.source_defined_primary_key ? { primary_key: stream.source_defined_primary_key } : {}),
  };
}

/**
 * A catalog as users have it: configured, plain as `discover` printed it, or the whole CATALOG message. Absent
 * fields printed as null (PyAirbyte) mean absence. `file` names it in the config error thrown for anything else.
 */
export function readCatalog(text: string, file: string): ConfiguredCatalog {
  const parsed = withoutNulls(parseCatalogFile(text, file));
  const catalog = isObject(parsed) && isObject(parsed.catalog) ? parsed.catalog : parsed;
  if (!isObject(catalog) || !Array.isArray(catalog.streams))
    throw unusableCatalog(
      file,
      'it has no list "streams", pass what discover printed or a configured catalog',
    );
  const configured = catalog.streams.every((entry) => isObject(entry) && isObject(entry.stream));
  for (const [index, entry] of catalog.streams.entries())
    checkStream(configured ? (entry as ConfiguredStream).stream : entry, `streams[${index}]`, file);
  if (!configured) return bestModes(catalog as unknown as Catalog);
  for (const [index, entry] of (catalog as unknown as ConfiguredCatalog).streams.entries())
    checkModes(entry, `streams[${index}]`, file);
  return catalog as unknown as ConfiguredCatalog;
}

function checkStream(stream: unknown, where: string, file: string): void {
  if (!isObject(stream)) throw unusableCatalog(file, `${where} is not an object`);
  if (typeof stream.name !== 'string' || stream.name === '')
    throw unusableCatalog(file, `${where} has no "name"`);
  if (!isObject(stream.json_schema))
    throw unusableCatalog(file, `stream "${stream.name}" has no "json_schema"`);
  const modes = stream.supported_sync_modes;
  if (!Array.isArray(modes) || modes.length === 0)
    throw unusableCatalog(file, `stream "${stream.name}" has no "supported_sync_modes"`);
}

function checkModes(entry: ConfiguredStream, where: string, file: string): void {
  const wanted = {
    sync_mode: ['full_refresh', 'incremental'],
    destination_sync_mode: ['append', 'overwrite', 'append_dedup', 'update', 'soft_delete'],
  } as const;
  for (const [field, allowed] of Object.entries(wanted)) {
    const found = entry[field as keyof typeof wanted];
    if (!(allowed as readonly string[]).includes(found))
      throw unusableCatalog(
        file,
        `${where}.${field} is ${JSON.stringify(found)}, choose ${allowed.join(' or ')}`,
      );
  }
}

/**
 * The streams with referenced ones before those that refer to them (dimensions before facts), otherwise in the
 * given order. A cycle is broken at its first stream.
 */
export function referenceOrder<T>(
  entries: readonly T[],
  describe: (entry: T) => { readonly name: string; readonly schema: JsonSchema },
): readonly T[] {
  const byName = new Map(entries.map((entry) => [describe(entry).name, entry]));
  const ordered = new Set<T>();
  const entered = new Set<T>();
  const visit = (entry: T): void => {
    if (entered.has(entry)) return;
    entered.add(entry);
    for (const name of referencedStreams(describe(entry).schema)) {
      const referenced = byName.get(name);
      if (referenced) visit(referenced);
    }
    ordered.add(entry);
  };
  for (const entry of entries) visit(entry);
  return [...ordered];
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, name === 'json_schema' ? member : withoutNulls(member)]),
  );
}

/** The JSON in a catalog file; a config error that names the file otherwise. */
export function parseCatalogFile(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusableCatalog(file, `it is not JSON (${(error as Error).message})`);
  }
}

/** The config error for a catalog file that is of no use. */
export const unusableCatalog = (file: string, why: string) =>
  configError(`Cannot use catalog "${file}": ${why}`);
