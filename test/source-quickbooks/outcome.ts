// What a run of the source delivered, beside what the company holds: nothing here needs a test to run in.
import { type ConfiguredCatalog, isObject, type States } from '@airbyte/cdk-typescript-shim';
import { catalogOf, source } from '../../source-quickbooks/index.ts';
import { type Stream, streams } from '../../source-quickbooks/streams.ts';
import type { Books } from '../books/index.ts';
import { type Outcome, outcomeOf, type ReadOptions, refreshed } from '../conformance/outcome.ts';

import type { FastClock } from '../emulators/clock.ts';
import type { QuickbooksEmulator } from '../emulators/quickbooks/index.ts';

export const DAY = 86_400_000;

export type { Outcome } from '../conformance/outcome.ts';

export interface Bench {
  readonly quickbooks: QuickbooksEmulator;
  readonly books: Books;
  readonly realm: string;
  readonly clock: FastClock;
  config: Record<string, unknown>;
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

/** One run, as a platform makes it: a rotated refresh token is kept for the next. */
export const run = (bench: Bench, options: ReadOptions = {}): Promise<Outcome> =>
  outcomeOf(source, bench, options);

/** Streams by name, configured for a full refresh. */
export const refreshOf = (names: readonly string[]): ConfiguredCatalog =>
  refreshed(catalogOf({ more_streams: [] }), names);

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
