// A QuickBooks emulator that clients made for Intuit's own addresses reach, and the narrow types of what is used of them.
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';
import { type Books, generateBooks } from '../books/index.ts';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import {
  type QuickbooksEmulator,
  type QuickbooksOptions,
  startQuickbooks,
  UNLIMITED,
} from '../emulators/quickbooks/index.ts';
import type { Json } from '../emulators-tests/quickbooks-setup.ts';

/** What is needed of the clients' HTTP library, which they share: a place to change addresses. */
interface Axios {
  readonly interceptors: {
    readonly request: {
      use(change: (config: { url?: string }) => { url?: string }): number;
      eject(id: number): void;
    };
  };
}

type Callback = (error: Json, data: Json) => void;

/** The methods of `node-quickbooks` that the tests drive; each ends with a callback. */
export interface Client {
  token: string;
  refreshToken: string | null;
  refreshAccessToken(done: Callback): void;
  revokeAccess(useRefresh: boolean, done: Callback): void;
  getUserInfo(done: Callback): void;
  batch(items: readonly object[], done: Callback): void;
  changeDataCapture(entities: readonly string[], since: string, done: Callback): void;
  createInvoice(invoice: object, done: Callback): void;
  getCompanyInfo(id: string, done: Callback): void;
  getPreferences(done: Callback): void;
  getInvoice(id: string, done: Callback): void;
  getBill(id: string, done: Callback): void;
  findInvoices(criteria: unknown, done: Callback): void;
  findBills(criteria: unknown, done: Callback): void;
  findPayments(criteria: unknown, done: Callback): void;
  findCustomers(criteria: unknown, done: Callback): void;
  findVendors(criteria: unknown, done: Callback): void;
  findAccounts(criteria: unknown, done: Callback): void;
  reportTrialBalance(criteria: object, done: Callback): void;
  reportProfitAndLoss(criteria: object, done: Callback): void;
  reportGeneralLedgerDetail(criteria: object, done: Callback): void;
}

/** Its own type declarations promise a default export, which the package does not have. */
interface QuickBooks {
  new (settings: {
    readonly consumerKey: string;
    readonly consumerSecret: string;
    readonly token: string;
    readonly tokenSecret: false;
    readonly realmId: string;
    readonly useSandbox: boolean;
    readonly debug: false;
    readonly minorversion: number;
    readonly oauthversion: '2.0';
    readonly refreshToken: string;
  }): Client;
  setOauthVersion(version: string, useSandbox?: boolean): void;
  TOKEN_URL: string;
  REVOKE_URL: string;
  USER_INFO_URL?: string;
}

const require = createRequire(import.meta.resolve('node-quickbooks'));
const NodeQuickBooks = require('node-quickbooks') as QuickBooks;

export interface Reached {
  readonly quickbooks: QuickbooksEmulator;
  readonly books: Books;
  readonly clock: FastClock;
  readonly realm: string;
}

export interface ReachOptions extends Partial<Pick<QuickbooksOptions, 'app' | 'switches' | 'limits'>> {
  readonly documents?: number;
}

/** Intuit's hosts, the sandbox's included: clients know no other addresses, so their requests are sent on from them. */
const HOSTS = /^https:\/\/[\w-]+(\.[\w-]+)*\.intuit\.com/;

/** An emulator of which the clients believe that it is Intuit; its clock starts now, as theirs is the world's. */
export async function reach({ documents = 150, ...options }: ReachOptions = {}): Promise<Reached> {
  const books = generateBooks({ seed: 41, documents });
  const clock = fastClock();
  const quickbooks = await startQuickbooks({ companies: [books], clock, limits: UNLIMITED, ...options });
  onTestFinished(() => quickbooks.close());
  const { request } = (require('axios') as Axios).interceptors;
  const id = request.use((config) => ({
    ...config,
    url: (config.url ?? '').replace(HOSTS, quickbooks.url),
  }));
  onTestFinished(() => request.eject(id));
  return { quickbooks, books, clock, realm: quickbooks.companies[0]?.realmId ?? '' };
}

/** The community's client, with tokens as after a consent to `scopes`. */
export function clientOf(
  { quickbooks, realm }: Reached,
  { scopes, sandbox = false }: { readonly scopes?: readonly string[]; readonly sandbox?: boolean } = {},
): Client {
  const tokens = quickbooks.issueTokens(scopes ? { scopes } : {});
  return new NodeQuickBooks({
    consumerKey: quickbooks.app.clientId,
    consumerSecret: quickbooks.app.clientSecret,
    token: tokens.access_token,
    tokenSecret: false,
    realmId: realm,
    useSandbox: sandbox,
    debug: false,
    minorversion: 75,
    oauthversion: '2.0',
    refreshToken: tokens.refresh_token,
  });
}

/** Lets the client learn its endpoints from the discovery document; it does not say when it has. */
export async function discover({ sandbox }: { readonly sandbox: boolean }): Promise<QuickBooks> {
  delete NodeQuickBooks.USER_INFO_URL;
  NodeQuickBooks.setOauthVersion('2.0', sandbox);
  for (let tries = 0; NodeQuickBooks.USER_INFO_URL === undefined && tries < 200; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return NodeQuickBooks;
}

/** What a method that ends with a callback gives; its error is thrown. */
export const answer = (call: (done: Callback) => void): Promise<Json> =>
  new Promise((resolve, reject) => {
    call((error, data) => (error ? reject(error) : resolve(data)));
  });

/** The first error of the fault that a refused call carries, in either casing. */
export async function faultOf(call: (done: Callback) => void): Promise<{ code: string; status: number }> {
  const error: Json = await answer(call).then(
    () => new Error('the call was not refused'),
    (thrown: Json) => thrown,
  );
  const body = error.response?.data ?? error;
  const fault = body.Fault ?? body.fault;
  const first = (fault?.Error ?? fault?.error)?.[0];
  return { code: String(first?.code), status: error.response?.status ?? 200 };
}
