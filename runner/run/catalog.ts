// What a pipeline moves: the source's catalog, the chosen streams in their best modes, numbered with the job.
import {
  bestModes,
  type Catalog,
  type ConfiguredCatalog,
  type ConfiguredStream,
  configError,
  type RecordReference,
  systemError,
} from '@airbyte/cdk-typescript-shim';
import { scheduledStreams } from '../settings/index.ts';
import { type Child, messagesOf } from './child.ts';

/** Reads the CATALOG of a `discover` child; throws what the child said when there is none. */
export async function discovered(child: Child): Promise<Catalog> {
  let catalog: Catalog | undefined;
  let reason: string | undefined;
  for await (const message of messagesOf(child)) {
    if (message.type === 'CATALOG') catalog = message.catalog;
    if (message.type === 'TRACE') reason = message.trace.error?.message ?? reason;
  }
  const { code, stderr } = await child.ended;
  if (catalog && code === 0) return catalog;
  const said = reason ?? (stderr.trim() || `it ended with code ${code} and no word`);
  throw reason
    ? configError(`${child.name}: ${said}`)
    : systemError(`${child.name} printed no catalog: ${said}`);
}

export interface Choice {
  /** Names, or `facts` or `reference` for a group of them; absent: all that the pipeline moves. */
  readonly streams: readonly string[] | undefined;
  /** What the pipeline moves; absent: all that the source offers. */
  readonly moved?: readonly string[] | undefined;
  /** Exactly these records: their streams alone. */
  readonly records?: readonly RecordReference[] | undefined;
  readonly job: number;
}

/** The chosen streams in their best modes. Throws a config error for a stream that the source does not offer. */
export function configure(catalog: Catalog, { streams, moved, records, job }: Choice): ConfiguredCatalog {
  const offered = catalog.streams.map(({ name }) => name);
  const wanted = streams ? chosenNames(catalog, streams, moved) : moved;
  for (const name of wanted ?? [])
    if (!offered.includes(name))
      throw configError(`Unknown stream "${name}": the source offers ${offered.join(', ')}`);
  const configured = bestModes(catalog).streams.map((entry) => ({ ...entry, sync_id: job }));
  const chosen = configured.filter(({ stream }) => !wanted || wanted.includes(stream.name));
  return { streams: records ? forRecords(chosen, records) : chosen };
}

/** The streams of a schedule's group are known by the catalog alone; a stream of such a name is itself. */
function chosenNames(
  catalog: Catalog,
  streams: readonly string[],
  moved: readonly string[] | undefined,
): readonly string[] {
  const offered = new Set(catalog.streams.map(({ name }) => name));
  return streams.flatMap((name) => {
    if (offered.has(name) || (name !== 'facts' && name !== 'reference')) return [name];
    return (scheduledStreams(name, catalog) ?? []).filter((member) => !moved || moved.includes(member));
  });
}

/** A few records must never replace a table: streams without a key, whose rows nothing tells apart, are left out. */
function forRecords(
  configured: readonly ConfiguredStream[],
  records: readonly RecordReference[],
): ConfiguredStream[] {
  const wanted = new Set(records.map(({ stream }) => stream));
  const keyed = configured
    .filter(({ stream, primary_key }) => wanted.has(stream.name) && primary_key?.length)
    .map((entry) => ({ ...entry, destination_sync_mode: 'append_dedup' as const }));
  if (keyed.length > 0) return keyed;
  const names = [...wanted].map((name) => `"${name}"`).join(', ');
  throw configError(
    `Cannot read single records of ${names}: the pipeline does not move them, or they have no key`,
  );
}
