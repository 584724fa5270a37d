// A Xero emulator with small books and a signed-in client, for the tests of the emulator itself.
import { onTestFinished } from 'vitest';
import { type Books, generateBooks } from '../books/index.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { startXero, UNLIMITED, type XeroEmulator, type XeroOptions } from '../emulators/xero/index.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: Json;
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into vendor bodies of many shapes
export type Json = any;

export interface Setup {
  readonly xero: XeroEmulator;
  readonly books: Books;
  readonly clock: FastClock;
  readonly tenantId: string;
  readonly accessToken: string;
  /** GET below the Accounting API as JSON; `headers` replace the usual ones, undefined removes. */
  get(path: string, headers?: Readonly<Record<string, string | undefined>>): Promise<Reply>;
  /** Every row of a paged endpoint, page by page. */
  sweep(endpoint: string, query?: string): Promise<Json[]>;
}

export interface SetupOptions extends Partial<Omit<XeroOptions, 'clock' | 'companies'>> {
  readonly documents?: number;
  readonly seed?: number;
  readonly scopes?: readonly string[];
  readonly books?: Books;
}

export async function setUp(options: SetupOptions = {}): Promise<Setup> {
  const {
    documents = 400,
    seed = 21,
    scopes,
    books = generateBooks({ seed, documents }),
    limits,
    ...rest
  } = options;
  const clock = fastClock({ start: Date.parse('2026-03-01T00:00:00Z') });
  const xero = await startXero({ ...rest, companies: [books], clock, limits: { ...UNLIMITED, ...limits } });
  onTestFinished(() => xero.close());
  const tokens = await xero.issueTokens(scopes ? { scopes } : {});
  const tenantId = books.company.id;
  const get = (path: string, headers: Readonly<Record<string, string | undefined>> = {}): Promise<Reply> =>
    fetchReply(`${xero.accountingUrl}/${path}`, {
      authorization: `Bearer ${tokens.access_token}`,
      'xero-tenant-id': tenantId,
      accept: 'application/json',
      ...headers,
    });
  const sweep = async (endpoint: string, query = ''): Promise<Json[]> => {
    const rows: Json[] = [];
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const { json } = await get(`${endpoint}?page=${page}&pageSize=100${query}`);
      rows.push(...json[endpoint]);
      pages = json.pagination.pageCount;
    }
    return rows;
  };
  return { xero, books, clock, tenantId, accessToken: tokens.access_token, get, sweep };
}

export async function fetchReply(
  url: string,
  headers: Readonly<Record<string, string | undefined>>,
  init: RequestInit = {},
): Promise<Reply> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(url, { redirect: 'manual', ...init, headers: given });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The milliseconds inside a .NET date. */
export const dateOf = (text: string): number => Number(/^\/Date\((-?\d+)/.exec(text)?.[1]);
