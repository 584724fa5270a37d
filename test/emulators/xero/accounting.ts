// The Accounting API: who is asking, may they, and which part answers.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { EmulatorRequest } from '../emulator.ts';
import { openedBy, type XeroApp } from './app.ts';
import type { Connections } from './connections.ts';
import { bareStamp, parseHeaderDate } from './dates.ts';
import {
  notFound,
  plainText,
  roleForbids,
  tokenExpired,
  unauthenticated,
  unauthorised,
  wrongTenant,
} from './errors.ts';
import { findJournal, journalJson, journalPage } from './journals.ts';
import type { Shelf } from './list.ts';
import { lookFor, type Organisation } from './organisation.ts';
import { Query } from './query.ts';
import type { XeroLimits } from './quota.ts';
import { organisationJson } from './render-reference.ts';
import { reportScope, reportsJson } from './reports.ts';
import { Sink } from './sink.ts';
import { actionsJson, employeesJson, paymentServicesJson, subresource } from './subresources.ts';
import type { XeroSwitches } from './switches.ts';
import type { AccessToken, TokenStore } from './tokens.ts';

export interface AccountingContext {
  readonly app: XeroApp;
  readonly switches: XeroSwitches;
  readonly limits: XeroLimits;
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly connections: Connections;
  readonly organisations: ReadonlyMap<string, Organisation>;
}

/** What a request says, once it is known who asks. */
interface Call {
  readonly organisation: Organisation;
  readonly open: ReadonlySet<string>;
  readonly query: Query;
  readonly modifiedSince: number | undefined;
  readonly path: string;
}

/** The part of a reply beside its envelope. Lists come as bytes. */
interface Content {
  readonly key: string;
  readonly json: string | Buffer;
  readonly pagination?: object | undefined;
  readonly warning?: string | undefined;
}

/** The access token of a request; 401 when there is none, it is unknown, or it is over. */
export function tokenOf(
  { headers, url }: EmulatorRequest,
  { tokens, clock }: Pick<AccountingContext, 'tokens' | 'clock'>,
): AccessToken {
  const token = tokens.access(/^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '');
  if (!token) throw unauthenticated(url.pathname);
  if (clock.now() >= token.expiresAt) throw tokenExpired(token.expiresAt, url.pathname);
  return token;
}

/** The organisation a request is about; 403 when the header is missing, wrong, or names one that is not connected. */
export function organisationOf(
  { headers, url }: EmulatorRequest,
  token: AccessToken,
  { connections, organisations }: AccountingContext,
): Organisation {
  const asked = String(headers['xero-tenant-id'] ?? '').toLowerCase();
  // A custom connection belongs to one organisation and may leave the header out.
  const tenantId = asked === '' ? (token.tenantId ?? '') : asked;
  const organisation = organisations.get(tenantId);
  if (!organisation || !connections.of(tenantId)) throw wrongTenant(url.pathname);
  if (token.tenantId !== undefined && token.tenantId !== tenantId) throw wrongTenant(url.pathname);
  return organisation;
}

/** The reply's JSON, as bytes, for an allowed request; throws the refusal otherwise. */
export function answer(
  request: EmulatorRequest,
  call: { token: AccessToken; organisation: Organisation },
  context: AccountingContext,
): Buffer {
  const { url, headers } = request;
  if (url.pathname.length + url.search.length > context.limits.urlLength)
    throw plainText(414, 'Request URL Too Long');
  if (request.method !== 'GET') throw plainText(501, `${request.method} is not implemented`);
  const since = headers['if-modified-since'];
  const modifiedSince = since === undefined ? undefined : parseHeaderDate(since);
  if (since !== undefined && modifiedSince === undefined)
    throw plainText(412, 'The If-Modified-Since header is not a date');
  const segments = url.pathname
    .replace(/^\/api\.xro\/2\.0\/?/i, '')
    .split('/')
    .map(decodeURIComponent)
    .filter((one) => one !== '');
  const content = route(
    segments,
    {
      organisation: call.organisation,
      open: openedBy(call.token.scopes),
      query: new Query(url.searchParams),
      modifiedSince,
      path: url.pathname,
    },
    context,
  );
  if (!content) throw notFound(url.pathname, context.switches.notFound);
  return envelope(content, context);
}

function envelope(
  { key, json, pagination, warning }: Content,
  { app, clock, switches }: AccountingContext,
): Buffer {
  const head = `"Id":"${crypto.randomUUID()}","Status":"OK","ProviderName":${JSON.stringify(app.name)},"DateTimeUTC":${bareStamp(clock.now(), switches)}`;
  const warnings = warning === undefined ? '' : `,"Warnings":[{"Message":${JSON.stringify(warning)}}]`;
  const pages = pagination === undefined ? '' : `,"pagination":${JSON.stringify(pagination)}`;
  return Buffer.concat([
    Buffer.from(`{${head}${pages}${warnings},"${key}":`),
    Buffer.from(json),
    Buffer.from('}'),
  ]);
}

function route(segments: readonly string[], call: Call, context: AccountingContext): Content | undefined {
  const [first = '', second, third] = segments;
  const name = first.toLowerCase();
  if (context.switches.forbidden.some((one) => one.toLowerCase() === name)) throw roleForbids(call.path);
  switch (name) {
    case 'organisation':
      return organisation(second, third, call, context);
    case 'journals':
      return journals(second, call, context);
    case 'reports':
      return reports(second ?? '', call, context);
    case 'employees':
      return employees(call, context);
    case 'paymentservices':
      need(['paymentservices', 'accounting.settings.read', 'accounting.settings'], call, context);
      return { key: 'PaymentServices', json: paymentServicesJson(call.organisation.books) };
    case 'invoicereminders':
      need(['accounting.settings.read', 'accounting.settings'], call, context);
      return second?.toLowerCase() === 'settings'
        ? { key: 'InvoiceReminders', json: '[{"Enabled":false}]' }
        : undefined;
    default: {
      const shelf = call.organisation.shelves.get(name);
      return shelf && records(shelf, { id: second, below: third }, call, context);
    }
  }
}

/** Any one of the scopes opens the door; otherwise 401, which no refresh can mend. */
function need(scopes: readonly string[], { open, path }: Call, { switches }: AccountingContext): void {
  if (!scopes.some((scope) => open.has(scope))) throw unauthorised(path, switches.insufficientScope);
}

function records(
  shelf: Shelf,
  { id, below }: { id: string | undefined; below: string | undefined },
  call: Call,
  context: AccountingContext,
): Content | undefined {
  const { endpoint } = shelf;
  need(scopesOf(shelf, below, context), call, context);
  if (id === undefined) return listed(shelf, call, context);
  const record = shelf.find(id);
  if (!record) return undefined;
  const look = lookFor(call.organisation, call.query, {
    detail: 'full',
    single: true,
    switches: context.switches,
  });
  if (below !== undefined) return subresource(below, endpoint, record, look);
  const json = endpoint.render(record, look);
  // A single budget comes as an object, not as an array of one.
  return { key: endpoint.name, json: endpoint.name === 'Budgets' ? json : `[${json}]` };
}

function scopesOf(
  { endpoint }: Shelf,
  below: string | undefined,
  { switches }: AccountingContext,
): readonly string[] {
  if (below?.toLowerCase() === 'attachments')
    return ['accounting.attachments.read', 'accounting.attachments'];
  const classic = endpoint.name === 'ExpenseClaims' || endpoint.name === 'Receipts';
  return classic && switches.classicExpensesScopes === 'broad'
    ? ['accounting.transactions.read', 'accounting.transactions']
    : endpoint.scopes;
}

function listed(
  shelf: Shelf,
  { organisation: org, query, modifiedSince }: Call,
  { switches, limits }: AccountingContext,
): Content {
  const { endpoint } = shelf;
  const page = shelf.page({ query, modifiedSince, switches, guard: limits.highVolume });
  const summary = endpoint.summary === true && query.isTrue('summaryOnly');
  const brief =
    endpoint.paging === 'paged' && page.pagination === undefined && !isWholeByBug(shelf, query, switches);
  const look = lookFor(org, query, {
    detail: summary ? 'summary' : brief ? 'brief' : 'full',
    single: false,
    switches,
  });
  const sink = new Sink();
  for (const [at, row] of page.rows.entries())
    sink.add(`${at === 0 ? '[' : ','}${endpoint.render(row, look)}`);
  sink.add(page.rows.length === 0 ? '[]' : ']');
  // Quotes and linked transactions page without saying so.
  const shown = endpoint.paging === 'paged' || endpoint.paging === 'always' ? page.pagination : undefined;
  return { key: endpoint.name, json: sink.bytes(), pagination: shown, warning: page.warning };
}

/** ManualJournals with `page` and `order` returns everything, but with lines: the caller did ask for a page. */
function isWholeByBug({ endpoint }: Shelf, query: Query, switches: XeroSwitches): boolean {
  return (
    endpoint.name === 'ManualJournals' &&
    switches.manualJournalsOrderBug &&
    query.has('order') &&
    query.has('page')
  );
}

function organisation(
  second: string | undefined,
  third: string | undefined,
  call: Call,
  context: AccountingContext,
): Content | undefined {
  need(['accounting.settings.read', 'accounting.settings'], call, context);
  const look = lookFor(call.organisation, call.query, {
    detail: 'full',
    single: true,
    switches: context.switches,
  });
  const { company } = call.organisation.books;
  if (second === undefined) return { key: 'Organisations', json: `[${organisationJson(company, look)}]` };
  if (second.toLowerCase() === 'actions') return { key: 'Actions', json: actionsJson() };
  const isCis = second.toLowerCase() === company.id && third?.toLowerCase() === 'cissettings';
  return isCis
    ? { key: 'CISSettings', json: '[{"CISContractorEnabled":false,"CISSubContractorEnabled":false}]' }
    : undefined;
}

function journals(id: string | undefined, call: Call, context: AccountingContext): Content | undefined {
  const { switches } = context;
  // The premium gate looks just like a missing scope.
  if (!switches.journals) throw unauthorised(call.path, switches.insufficientScope);
  need(['accounting.journals.read'], call, context);
  const { books } = call.organisation;
  const look = lookFor(call.organisation, call.query, { detail: 'full', single: id !== undefined, switches });
  if (id === undefined) {
    const rows = journalPage(books, call.query, { modifiedSince: call.modifiedSince, switches });
    return { key: 'Journals', json: `[${rows.map((one) => journalJson(one, look)).join(',')}]` };
  }
  const journal = findJournal(books, id);
  return journal && { key: 'Journals', json: `[${journalJson({ journal, number: journal.number }, look)}]` };
}

function reports(name: string, call: Call, context: AccountingContext): Content | undefined {
  const scope = reportScope(name);
  if (scope === undefined) return undefined;
  need([scope], call, context);
  const { switches, clock } = context;
  const look = lookFor(call.organisation, call.query, { detail: 'full', single: true, switches });
  const json = reportsJson(call.organisation.books, name, {
    query: call.query,
    now: clock.now(),
    switches,
    look,
  });
  return json === undefined ? undefined : { key: 'Reports', json };
}

function employees(call: Call, { switches }: AccountingContext): Content | undefined {
  if (switches.employees === 410) throw plainText(410, 'The Employees endpoint is gone');
  if (switches.employees === 404) return undefined;
  const look = lookFor(call.organisation, call.query, { detail: 'full', single: false, switches });
  return { key: 'Employees', json: employeesJson(call.organisation.books, look) };
}
