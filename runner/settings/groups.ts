// Which streams a schedule means: those that it names, or a group that the catalog tells apart.
import { type Catalog, configError, type JsonSchema, referencedStreams } from '@airbyte/cdk-typescript-shim';
import type { Schedule, StreamGroup } from './contract.ts';
import { suggestion } from './nearest.ts';

/** Names of the streams of a schedule, in the catalog's order; undefined: all of the pipeline. */
export function scheduledStreams(
  streams: Schedule['streams'],
  catalog: Catalog,
): readonly string[] | undefined {
  if (streams === undefined) return undefined;
  const names = catalog.streams.map(({ name }) => name);
  if (typeof streams === 'string') {
    const group = groupsOf(catalog);
    return names.filter((name) => group.get(name) === streams);
  }
  for (const name of streams)
    if (!names.includes(name)) throw configError(`Unknown stream "${name}": ${suggestion(name, names)}`);
  return names.filter((name) => streams.includes(name));
}

/**
 * The group of each stream. What nothing refers to and has a date is a fact, and so is a document that others refer
 * to: it has a date besides a status, a due date or a rate of exchange. All else is what facts refer to.
 */
export function groupsOf({ streams }: Catalog): ReadonlyMap<string, StreamGroup> {
  const referred = new Set(
    streams.flatMap(({ name, json_schema: schema }) =>
      referencedStreams(schema as JsonSchema).filter((other) => other !== name),
    ),
  );
  return new Map(
    streams.map(({ name, json_schema: schema }) => {
      const roles = Object.values((schema as JsonSchema).properties ?? {}).map((field) => field['x-role']);
      const document = roles.some((role) => role === 'status' || role === 'due' || role === 'rate');
      return [name, roles.includes('date') && (document || !referred.has(name)) ? 'facts' : 'reference'];
    }),
  );
}
