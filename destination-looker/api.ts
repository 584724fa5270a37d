// The way to Looker's API 4.0: its address, sessions that renew themselves, and the layers every request passes.
import { configError } from '@airbyte/cdk-typescript-shim';
import {
  authorize,
  type Clock,
  decodable,
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
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { explainRefusal } from './api/errors.ts';
import { openSession, type Session, type Workspace } from './api/session.ts';
import type { LookerSettings } from './spec.ts';
import { version } from './version.ts';

/** The class a call is counted in by monthly quotas (`x-looker-activity-type`: db_query, non_query, none). */
export type Quota = 'query' | 'admin' | 'none';

export interface Call {
  readonly method: HttpRequest['method'];
  /** Below /api/4.0, every part encoded: `pathOf('projects', name, 'git_branch')`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For error messages: `read the connection "x"`. */
  readonly purpose: string;
  readonly quota?: Quota;
  /** `dev`: in a session of its own, switched to the development workspace after every login. Default production. */
  readonly workspace?: Workspace;
  /** Statuses beside 2xx that the caller handles, such as 404 for "is it there?". */
  readonly accept?: readonly number[];
  /** May be sent again after a lost answer. Default: GET, PUT and DELETE. */
  readonly repeatable?: boolean;
  /** May take as long as a query does (10 minutes instead of 2). */
  readonly slow?: boolean;
  readonly signal?: AbortSignal;
}

export interface Spent {
  readonly query: number;
  readonly admin: number;
}

export interface LookerApi {
  /** https://HOST[:PORT], without a path. */
  readonly url: string;
  /** Resolves with a 2xx answer or an accepted status; throws a ConnectorError that says what to do otherwise. */
  call(call: Call): Promise<HttpResponse>;
  /** As `call`, and reads the answer as JSON; undefined where it has no content. */
  json(call: Call): Promise<unknown>;
  /** Requests outside the API, without a token (the deploy webhook). */
  readonly open: Send;
  /** Calls really sent so far, by quota class: every attempt counts. */
  spent(): Spent;
  /** Logs out. */
  close(): Promise<void>;
}

export interface Connection {
  readonly looker: Pick<LookerSettings, 'base_url' | 'client_id' | 'client_secret'>;
  readonly clock: Clock;
  readonly onWait?: OnWait;
}

const quickMilliseconds = 120_000;
const slowMilliseconds = 600_000;

/** Self-hosted Looker runs 15 queries of a user at a time and 10 calls a second are refused (docs/startup-options). */
const concurrent = 4;

/** Opens nothing yet: the first call logs in. Throws a config error for an address that is none. */
export function connect({ looker, clock, onWait }: Connection): LookerApi {
  const url = instanceUrl(looker.base_url);
  const spent = { query: 0, admin: 0 };
  const send = httpSend({ userAgent: `Ledgerpipe/${version} destination-looker` });
  const failing = fail({ service: 'Looker', explain: explainRefusal });
  const waiting = onWait ? { onWait } : {};
  const retrying = retry({ clock, attempts: 6, ...waiting });
  const limiting = limit({
    clock,
    rows: [{ kind: 'concurrent', max: concurrent, scope: 'all' }],
    ...waiting,
  });
  const counting = countInto(spent);
  const open = stack(
    [failing, retrying, decodable(), counting, timeout({ milliseconds: quickMilliseconds })],
    send,
  );
  const sessions = new Map<Workspace, Session>();
  const sessionOf = (workspace: Workspace): Session => {
    const { client_id: clientId, client_secret: clientSecret } = looker;
    const session =
      sessions.get(workspace) ??
      openSession({ url: `${url}/api/4.0`, clientId, clientSecret, workspace, clock, send: open });
    sessions.set(workspace, session);
    return session;
  };
  const stacks = new Map<string, Send>();
  const stackOf = (workspace: Workspace, milliseconds: number): Send => {
    const name = `${workspace} ${milliseconds}`;
    const authorized = authorize({ tokens: sessionOf(workspace) });
    const made =
      stacks.get(name) ??
      stack(
        [failing, retrying, decodable(), authorized, limiting, counting, timeout({ milliseconds })],
        send,
      );
    stacks.set(name, made);
    return made;
  };
  const call = (asked: Call): Promise<HttpResponse> => {
    const milliseconds = asked.slow ? slowMilliseconds : quickMilliseconds;
    return stackOf(asked.workspace ?? 'production', milliseconds)(requestOf(url, asked));
  };
  return {
    url,
    call,
    async json(asked) {
      const response = await call(asked);
      return response.status === 204 || response.body.length === 0 ? undefined : response.json();
    },
    open,
    spent: () => ({ ...spent }),
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.end()));
    },
  };
}

/** `/projects/a%2Fb/git_branch`: each part encoded. */
export const pathOf = (...parts: readonly string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part)}`).join('');

function requestOf(url: string, asked: Call): HttpRequest {
  const { method, path, query = {}, body, purpose, accept, repeatable, signal } = asked;
  const target = new URL(`${url}/api/4.0${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) target.searchParams.set(name, String(value));
  return {
    method,
    url: target.href,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    purpose,
    lane: asked.quota ?? 'admin',
    ...(accept ? { accept } : {}),
    ...(repeatable === undefined ? {} : { repeatable }),
    ...(signal ? { signal } : {}),
  };
}

/** Counts what is really sent: every attempt weighs on the quota. */
function countInto(spent: { query: number; admin: number }): Layer {
  return (next) =>
    async function counted(request) {
      if (request.lane === 'query' || request.lane === 'admin') spent[request.lane] += 1;
      return await next(request);
    };
}

/** The instance's address from what people paste: with or without https://, a path, /api/4.0. */
export function instanceUrl(address: string): string {
  const text = address.trim();
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(whole))
    throw configError(
      `Cannot use "looker.base_url" "${address}": it is no address, give https://HOST or https://HOST:19999`,
    );
  const parsed = new URL(whole);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
  if (parsed.protocol === 'http:' && !loopback)
    throw configError(
      `Cannot use "looker.base_url" "${address}": Looker is reached by https only, leave "http://" out`,
    );
  return parsed.origin;
}
