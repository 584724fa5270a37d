// What one run of a source said, sorted: what the tests of sources look at.
import type {
  Catalog,
  ConfiguredCatalog,
  Message,
  RecordReference,
  Source,
  States,
} from '@airbyte/cdk-typescript-shim';
import { type Call, errorsOf, readAll, recordsOf, statesOf } from './in-process.ts';

export interface ReadOptions {
  readonly states?: States;
  readonly streams?: readonly string[];
  readonly catalog?: ConfiguredCatalog;
  readonly only?: readonly RecordReference[];
}

export interface Outcome {
  readonly messages: readonly Message[];
  readonly states: States;
  readonly errors: ReturnType<typeof errorsOf>;
  /** Texts of LOG messages. */
  readonly logs: readonly string[];
  /** The records of a stream, in order. */
  of(stream: string): readonly Record<string, unknown>[];
  /** Its records that exist. */
  live(stream: string): readonly Record<string, unknown>[];
  /** Its tombstones. */
  gone(stream: string): readonly Record<string, unknown>[];
}

/** One run, as a platform makes it: the configuration of `bench` becomes that of CONTROL, for the next run. */
export async function outcomeOf<Config>(
  source: Source<Config>,
  bench: Omit<Call, 'config'> & { config: Record<string, unknown> },
  options: ReadOptions,
): Promise<Outcome> {
  const messages = await readAll(source, { ...bench, ...options });
  for (const message of messages)
    if (message.type === 'CONTROL' && message.control.connectorConfig)
      bench.config = message.control.connectorConfig.config;
  const records = recordsOf(messages);
  const of = (stream: string) => records.filter((record) => record.stream === stream).map(({ data }) => data);
  return {
    messages,
    states: new Map([...(options.states ?? []), ...statesOf(messages)]),
    errors: errorsOf(messages),
    logs: messages.flatMap((message) => (message.type === 'LOG' ? [message.log.message] : [])),
    of,
    live: (stream) => of(stream).filter((data) => !data._ab_cdc_deleted_at),
    gone: (stream) => of(stream).filter((data) => data._ab_cdc_deleted_at),
  };
}

/** Streams of a catalog by name, configured for a full refresh. */
export const refreshed = ({ streams }: Catalog, names: readonly string[]): ConfiguredCatalog => ({
  streams: streams
    .filter(({ name }) => names.includes(name))
    .map((stream) => ({ stream, sync_mode: 'full_refresh', destination_sync_mode: 'overwrite' })),
});
