// QuickBooks' Accounting API: the layers around its requests, and one function for each kind of read.
import {
  asConnectorError,
  type Clock,
  type ConnectorError,
  configError,
  instantOf,
  isObject,
  parseExactly,
  transientError,
} from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  fail,
  type HttpRequest,
  type HttpResponse,
  httpSend,
  type Layer,
  limit,
  type OnWait,
  retry,
  type Send,
  stack,
  type TokenSource,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { readsOnly } from './calls.ts';
import { explained, faultIn, faultOf, honestStatus, statusOf, type Wanted, wrongRealm } from './faults.ts';
import type { Meter } from './meter.ts';
import { queryInstant, type Row } from './values.ts';

export const userAgent = 'ledgerpipe-source-quickbooks/0.1.0';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The newest: lower ones are ignored since August 2025, and only breaking changes get a higher one. */
const MINOR_VERSION = '75';
/** Intuit's rule for every throttle, as no answer names a time. */
const THROTTLED = 60 * SECOND;

/** The rows or the count that a statement gave, or why it gave none. */
export type Answer = { readonly rows: readonly Row[]; readonly count?: number } | ConnectorError;

export interface Answers {
  /** In the order of the statements. */
  readonly answers: readonly Answer[];
  /** The server's clock when the statements were sent, at the latest; milliseconds since the epoch. */
  readonly at: number;
}

export interface Changes {
  /** Changed and deleted rows by entity. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly at: number;
}

export interface Api {
  /** Name and facts of the company. */
  company(): Promise<Row>;
  /** All statements in one call; up to `batch_size`. A statement that is refused does not hurt the others. */
  ask(statements: readonly string[]): Promise<Answers>;
  /** What changed since a moment, in one call. */
  changes(entities: readonly string[], since: number): Promise<Changes>;
  /** A report as it came. */
  report(name: string, query: Readonly<Record<string, string>>): Promise<Row>;
}

export interface ApiOptions {
  /** https://quickbooks.api.intuit.com */
  readonly url: string;
  readonly realm: string;
  readonly environment: Wanted['environment'];
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly meter: Meter;
  readonly onWait?: OnWait;
}

export function openApi(options: ApiOptions): Api {
  const send = open(options);
  const { clock, realm, signal } = options;
  const root = `${options.url}/v3/company/${realm}`;
  const call = async (
    path: string,
    request: Pick<HttpRequest, 'purpose' | 'body'> & { query?: Readonly<Record<string, string>> },
  ): Promise<{ body: unknown; at: number }> => {
    const url = new URL(`${root}/${path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    url.searchParams.set('minorversion', MINOR_VERSION);
    const began = clock.now();
    const response = await send({
      method: request.body === undefined ? 'GET' : 'POST',
      url: url.href,
      headers: {
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
      lane: realm,
      // A batch holds nothing but queries.
      repeatable: true,
      signal,
    });
    const body = parseExactly(response.text(), response.json);
    const told = isObject(body) ? instantOf(body.time) : undefined;
    return { body, at: told === undefined ? began : told - Math.max(0, clock.now() - began) };
  };
  const explain = (fault: ReturnType<typeof faultIn>, purpose: string): ConnectorError | undefined => {
    if (!fault) return undefined;
    const told = { status: statusOf(fault), body: JSON.stringify(fault), detail: JSON.stringify(fault) };
    return explained(fault, { ...options, purpose }, told);
  };

  async function ask(statements: readonly string[]): Promise<Answers> {
    const [only] = statements;
    if (statements.length === 1 && only !== undefined) {
      const { body, at } = await call('query', { query: { query: only }, purpose: purposeOf(only) });
      return { answers: [answerOf(body)], at };
    }
    const items = statements.map((Query, index) => ({ bId: String(index), Query }));
    try {
      const { body, at } = await call('batch', {
        body: JSON.stringify({ BatchItemRequest: items }),
        purpose: `read ${new Set(statements.map(entityOf)).size} kinds of records`,
      });
      return { answers: matched(body, statements, explain), at };
    } catch (thrown) {
      // Too much at once for the gateway or the service: each half by itself may pass.
      if (!isTooMuch(asConnectorError(thrown))) throw thrown;
      const half = Math.ceil(statements.length / 2);
      const first = await ask(statements.slice(0, half));
      const second = await ask(statements.slice(half));
      return { answers: [...first.answers, ...second.answers], at: first.at };
    }
  }

  return {
    ask,
    async company() {
      const { body } = await call(`companyinfo/${realm}`, { purpose: 'read the company' });
      return isObject(body) && isObject(body.CompanyInfo) ? body.CompanyInfo : {};
    },
    async changes(entities, since) {
      const { body, at } = await call('cdc', {
        query: { entities: entities.join(','), changedSince: queryInstant(since) },
        purpose: 'read what has changed',
      });
      return { rows: changesIn(body, entities), at };
    },
    async report(name, query) {
      const { body } = await call(`reports/${name}`, { query, purpose: `read the report ${name}` });
      return isObject(body) ? body : {};
    },
  };
}

function open(options: ApiOptions): Send {
  const { tokens, clock, signal, onWait, meter } = options;
  const waiting = onWait ? { onWait } : {};
  return stack(
    [
      fail({ service: 'QuickBooks', explain: (response, request) => explain(response, request, options) }),
      retry({
        clock,
        ...waiting,
        waitFor: ({ status, headers }) =>
          status === 429 && headers['retry-after'] === undefined ? THROTTLED : undefined,
        retries: retriable,
      }),
      jsonOnly,
      authorize({ tokens, rejected: (response) => response.status === 401 && !lostRole(response) }),
      limit({ clock, rows: [perMinute('minute', 500), perSecond], signal, ...waiting }),
      onlyFor(isBatch, limit({ clock, rows: [perMinute('minute of batches', 40)], signal, ...waiting })),
      // Repeated by third parties, missing on Intuit's page.
      onlyFor(isReport, limit({ clock, rows: [perMinute('minute of reports', 200)], signal, ...waiting })),
      honestStatus(),
      timeout({ milliseconds: 130 * SECOND }),
      meter.layer,
      readsOnly(),
    ],
    httpSend({ userAgent }),
  );
}

/** https://developer.intuit.com/app/developer/qbo/docs/learn/limits-and-throttles */
const perMinute = (name: string, max: number) =>
  ({ kind: 'window', name, milliseconds: MINUTE, max, whenSpent: 'wait' }) as const;
const perSecond = {
  kind: 'window',
  name: 'second',
  milliseconds: SECOND,
  max: 10,
  whenSpent: 'wait',
} as const;

/** Reports sometimes answer 200 with nothing, or with a page that asks to wait: lost answers, which `retry` repeats. */
const jsonOnly: Layer = (next) => async (request) => {
  const response = await next(request);
  if (response.status === 200) response.json();
  return response;
};

const isBatch = ({ method }: HttpRequest): boolean => method === 'POST';
const isReport = ({ url }: HttpRequest): boolean => url.includes('/reports/');

/** A layer that some requests alone pass through: they have a quota of their own. */
const onlyFor =
  (concerns: (request: HttpRequest) => boolean, layer: Layer): Layer =>
  (next) => {
    const limited = layer(next);
    return (request) => (concerns(request) ? limited(request) : next(request));
  };

const lostRole = (response: HttpResponse): boolean => faultOf(response)?.code === '120';

/** What no repetition mends is asked for in smaller parts instead; a reset company stays reset. */
function retriable(request: HttpRequest, outcome: HttpResponse | Error): boolean | undefined {
  if (outcome instanceof Error) return undefined;
  const { status } = outcome;
  const code = status === 500 ? faultOf(outcome)?.code : undefined;
  if (code === '10200' || code === '10100') return false;
  const splits = isBatch(request) || isReport(request) || request.url.includes('/cdc?');
  return splits && (status === 504 || status === 413) ? false : undefined;
}

export const isTooMuch = ({ status, body = '' }: ConnectorError): boolean =>
  status === 504 || status === 413 || (status === 500 && /"code"\s*:\s*"0*10100"/.test(body));

function explain(
  response: HttpResponse,
  { purpose = 'read' }: HttpRequest,
  { environment, realm }: ApiOptions,
): ConnectorError | undefined {
  const { status, headers } = response;
  const body = response.text().slice(0, 2_000);
  const told = { status, body, detail: `${status} intuit_tid ${headers.intuit_tid ?? 'missing'} ${body}` };
  const fault = faultOf(response);
  const known = fault && explained(fault, { purpose, environment, realm }, told);
  if (known) return known;
  if (status === 429)
    return transientError(
      `Cannot ${purpose}: QuickBooks still refuses after waits of a minute (429), the monthly quota of the app may be spent: see the Workspace at developer.intuit.com, or run again later`,
      told,
    );
  if (status === 404) return configError(`Cannot ${purpose}: ${wrongRealm({ realm })}`, told);
  return undefined;
}

const entityOf = (statement: string): string => /\bFROM\s+(\w+)/i.exec(statement)?.[1] ?? 'records';
const purposeOf = (statement: string): string => `read ${entityOf(statement)}`;

/** The answers of a batch by bId: items may come in any order, and each may be a fault. */
function matched(
  body: unknown,
  statements: readonly string[],
  explain: (fault: ReturnType<typeof faultIn>, purpose: string) => ConnectorError | undefined,
): readonly Answer[] {
  const items = isObject(body) && Array.isArray(body.BatchItemResponse) ? body.BatchItemResponse : [];
  const byId = new Map(items.filter(isObject).map((item) => [String(item.bId), item]));
  return statements.map((statement, index) => {
    const item = byId.get(String(index));
    const purpose = purposeOf(statement);
    if (!item) return transientError(`Cannot ${purpose}: its answer is missing from the batch, try again`);
    const fault = faultIn(item);
    if (!fault) return answerOf(item);
    return (
      explain(fault, purpose) ??
      transientError(`Cannot ${purpose}: QuickBooks answered fault ${fault.code}: ${fault.message}`)
    );
  });
}

function answerOf(body: unknown): Answer {
  const response = isObject(body) && isObject(body.QueryResponse) ? body.QueryResponse : {};
  const { startPosition: _, maxResults: __, totalCount, ...lists } = response;
  const rows = Object.values(lists).filter(Array.isArray).flat().filter(isObject);
  return { rows, ...(typeof totalCount === 'number' ? { count: totalCount } : {}) };
}

/** Elements come in any order and are told apart by their key alone. */
function changesIn(body: unknown, entities: readonly string[]): ReadonlyMap<string, readonly Row[]> {
  const found = new Map<string, Row[]>();
  const parts = isObject(body) && Array.isArray(body.CDCResponse) ? body.CDCResponse : [];
  for (const part of parts.filter(isObject)) {
    const elements = Array.isArray(part.QueryResponse) ? part.QueryResponse : [];
    for (const element of elements.filter(isObject))
      for (const entity of entities) {
        const rows = element[entity];
        if (Array.isArray(rows)) found.set(entity, [...(found.get(entity) ?? []), ...rows.filter(isObject)]);
      }
  }
  return found;
}
