// What a request to QuickBooks may look like, as one table: there is no official document to judge by, so this one is ours.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { LoggedRequest } from '../emulators/emulator.ts';
import type { Finding } from './findings.ts';
import { judgeStatement } from './quickbooks-statements.ts';

type Problems = readonly string[];

interface Shape {
  readonly method: 'GET' | 'POST';
  /** Of the part below /v3/company/{realm}, or of the whole path elsewhere. */
  readonly path: RegExp;
  /** The parameters it takes, and what each must look like; `?` at the end of a name: it may be missing. */
  readonly query: Readonly<Record<string, RegExp>>;
  /** What is wrong with the body; a GET has none. */
  readonly body?: (body: string) => Problems;
  /** What is wrong with the parameters taken together, at `now` (ms since the epoch). */
  readonly limits?: (query: URLSearchParams, now: number) => Problems;
}

const DAY = 86_400_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/;
/** Most queries of a batch: https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/batch */
const BATCH = 30;
/** How far back changes are told: …/change-data-capture */
const CDC_DAYS = 30;
/** Entities that change data capture leaves out: …/change-data-capture */
const UNCAPTURED = ['JournalCode', 'TaxAgency', 'TaxCode', 'TaxRate', 'TimeActivity'];
/** Report names of https://developer.intuit.com/app/developer/qbo/docs/develop/tutorials/run-reports that this source reads. */
const REPORTS =
  'ProfitAndLoss|BalanceSheet|CashFlow|TrialBalance|GeneralLedger|AgedReceivables|AgedPayables|TransactionList';
const minorversion = /^75$/;

const DATA: Readonly<Record<string, Shape>> = {
  company: { method: 'GET', path: /^companyinfo\/\d+$/, query: { minorversion } },
  query: {
    method: 'GET',
    path: /^query$/,
    query: { minorversion, query: /^SELECT / },
    limits: (query) => judgeStatement(query.get('query') ?? ''),
  },
  batch: { method: 'POST', path: /^batch$/, query: { minorversion }, body: judgeBatch },
  cdc: {
    method: 'GET',
    path: /^cdc$/,
    query: { minorversion, entities: /^\w+(,\w+)*$/, changedSince: INSTANT },
    limits: judgeCapture,
  },
  report: {
    method: 'GET',
    path: new RegExp(`^reports/(${REPORTS})$`),
    query: {
      minorversion,
      ...{ 'start_date?': DATE, 'end_date?': DATE, 'report_date?': DATE },
      'summarize_column_by?': /^Month$/,
      'accounting_method?': /^(Cash|Accrual)$/,
      'columns?': /^[a-z_]+(,[a-z_]+)*$/,
      'aging_method?': /^(Current|Report_Date)$/,
      ...{ 'aging_period?': /^\d+$/, 'num_periods?': /^\d$/ },
    },
    limits: judgeRange,
  },
};

/** Sign-in, below the hosts of Intuit. */
const IDENTITY: Readonly<Record<string, Shape>> = {
  token: { method: 'POST', path: /^\/oauth2\/v1\/tokens\/bearer$/, query: {}, body: judgeGrant },
  authorize: {
    method: 'GET',
    path: /^\/connect\/oauth2$/,
    query: {
      response_type: /^code$/,
      client_id: /^\S+$/,
      redirect_uri: /^(https:\/\/|http:\/\/localhost[:/])/,
      scope: /^com\.intuit\.quickbooks\.accounting$/,
      state: /^\S{16,}$/,
    },
  },
};

/** The kinds of requests that the tables know. */
export const KINDS: readonly string[] = [...Object.keys(DATA), ...Object.keys(IDENTITY)];

export interface Judged {
  /** One of KINDS; undefined for a request that no row describes. */
  readonly kind: string | undefined;
  readonly findings: readonly Finding[];
}

/** Judges one request by its row, its headers included. */
export function judgeRequest(logged: LoggedRequest): Judged {
  const { method, url, body, at } = logged;
  const below = /^\/v3\/company\/\d{10,19}\/(.+)$/.exec(url.pathname)?.[1];
  const rows = Object.entries(below === undefined ? IDENTITY : DATA);
  const path = below ?? url.pathname;
  const [kind, shape] = rows.find(([, row]) => row.method === method && row.path.test(path)) ?? [];
  if (!kind || !shape)
    return { kind: undefined, findings: found(path, 'request', [`no row has ${method} ${path}`]) };
  const sent = body.toString();
  const problems = shape.body ? shape.body(sent) : sent === '' ? [] : [`${body.length} bytes`];
  return {
    kind,
    findings: [
      ...found(kind, 'query', judgeParameters(url.searchParams, shape.query)),
      ...found(kind, 'limits', shape.limits?.(url.searchParams, at) ?? []),
      ...found(kind, 'body', problems),
      ...found(kind, 'headers', judgeHeaders(kind, logged)),
    ],
  };
}

const found = (on: string, place: string, problems: Problems): readonly Finding[] =>
  problems.map((problem) => ({ on, place, problem, detail: 'as the sheet has it' }));

function judgeParameters(given: URLSearchParams, wanted: Shape['query']): Problems {
  const names = Object.keys(wanted).map((name) => name.replace('?', ''));
  const unknown = [...given.keys()].filter((name) => !names.includes(name));
  const twice = names.filter((name) => given.getAll(name).length > 1);
  const wrong = Object.entries(wanted).flatMap(([name, pattern]) => {
    const value = given.get(name.replace('?', ''));
    if (value === null) return name.endsWith('?') ? [] : [`"${name}" is missing`];
    return pattern.test(value) ? [] : [`"${name}" is "${value}"`];
  });
  return [
    ...unknown.map((name) => `"${name}" is unknown`),
    ...twice.map((name) => `"${name}" twice`),
    ...wrong,
  ];
}

/** Without `accept`, answers are XML; without a content type a batch is refused. */
function judgeHeaders(kind: string, { headers, method }: LoggedRequest): Problems {
  if (kind === 'authorize') return [];
  const form = kind === 'token';
  const right = {
    accept: /^application\/json/.test(String(headers.accept)),
    authorization: (form ? /^Basic \S+$/ : /^Bearer \S+$/).test(headers.authorization ?? ''),
    'user-agent': /\S/.test(headers['user-agent'] ?? ''),
    'content-type':
      method === 'GET' ||
      (form ? /^application\/x-www-form-urlencoded/ : /^application\/json/).test(
        headers['content-type'] ?? '',
      ),
  };
  return Object.entries(right).flatMap(([name, is]) => (is ? [] : [`"${name}" is not as it should be`]));
}

/** One code or one token for an access token; the key pair travels in the header alone. */
function judgeGrant(body: string): Problems {
  const form = new URLSearchParams(body);
  const fields = {
    authorization_code: ['code', 'grant_type', 'redirect_uri'],
    refresh_token: ['grant_type', 'refresh_token'],
  };
  const grant = form.get('grant_type');
  if (grant !== 'authorization_code' && grant !== 'refresh_token') return [`"grant_type" is "${grant}"`];
  const names = [...form.keys()].toSorted();
  return names.join() === fields[grant].join() ? [] : [`the form has ${names.join()}`];
}

function judgeBatch(body: string): Problems {
  const batch: unknown = JSON.parse(body);
  const items = isObject(batch) && Array.isArray(batch.BatchItemRequest) ? batch.BatchItemRequest : [];
  const ids = new Set(items.map(({ bId }: { bId: unknown }) => bId));
  return [
    ...(isObject(batch) && Object.keys(batch).length === 1 ? [] : ['it holds more than a list of items']),
    ...(items.length >= 1 && items.length <= BATCH ? [] : [`it has ${items.length} items`]),
    ...(ids.size === items.length && [...ids].every((id) => typeof id === 'string')
      ? []
      : ['its bIds are no texts of their own']),
    ...items.flatMap((item: Record<string, unknown>) => {
      const { bId: _, Query, ...rest } = item;
      const more = Object.keys(rest).map((name) => `an item has "${name}"`);
      return [...more, ...judgeStatement(String(Query))];
    }),
  ];
}

function judgeCapture(query: URLSearchParams, now: number): Problems {
  const entities = query.get('entities')?.split(',') ?? [];
  const left = entities.filter((name) => UNCAPTURED.includes(name));
  const since = Date.parse(query.get('changedSince') ?? '');
  return [
    ...left.map((name) => `${name} is not captured`),
    ...(new Set(entities).size === entities.length ? [] : ['an entity is asked for twice']),
    ...(now - since < CDC_DAYS * DAY ? [] : ['"changedSince" is more than 30 days back']),
  ];
}

/** Six months at the most, as Intuit advises against timeouts; ageing is told for a day. */
function judgeRange(query: URLSearchParams): Problems {
  const [from, to] = [query.get('start_date'), query.get('end_date')];
  if (query.has('report_date')) return from || to ? ['a day and a range'] : [];
  if (!from || !to) return ['neither a day nor a range'];
  const days = (Date.parse(to) - Date.parse(from)) / DAY + 1;
  return days >= 1 && days <= 184 ? [] : [`a range of ${days} days`];
}
