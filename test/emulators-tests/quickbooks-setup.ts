// A QuickBooks emulator with small books and a signed-in client, for the tests of the emulator itself.
import { onTestFinished } from 'vitest';
import { type Books, generateBooks } from '../books/index.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import {
  type QuickbooksEmulator,
  type QuickbooksOptions,
  startQuickbooks,
  UNLIMITED,
} from '../emulators/quickbooks/index.ts';
import { fetchReply, type Json, type Reply } from './xero-setup.ts';

export type { Json, Reply } from './xero-setup.ts';

export interface Setup {
  readonly quickbooks: QuickbooksEmulator;
  readonly books: Books;
  readonly clock: FastClock;
  readonly realmId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** GET below the company as JSON; `headers` replace the usual ones, undefined removes. */
  get(path: string, headers?: Readonly<Record<string, string | undefined>>): Promise<Reply>;
  post(path: string, body: string, headers?: Readonly<Record<string, string | undefined>>): Promise<Reply>;
  /** The QueryResponse of a statement. */
  query(statement: string): Promise<Json>;
  /** The code of the fault a statement meets. */
  faultOf(statement: string): Promise<string | undefined>;
  /** A batch of statements: the items of its answer. */
  batch(statements: readonly string[]): Promise<Json[]>;
  /** The elements of a change capture, by entity; `{}` elements are left out. */
  cdc(entities: string, since: string): Promise<Map<string, Json>>;
}

export interface SetupOptions extends Partial<Omit<QuickbooksOptions, 'clock' | 'companies'>> {
  readonly documents?: number;
  readonly seed?: number;
  readonly books?: Books;
}

export async function setUp(options: SetupOptions = {}): Promise<Setup> {
  const { documents = 300, seed = 21, books = generateBooks({ seed, documents }), limits, ...rest } = options;
  const clock = fastClock({ start: Date.parse('2026-03-02T12:00:00Z') });
  const quickbooks = await startQuickbooks({
    ...rest,
    companies: [books],
    clock,
    limits: { ...UNLIMITED, ...limits },
  });
  onTestFinished(() => quickbooks.close());
  const tokens = quickbooks.issueTokens();
  const realmId = quickbooks.companies[0]?.realmId ?? '';
  const base = `${quickbooks.apiUrl}/v3/company/${realmId}/`;
  const usual = { authorization: `Bearer ${tokens.access_token}`, accept: 'application/json' };
  const get: Setup['get'] = (path, headers = {}) => fetchReply(base + path, { ...usual, ...headers });
  const post: Setup['post'] = (path, body, headers = {}) =>
    fetchReply(
      base + path,
      { ...usual, 'content-type': 'application/json', ...headers },
      { method: 'POST', body },
    );
  const ask = (statement: string): Promise<Reply> => get(`query?query=${encodeURIComponent(statement)}`);
  return {
    ...{ quickbooks, books, clock, realmId, get, post },
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    query: async (statement) => (await ask(statement)).json.QueryResponse,
    faultOf: async (statement) => (await ask(statement)).json.Fault?.Error[0].code,
    batch: async (statements) => {
      const items = statements.map((Query, at) => ({ bId: String(at), Query }));
      return (await post('batch', JSON.stringify({ BatchItemRequest: items }))).json.BatchItemResponse;
    },
    cdc: async (entities, since) => {
      const reply = await get(`cdc?entities=${entities}&changedSince=${encodeURIComponent(since)}`);
      const elements: Json[] = reply.json.CDCResponse[0].QueryResponse;
      return new Map(
        elements.flatMap((element) => {
          const [name] = Object.keys(element);
          return name === undefined ? [] : [[name, element] as const];
        }),
      );
    },
  };
}

/** Whole cents of a decimal. */
export const cents = (value: number): number => Math.round(value * 100);

/** Every sales or purchase line, those inside bundles included, without computed subtotals. */
export function plainLines(lines: readonly Json[]): Json[] {
  return lines.flatMap((line) => {
    if (line.DetailType === 'SubTotalLineDetail') return [];
    return line.DetailType === 'GroupLineDetail' ? plainLines(line.GroupLineDetail.Line) : [line];
  });
}
