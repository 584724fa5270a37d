// A Xero with generated books, a configuration that reaches it, and a clock of its own: what the tests start from.
import { join } from 'node:path';
import { type ConfiguredCatalog, isObject, type States } from '@airbyte/cdk-typescript-shim';
import { onTestFinished } from 'vitest';
import { catalogOf, source } from '../../source-xero/index.ts';
import { type Books, generateBooks } from '../books/index.ts';
import { type Outcome, outcomeOf, type ReadOptions, refreshed } from '../conformance/outcome.ts';

import { type FastClock, fastClock } from '../emulators/clock.ts';
import { startXero, type XeroEmulator, type XeroOptions } from '../emulators/xero/index.ts';
import { temporaryFolder } from '../program.ts';

export type { Outcome } from '../conformance/outcome.ts';

export interface Bench {
  readonly xero: XeroEmulator;
  readonly books: readonly [Books, ...Books[]];
  readonly clock: FastClock;
  config: Record<string, unknown>;
}

export interface BenchOptions extends Partial<Pick<XeroOptions, 'app' | 'switches' | 'limits'>> {
  readonly documents?: number;
  readonly companies?: number;
  readonly scopes?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  /** How many times faster than the world the clock runs. */
  readonly rate?: number;
}

/** Opens a bench that the test closes by itself. The clock starts a month after the last entry of the books. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const { documents = 60, companies = 1, scopes, config = {}, rate = 300, ...emulator } = options;
  const books = Array.from({ length: companies }, (_, index) =>
    generateBooks({ seed: 7 + index, documents: Math.max(1, Math.floor(documents / (index + 1))) }),
  ) as [Books, ...Books[]];
  const lastEntry = Math.max(...books.map(({ lastTouched }) => lastTouched));
  const clock = fastClock({ start: lastEntry + 30 * 86_400_000, rate });
  const xero = await startXero({ companies: books, clock, ...emulator });
  onTestFinished(() => xero.close());
  const tokens = await xero.issueTokens(scopes ? { scopes } : {});
  // A test may read many times: the clock runs fast, and a superseded token is good for half an hour of it.
  const stored = { token_store: join(await temporaryFolder(), 'tokens') };
  return {
    xero,
    books,
    clock,
    config: { ...configFor(xero, tokens.refresh_token ?? ''), ...stored, ...config },
  };
}

export const configFor = (xero: XeroEmulator, refreshToken: string): Record<string, unknown> => ({
  credentials: {
    auth_type: 'oauth2',
    client_id: xero.app.clientId,
    client_secret: xero.app.clientSecret,
    refresh_token: refreshToken,
  },
  daily_reserve: 0,
  endpoints: { api: xero.url, identity: xero.url, login: xero.url },
});

/** One run, as a platform makes it: a rotated refresh token is kept for the next. */
export const run = (bench: Bench, options: ReadOptions = {}): Promise<Outcome> =>
  outcomeOf(source, bench, options);

/** Streams by name, configured for a full refresh. */
export const refreshOf = (names: readonly string[]): ConfiguredCatalog =>
  refreshed(catalogOf({ journals: true }), names);

/** The newest record of each key, tombstones left out: what a table holds in the end. */
export function tableOf(
  records: readonly Record<string, unknown>[],
  key: string,
): Map<string, Record<string, unknown>> {
  const table = new Map<string, Record<string, unknown>>();
  for (const data of records) {
    const id = `${data.TenantID} ${data[key]}`;
    if (data._ab_cdc_deleted_at) table.delete(id);
    else table.set(id, data);
  }
  return table;
}

/** Does something before every request that the emulator answers. */
export function beforeEachCall(xero: XeroEmulator, act: (path: string) => void): void {
  const take = xero.faults.take.bind(xero.faults);
  xero.faults.take = (method, path) => {
    act(path);
    return take(method, path);
  };
}

export const tenantState = (states: States, stream: string, tenant: string): Record<string, unknown> => {
  const tenants = states.get(stream)?.tenants;
  const state = isObject(tenants) ? tenants[tenant] : undefined;
  return isObject(state) ? state : {};
};
