// Xero's Accounting API: the layers around its requests, and one function for each shape of request.
import {
  type Clock,
  type ConnectorError,
  configError,
  isObject,
  isoSecond,
  parseExactly,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  decodable,
  fail,
  type HttpRequest,
  type HttpResponse,
  httpSend,
  type LimitRow,
  limit,
  noteQuotas,
  type OnWait,
  type QuotaTeller,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { streams } from './streams.ts';
import { instantOf, type Row } from './values.ts';

export const userAgent = 'ledgerpipe-source-xero/0.1.0';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface Tenant {
  readonly id: string;
  readonly name: string;
}

export interface ListRequest {
  readonly tenant: Tenant;
  /** Below /api.xro/2.0. */
  readonly path: string;
  /** Name of the list in the reply. Default: the path. */
  readonly list?: string;
  readonly query?: Readonly<Record<string, string | number>>;
  /** If-Modified-Since, milliseconds since the epoch; sent with a precision of a second. */
  readonly since?: number | undefined;
}

export interface Reply {
  readonly rows: readonly Row[];
  /** The server's clock, milliseconds since the epoch. */
  readonly at: number;
  /** Rows of all pages, and pages: where the endpoint counts them. */
  readonly count?: number;
  readonly pages?: number;
  readonly warnings: readonly string[];
}

export interface Api {
  /** The organisations that the token reaches; costs nothing of their quotas. */
  organisations(): Promise<readonly Tenant[]>;
  list(request: ListRequest): Promise<Reply>;
  /** One record by its id; undefined when Xero does not know it. */
  one(request: ListRequest & { readonly id: string }): Promise<Row | undefined>;
}

export interface ApiOptions {
  /** https://api.xero.com */
  readonly url: string;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Calls of the day left to others, for each organisation. */
  readonly dailyReserve: number;
  /** Told of what the server says is left. */
  readonly quotas?: Pick<QuotaTeller, 'note'>;
  readonly onWait?: OnWait;
  /** Told of what Xero warns of in replies: lists that are about to be too large. */
  readonly onWarning?: (warning: string) => void;
}

export function openApi(options: ApiOptions): Api {
  const send = open(options);
  const root = `${options.url}/api.xro/2.0`;
  const get = (request: ListRequest, url: URL, accept: readonly number[] = []): Promise<HttpResponse> =>
    send({
      method: 'GET',
      url: url.href,
      headers: {
        accept: 'application/json',
        'xero-tenant-id': request.tenant.id,
        ...(request.since === undefined ? {} : { 'if-modified-since': isoSecond(request.since) }),
      },
      lane: request.tenant.id,
      purpose: `read ${request.path} of "${request.tenant.name}"`,
      accept,
      signal: options.signal,
    });
  return {
    async organisations() {
      const response = await send({
        method: 'GET',
        url: `${options.url}/connections`,
        headers: { accept: 'application/json' },
        purpose: 'list the connected organisations',
        signal: options.signal,
      });
      return connectedOrganisations(response.json());
    },
    async list(request) {
      const response = await get(request, address(`${root}/${request.path}`, request.query));
      const reply = replyOf(parse(response), request.list ?? request.path, options.clock.now());
      for (const warning of reply.warnings) options.onWarning?.(`Xero warns of ${request.path}: ${warning}`);
      return reply;
    },
    async one({ id, ...request }) {
      const url = address(`${root}/${request.path}/${encodeURIComponent(id)}`, request.query);
      const response = await get(request, url, [404, 410]);
      if (response.status !== 200) return undefined;
      return replyOf(parse(response), request.list ?? request.path, options.clock.now()).rows[0];
    },
  };
}

function open({ tokens, clock, signal, dailyReserve, quotas, onWait }: ApiOptions): Send {
  const waiting = onWait ? { onWait } : {};
  const rows = limits(dailyReserve);
  return stack(
    [
      fail({ service: 'Xero', explain }),
      retry({ clock, ...waiting, retries: (_, outcome) => (isOffline(outcome) ? false : undefined) }),
      decodable(),
      authorize({ tokens, rejected: (response) => response.status === 401 && !isRefusal(response) }),
      limit({ clock, rows, signal, ...waiting }),
      ...(quotas ? [noteQuotas(rows, quotas)] : []),
      timeout({ milliseconds: 2 * MINUTE }),
    ],
    httpSend({ userAgent }),
  );
}

/** https://developer.xero.com/documentation/guides/oauth2/limits; each organisation is a lane. */
const limits = (reserve: number): readonly LimitRow[] => [
  { kind: 'concurrent', max: 5 },
  {
    kind: 'window',
    name: 'minute',
    milliseconds: MINUTE,
    max: 60,
    remainingHeader: 'x-minlimit-remaining',
    whenSpent: 'wait',
  },
  // 1,000 on the Starter tier: the header tells.
  {
    kind: 'window',
    name: 'day',
    milliseconds: DAY,
    max: 5_000,
    remainingHeader: 'x-daylimit-remaining',
    reserve,
    whenSpent: 'end',
  },
  {
    kind: 'window',
    name: 'minute of the app',
    milliseconds: MINUTE,
    max: 10_000,
    remainingHeader: 'x-appminlimit-remaining',
    whenSpent: 'wait',
    scope: 'all',
  },
];

function address(base: string, query: ListRequest['query'] = {}): URL {
  const url = new URL(base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

const parse = (response: HttpResponse): unknown => parseExactly(response.text(), response.json);

function replyOf(envelope: unknown, path: string, now: number): Reply {
  if (!isObject(envelope)) return { rows: [], at: now, warnings: [] };
  const { pagination } = envelope;
  const found = envelope[path.split('/')[0] ?? path];
  // The official example of a budget read by its id is an object where every other reply has an array.
  const rows = Array.isArray(found) ? found.filter(isObject) : isObject(found) ? [found] : [];
  return {
    rows,
    at: instantOf(envelope.DateTimeUTC) ?? now,
    ...(isObject(pagination) && typeof pagination.pageCount === 'number'
      ? { pages: pagination.pageCount }
      : {}),
    ...(isObject(pagination) && typeof pagination.itemCount === 'number'
      ? { count: pagination.itemCount }
      : {}),
    warnings: warningsOf(envelope.Warnings),
  };
}

const warningsOf = (warnings: unknown): readonly string[] =>
  Array.isArray(warnings) ? warnings.map((one) => (isObject(one) ? String(one.Message ?? '') : '')) : [];

function connectedOrganisations(body: unknown): readonly Tenant[] {
  if (!Array.isArray(body)) return [];
  return body
    .filter(isObject)
    .filter(({ tenantType }) => tenantType === 'ORGANISATION')
    .map(({ tenantId, tenantName }) => ({ id: String(tenantId), name: String(tenantName ?? tenantId) }));
}

/** What refusals mean to the person who runs this (https://developer.xero.com/documentation/api/http-response-codes). */
function explain(response: HttpResponse, request: HttpRequest): ConnectorError | undefined {
  const wanted = `Cannot ${request.purpose ?? 'read'}`;
  const body = response.text().slice(0, 2_000);
  const told = { status: response.status, body, detail: `${response.status} ${body}` };
  if (response.status === 401 && isRefusal(response)) {
    const { scope, tier } = needs(request.url);
    return configError(
      `${wanted}: Xero refuses access, give the app the scope "${scope}"${tier} and log in again, or leave the stream out`,
      told,
    );
  }
  if (response.status === 403 && body.includes('AuthenticationUnsuccessful'))
    return configError(`${wanted}: the organisation is not connected to the app, connect it again`, told);
  if (response.status === 403)
    return configError(
      `${wanted}: the user who gave consent lacks the permission for it in Xero, raise the user's role or let another user connect`,
      told,
    );
  if (isOffline(response))
    return transientError(`${wanted}: the organisation is offline at Xero, try again in some minutes`, told);
  if (isHighVolume(told))
    return configError(
      `${wanted}: Xero refuses to scan more than 100,000 documents, set "start_date" to a later day`,
      told,
    );
  return undefined;
}

function needs(url: string): { scope: string; tier: string } {
  const path = new URL(url).pathname.split('/api.xro/2.0/')[1] ?? '';
  const stream = streams.find((one) => path === one.path || path.startsWith(`${one.path}/`));
  const tier = stream?.name === 'journals' ? ' (which Xero gives to apps of its Advanced tier)' : '';
  return { scope: stream?.scope ?? 'accounting', tier };
}

/** A token that is valid but not for this: renewing it never helps. */
function isRefusal(response: HttpResponse): boolean {
  // Xero's own page prints the code without its second i.
  return (
    /insuffici?ent_scope/.test(response.headers['www-authenticate'] ?? '') ||
    response.text().includes('AuthorizationUnsuccessful')
  );
}

const isOffline = (outcome: HttpResponse | Error): boolean =>
  'status' in outcome &&
  outcome.status === 503 &&
  'text' in outcome &&
  /organisation is offline/i.test(outcome.text());

/** Too many documents to scan: the one refusal that a narrower request mends. */
export const isHighVolume = ({ status, body }: Pick<ConnectorError, 'status' | 'body'>): boolean =>
  status === 400 && (body ?? '').includes('HighVolumeException');

/** How far a failure reaches: to this endpoint, or to all of this organisation. */
export function reachOf({ status, body = '' }: ConnectorError): 'stream' | 'tenant' {
  if (status === 403 && body.includes('AuthenticationUnsuccessful')) return 'tenant';
  return status === 503 && /organisation is offline/i.test(body) ? 'tenant' : 'stream';
}
