// Which pipelines an event is for: those that read its vendor, its tenant, and a stream that its record may be of.
import { basename } from 'node:path';
import type { PipelineSettings, Settings } from '../settings/contract.ts';
import type { StoredEvent } from '../store/contract.ts';
import { type Source, streamsOfEvent, streamsWithEvents } from './streams.ts';

export interface Route {
  readonly pipeline: string;
  /** As the pipeline's configuration writes it: identifiers of Xero are the same in either case. */
  readonly tenant: string;
  /** Streams of the pipeline that the record may be of. */
  readonly streams: readonly string[];
}

export interface Routing {
  /** Whether any pipeline reads the tenant. */
  knows(source: Source, tenant: string): boolean;
  /** Empty: no pipeline moves it. */
  of(event: Pick<StoredEvent, 'source' | 'tenant' | 'stream'>): readonly Route[];
  /** Pipelines of a vendor, with those of their streams that events tell of. */
  all(source: Source): readonly { readonly pipeline: string; readonly streams: readonly string[] }[];
}

interface Reader {
  readonly pipeline: PipelineSettings;
  readonly tenant?: string;
}

export function routingOf(pipelines: Settings['pipelines']): Routing {
  const byTenant = new Map<string, Reader[]>();
  const ofSource: Record<Source, PipelineSettings[]> = { xero: [], quickbooks: [] };
  for (const pipeline of Object.values(pipelines)) {
    const source = sourceOf(pipeline);
    if (!source) continue;
    ofSource[source].push(pipeline);
    const readers: readonly Reader[] =
      pipeline.tenants.length > 0 ? pipeline.tenants.map((tenant) => ({ pipeline, tenant })) : [{ pipeline }];
    for (const reader of readers) {
      const place = placeOf(source, reader.tenant);
      byTenant.set(place, [...(byTenant.get(place) ?? []), reader]);
    }
  }
  const readersOf = (source: Source, tenant: string): readonly Reader[] => [
    ...(byTenant.get(placeOf(source, tenant)) ?? []),
    ...(byTenant.get(placeOf(source, undefined)) ?? []),
  ];
  return {
    knows: (source, tenant) => readersOf(source, tenant).length > 0,
    of: (event) =>
      readersOf(event.source, event.tenant).flatMap(({ pipeline, tenant = event.tenant }) => {
        const streams = streamsOfEvent(event).filter((stream) => moves(pipeline, stream));
        return streams.length > 0 ? [{ pipeline: pipeline.name, tenant, streams }] : [];
      }),
    all: (source) =>
      ofSource[source].flatMap((pipeline) => {
        const streams = streamsWithEvents(source).filter((stream) => moves(pipeline, stream));
        return streams.length > 0 ? [{ pipeline: pipeline.name, streams }] : [];
      }),
  };
}

/** Undefined: a pipeline that reads all tenants that its consent reaches. */
const placeOf = (source: Source, tenant: string | undefined): string =>
  tenant === undefined ? source : `${source}/${tenant.toLowerCase()}`;

/** By the name of the connector, or of the program or a folder on the way to it. */
export function sourceOf({ source: { connector } }: Pick<PipelineSettings, 'source'>): Source | undefined {
  const parts = connector.split(/[\\/]/).map((part) => basename(part).replace(/\.[cm]?[jt]s$/, ''));
  if (parts.includes('source-xero')) return 'xero';
  return parts.includes('source-quickbooks') ? 'quickbooks' : undefined;
}

/** QuickBooks offers it only where the source's configuration asks for it. */
const askedFor: readonly string[] = ['journal_codes'];

function moves({ streams, source }: PipelineSettings, stream: string): boolean {
  if (streams && !streams.includes(stream)) return false;
  const more = source.config.more_streams;
  return !askedFor.includes(stream) || (Array.isArray(more) && more.includes(stream));
}
