// The Accounting API of one company: who is asking, may they, and which part answers.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { EmulatorRequest } from '../emulator.ts';
import { ACCOUNTING_SCOPE, type QuickbooksApp } from './app.ts';
import { type BatchItem, itemsOf, runBatch } from './batch.ts';
import { capture } from './cdc.ts';
import type { Company } from './company.ts';
import {
  lostAccess,
  missingParameter,
  notAuthorised,
  notFound,
  Refusal,
  subscriptionEnded,
  tokenRefused,
  unsupportedOperation,
} from './errors.ts';
import { openEntity, runQuery } from './query-run.ts';
import type { QuickbooksLimits, Quota } from './quota.ts';
import { render } from './render.ts';
import { reportJson } from './reports/index.ts';
import type { Route } from './routes.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { answerTime } from './times.ts';
import type { TokenStore } from './tokens.ts';

/** A write that was asked for: none is ever done. */
export interface RefusedWrite {
  readonly realmId: string;
  readonly path: string;
  readonly body: unknown;
}

export interface AccountingContext {
  readonly app: QuickbooksApp;
  readonly switches: QuickbooksSwitches;
  readonly limits: QuickbooksLimits;
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly companies: ReadonlyMap<string, Company>;
  readonly quota: Quota;
  readonly writes: RefusedWrite[];
  /** Realms whose connecting user is no administrator any more, and those whose subscription ended. */
  readonly demoted: Set<string>;
  readonly lapsed: Set<string>;
  beforeItem(): void | Promise<void>;
}

/** The company a request may ask about; otherwise a refusal with 401, 403 or 404. */
export function companyOf(
  { headers }: EmulatorRequest,
  { realmId }: Route,
  context: AccountingContext,
): Company {
  const { app, switches, clock, tokens, companies, demoted, lapsed } = context;
  const value = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const token = tokens.access(value ?? '');
  if (!token)
    throw tokenRefused(
      value === undefined
        ? 'Malformed bearer token: not found'
        : 'Malformed bearer token: too short or too long',
    );
  if (clock.now() >= token.expiresAt) throw tokenRefused('Token expired');
  if (token.consent.ended)
    throw switches.disconnectedStatus === 401 ? tokenRefused('Token revoked') : notAuthorised();
  const company = companies.get(realmId);
  if (!company || token.consent.realmId !== realmId || !token.consent.scopes.includes(ACCOUNTING_SCOPE))
    throw wrongRealm(company !== undefined && token.consent.realmId === realmId, switches);
  if (app.keys === 'development') throw notAuthorised();
  if (demoted.has(realmId)) throw lostAccess();
  if (lapsed.has(realmId)) throw subscriptionEnded();
  return company;
}

function wrongRealm(isOwn: boolean, { wrongRealmStatus }: QuickbooksSwitches): Refusal {
  const refusal = notAuthorised();
  return isOwn || wrongRealmStatus === 403 ? refusal : new Refusal({ ...refusal.facts, status: 404 });
}

/** A finished answer, with the metered reads it costs. */
export interface Reply {
  readonly json: string;
  readonly reads: number;
}

/** Answers an allowed request; undefined when there is nothing at its path. */
export async function answer(
  request: EmulatorRequest,
  { company, route }: { company: Company; route: Route },
  context: AccountingContext,
): Promise<Reply | undefined> {
  const { clock, limits } = context;
  company.follow(clock.now());
  const timed = (members: string): Reply => ({
    json: `{${members},"time":"${answerTime(clock.now())}"}`,
    reads: 1,
  });
  const { searchParams } = request.url;
  switch (route.kind) {
    case 'query':
      return timed(`"QueryResponse":${runQuery(company, statementOf(request), { cap: limits.page })}`);
    case 'batch':
      return batch(request, company, context);
    case 'cdc':
      return timed(
        `"CDCResponse":${capture(company, {
          entities: searchParams.get('entities'),
          changedSince: searchParams.get('changedSince'),
          now: clock.now(),
          cap: limits.cdcObjects,
          days: limits.cdcDays,
        })}`,
      );
    case 'report': {
      const options = { query: searchParams, now: clock.now(), cells: limits.reportCells };
      return { json: reportJson(company, route.rest[1] ?? '', options), reads: 1 };
    }
    case 'write':
      context.writes.push({
        realmId: company.realmId,
        path: request.url.pathname + request.url.search,
        body: request.body.toString('utf8'),
      });
      throw unsupportedOperation('These books are read only');
    default:
      return one(company, route.rest, timed);
  }
}

async function batch(request: EmulatorRequest, company: Company, context: AccountingContext): Promise<Reply> {
  if (request.method !== 'POST') throw unsupportedOperation('Operation POST is needed');
  const { limits, clock, switches, writes } = context;
  const items = itemsOf(request.body);
  const refuseWrite = (body: BatchItem): void =>
    void writes.push({ realmId: company.realmId, path: request.url.pathname, body });
  const responses = await runBatch(company, items, {
    limits,
    now: () => clock.now(),
    beforeItem: () => context.beforeItem(),
    refuseWrite,
  });
  const reads = switches.batchCounts === 'one read' ? 1 : items.length;
  return { json: `{"BatchItemResponse":${responses},"time":"${answerTime(clock.now())}"}`, reads };
}

/** In the query of a GET, in the body of a POST, or in the query of a POST. */
function statementOf({ method, url, body }: EmulatorRequest): string {
  const statement =
    method === 'POST' && body.length > 0 ? body.toString('utf8') : url.searchParams.get('query');
  if (!statement) throw missingParameter('query');
  return statement;
}

function one(
  company: Company,
  [name = '', id]: readonly string[],
  timed: (members: string) => Reply,
): Reply | undefined {
  const lower = name.toLowerCase();
  const single =
    lower === 'preferences' || (lower === 'companyinfo' && (id === undefined || id === company.realmId));
  if (!single && id === undefined) return undefined;
  const entity = openEntity(name, company);
  const row = company.shelf(entity.name).find(single ? '1' : (id ?? ''));
  if (!row) throw notFound(`${entity.name} ${id}`);
  return timed(`"${entity.name}":${JSON.stringify(render(company, entity.name, row))}`);
}
