// Which path and method leads where; what no route takes is ENDPOINT_NOT_FOUND.
import { randomUUID } from 'node:crypto';
import type { Answer, EmulatorRequest } from '../emulator.ts';
import { ApiFailure, notFound, refusal } from './answers.ts';
import type { Auth } from './auth.ts';

/** `parts` are the decoded segments that `*` took; `rest` is what `**` took, still encoded. */
export type RouteHandler = (
  request: EmulatorRequest,
  parts: readonly string[],
  rest: string,
) => Answer | Promise<Answer>;

/** Routes by `METHOD /path/*`; a method of `*` takes any. Paths may end in one slash. */
export type Routes = Readonly<Record<string, RouteHandler>>;

interface Compiled {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: RouteHandler;
}

/** A handler that checks the credential of every route but the `open` ones. */
export function router(auth: Auth, { open, closed }: { open: Routes; closed: Routes }) {
  const openRoutes = compile(open);
  const closedRoutes = compile(closed);
  return async (request: EmulatorRequest): Promise<Answer> => {
    try {
      const answer = (await dispatch(openRoutes, request)) ?? (await guarded(auth, closedRoutes, request));
      return {
        ...answer,
        headers: {
          'x-request-id': randomUUID(),
          'x-databricks-org-id': '7474644166372817',
          ...answer.headers,
        },
      };
    } catch (error) {
      if (error instanceof ApiFailure) return refusal(error);
      throw error;
    }
  };
}

async function guarded(auth: Auth, routes: readonly Compiled[], request: EmulatorRequest): Promise<Answer> {
  auth.check(request);
  const answer = await dispatch(routes, request);
  if (!answer)
    throw notFound('ENDPOINT_NOT_FOUND', `No API found for '${request.method} ${request.url.pathname}'`);
  return answer;
}

async function dispatch(routes: readonly Compiled[], request: EmulatorRequest): Promise<Answer | undefined> {
  for (const { method, pattern, handle } of routes) {
    if (method !== '*' && method !== request.method) continue;
    const found = pattern.exec(request.url.pathname);
    if (!found) continue;
    const { rest = '', ...named } = found.groups ?? {};
    return handle(request, Object.values(named).map(decodeURIComponent), rest);
  }
  return undefined;
}

function compile(routes: Routes): Compiled[] {
  return Object.entries(routes).map(([key, handle]) => {
    const [method = '', path = ''] = key.split(' ');
    let count = 0;
    const source = path
      .replace(/[.]/g, '\\.')
      .replaceAll('**', '\u0000')
      .replaceAll('*', () => `(?<part${count++}>[^/]+)`)
      .replaceAll('\u0000', '(?<rest>.*)');
    return { method, pattern: new RegExp(`^${source}/?$`), handle };
  });
}
