// A QuickBooks with generated books, a configuration that reaches it, and a clock of its own: what the tests start from.
import {
  type ConfiguredCatalog,
  isObject,
  type Message,
  type RecordReference,
  type States,
} from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import { catalogOf, source } from '../../source-quickbooks/index.ts';
import { type Stream, streams } from '../../source-quickbooks/streams.ts';
import { type Books, generateBooks } from '../books/index.ts';
import { errorsOf, readAll, recordsOf, statesOf } from '../conformance/in-process.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import {
  type QuickbooksEmulator,
  type QuickbooksOptions,
  startQuickbooks,
} from '../emulators/quickbooks/index.ts';

export interface Bench {
  readonly quickbooks: QuickbooksEmulator;
  readonly books: Books;
  readonly realm: string;
  readonly clock: FastClock;
  config: Record<string, unknown>;
}

export interface BenchOptions extends Partial<Pick<QuickbooksOptions, 'app' | 'switches' | 'limits'>> {
  readonly documents?: number;
  readonly seed?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  /** How many times faster than the world the clock runs. */
  readonly rate?: number;
}

export const DAY = 86_400_000;

/** Opens a bench that the test closes by itself. The clock starts a month after the last entry of the books. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const { documents = 60, seed = 7, config = {}, rate = 300, ...emulator } = options;
  const books = generateBooks({ seed, documents });
  const clock = fastClock({ start: books.lastTouched + 30 * DAY, rate });
  const quickbooks = await startQuickbooks({ companies: [books], clock, ...emulator });
  onTestFinished(() => quickbooks.close());
  const { refresh_token } = quickbooks.issueTokens();
  const realm = quickbooks.companies[0]?.realmId ?? '';
  return {
    quickbooks,
    books,
    realm,
    clock,
    config: { ...configFor(quickbooks, refresh_token ?? ''), ...config },
  };
}

export const configFor = (quickbooks: QuickbooksEmulator, refreshToken: string): Record<string, unknown> => ({
  credentials: {
    auth_type: 'oauth2',
    client_id: quickbooks.app.clientId,
    client_secret: quickbooks.app.clientSecret,
    refresh_token: refreshToken,
  },
  realm_id: quickbooks.companies[0]?.realmId ?? '',
  endpoints: { api: quickbooks.url, identity: quickbooks.url, login: quickbooks.url },
});

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

/** One run, as a platform makes it: a rotated refresh token is kept for the next. */
export async function run(bench: Bench, options: ReadOptions = {}): Promise<Outcome> {
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

/** Streams by name, configured for a full refresh. */
export const refreshOf = (names: readonly string[]): ConfiguredCatalog => ({
  streams: catalogOf({ more_streams: [] })
    .streams.filter(({ name }) => names.includes(name))
    .map((stream) => ({ stream, sync_mode: 'full_refresh', destination_sync_mode: 'overwrite' })),
});

/** The streams that show tables, by name. */
export const tables: readonly Stream[] = (streams as readonly Stream[]).filter(
  ({ how, rare }) => how.by !== 'report' && !rare,
);

export const captured: readonly string[] = tables
  .filter(({ how }) => how.by === 'changes')
  .map(({ name }) => name);

export const entityOf = (stream: string): string =>
  tables.find(({ name }) => name === stream)?.entity ?? stream;

/** What a table holds in the end: the newest record of each key, by cursor and then by arrival, tombstones left out. */
export function tableOf(records: readonly Record<string, unknown>[]): Map<string, Record<string, unknown>> {
  const newest = new Map<string, Record<string, unknown>>();
  for (const data of records) {
    const before = newest.get(String(data.Id));
    if (!before || String(data.LastUpdatedTime ?? '') >= String(before.LastUpdatedTime ?? ''))
      newest.set(String(data.Id), data);
  }
  for (const [id, data] of newest) if (data._ab_cdc_deleted_at) newest.delete(id);
  return newest;
}

/** What the table should hold: the company's records of that stream as they are now, without the names in references. */
export function truthOf({ quickbooks }: Bench, stream: string): Map<string, Record<string, unknown>> {
  return new Map(quickbooks.records(entityOf(stream)).map((row) => [String(row.Id), plain(row)]));
}

/** A record without what the source adds. */
export function plain({
  RealmID: _,
  LastUpdatedTime: __,
  ...row
}: Record<string, unknown>): Record<string, unknown> {
  return row;
}

export const realmState = (states: States, stream: string, realm: string): Record<string, unknown> => {
  const realms = states.get(stream)?.realms;
  const state = isObject(realms) ? realms[realm] : undefined;
  return isObject(state) ? state : {};
};
