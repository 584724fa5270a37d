// What a pipeline moves: the source's catalog, the chosen streams in their best modes, numbered with the job.
import {
  bestModes,
  type Catalog,
  type ConfiguredCatalog,
  configError,
  systemError,
} from '@airbyte/cdk-typescript-shim';
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

export function configure(
  catalog: Catalog,
  { streams, job }: { streams: readonly string[] | undefined; job: number },
): ConfiguredCatalog {
  const offered = catalog.streams.map(({ name }) => name);
  for (const name of streams ?? [])
    if (!offered.includes(name))
      throw configError(`Unknown stream "${name}": the source offers ${offered.join(', ')}`);
  const configured = bestModes(catalog).streams.map((entry) => ({ ...entry, sync_id: job }));
  return { streams: configured.filter(({ stream }) => !streams || streams.includes(stream.name)) };
}
