// The QuickBooks Online emulator: sign-in and the Accounting API of several companies in one server.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books } from '../../books/index.ts';
import { type Answer, type Emulator, type EmulatorRequest, startEmulator } from '../emulator.ts';
import { type AccountingContext, answer, companyOf, type RefusedWrite } from './accounting.ts';
import { ACCOUNTING_SCOPE, DEFAULT_APP, type QuickbooksApp } from './app.ts';
import { Company } from './company.ts';
import { delivered, transactionId } from './deliver.ts';
import { ENTITIES, entityNamed } from './entities.ts';
import { faultBody, NO_SUCH_PATH, Refusal } from './errors.ts';
import { hooks } from './hooks.ts';
import { addresses, identity } from './identity.ts';
import {
  type CallKind,
  DEFAULT_LIMITS,
  type QuickbooksLimits,
  Quota,
  type QuotaFacts,
  type Spending,
} from './quota.ts';
import { render } from './render.ts';
import { type Route, routeOf } from './routes.ts';
import { DEFAULT_SWITCHES, type QuickbooksSwitches } from './switches.ts';
import type { TokenContext } from './token-endpoint.ts';
import { type TokenReply, TokenStore } from './tokens.ts';
import type { WebhookEvent } from './webhook-events.ts';

export type { RefusedWrite } from './accounting.ts';
export { ACCOUNTING_SCOPE, DEFAULT_APP, type QuickbooksApp, SCOPES } from './app.ts';
export { ENTITIES, type Entity, entityNamed } from './entities.ts';
export { OUTAGES } from './errors.ts';
export {
  type CallKind,
  DEFAULT_LIMITS,
  type QuickbooksLimits,
  type QuotaFacts,
  type Spending,
  UNLIMITED,
} from './quota.ts';
export { DEFAULT_SWITCHES, type QuickbooksSwitches } from './switches.ts';
export { answerTime, parseInstant, stamp } from './times.ts';
export { LIFETIMES, type TokenReply } from './tokens.ts';
export * from './webhooks.ts';

export interface QuickbooksOptions {
  /** One set of books per company; its realm id follows from the company's id. */
  readonly companies: readonly Books[];
  readonly clock: Clock;
  readonly port?: number;
  readonly app?: Partial<QuickbooksApp>;
  readonly switches?: Partial<QuickbooksSwitches>;
  readonly limits?: Partial<QuickbooksLimits>;
}

export interface IssueOptions {
  /** The company to connect; the first one unless given. Tokens open one company only. */
  readonly realmId?: string;
  /** The accounting scope unless given. */
  readonly scopes?: readonly string[];
  /** Life of the access token in ms; an hour unless given. */
  readonly lifetime?: number;
  /** When the person consented, ms; now unless given. The five years count from it. */
  readonly grantedAt?: number;
}

/** A call of the Accounting API about to be answered. */
export interface UpcomingCall {
  readonly kind: CallKind;
  readonly realmId: string;
  readonly url: URL;
  /** How many calls came before it, from 0. */
  readonly number: number;
}

export interface ConnectedCompany {
  readonly realmId: string;
  readonly name: string;
  readonly books: Books;
}

export interface QuickbooksEmulator extends Emulator {
  /** Base of the API: https://quickbooks.api.intuit.com; paths go on with /v3/company/{realmId}. */
  readonly apiUrl: string;
  /** https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer. */
  readonly tokenUrl: string;
  /** https://developer.api.intuit.com/v2/oauth2/tokens/revoke. */
  readonly revokeUrl: string;
  /** https://appcenter.intuit.com/connect/oauth2. */
  readonly authorizeUrl: string;
  /** https://developer.api.intuit.com/.well-known/openid_configuration. */
  readonly discoveryUrl: string;
  readonly app: QuickbooksApp;
  readonly switches: QuickbooksSwitches;
  readonly companies: readonly ConnectedCompany[];
  /** Writes that were asked for and refused. */
  readonly writes: readonly RefusedWrite[];
  /** Tokens as after a consent, without going through one. */
  issueTokens(options?: IssueOptions): TokenReply;
  /** Ends every access token now; refresh tokens stay. */
  expireAccessTokens(): void;
  /** Disconnects a company, as its user can in QuickBooks. */
  disconnect(realmId: string): void;
  /** The connecting user loses the administrator's role (fault 120), or gets it back. */
  demote(realmId: string, demoted?: boolean): void;
  /** The company's subscription ends (fault 6190), or is renewed. */
  lapse(realmId: string, lapsed?: boolean): void;
  /** How many Accounting API requests arrived, refused ones included; of one kind where given. */
  calls(kind?: CallKind): number;
  /** What is left of the limits of a company, and the metered reads of the month. */
  quota(realmId?: string): QuotaFacts;
  /** Uses up calls without making them. */
  spend(calls: Spending, realmId?: string): void;
  /** Runs before every API call is answered, once it is allowed; gives a function that takes the hook out again. */
  beforeCall(hook: (call: UpcomingCall) => void | Promise<void>): () => void;
  /** Runs before every item of a batch: batches are not transactions. */
  beforeBatchItem(hook: () => void | Promise<void>): () => void;
  /** Every record of an entity as QuickBooks shows it now, inactive ones included, by id: what a copy must equal. */
  records(entity: string, realmId?: string): Readonly<Record<string, unknown>>[];
  /** Adds a record of a kind the books do not know (TimeActivity, RefundReceipt, …); gives its id. */
  addRecord(entity: string, fields: Readonly<Record<string, unknown>>, realmId?: string): string;
  /** Changes fields of such a record; `active` hides or shows list rows. */
  changeRecord(
    entity: string,
    id: string,
    change: { fields?: Readonly<Record<string, unknown>>; active?: boolean },
    realmId?: string,
  ): void;
  /** Webhook events of everything that changed since the last call of this function, oldest first, over all companies. */
  takeEvents(): WebhookEvent[];
  /** Deletes such a record for good. */
  deleteRecord(entity: string, id: string, realmId?: string): void;
}

interface Server extends AccountingContext, TokenContext {
  readonly companies: ReadonlyMap<string, Company>;
  beforeCall(call: UpcomingCall): Promise<void>;
  readonly count: { calls: number };
}

/** Starts the emulator on a free loopback port. */
export async function startQuickbooks(options: QuickbooksOptions): Promise<QuickbooksEmulator> {
  const { clock } = options;
  const switches = { ...DEFAULT_SWITCHES, ...options.switches };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const app = { ...DEFAULT_APP, ...options.app };
  const companies = new Map(
    options.companies.map((books) => new Company(books, switches)).map((one) => [one.realmId, one]),
  );
  const calls = hooks<UpcomingCall>();
  const items = hooks<void>();
  const context: Server = {
    ...{ app, switches, limits, clock, companies },
    tokens: new TokenStore(clock, { switches, clientId: app.clientId }),
    quota: new Quota(limits, switches),
    codes: new Map(),
    writes: [],
    demoted: new Set(),
    lapsed: new Set(),
    count: { calls: 0 },
    beforeCall: calls.run,
    beforeItem: items.run,
  };
  const emulator = await startEmulator((request) => handle(request, context), {
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return {
    ...emulator,
    ...addresses(emulator.url),
    ...controls(context, emulator),
    beforeCall: calls.add,
    beforeBatchItem: items.add,
  };
}

/** What tests can see and do from outside. */
function controls(context: Server, emulator: Emulator) {
  const { app, switches, clock, companies, tokens, quota, writes, demoted, lapsed } = context;
  const companyAt = (realmId?: string): Company => {
    const company = realmId === undefined ? companies.values().next().value : companies.get(realmId);
    if (!company) throw new Error(`Cannot find company "${realmId}"`);
    company.follow(clock.now());
    return company;
  };
  const put = (realms: Set<string>, realmId: string, on: boolean): void =>
    void (on ? realms.add(realmId) : realms.delete(realmId));
  return {
    ...{ app, switches, writes },
    companies: [...companies.values()].map(({ realmId, name, books }) => ({ realmId, name, books })),
    issueTokens: ({ realmId, scopes = [ACCOUNTING_SCOPE], ...rest }: IssueOptions = {}) =>
      tokens.grant(companyAt(realmId).realmId, { scopes, ...rest }),
    expireAccessTokens: () => tokens.expireAccess(),
    disconnect: (realmId: string) => tokens.disconnect(realmId),
    demote: (realmId: string, on = true) => put(demoted, realmId, on),
    lapse: (realmId: string, on = true) => put(lapsed, realmId, on),
    calls: (kind?: CallKind) =>
      emulator.requests.filter(({ method, url }) => {
        const route = routeOf(method, url);
        return route !== undefined && (kind === undefined || route.kind === kind);
      }).length,
    quota: (realmId?: string) => quota.facts(companyAt(realmId).realmId, clock.now()),
    spend: (spending: Spending, realmId?: string) =>
      quota.spend(companyAt(realmId).realmId, clock.now(), spending),
    records: (entity: string, realmId?: string) => recordsOf(companyAt(realmId), entity),
    addRecord: (entity: string, fields: Readonly<Record<string, unknown>>, realmId?: string) =>
      companyAt(realmId).addExtra(entity, fields, clock.now()),
    changeRecord: (
      entity: string,
      id: string,
      change: { fields?: Readonly<Record<string, unknown>>; active?: boolean },
      realmId?: string,
    ) => companyAt(realmId).changeExtra(entity, id, { ...change, at: clock.now() }),
    takeEvents: () =>
      [...companies.values()].flatMap((company) => {
        company.follow(clock.now());
        return company.takeEvents();
      }),
    deleteRecord: (entity: string, id: string, realmId?: string) =>
      companyAt(realmId).deleteExtra(entity, id, clock.now()),
  };
}

function recordsOf(company: Company, name: string): Record<string, unknown>[] {
  const entity = entityNamed(name);
  if (!entity) throw new Error(`Cannot find entity "${name}": there are ${[...ENTITIES.keys()].join(', ')}`);
  const rows = company.shelf(entity.name).inIdOrder;
  return rows.map(
    (row) => JSON.parse(JSON.stringify(render(company, entity.name, row))) as Record<string, unknown>,
  );
}

async function handle(request: EmulatorRequest, context: Server): Promise<Answer> {
  const route = routeOf(request.method, request.url);
  if (route) return accounting(request, route, context);
  const tid = { intuit_tid: transactionId(context.clock.now()) };
  const plain = identity(request, context);
  return { ...plain, headers: { ...plain.headers, ...tid } };
}

async function accounting(request: EmulatorRequest, route: Route, context: Server): Promise<Answer> {
  const { clock, switches, limits, quota } = context;
  const headers = { intuit_tid: transactionId(clock.now()) };
  const send = (status: number, json: string): Promise<Answer> =>
    delivered({ status, json }, { request, switches, headers });
  try {
    const company = companyOf(request, route, context);
    quota.enter(route.realmId, route.kind, clock.now());
    try {
      if (limits.latency > 0) await clock.sleep(limits.latency);
      const { kind, realmId } = route;
      await context.beforeCall({ kind, realmId, url: request.url, number: context.count.calls++ });
      const reply = await answer(request, { company, route }, context);
      if (!reply) return { ...NO_SUCH_PATH, headers: { ...NO_SUCH_PATH.headers, ...headers } };
      quota.meter(clock.now(), reply.reads);
      return await send(200, reply.json);
    } finally {
      quota.leave(route.realmId);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return send(error.facts.status, JSON.stringify(faultBody(error.facts, { switches, now: clock.now() })));
  }
}
