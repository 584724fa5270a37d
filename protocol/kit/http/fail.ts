// Turns a final answer that is not a success into a ConnectorError.
import { STATUS_CODES } from 'node:http';
import { ConnectorError, type ErrorKind } from '../../errors.ts';
import type { HttpRequest, HttpResponse, Layer } from './http.ts';
import { hostOf, purposeOf } from './purpose.ts';
import { retryAfter } from './retry-after.ts';
import { scrubbed } from './scrub.ts';

export interface FailOptions {
  /** The product, as people call it: `Xero`. */
  readonly service: string;
  /** The vendor's own reading of an answer; undefined leaves it to the table of statuses. */
  readonly explain?: (response: HttpResponse, request: HttpRequest) => ConnectorError | undefined;
  /** Statuses beside 2xx that callers of this stack handle themselves; a request may add its own. */
  readonly accept?: readonly number[];
}

/** Characters of a body that go into an error's `detail` (2 kB), and into its `body` for callers to branch on. */
const DETAIL = 2_000;
const BODY = 16_000;

/** Answers of 2xx and accepted statuses pass; any other becomes a ConnectorError. Place it outermost. */
export function fail({ service, explain, accept = [] }: FailOptions): Layer {
  return (next) =>
    async function failing(request) {
      const response = await next(request);
      const { status } = response;
      if ((status >= 200 && status < 300) || accept.includes(status) || request.accept?.includes(status))
        return response;
      throw explain?.(response, request) ?? failure(service, response, request);
    };
}

function failure(service: string, response: HttpResponse, request: HttpRequest): ConnectorError {
  const { status } = response;
  const [kind, remedy] = meaning(status);
  const answered = `${service} answered ${status} (${STATUS_CODES[status] ?? 'unknown status'})`;
  const wait =
    kind === 'transient' ? retryAfter(response, Date.parse(response.headers.date ?? '')) : undefined;
  const when = wait === undefined ? '' : ` after ${Math.ceil(wait / 1000)} s`;
  return new ConnectorError(kind, `Cannot ${purposeOf(request)}: ${answered}, ${remedy}${when}`, {
    status,
    detail: `${placeOf(request)} answered ${status}: ${scrubbed(response.text()).slice(0, DETAIL)}`,
    body: scrubbed(response.text()).slice(0, BODY),
  });
}

/** Whose fault a status is, and what to do about it. */
const MEANINGS: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  400: ['system', 'the request is wrong: report it with the log'],
  401: ['config', 'check the credentials or log in again'],
  402: ['config', 'check the subscription'],
  403: ['config', 'grant the permission that this needs'],
  404: ['config', 'check the configured names and ids'],
  407: ['config', 'check the credentials of the proxy'],
  408: ['transient', 'try again'],
  422: ['system', 'the request is wrong: report it with the log'],
  423: ['transient', 'try again'],
  425: ['transient', 'try again'],
  429: ['transient', 'try again'],
};

function meaning(status: number): readonly [ErrorKind, string] {
  const listed = MEANINGS[status];
  if (listed) return listed;
  if (status >= 500) return ['transient', 'try again'];
  if (status >= 300 && status < 400) return ['config', 'check the address: redirects are not followed'];
  return ['system', 'report it with the log'];
}

/** Where it was sent, without the query: signed addresses carry secrets there. */
function placeOf(request: HttpRequest): string {
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : '';
  return `${request.method} ${hostOf(request)}${path}`;
}
