// Which path and method leads where, what it costs, and what it needs.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, json, notFound, refusal } from './answers.ts';
import type { Permission } from './permissions.ts';
import type { Activity, Quota } from './quota.ts';
import type { Session, Sessions } from './sessions.ts';

export const ROOT = '/api/4.0';

/** One call that is let through: `parts` are the decoded segments that `*` took. */
export interface Call {
  readonly caller: Session;
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** The fields of the JSON body; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: (body: unknown) => Answer;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  readonly activity: Activity;
  readonly needs: readonly Permission[];
  /** 404 unless the official document lists 403 for the operation (looker.md 1). */
  readonly denied: 403 | 404;
  readonly run: Handler;
}

/** Routes by `METHOD /path/*` under the root of the API. */
export type Routes = Readonly<Record<string, Route>>;

export const route = (
  activity: Activity,
  run: Handler,
  { needs = [], denied = 404 }: { needs?: readonly Permission[]; denied?: 403 | 404 } = {},
): Route => ({ activity, needs, denied, run });

interface Compiled extends Route {
  readonly method: string;
  readonly pattern: RegExp;
  /** login_user of POST /login/{user_id}: as error addresses show it. */
  readonly operation: string;
}

/** Serves the routes: token, then permission, then quota, then the work. */
export function apiRouter(routes: Routes, { sessions, quota }: { sessions: Sessions; quota: Quota }) {
  const compiled = Object.entries(routes).map(([key, one]) => compile(key, one));
  return async (request: EmulatorRequest): Promise<Answer> => {
    const path = request.url.pathname.slice(ROOT.length);
    const found = compiled.find(({ method, pattern }) => method === request.method && pattern.test(path));
    const operation = found?.operation ?? `${request.method.toLowerCase()}${path}`;
    try {
      return await serve(found, { request, path, sessions, quota });
    } catch (error) {
      if (error instanceof ApiFailure) return refusal(error, operation);
      throw error;
    }
  };
}

async function serve(
  found: Compiled | undefined,
  {
    request,
    path,
    sessions,
    quota,
  }: { request: EmulatorRequest; path: string; sessions: Sessions; quota: Quota },
): Promise<Answer> {
  const caller = sessions.of(request);
  if (!found) throw notFound();
  if (found.needs.some((permission) => !caller.user.permissions.has(permission)))
    throw new ApiFailure(found.denied, found.denied === 403 ? 'Forbidden' : 'Not found');
  quota.take(found.activity);
  const parts = Object.values(found.pattern.exec(path)?.groups ?? {}).map(decodeURIComponent);
  const query = request.url.searchParams;
  const call = { caller, parts, query, body: bodyOf(request) };
  const wanted = query.get('fields');
  return found.run({
    ...call,
    answer: (body) => json(wanted && request.method === 'GET' ? onlyFields(body, wanted.split(',')) : body),
  });
}

function bodyOf({ body }: EmulatorRequest): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    if (isObject(value)) return value;
  } catch {
    // Said below: what is no object is no better than what is no JSON.
  }
  throw new ApiFailure(400, 'Request body is not a valid JSON object.');
}

/** `fields=name,dialect(name)` keeps the named fields; what is inside parentheses is not looked at. */
function onlyFields(body: unknown, fields: readonly string[]): unknown {
  if (Array.isArray(body)) return body.map((one) => onlyFields(one, fields));
  if (!isObject(body)) return body;
  const names = new Set(fields.map((field) => field.replace(/\(.*$/, '').trim()));
  return Object.fromEntries(Object.entries(body).filter(([name]) => names.has(name)));
}

function compile(key: string, one: Route): Compiled {
  const [method = '', path = ''] = key.split(' ');
  let count = 0;
  const source = path.replace(/[.]/g, '\\.').replaceAll('*', () => `(?<part${count++}>[^/]+)`);
  return {
    ...one,
    method,
    pattern: new RegExp(`^${source}/?$`),
    operation: `${method.toLowerCase()}${path}`,
  };
}
